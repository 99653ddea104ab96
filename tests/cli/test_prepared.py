"""A prepared answer is, to the last byte, what is computed without it, and never outlives what it
was computed from."""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.cli import portfolio_computed
from exchange_cache.cli.app import App
from exchange_cache.cli.main import _run
from exchange_cache.cli.preparing import prepare as prepare_answers
from exchange_cache.clock import SetClock
from exchange_cache.findings import Acceptance, Finding, accepted
from exchange_cache.records import DataType, Fill, Transfer
from exchange_cache.value.freshness import SyncStatus
from exchange_cache.value.ordering import GROUPINGS, SORTINGS
from tests.builders import NOW, at, balance, fill, position, price, transfer
from tests.cli.stored_home import StoredHome

SOON = NOW + timedelta(minutes=1)
#: While everything is fresh, when the prices are stale, when everything is, and days later.
MOMENTS = (
    SOON,
    SOON + timedelta(minutes=40, microseconds=7),
    SOON + timedelta(hours=2),
    SOON + timedelta(days=3, hours=5),
)
SETTINGS = 'min_value = 20\nttl = { prices = "10m", default = "1h" }\nbackground_refresh = false'
REFUSED = SyncStatus(
    account="main",
    data_type=DataType.BALANCES,
    part="earn",
    attempted_at=NOW,
    succeeded_at=NOW - timedelta(hours=30),
    state="no_permission",
    error="the key may not read it",
    rows=3,
)
FAILED = SyncStatus(
    account="other",
    data_type=DataType.PRICES,
    attempted_at=NOW,
    succeeded_at=NOW - timedelta(hours=5),
    state="failed",
    error_code="timeout",
    error="other did not answer (prices spot): timed out",
)
OUTFLOW = Finding(code="withheld", message="BTC: 3 rows of 12 d are withheld", account="main")


class Page(io.StringIO):
    """A stream of UTF-8, as a pipe is."""

    encoding = "utf-8"


def stored(folder: Path) -> StoredHome:
    """Two accounts with holdings, debts, positions, findings, refused wallets and failed syncs."""
    home = StoredHome(folder=folder, clock=SetClock(NOW))
    home.configure(before=SETTINGS)
    home.store(
        balance("2", "BTC"),
        balance("1", "BTC", account="other", wallet="margin"),
        balance("700.5", "USDT"),
        balance("-3", "ETH", account="other", wallet="margin"),
        balance("1000000", "SHIB"),
        balance("8", "KFEE", wallet="earn", earn=True),
        price("BTC/USDT", "40000"),
        price("BTC/USDT", "40100", account="other"),
        price("ETH/USDT", "2000", account="other", as_of=NOW - timedelta(hours=22)),
        price("SHIB/USDT", "0.00001", as_of=NOW - timedelta(days=400)),
        fill("1", "1.5", "30000", time=at(-100)),
        fill("2", "0.5", "35000", time=at(-90), account="other"),
        transfer("9", "3", "ETH", time=at(-80), account="other"),
    )
    with closing(home.repository()) as repository:
        for account in ("main", "other"):
            held = position(account=account, unrealised_pnl=Decimal("12.5"), fetched_at=NOW)
            repository.mirror.replace_positions(account, "linear", [held])
        repository.progress.record(REFUSED)
        repository.progress.record(FAILED)
        end = Acceptance(reason="known", at=NOW, until=NOW + timedelta(hours=6))
        repository.accepted.save([accepted(OUTFLOW, end)], NOW)
    return home


@pytest.fixture
def home(tmp_path: Path) -> StoredHome:
    return stored(tmp_path / "home")


def prepare(home: StoredHome, now: datetime = SOON) -> None:
    """Prepare the answers, as the end of a sync does."""
    app = app_at(home, now)
    assert app.settings.accounts
    app.repository()
    prepare_answers(app)
    app.close()


def app_at(home: StoredHome, now: datetime, out: io.StringIO | None = None) -> App:
    env = {"EXCACHE_HOME": str(home.folder), "HOME": str(home.folder), "K": "k", "COLUMNS": "140"}
    return App(env=env, clock=SetClock(now), out=out or Page(), err=Page())


def printed(home: StoredHome, now: datetime, *words: str) -> str:
    out = Page()
    app = app_at(home, now, out)
    assert _run(app, ["portfolio", "--no-refresh", *words]) == 0
    return out.getvalue()


def forget(home: StoredHome) -> None:
    with closing(home.repository()) as repository:
        repository._database.peewee.execute_sql("DELETE FROM prepared_readings")


def count(home: StoredHome) -> int:
    with closing(home.repository()) as repository:
        return repository.table_counts()["prepared_readings"]


@pytest.fixture
def nothing_computed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, an answer that is not prepared fails the test."""

    def forbidden(*arguments: object, **more: object) -> int:
        raise AssertionError("computed")

    return lambda: monkeypatch.setattr(portfolio_computed, "print_computed", forbidden)


def questions() -> Iterator[tuple[datetime, list[str]]]:
    for form, by, sort in product(("json", "table"), GROUPINGS, SORTINGS):
        yield MOMENTS[1], ["--format", form, "--by", by, "--sort", sort]
    for now, form, account in product(MOMENTS, ("json", "table"), ("main", "other")):
        yield now, ["--format", form, "--account", account, "--by", "wallet"]
        yield now, ["--format", form]
    for form in ("csv", "plain", "markdown"):
        yield MOMENTS[2], ["--format", form]
        yield MOMENTS[2], ["--format", form, "--by", "exchange", "--sort", "pnl"]
    for worth in ("0", "90000"):
        yield MOMENTS[0], ["--min-value", worth]
        yield MOMENTS[0], ["--min-value", worth, "--by", "wallet"]


def test_every_prepared_answer_is_what_is_computed(
    home: StoredHome, nothing_computed: Callable[[], None]
) -> None:
    computed = [(now, words, printed(home, now, *words)) for now, words in questions()]
    prepare(home)
    nothing_computed()
    for now, words, expected in computed:
        assert printed(home, now, *words) == expected, (now, words)


def test_the_ages_and_states_of_an_answer_grow_with_the_clock(home: StoredHome) -> None:
    prepare(home)
    early, late = (json.loads(printed(home, now, "--json")) for now in (MOMENTS[0], MOMENTS[2]))
    ages = [[one["age_seconds"] for one in found["freshness"]] for found in (early, late)]
    assert [one + 7200 for one in ages[0]] == ages[1]
    assert {one["state"] for one in early["freshness"]} == {"fresh", "stale"}
    assert {one["state"] for one in late["freshness"]} == {"stale"}
    assert (early["as_of"], late["as_of"]) == ("2026-01-31T12:01:00Z", "2026-01-31T14:01:00Z")


@pytest.mark.parametrize(
    "words",
    [
        ["--quote", "BTC"],
        ["--period", "year"],
        ["--cost-method", "fifo"],
        ["--at", "2026-01-31T11:00"],
        ["--account", "main", "--account", "other"],
    ],
)
def test_other_questions_are_computed(home: StoredHome, words: list[str]) -> None:
    before = printed(home, SOON, "--json", *words)
    prepare(home)
    assert printed(home, SOON, "--json", *words) == before


@pytest.mark.parametrize("name", ["nobody", ""])
def test_an_unknown_account_is_an_error(home: StoredHome, name: str) -> None:
    prepare(home)
    assert _run(app_at(home, SOON), ["portfolio", "--account", name]) == 2


def test_a_clock_that_was_ahead_leaves_nothing_prepared(home: StoredHome) -> None:
    prepare(home, NOW - timedelta(hours=1))
    assert count(home) == 0


def test_a_failed_account_of_a_disabled_exchange_is_computed(home: StoredHome) -> None:
    home.configure(before=SETTINGS, other="enabled = false")
    prepare(home)
    assert "other" in printed(home, SOON, "--account", "other")


# --- nothing old is ever printed ------------------------------------------------------------------


def configured(home: StoredHome) -> None:
    home.configure(before=f'reporting_asset = "BTC"\n{SETTINGS}')


def renamed(home: StoredHome) -> None:
    home.configure(before=SETTINGS, account='asset_names = { SHIB = "SHIB-2" }')


def ignored(home: StoredHome) -> None:
    home.configure(before=SETTINGS, account='ignore_assets = ["SHIB"]')


def run(*words: str) -> Callable[[StoredHome], None]:
    def change(home: StoredHome) -> None:
        app = app_at(home, SOON)
        assert _run(app, list(words)) == 0, app.err.getvalue()  # type: ignore[attr-defined]

    return change


def write(do: Callable[[Any], object]) -> Callable[[StoredHome], None]:
    def change(home: StoredHome) -> None:
        with closing(home.repository()) as repository:
            do(repository)

    return change


STATED = [
    "basis",
    "set",
    "ETH",
    "--quantity",
    "3",
    "--price",
    "1500",
    "--at",
    "2025-12-28T16:00",
    "--account",
    "other",
]


def keep(repository: ExchangeCacheRepository, *records: Fill | Transfer) -> None:
    """Store rows as a run does before it notes that it has."""
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="kept")
    repository.ledger.save_page(StreamState(key=key), records, SOON, refresh=True)


def amended(repository: ExchangeCacheRepository) -> Fill:
    first = repository.ledger.fills(Filter(accounts=["main"]))[0]
    return replace(first, quantity=first.quantity * 2, cost=first.cost * 2)


CHANGES: dict[str, Callable[[StoredHome], None]] = {
    "another reporting asset": configured,
    "another name": renamed,
    "an ignored asset": ignored,
    "a stated cost": run(*STATED),
    "an accepted finding": run("status", "--accept", "unpriced", "--reason", "worthless"),
    "a balance": write(lambda it: it.mirror.replace_balances("main", "spot", [balance("9")])),
    "a wallet that is gone": write(lambda it: it.mirror.keep_wallets("main", ["earn"])),
    "a price": write(lambda it: it.mirror.replace_prices("main", "spot", [price("BTC/USDT", "1")])),
    "a position": write(lambda it: it.mirror.replace_positions("main", "linear", [])),
    "a status": write(
        lambda it: it.progress.record(
            SyncStatus(account="main", data_type=DataType.FILLS, succeeded_at=SOON)
        )
    ),
    "parts that are gone": write(
        lambda it: it.progress.record_all("main", [], {DataType.BALANCES: []})
    ),
    "costs": write(lambda it: it.derived.replace_bases("average", "USDT", [], SOON)),
    "what the costs were derived from": write(
        lambda it: it.progress.remember("", {"derived_from": {"income": "zero"}}, SOON)
    ),
    "nothing derived": write(lambda it: it.progress.forget("", "derived_from")),
    "a new fill of a run that is killed": write(lambda it: keep(it, fill("new", time=SOON))),
    "an older transfer": write(lambda it: keep(it, transfer("new"))),
    "a fill that an exchange amended": write(lambda it: keep(it, amended(it))),
    "a derivation that is killed": write(
        lambda it: it.progress.remember("", {"costs_open": "USDT"}, SOON)
    ),
    "findings": write(lambda it: it.derived.replace_findings("main", [], SOON)),
    "a forgotten account": write(lambda it: it.forget_account("other")),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_shown_by_the_next_reading(home: StoredHome, name: str) -> None:
    prepare(home)
    CHANGES[name](home)
    for words in (["--json"], [], ["--account", "main", "--json"]):
        shown = printed(home, SOON, *words)
        forget(home)
        assert shown == printed(home, SOON, *words)


def test_a_command_that_writes_prepares_again(
    home: StoredHome, nothing_computed: Callable[[], None]
) -> None:
    run(*STATED)(home)
    assert count(home) > 0
    nothing_computed()
    assert printed(home, SOON, "--json")


def test_another_program_finds_nothing_prepared(
    home: StoredHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(home)
    expected = printed(home, SOON, "--json")
    monkeypatch.setattr("exchange_cache.cli.made_for.__version__", "9.9")
    monkeypatch.setattr("exchange_cache.cli.prepared.json_text", None)  # must not be reached
    assert printed(home, SOON, "--json") == expected


# --- what a read costs ----------------------------------------------------------------------------

_LOADED = """
import json, sys
from exchange_cache.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as stop:
    print(stop.code, json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
#: What neither format loads: the database layer, the settings, the records, the network.
HEAVY = {
    *("peewee", "rich", "tabulate", "ccxt", "csv", "logging", "tomllib", "asyncio", "socket"),
    *("exchange_cache.records", "exchange_cache.findings", "exchange_cache.config.settings"),
    *("exchange_cache.cache.repository", "exchange_cache.value.reading"),
}


@pytest.mark.parametrize(("form", "most"), [("json", 40), ("table", 55)])
def test_a_prepared_answer_loads_little(home: StoredHome, form: str, most: int) -> None:
    prepare(home)
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, "portfolio", "--no-refresh", "--format", form],
        env={"EXCACHE_HOME": str(home.folder), "HOME": str(home.folder), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    code, _, names = done.stderr.partition(" ")
    loaded = set(json.loads(names))
    own = [name for name in loaded if name.startswith("exchange_cache")]
    assert (code, HEAVY & loaded) == ("0", set())
    assert len(own) <= most


def test_a_prepared_answer_is_one_query_and_changes_no_file_but_the_count(
    home: StoredHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(home)
    seen: list[str] = []
    connect = sqlite3.connect

    def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(seen.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced)
    before = {path.name: path.read_bytes() for path in home.folder.iterdir()}
    assert printed(home, SOON, "--json")
    after = {path.name: path.read_bytes() for path in home.folder.iterdir()}
    assert [text.split(" ")[0] for text in seen] == ["SELECT"]
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"cache.sqlite3.reads", "cache.sqlite3-shm", "cache.sqlite3-wal"}
    assert after["cache.sqlite3.reads"].split()[1:3] == [b"portfolio", b"stale"]


def _bytes_read(home: StoredHome, *words: str) -> int:
    """What a read takes from files, as the kernel counts it for this process."""
    before = _read_so_far()
    assert printed(home, SOON, *words)
    return _read_so_far() - before


def _read_so_far() -> int:
    counts = Path("/proc/self/io").read_text(encoding="ascii")
    return int(counts.split()[1])


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="only Linux counts bytes read")
@pytest.mark.parametrize("form", ["json", "table"])
def test_a_prepared_answer_reads_as_many_bytes_with_any_number_of_fills(
    home: StoredHome, form: str
) -> None:
    prepare(home)
    _bytes_read(home, "--format", form)  # imports are read once
    few = _bytes_read(home, "--format", form)
    add_fills(home, 30_000)
    prepare(home)
    many = _bytes_read(home, "--format", form)
    size = (home.folder / "cache.sqlite3").stat().st_size
    assert size > 5_000_000 and few > 0
    assert many - few <= 3 * 4096  # the index of the answers may have one more level
    assert many < 200_000


def add_fills(home: StoredHome, number: int) -> None:
    """Copies of a fill under ids of their own."""
    with closing(sqlite3.connect(home.folder / "cache.sqlite3")) as cache, cache:
        columns = [row[1] for row in cache.execute("PRAGMA table_info(exchange_fills)")]
        changed = {"fill_id": "'more-' || n", "time_ms": "time_ms - n * 1000"}
        copied = ", ".join(changed.get(name, name) for name in columns)
        cache.execute(
            "WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n <"
            f" ?) INSERT INTO exchange_fills SELECT {copied} FROM counter, (SELECT * FROM"
            " exchange_fills LIMIT 1)",
            (number,),
        )


def test_a_computed_reading_leaves_the_cache_as_it_is(home: StoredHome) -> None:
    before = (home.folder / "cache.sqlite3").read_bytes()
    assert printed(home, SOON, "--quote", "BTC")
    assert (home.folder / "cache.sqlite3").read_bytes() == before


def test_of_a_crowd_of_accounts_only_the_whole_is_prepared(
    home: StoredHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exchange_cache.cli.preparing.MOST_ACCOUNTS", 1)
    prepare(home)
    with closing(home.repository()) as repository:
        assert {row[0] for row in repository.dump("prepared_readings")} == {""}
    assert "main" in printed(home, SOON, "--account", "main")


def test_costs_of_another_policy_than_the_stored_ones_are_computed(home: StoredHome) -> None:
    home.configure(before=f'income = "zero"\n{SETTINGS}')
    before = printed(home, SOON, "--json")
    prepare(home)
    assert count(home) == 0
    assert printed(home, SOON, "--json") == before
