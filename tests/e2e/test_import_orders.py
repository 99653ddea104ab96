"""Import before a sync, after it, twice, in any order, interrupted, undone and imported again: the
same ledger, and the same averages of it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Place
from exchange_cache.clock import SetClock
from exchange_cache.errors import CacheError
from exchange_cache.records import Fill, Transfer, TransferKind
from exchange_cache.sync.costs import CostSettings, derive_costs
from tests.builders import NOW, at, fill, transfer
from tests.cache.importing import served, stored
from tests.e2e.test_imports import statement
from tests.e2e.world import World
from tests.effort import examples
from tests.homes import table

#: What must not depend on the order, without when it was stored, and by which of several files.
_COMPARED = {
    "exchange_fills": ("seen_ms", "served_by"),
    "exchange_transfers": ("seen_ms", "served_by"),
    "exchange_cost_basis": ("computed_ms", "details"),
    "imported_coverage": ("words",),
}
Event = Fill | Transfer
Rows = dict[str, list[tuple[str, ...]]]


def found(cache: Place, *, without: Sequence[str] = ()) -> Rows:
    """The rows of the ledger, whether a file or the API states each, and what follows from them."""
    rows: Rows = {}
    for name, left_out in _COMPARED.items():
        if name not in without:
            rows[name] = sorted(_values(row, left_out) for row in table(cache, name))
    return rows


def _values(row: dict[str, Any], left_out: Sequence[str]) -> tuple[str, ...]:
    by_file = str(row.get("served_by") or "").startswith("file/")
    return (str(by_file), *(str(value) for name, value in row.items() if name not in left_out))


def differences(one: Rows, other: Rows) -> list[tuple[str, ...]]:
    """What only one of them has, by table: a few rows, since thousands take long to show."""
    return [
        (table, *row)
        for table in one
        for row in sorted(set(one[table]) ^ set(other[table])) or _numbers(one, other, table)
    ][:4]


def _numbers(one: Rows, other: Rows, table: str) -> list[tuple[str, ...]]:
    numbers = (len(one[table]), len(other[table]))
    return [] if numbers[0] == numbers[1] else [(f"{numbers[0]} rows", f"{numbers[1]} rows")]


# --- a story of many equal rows, stated by pages of the API and by files --------------------------


def story() -> list[Event]:
    """Events of an account, many of them equal and in one second; the average of BTC hangs on each
    of them."""
    chance = random.Random(4)
    events: list[Event] = [transfer("L0", "100000", asset="USDT", time=at(-1))]
    moment = at(0)
    for number in range(1, 40):
        moment += timedelta(seconds=chance.choice([0, 0, 1, 3, 600]), milliseconds=number)
        amount, price = chance.choice(["0.1", "0.2"]), chance.choice(["100", "110"])
        if chance.random() < 0.7:
            side = chance.choice(["buy", "buy", "sell"])
            fees = ["0.01 USDT"]
            events.append(fill(f"T{number}", amount, price, time=moment, side=side, fees=fees))
        else:
            kind = chance.choice([TransferKind.DEPOSIT, TransferKind.REWARD])
            events.append(transfer(f"L{number}", amount, asset="BTC", kind=kind, time=moment))
    return events


EVENTS = story()
#: What each file states, and each page of the API: both have rows that the other has not.
FILES = {"a.csv": EVENTS[:22], "b.csv": EVENTS[14:30], "c.csv": EVENTS[5:16]}
PAGES = [EVENTS[start : start + 8] for start in range(18, len(EVENTS), 8)]
STEPS = (*FILES, *map(str, range(len(PAGES))))


def without_id(event: Event) -> Event:
    """As a file without ids states it: to the second."""
    plain = replace(event, time=event.time.replace(microsecond=0))
    if isinstance(plain, Fill):
        return replace(plain, fill_id="?", order_id=None)
    return replace(plain, transfer_id="?")


def differing(event: Event) -> Event:
    """As a file states it that disagrees with the API about a figure."""
    if isinstance(event, Fill) and event.fill_id in {"T20", "T25"}:
        return replace(event, quantity=event.quantity + Decimal("0.001"))
    return event


def take(repository: ExchangeCacheRepository, step: str, exact: bool) -> None:
    """A file is imported, or a page of the API is stored."""
    if step in FILES:
        stated = differing if exact else without_id
        stored(repository, [stated(one) for one in FILES[step]], name=step, exact=exact)
    else:
        served(repository, *PAGES[int(step)])


def undo(repository: ExchangeCacheRepository, step: str) -> None:
    for file in repository.imports.files():
        if file.name == step:
            repository.imports.undo(file)


@contextmanager
def stopped_after(repository: ExchangeCacheRepository, parts: int) -> Iterator[None]:
    """SQLite stops the statement that it is in after so many parts of 200 instructions."""
    left = [parts]

    def stops() -> bool:
        left[0] -= 1
        return left[0] < 0

    connection = repository._database.peewee.connection()
    connection.set_progress_handler(stops, 200)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def derived(repository: ExchangeCacheRepository) -> None:
    costs = CostSettings(reporting_asset="USDT", accounts=("main",))
    derive_costs(repository, (), costs, SetClock(NOW))


@pytest.fixture(scope="module", params=[True, False], ids=["by id", "without ids"])
def undisturbed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bool, Rows]:
    """Whether files carry ids, and what there is after one sync and one import of each file."""
    cache = tmp_path_factory.mktemp("orders") / "cache.sqlite3"
    repository = ExchangeCacheRepository.open(cache)
    for step in reversed(STEPS):
        take(repository, step, request.param)
    derived(repository)
    repository.close()
    return request.param, found(cache)


def test_the_undisturbed_ledger_is_the_story(undisturbed: tuple[bool, Rows]) -> None:
    _, rows = undisturbed
    events = len(rows["exchange_fills"]) + len(rows["exchange_transfers"])
    assert events == len(EVENTS)
    served_first = sum(1 for table in list(rows.values())[:2] for row in table if row[0] == "True")
    assert served_first == 18  # the rows before the first page of the API
    assert any("BTC" in row for row in rows["exchange_cost_basis"])
    assert rows["imported_coverage"]


@given(
    order=st.permutations(STEPS),
    again=st.lists(st.sampled_from(STEPS), max_size=2),
    undone=st.sets(st.sampled_from(list(FILES)), max_size=1),
    interrupted=st.dictionaries(st.sampled_from(STEPS), st.integers(0, 120), max_size=3),
)
@settings(max_examples=examples(20))
def test_whatever_comes_first_and_is_disturbed_the_ledger_is_the_same(
    undisturbed: tuple[bool, Rows],
    tmp_path_factory: pytest.TempPathFactory,
    order: list[str],
    again: list[str],
    undone: set[str],
    interrupted: dict[str, int],
) -> None:
    exact, expected = undisturbed
    cache = tmp_path_factory.mktemp("order") / "cache.sqlite3"
    repository = ExchangeCacheRepository.open(cache)
    for step in order:
        if step in interrupted:
            interrupt(repository, step, exact, interrupted[step])
        take(repository, step, exact)
        if step in undone:
            derived(repository)
            undo(repository, step)
            take(repository, step, exact)
    for step in again:
        take(repository, step, exact)
    derived(repository)
    repository.close()
    assert differences(found(cache), expected) == []


def interrupt(repository: ExchangeCacheRepository, step: str, exact: bool, parts: int) -> None:
    """A file that is stopped leaves nothing."""
    before = found(repository._database.path)
    try:
        with stopped_after(repository, parts):
            take(repository, step, exact)
    except CacheError as error:
        assert "interrupted" in str(error)
        if step in FILES:
            assert differences(found(repository._database.path), before) == []


# --- a process that is killed ---------------------------------------------------------------------

#: Runs a command that dies where it calls a function.
_DYING = """
import os, signal, sys
from importlib import import_module
from exchange_cache.cli.app import App
from exchange_cache.cli.main import _run

def die(*words, **more):
    os.kill(os.getpid(), signal.SIGKILL)

module, _, name = sys.argv[1].partition(":")
if name:
    setattr(import_module(module), name, die)
sys.exit(_run(App.from_environment(), sys.argv[2:]))
"""
#: Where an import is killed, and how many rows it leaves: before its transaction ends, and before
#: the averages are derived.
_MOMENTS = {"exchange_cache.cache.merging:merge": 0, "exchange_cache.sync.costs:derive_costs": 7}
_FORM = "time,type,asset,quantity,quote,cost,id\n" + "".join(
    f"2024-01-0{day} 10:00:00,buy,ADA,{day},EUR,{day}.50,{day}\n" for day in range(1, 8)
)


def dying(home: Path, where: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _DYING, where, *words],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "EXCACHE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.long
def test_a_killed_import_leaves_a_whole_file_or_nothing_and_hinders_no_other(
    tmp_path: Path,
) -> None:
    homes = [tmp_path / name for name in ("undisturbed", "killed")]
    for home in homes:
        home.mkdir()
        (home / "config.toml").write_text('[accounts.cold]\nexchange = "manual"\n')
    form = tmp_path / "form.csv"
    form.write_text(_FORM)
    whole = dying(homes[0], "", "import", str(form))
    assert whole.returncode == 0, whole.stderr
    for where, rows in _MOMENTS.items():
        assert dying(homes[1], where, "import", str(form)).returncode == -signal.SIGKILL
        assert len(found(homes[1] / "cache.sqlite3")["exchange_fills"]) == rows
    again = dying(homes[1], "", "import", str(form))
    assert again.returncode == 0, again.stderr
    caches = [found(home / "cache.sqlite3") for home in homes]
    assert len(caches[0]["exchange_fills"]) == 7
    assert differences(*caches) == []


# --- a simulated exchange -------------------------------------------------------------------------


@pytest.mark.long
def test_a_real_sync_and_its_files_give_one_ledger_in_any_order(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    kraken = make_world(seed=3, fills=40, accounts={"kraken": "kraken"}, history_days=None)
    moments = [float(row["time"]) for _, row in statement(kraken, tmp_path / "whole.csv")]
    middle = moments[len(moments) // 2]
    files = {"old.csv": (0.0, middle + 1e7), "new.csv": (middle - 1e7, 1e12)}
    for name, (since, until) in files.items():
        statement(kraken, tmp_path / name, since=since, until=until)
    orders = [
        ["sync", "old.csv", "new.csv"],
        ["old.csv", "sync", "new.csv"],
        ["new.csv", "old.csv", "sync", "sync", "old.csv"],
        ["whole.csv", "sync", "new.csv", "whole.csv"],
    ]
    ledgers = []
    for order in orders:
        for word in order:
            words = ["sync"] if word == "sync" else ["import", str(tmp_path / word)]
            done = kraken.run(*words)
            assert done.code == 0, done.err
        assert kraken.run("sync").code == 0  # fetches the past prices of rows that came last
        ledgers.append(found(kraken.cache, without=["imported_coverage"]))
        kraken.forget()
    for one in ledgers[1:]:
        assert differences(one, ledgers[0]) == []
