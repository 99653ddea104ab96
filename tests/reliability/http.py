"""Faults on the wire: every endpoint that a sync of the six exchanges asks, every kind of `wires`,
once or always, in a first sync or one of an hour's increment.

A fault that happens once is tried at all endpoints (`*`) of one sync: where that sync says that all
is well, and all is as undisturbed, each of them held. Otherwise some of them are tried alone.

After the sync: rows stored before are the same; nothing is invented, doubled or called complete;
a code of 0 means that all is there; any other names what failed, and no part fails that does not
where the endpoint is plainly down. The next sync, undisturbed, leaves an undisturbed cache.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from exchange_cache.recording.document import read
from exchange_cache.records import Order, OrderStatus
from tests.e2e.world import Result, World
from tests.reliability.disturbed import ALWAYS, Disturbance
from tests.reliability.frame import (
    AFTER,
    CODE,
    COMPLETE,
    CRASH,
    DOUBLED,
    INVENTED,
    LOST,
    MESSAGE,
    REQUEST,
    Case,
    Verdict,
    cut,
)
from tests.reliability.ground import EXCHANGES
from tests.reliability.small import (
    LATER,
    Small,
    balances_of,
    before,
    parts_failed,
    small,
    undisturbed,
)
from tests.reliability.trial import Row, claimed, compare, rows_of
from tests.reliability.wires import WIRES, Wire

NAME = "http"
SAYS = (
    f"{len(WIRES)} kinds of answers on the wire (`tests/reliability/wires.py`), for each "
    "endpoint that a sync of six exchanges asks, once or always, in a first sync and in an"
    " increment; a fault that happens once is tried at all endpoints of one sync, counted by"
    " endpoint"
)
SHARE = 8
STATES = ("first", "increment")
EVERY = "*"
NOT_ASKED = "the endpoint is not asked in that sync"
#: So many endpoints are tried alone where all at once do not heal.
ALONE = 2
TIMES = {"once": 1, "always": ALWAYS}
#: More requests than any of these syncs needs, retries included.
MOST_REQUESTS = 2_500
_RECORDED = Path(__file__).parents[1] / "recorded"
#: The parts of paths that are ids.
_IDS = re.compile(r"(?<=/v2/accounts/)[^/]+|(?<=/products/)[^/]+")


@cache
def endpoints() -> tuple[tuple[str, str], ...]:
    """(exchange, path with `*` for ids) of all requests of the recorded syncs."""
    return tuple(
        (exchange, path)
        for exchange in sorted(EXCHANGES)
        for path in sorted(
            {
                _IDS.sub("*", one.trip.path)
                for one in read(_RECORDED / f"{exchange}_simulated.json.gz").trips
            }
        )
    )


@cache
def cases() -> Sequence[Case]:
    """Those of all endpoints at once are as many as the others, in any order: one of them tries
    many."""
    alone = [
        (exchange, path, wire, times, state)
        for exchange, path in endpoints()
        for wire in WIRES
        for times in TIMES
        for state in STATES
    ]
    return [*alone, *_together()]


def _together() -> list[Case]:
    return [
        (exchange, EVERY, wire, "once", state)
        for exchange in sorted(EXCHANGES)
        for wire in WIRES
        if not WIRES[wire].slow
        for state in STATES
    ]


def often() -> Sequence[Case]:
    """The cases that are drawn as often as all others."""
    return _together()


def run(case: Case, folder: Path) -> Verdict:
    exchange, path, wire, times, state = case
    if path == EVERY:
        return _all_at_once(case, folder)
    one, synced = small(exchange), state == "increment"
    if not _is_asked(exchange, path, synced=synced):
        return Verdict(skipped=NOT_ASKED)
    found = Disturbance(path, WIRES[wire], TIMES[times])
    done, world = _disturbed(one, [found], folder / "home", synced=synced)
    if not found.met:
        return Verdict(skipped=NOT_ASKED)
    wrong = [*_wrong(one, found.wire, done, world, synced=synced)]
    if not found.wire.lies and not found.wire.whole and done.code:
        wrong += _parts_wrong(one, found, world, synced=synced)
    one.calm()
    one.ground.clock.at += LATER
    wrong += _after(one, WIRES[wire], world, synced=synced)
    return Verdict(wrong=tuple(wrong))


def _all_at_once(case: Case, folder: Path) -> Verdict:
    """Every endpoint is disturbed once in the same sync. A code of 0 where all is as undisturbed
    shows that each fault did nothing; no fault can hide another there."""
    exchange, _, wire, times, state = case
    one, synced = small(exchange), state == "increment"
    paths = [path for name, path in endpoints() if name == exchange]
    faults = [Disturbance(path, WIRES[wire], TIMES[times]) for path in paths]
    done, world = _disturbed(one, faults, folder / "home", synced=synced)
    met = sum(fault.met > 0 for fault in faults)
    if done.code or not met:
        chance = random.Random(",".join(case))
        alone = [(exchange, path, wire, times, state) for path in chance.sample(paths, len(paths))]
        asked = [each for each in alone if _is_asked(exchange, each[1], synced=synced)]
        return _added([run(each, folder / str(at)) for at, each in enumerate(asked[:ALONE])])
    wrong = [*_wrong(one, WIRES[wire], done, world, synced=synced)]
    one.calm()
    one.ground.clock.at += LATER
    wrong += _after(one, WIRES[wire], world, synced=synced)
    return Verdict(tried=met, wrong=tuple(wrong))


def _added(verdicts: Sequence[Verdict]) -> Verdict:
    found = [one for one in verdicts if not one.skipped]
    if not found:
        return Verdict(skipped=NOT_ASKED)
    return Verdict(tried=len(found), wrong=tuple(text for one in found for text in one.wrong))


@cache
def _asked(exchange: str, *, synced: bool) -> frozenset[str]:
    """The paths of all requests of a sync in which nothing is disturbed. What is disturbed is asked
    there, too: until then, both syncs are the same."""
    one = small(exchange)
    with tempfile.TemporaryDirectory(prefix="excache-torture-") as folder:
        _disturbed(one, [], Path(folder) / "home", synced=synced)
        return frozenset(request.path for request in one.simulator.requests)


def _is_asked(exchange: str, path: str, *, synced: bool) -> bool:
    return any(fnmatchcase(asked, path) for asked in _asked(exchange, synced=synced))


def _disturbed(
    one: Small, faults: Sequence[Disturbance], folder: Path, *, synced: bool
) -> tuple[Result, World]:
    undisturbed(one.exchange, synced=synced)  # not while anything is disturbed
    world = one.home(folder, synced=synced)
    config = world.home / "config.toml"
    is_slow = any(fault.wire.slow for fault in faults)
    if is_slow:
        config.write_text(f'request_timeout = "1s"\n{config.read_text()}')
    one.simulator.requests.clear()
    one.simulator.stranger.asked.clear()
    one.simulator.disturbances = faults
    try:
        done = world.run("sync")
    finally:
        one.calm()
    if is_slow:
        config.write_text(config.read_text().partition("\n")[2])
    return done, world


def _wrong(one: Small, wire: Wire, done: Result, world: World, *, synced: bool) -> Iterator[str]:
    if "a bug in excache" in done.err:
        yield f"{CRASH}: {cut(done.err)}"
        return
    if done.code not in (0, 1, 69, 75, 77):
        yield f"{CODE}: {done.code}: {cut(done.err)}"
    if one.simulator.stranger.asked:
        yield f"{REQUEST}: a redirect was followed"
    if len(one.simulator.requests) > MOST_REQUESTS:
        yield f"{CRASH}: {len(one.simulator.requests)} requests in one sync"
    if done.code and one.exchange not in done.err:
        yield f"{MESSAGE}: exit code {done.code} without the account's name: {cut(done.err)}"
    if wire.true and done.code:
        yield f"{CODE}: {done.code} for an answer that is as good as the true one: {cut(done.err)}"
    if not wire.lies:
        yield from _rows_wrong(one, done, world, synced=synced)


def _rows_wrong(one: Small, done: Result, world: World, *, synced: bool) -> Iterator[str]:
    whole, held = undisturbed(one.exchange, synced=synced)
    if not (world.home / "cache.sqlite3").exists():
        return
    rows = rows_of(world)
    lost, doubled, invented = compare(whole, rows)
    old = before(one.exchange)[0] if synced else ()
    yield from _counted(LOST, compare(old, rows)[0])
    yield from _counted(DOUBLED, doubled)
    yield from _counted(INVENTED, invented)
    yield from _counted(COMPLETE, claimed(world, [row for row in lost if not _is_open(row)]))
    now = balances_of(world.home)
    earlier = before(one.exchange)[1] if synced else {}
    if done.code == 0 and (lost or now != held):
        yield f"{COMPLETE}: exit code 0, {len(lost)} rows are missing, balances {now == held}"
    for wallet, totals in now.items():
        if totals not in (held.get(wallet), earlier.get(wallet)):
            yield f"{INVENTED}: wallet {wallet} is neither as before nor as now"
    for wallet in earlier.keys() - now.keys():
        yield f"{LOST}: wallet {wallet}"


def _is_open(row: Row) -> bool:
    """Open orders are a list of their own, which no history covers."""
    return isinstance(row, Order) and row.status is OrderStatus.OPEN


def _counted(kind: str, rows: Sequence[object]) -> Iterator[str]:
    if rows:
        yield f"{kind}: {len(rows)} rows, {cut(repr(rows[0]), 160)}"


def _parts_wrong(one: Small, found: Disturbance, world: World, *, synced: bool) -> Iterator[str]:
    """No part fails that does not where the endpoint is down."""
    may = down(one.exchange, found.path, synced=synced)
    failed = {
        (data, part)
        for data, part in parts_failed(world.home) - may
        if (data, "") not in may  # all histories of a kind
    }
    if failed:
        yield f"{MESSAGE}: {sorted(failed)} failed, too; where it is down only {sorted(may)}"


@cache
def down(exchange: str, path: str, *, synced: bool) -> frozenset[tuple[str, str]]:
    """The parts that fail where an endpoint answers 503 to every request."""
    one = small(exchange)
    with tempfile.TemporaryDirectory(prefix="excache-torture-") as folder:
        found = Disturbance(path, WIRES["503"])
        _, world = _disturbed(one, [found], Path(folder) / "home", synced=synced)
        return parts_failed(world.home)


def _after(one: Small, wire: Wire, world: World, *, synced: bool) -> Iterator[str]:
    if wire.name.endswith("-year"):  # the exchange asked to wait that long
        return
    done = world.run("sync")
    if "a bug in excache" in done.err:
        yield f"{CRASH}: in the next sync: {cut(done.err)}"
        return
    if wire.lies:
        checked = world.run("db", "check")
        if "a bug in excache" in checked.err:
            yield f"{CRASH}: in db check: {cut(checked.err)}"
        return
    if done.code:
        yield f"{AFTER}: exit code {done.code}: {cut(done.err)}"
        return
    whole, held = undisturbed(one.exchange, synced=synced)
    for kind, rows in zip((LOST, DOUBLED, INVENTED), compare(whole, rows_of(world)), strict=True):
        yield from _counted(f"{kind} after the next sync", rows)
    if balances_of(world.home) != held:
        yield f"{AFTER}: balances differ"
