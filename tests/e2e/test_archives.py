"""Archives over HTTP: ordered, waited for, fetched from another host and read, until the past is
stored that no page serves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.cache.archive_reading import StoredArchive
from exchange_cache.clock import SetClock, from_ms, to_ms
from exchange_cache.exchanges import kraken
from exchange_cache.records import DataType, Fill, Order
from exchange_cache.simulator.server import Simulator, running_simulator
from tests.e2e.world import Result, World

pytestmark = pytest.mark.long

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ENDED = {"filled": "closed", "canceled": "canceled", "expired": "expired"}
OKX_CALL = "account/bills-history-archive"


class Desk:
    """One account of a simulated exchange, one clock for both, and what sync makes of its past."""

    def __init__(self, simulator: Simulator, clock: SetClock, home: Path, account: str) -> None:
        self.simulator, self.clock, self.account = simulator, clock, account
        self.world = World.create(simulator, home, clock)

    def sync(self, *words: str) -> Result:
        return self.world.run("sync", *words)

    def settings(self, line: str) -> None:
        """A line more for the account in config.toml."""
        config = self.world.home / "config.toml"
        head = f"[accounts.{self.account}]\n"
        config.write_text(config.read_text().replace(head, f"{head}{line}\n"))

    def orders(self) -> dict[tuple[str, str], StoredArchive]:
        found = self.world.repository().archives.orders([self.account])
        return {(one.archive, one.period): one for one in found}

    def states(self) -> dict[str, str]:
        return {period: str(one.state) for (_, period), one in self.orders().items()}

    def until_read(self, *words: str, runs: int = 30) -> None:
        """Sync every two hours until every file is read that was ordered."""
        for _ in range(runs):
            done = self.sync(*words)
            assert done.code == 0, done
            self.clock.at += 2 * HOUR
            if not self.missing() and set(self.states().values()) <= {"read", "short"}:
                return
        raise AssertionError(self.states())

    def missing(self) -> int:
        plans = self.world.repository().archives.plans([self.account])
        return sum(plan.missing for plan in plans)

    def covered_since(self, data_type: DataType, scope: str) -> datetime:
        ledger = self.world.repository().ledger
        (state,) = (
            state
            for state in ledger.states(self.account, data_type)
            if state.key.scope == scope and not state.key.symbol
        )
        assert len(tuple(state.covered)) == 1, "without a gap"
        assert state.covered.start_ms is not None
        return from_ms(state.covered.start_ms)

    def drawn(self, data_type: str, scope: str) -> list[str]:
        """What the past of a history rests on, the oldest first."""
        rows = self.world.run("status", "--coverage", "--json").json()["rows"]
        own = [one for one in rows if (one["data_type"], one["scope"]) == (data_type, scope)]
        first = min(one["symbol"] or "" for one in own)
        known = {"proven", "stated", "complete", "gap"}
        found = (one for one in own if (one["symbol"] or "") == first)
        return [one["state"] for one in found if one["state"] in known]

    def calls(self, path: str) -> list[str]:
        return [call.method for call in self.simulator.calls(self.account, path)]


def world_of(
    account: str, home: Path, *, fills: int = 900, limit_scale: float = 100
) -> Iterator[Desk]:
    clock = SetClock(START)
    with running_simulator(
        accounts={account: account},
        fills=fills,
        limit_scale=limit_scale,
        clock=lambda: to_ms(clock.now()),
    ) as simulator:
        yield Desk(simulator, clock, home, account)


@pytest.fixture
def okx(tmp_path: Path) -> Iterator[Desk]:
    yield from world_of("okx", tmp_path / "home")


# --- OKX ------------------------------------------------------------------------------------------


def test_quarters_are_ordered_collected_hours_later_and_reach_back_to_2021(okx: Desk) -> None:
    assert okx.sync().code == 0
    assert okx.states() == {"2025Q4": "ordered", "2025Q3": "ordered", "2025Q2": "ordered"}
    assert okx.calls(OKX_CALL) == ["POST"] * 3 + ["GET"] * 3
    before = len(okx.world.repository().ledger.fills())
    okx.clock.at += 2 * HOUR
    assert okx.sync().code == 0
    assert okx.states()["2025Q4"] == "read"
    assert len(okx.world.repository().ledger.fills()) > before
    okx.until_read()
    assert len(okx.states()) == 20  # 2021 Q1 to 2025 Q4; the current quarter is served by pages
    for scope in ("spot", "margin", "swap", "futures", "option"):
        assert okx.covered_since(DataType.FILLS, scope) == datetime(2021, 2, 1, tzinfo=UTC)
    for scope in ("moves", "interest", "funding", "bills-rest"):
        assert okx.covered_since(DataType.TRANSFERS, scope) == datetime(2021, 2, 1, tzinfo=UTC)
    assert okx.drawn("fills", "spot") == ["proven", "complete"]
    assert "not proven" not in okx.world.run("explain", "BTC", "--all").out


def test_every_fill_of_the_account_is_stored_once_as_the_api_would_state_it(okx: Desk) -> None:
    okx.until_read()
    stored = {
        (fill.symbol, fill.fill_id): fill
        for fill in okx.world.repository().ledger.fills()
        if fill.kind == "trade"
    }
    truth = okx.simulator.venue.fills("okx")
    assert len(stored) == len(truth)
    for fill in truth:
        found = stored[fill.symbol, fill.id]
        assert (found.time, found.side, found.price) == (
            from_ms(fill.time_ms),
            fill.side,
            fill.price,
        )
        assert {fee.asset: fee.amount for fee in found.fees} == {
            asset: amount for asset, amount in fill.fees if amount
        }


def test_what_pages_and_files_both_serve_is_one_row_and_the_pages_count(okx: Desk) -> None:
    okx.sync()
    served = {fill.key: fill for fill in okx.world.repository().ledger.fills()}
    overlap = [fill for fill in served.values() if fill.time < datetime(2026, 1, 1, tzinfo=UTC)]
    assert overlap
    okx.clock.at += 2 * HOUR
    okx.sync()
    now = {fill.key: fill for fill in okx.world.repository().ledger.fills()}
    assert okx.states()["2025Q4"] == "read"
    assert {key: now[key] for key in served} == served


def test_a_file_of_an_archive_is_listed_and_stays(okx: Desk) -> None:
    okx.sync()
    okx.clock.at += 2 * HOUR
    okx.sync()
    rows = okx.world.run("import", "list", "--json").json()["rows"]
    assert "bills by quarter 2025Q4" in [row["file"] for row in rows]
    before = len(okx.world.repository().ledger.fills())
    refused = okx.world.run("import", "undo", "1")
    assert refused.code == 2
    assert "archives = false" in refused.err
    assert len(okx.world.repository().ledger.fills()) == before


def test_no_more_than_twelve_files_are_ordered_a_day(okx: Desk) -> None:
    for _ in range(8):
        assert okx.sync().err == ""
        okx.clock.at += 2 * HOUR
    assert okx.calls(OKX_CALL).count("POST") == 12
    status = okx.world.run("status", "--all").out
    assert "8 to order (0 of 12 orders left this day)" in " ".join(status.split())
    (row,) = okx.world.run("status", "--json").json()["archives"]
    assert (row["files_read"], row["to_order"], row["orders_left"]) == (12, 8, 0)


def test_a_link_of_another_host_is_named_and_not_fetched(okx: Desk) -> None:
    okx.simulator.files.host = "http://files.evil.example"
    okx.sync()
    okx.clock.at += 2 * HOUR
    done = okx.sync()
    assert "files.evil.example" in done.err
    assert okx.states()["2025Q4"] == "foreign"
    assert okx.simulator.files.served == []
    okx.clock.at += 2 * HOUR
    assert "2025Q4" not in okx.sync().err  # said once
    okx.simulator.files.host = ""
    okx.clock.at += DAY
    okx.sync()
    assert okx.states()["2025Q4"] == "read"


def test_nothing_of_the_account_reaches_the_host_of_the_files(okx: Desk) -> None:
    okx.sync()
    okx.clock.at += 2 * HOUR
    okx.sync()
    assert len(okx.simulator.files.served) == 3
    key = okx.simulator.venue.account("okx").api_key
    for path, headers in okx.simulator.files.served:
        assert path.startswith("/archive/")
        assert not [name for name in headers if name.startswith(("ok-", "cookie"))]
        assert key not in str(headers)


@pytest.mark.parametrize(
    ("spoiled", "state", "words"),
    [
        ("bomb", "unreadable", "expand"),
        ("page", "ordered", "text/html"),
        ("redirect", "ordered", "302"),
        ("huge", "ordered", "64 MiB"),
    ],
)
def test_what_is_no_file_is_refused_and_asked_for_again(
    okx: Desk, spoiled: str, state: str, words: str
) -> None:
    okx.sync()
    okx.clock.at += 2 * HOUR
    okx.simulator.files.spoiled = spoiled
    before = len(okx.world.repository().ledger.fills())
    done = okx.sync()
    assert done.code == 0  # the histories are fresh
    assert words in done.err
    assert okx.states()["2025Q4"] == state
    assert len(okx.world.repository().ledger.fills()) == before


def test_an_account_without_archives_orders_none(okx: Desk) -> None:
    okx.settings("archives = false")
    okx.sync()
    okx.sync("--archives")
    assert okx.calls(OKX_CALL) == []


def test_a_part_of_a_sync_orders_none(okx: Desk) -> None:
    okx.sync("--only", "balances", "--only", "fills")
    assert okx.calls(OKX_CALL) == []


def test_quarters_that_are_named_one_too_early_cover_where_their_rows_lie(okx: Desk) -> None:
    okx.simulator.dialects["okx"].shifted = True  # type: ignore[attr-defined]
    okx.sync()
    okx.clock.at += 2 * HOUR
    okx.sync()
    assert okx.states()["2025Q3"] == "read"
    ledger = okx.world.repository().ledger
    (spot,) = (
        state
        for state in ledger.states("okx", DataType.FILLS)
        if (state.key.scope, state.key.symbol) == ("spot", "")
    )
    assert not spot.covered.contains(to_ms(datetime(2025, 5, 1, tzinfo=UTC)))
    assert spot.covered.contains(to_ms(datetime(2025, 8, 1, tzinfo=UTC)))


def test_a_file_that_cannot_be_made_is_named_in_status(okx: Desk) -> None:
    okx.simulator.dialects["okx"].failing.add("2025Q3")  # type: ignore[attr-defined]
    okx.sync()
    okx.clock.at += 2 * HOUR
    okx.sync()
    assert okx.states()["2025Q3"] == "failed"
    assert "2025Q3: okx could not make the file" in " ".join(
        okx.world.run("status", "--all").out.split()
    )
    assert okx.states()["2025Q4"] == "read"


# --- Kraken ---------------------------------------------------------------------------------------


@pytest.fixture
def short_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports from 200 rows on, so that the test's history is long enough."""
    policy = kraken.POLICY
    archives = tuple(replace(one, least_rows=200) for one in policy.archives)
    monkeypatch.setattr(kraken, "POLICY", replace(policy, archives=archives))


@pytest.fixture
def on_kraken(tmp_path: Path) -> Iterator[Desk]:
    yield from world_of("kraken", tmp_path / "home", fills=400)


def test_a_long_history_is_exported_and_equals_the_one_that_is_walked(
    short_is_long: None, on_kraken: Desk, tmp_path: Path
) -> None:
    assert on_kraken.sync().code == 0
    assert {key: str(one.state) for key, one in on_kraken.orders().items()} == {
        ("ledgers", "all"): "read",
        ("trades", "all"): "read",
    }
    assert len(on_kraken.calls("Ledgers")) < 6
    assert on_kraken.calls("RemoveExport") == ["POST"] * 2
    assert on_kraken.drawn("transfers", "ledger") == ["proven", "complete"]
    walked = Desk(on_kraken.simulator, on_kraken.clock, tmp_path / "walked", "kraken")
    on_kraken.simulator.dialects["kraken"].forget_nonces()  # type: ignore[attr-defined]
    walked.settings("archives = false")
    assert walked.sync().code == 0
    for kind in ("fills", "transfers"):
        exported, right = (
            {one.key: one for one in getattr(desk.world.repository().ledger, kind)()}
            for desk in (on_kraken, walked)
        )
        assert set(exported) == set(right)
        for key, one in right.items():
            found = exported[key]
            assert abs(found.time - one.time) < timedelta(seconds=1)  # a file has whole seconds
            if isinstance(one, Fill):  # a file does not say who waited for whom
                found = replace(found, liquidity=one.liquidity)
            assert replace(found, time=one.time) == one


def test_a_key_without_the_right_to_export_walks_and_says_so_once(
    short_is_long: None, on_kraken: Desk
) -> None:
    on_kraken.simulator.dialects["kraken"].may_export = False  # type: ignore[attr-defined]
    done = on_kraken.sync()
    assert done.code == 0
    assert "'Data - Export data'" in done.err
    assert "archives = false" in done.err
    assert set(on_kraken.states().values()) == {"refused"}
    fills = on_kraken.world.repository().ledger.fills()
    assert len([one for one in fills if one.kind == "trade"]) == len(
        on_kraken.simulator.venue.fills("kraken")
    )
    on_kraken.clock.at += DAY
    assert on_kraken.sync().err == ""


def test_a_short_history_is_walked(on_kraken: Desk) -> None:
    assert on_kraken.sync().code == 0
    assert on_kraken.calls("AddExport") == []
    assert set(on_kraken.states().values()) == {"short"}


# --- Binance --------------------------------------------------------------------------------------


@pytest.fixture
def binance(tmp_path: Path) -> Iterator[Desk]:
    yield from world_of("binance", tmp_path / "home", fills=500)


def test_downloads_that_the_user_shares_are_ordered_on_request_only(binance: Desk) -> None:
    assert binance.sync().code == 0
    assert binance.calls("asyn") == []
    assert "of its past can be ordered" in " ".join(binance.world.run("status").out.split())
    status = " ".join(binance.world.run("status", "--account", "binance").out.split())
    line = status[status.index("Archives of binance: ") :]
    assert "USD-M trades by year" in line and "COIN-M trades by year" in line
    assert "26 to order on request: excache sync --archives" in line
    assert "5 of 5 orders left this month; the downloads of the web page count too" in status


def test_five_years_of_a_month_are_ordered_and_the_rest_waits_for_the_next(binance: Desk) -> None:
    binance.settings("archives = true")
    for _ in range(4):
        assert binance.sync().code == 0
        binance.clock.at += 2 * HOUR
    trades = [key for key in binance.orders() if key[0] == "usdm-trades"]
    assert len(trades) == 5
    binance.clock.at = datetime(2026, 4, 1, 8, tzinfo=UTC)
    assert binance.sync().code == 0
    assert len([key for key in binance.orders() if key[0] == "usdm-trades"]) == 7


def of_category(desk: Desk, category: str) -> dict[tuple[str, ...], Order]:
    ledger = desk.world.repository().ledger
    return {one.key: one for one in ledger.orders() if one.category == category}


@pytest.fixture(scope="module")
def with_orders(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Desk, dict[str, dict[tuple[str, ...], Order]]]]:
    """A home of Binance with all its archives read, and the orders that pages had served before."""
    for desk in world_of("binance", tmp_path_factory.mktemp("orders") / "home", fills=500):
        desk.clock.at += (
            60 * DAY
        )  # contracts of the coin are traded in the last months of the story
        desk.settings("archives = true")
        assert desk.sync().code == 0
        served = {name: of_category(desk, name) for name in ("linear", "inverse")}
        for _ in range(4):
            desk.clock.at += 2 * HOUR
            assert desk.sync().code == 0
        yield desk, served


@pytest.mark.parametrize(
    ("category", "archive", "since"),
    [
        ("linear", "usdm-orders", datetime(2019, 9, 1, tzinfo=UTC)),
        ("inverse", "coinm-orders", datetime(2020, 8, 1, tzinfo=UTC)),
    ],
)
def test_orders_of_years_are_stored_as_their_pages_would_have_stated_them(
    with_orders: tuple[Desk, dict[str, dict[tuple[str, ...], Order]]],
    category: str,
    archive: str,
    since: datetime,
) -> None:
    desk, served = with_orders
    stored = of_category(desk, category)
    assert {key: stored[key] for key in served[category]} == served[category]  # the API's count
    truth = desk.simulator.venue.orders("binance", kind=category)
    ended = [one for one in truth if one.status != "open"]
    for order in ended:
        found = stored["binance", category, order.symbol, order.id]
        assert (found.side, found.type, found.amount, found.filled) == (
            order.side,
            order.type,
            order.amount,
            order.filled,
        )
        assert found.client_order_id in (order.client_id, None)  # that edition has none
        assert abs(found.created_at - from_ms(order.created_ms)) < timedelta(seconds=1)
        assert found.status == ENDED[order.status]
    files = {key: one for key, one in desk.orders().items() if key[0] == archive}
    assert len(files) == 2026 - since.year + 1  # each year: ten orders a month are allowed
    assert {str(one.state) for one in files.values()} == {"read"}
    assert len(ended) > len(served[category])
    states = desk.world.repository().ledger.states("binance", DataType.ORDERS)
    covered = [one.covered for one in states if one.key.scope == category and one.covered]
    assert covered
    for ranges in covered:
        assert len(tuple(ranges)) == 1, "without a gap"
        assert ranges.start_ms == to_ms(since)
    assert desk.drawn("orders", category) == ["stated", "complete"]  # no balance in the files


def test_income_of_years_is_that_of_its_own_contracts_and_counts_once(
    with_orders: tuple[Desk, dict[str, dict[tuple[str, ...], Order]]],
) -> None:
    """What pages and files both state of the last day that pages serve is one row."""
    desk, _ = with_orders
    since_ms = to_ms(datetime(2024, 1, 1, tzinfo=UTC))  # five years of income are ordered a month
    income = [
        one
        for one in desk.world.repository().ledger.transfers()
        if one.kind == "funding" and one.quantity  # pages list those of nothing too
    ]
    for scope, kind in (("linear-income", "linear"), ("inverse-income", "inverse")):
        books = [
            one
            for one in desk.simulator.venue.entries("binance", wallet=kind)
            if one.kind == "funding" and one.amount and one.time_ms >= since_ms
        ]
        own = [one for one in income if one.scope == scope and one.time.year >= 2024]
        assert books and len(own) == len(books)
        assert sum(one.quantity for one in own) == sum(one.amount for one in books)
        assert {one.from_wallet or one.to_wallet for one in own} <= {kind, None}


def test_an_order_of_an_archive_names_its_file_and_contradicts_nothing(
    with_orders: tuple[Desk, dict[str, dict[tuple[str, ...], Order]]],
) -> None:
    desk, served = with_orders
    rows = desk.world.run("orders", "--all", "--json").json()["rows"]
    known = {key[2:] for key in served["linear"]}
    own = {(one["symbol"], one["order_id"]): one for one in rows if one["category"] == "linear"}
    old = [row for key, row in own.items() if key not in known]
    assert old
    for row in old:
        assert row["provenance"] == "archive"
        assert row["file"] == f"USD-M orders by year {row['created_at'][:4]}"
        assert row["line"] > 1
    assert {own[key]["provenance"] for key in known} == {"api"}
    assert desk.world.run("db", "check").code == 0
    codes = [one["code"] for one in desk.world.run("portfolio", "--json").json()["warnings"]]
    assert "orders_without_fills" not in codes


def test_contracts_are_stored_as_their_pages_would_have_stated_them(binance: Desk) -> None:
    binance.settings("archives = true")
    for _ in range(3):
        assert binance.sync().code == 0
        binance.clock.at += 2 * HOUR
    ledger = binance.world.repository().ledger
    stored = {(one.symbol, one.fill_id): one for one in ledger.fills() if one.category == "linear"}
    truth = binance.simulator.venue.fills("binance", kind="linear")
    assert {(one.symbol, one.id) for one in truth} <= set(stored)
    for fill in truth:
        found = stored[fill.symbol, fill.id]
        assert (found.side, found.price, found.order_id) == (fill.side, fill.price, fill.order_id)
        assert found.realised_pnl == fill.realised_pnl.quantize(Decimal("1e-8"))
        charged = {asset: amount for asset, amount in fill.fees if amount}
        assert {one.asset: one.amount for one in found.fees if one.amount} == charged
    states = [one for one in ledger.states("binance") if one.key.scope == "linear"]
    assert states
    for state in states:
        if state.key.data_type is DataType.FILLS:
            assert len(tuple(state.covered)) == 1
            assert state.covered.start_ms == to_ms(datetime(2021, 1, 1, tzinfo=UTC))
    assert binance.drawn("fills", "linear") == ["stated", "complete"]  # no balance in the files
    assert "fills: stated by a file, not proven" in binance.world.run("explain", "USDT").out
