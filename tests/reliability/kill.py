"""SIGKILL in the middle of a command: before any of the calls by which it changes files, or after
half of a write.

The command's calls (of `torn`: its writes) are counted first, so that a case, a permille of them,
hits the same place again.
After the kill, reading works, and nothing is lost or invented; the same command, run again, leaves
what it leaves undisturbed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.reliability import shim
from tests.reliability.doing import NAMES, Doing, State, doing, state_of, well
from tests.reliability.frame import AFTER, CRASH, SAME, Case, Product, Verdict, cut, is_first
from tests.reliability.shim import CHANGES, KILL, TORN, WRITE, Ended, Fault

NAME = "kill"
SAYS = (
    "SIGKILL before any call that changes a file, or in the middle of a write, in first syncs, "
    "increments, reloads, migrations, backups, imports, and in adding, renaming and removing an "
    "account"
)
SHARE = 5
EXCHANGES = ("kraken", "okx")
HOW = {"kill": KILL, "torn": TORN}
KINDS = {"kill": CHANGES, "torn": WRITE}


@cache
def cases() -> Sequence[Case]:
    return Product(EXCHANGES, NAMES, list(HOW), range(1000))


def world(case: Case) -> Case:
    return case[:2]


def run(case: Case, folder: Path) -> Verdict:
    exchange, name, how, permille = case
    if shim.library() is None:
        return Verdict(skipped="there is no C compiler")
    one, kinds = doing(exchange, name), KINDS[how]
    known = undisturbed(exchange, name)
    calls = known.ended.of(kinds)
    if not is_first(int(permille), 1000, calls):
        return Verdict(skipped=SAME)
    home = one.made(exchange, folder / "home")
    fault = Fault(kinds=kinds, nth=1 + int(permille) * calls // 1000, how=HOW[how])
    ended = one.run(home, fault)
    if "a bug in excache" in ended.err:
        return Verdict(wrong=(f"{CRASH}: {cut(ended.err)}",))
    if ended.code is not None:
        return Verdict(skipped="it ended with fewer calls than before, and was not killed")
    found = (*well(home, one, known.before, known.after), *_again(one, exchange, home, known.after))
    return Verdict(wrong=found)


class Undisturbed(NamedTuple):
    """A command where nothing happens: how it ended; what there is before, and after."""

    ended: Ended
    before: State
    after: State


@cache
def undisturbed(exchange: str, name: str) -> Undisturbed:
    one = doing(exchange, name)
    with tempfile.TemporaryDirectory(prefix="excache-torture-") as folder:
        home = one.made(exchange, Path(folder) / "home")
        before = state_of(home) if name != "first" else {}
        ended = one.run(home, Fault())
        assert ended.code == 0, ended.err
        return Undisturbed(ended, before, state_of(home))


def _again(one: Doing, exchange: str, home: Path, whole: State) -> Iterator[str]:
    one.before_again(exchange)
    again = one.run(home, Fault())
    if "a bug in excache" in again.err:
        yield f"{CRASH}: the same again: {cut(again.err)}"
    elif again.code not in one.codes_again:
        yield f"{AFTER}: the same again: exit code {again.code}: {cut(again.err)}"
    elif (now := state_of(home)) != whole:
        yield f"{AFTER}: {cut(difference(now, whole))}"


def difference(now: State, whole: State) -> str:
    """What one has and the other has not."""
    parts = []
    for key in sorted(now.keys() | whole.keys()):
        mine, theirs = now.get(key, ()), whole.get(key, ())
        if mine != theirs:
            more = [row for row in mine if row not in theirs][:2]
            less = [row for row in theirs if row not in mine][:2]
            parts.append(f"{key}: missing {less}, too many {more}")
    return "; ".join(parts)
