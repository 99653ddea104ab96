"""Rows that come late, change or are taken back: the daily walk of the settling time finds them,
over HTTP, without a word of the user; what is stored then equals an undisturbed cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.clock import SetClock, to_ms
from exchange_cache.records import DataType
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Fill
from exchange_cache.simulator.venue.afterwards import amend, grow, hide, show
from tests.e2e.test_kills import ledger
from tests.e2e.world import World

pytestmark = pytest.mark.long

ACCOUNTS = {"kraken": "kraken", "coinbase": "coinbase", "okx": "okx"}
SYMBOLS = {"kraken": "BTC/EUR", "coinbase": "BTC/USD", "okx": "BTC/USDT"}
START = datetime(2026, 3, 10, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Desk:
    """A world of three exchanges, one clock for all, and what happens in it."""

    def __init__(self, simulator: Simulator, clock: SetClock, home: Path) -> None:
        self.simulator, self.clock, self._home = simulator, clock, home
        self.world = self._world("home")

    def _world(self, name: str) -> World:
        days = 20 + (self.clock.now().date() - START.date()).days
        return World.create(self.simulator, self._home / name, self.clock, history_days=days)

    def trade(self, account: str, price: str | None = None) -> Fill:
        (fill,) = self.simulator.venue.trade(
            account,
            SYMBOLS[account],
            "buy",
            Decimal("0.002"),
            price=None if price is None else Decimal(price),
        )
        return fill

    def later(self, *, hours: float, syncs: bool = True) -> None:
        self.clock.at += timedelta(hours=hours)
        if syncs:
            self.sync()

    def sync(self) -> None:
        done = self.world.run("sync")
        assert (done.code, done.err) == (0, ""), done

    def fills(self) -> set[str]:
        return {one.fill_id for one in self.world.repository().ledger.fills()}

    def assert_as_if_undisturbed(self) -> None:
        """The cache holds, row by row, what a first sync of today reads, and dust that OKX serves
        for seven days only."""
        fresh = self._world(f"fresh {to_ms(self.clock.now())}")
        assert fresh.run("sync").code == 0
        found, right = (ledger(world.cache) for world in (self.world, fresh))
        for table, rows in right.items():
            more = [row for row in set(found[table]) ^ set(rows) if row[-1] != "dust"]
            assert not more, table
            assert len(set(found[table])) == len(found[table])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = SetClock(START)
    with running_simulator(
        accounts=ACCOUNTS, fills=60, limit_scale=1000, clock=lambda: to_ms(clock.now())
    ) as simulator:
        made = Desk(simulator, clock, tmp_path)
        made.sync()
        yield made


def hidden(desk: Desk) -> list[Fill]:
    """A fill at each exchange that it does not serve yet."""
    late = [desk.trade(account) for account in ACCOUNTS]
    for fill in late:
        hide(desk.simulator.venue, fill)
    return late


@pytest.mark.parametrize("hours", [3, 72])
def test_fills_that_are_served_late_are_read_within_a_day(desk: Desk, hours: int) -> None:
    desk.later(hours=1)
    late = hidden(desk)
    for _ in range(max(1, hours // 24)):
        desk.later(hours=hours / max(1, hours // 24))
    for fill in late:
        show(desk.simulator.venue, fill)
    desk.later(hours=24)

    assert {fill.id for fill in late} <= desk.fills()
    desk.assert_as_if_undisturbed()


def test_an_amended_fill_is_updated_and_its_former_version_kept_and_shown(desk: Desk) -> None:
    desk.later(hours=1)
    fills = {account: desk.trade(account, "50000") for account in ACCOUNTS}
    desk.later(hours=1)
    for fill in fills.values():
        amend(desk.simulator.venue, fill, price=Decimal(40000), cost=Decimal(80))

    desk.later(hours=24)

    desk.assert_as_if_undisturbed()
    document = desk.world.run("status", "--json").json()["changed_afterwards"]
    assert {(row["account"], row["id"], row["what"]) for row in document} == {
        (account, fill.id, "changed") for account, fill in fills.items()
    }
    changes = {each["field"]: (each["before"], each["after"]) for each in document[0]["changes"]}
    assert changes["price"] == ("50000", "40000")
    for words in (["status", "--all"], ["explain", "BTC"]):
        assert "price 50000 -> 40000" in " ".join(desk.world.run(*words).out.split()), words


def test_orders_that_grow_after_they_ended_are_updated(desk: Desk) -> None:
    desk.later(hours=1)
    venue = desk.simulator.venue
    orders = []
    for account in ("coinbase", "okx"):
        fill = desk.trade(account)
        orders.append(venue.order(account, fill.symbol, fill.order_id))
    desk.later(hours=2)
    for order in orders:
        assert order is not None
        grow(venue, order, Decimal("0.001"))

    desk.later(hours=24)

    stored = {order.order_id: order.filled for order in desk.world.repository().ledger.orders()}
    assert {stored[order.id] for order in orders if order} == {Decimal("0.003")}
    desk.assert_as_if_undisturbed()


def averages(desk: Desk) -> dict[str, object]:
    """What a unit cost, as all readers of cost show it."""
    done = desk.world.run("explain", "BTC", "--json").json()["reconciliation"]
    return {"average": done["average_entry_price"], "events": done["events_quantity"]}


def test_a_busted_fill_leaves_the_cost_when_it_is_missed_twice_and_returns_when_it_is_served(
    desk: Desk,
) -> None:
    before = averages(desk)
    desk.later(hours=1)
    busted = [desk.trade(account) for account in ACCOUNTS]
    names = {fill.id for fill in busted}
    desk.later(hours=1)
    for fill in busted:
        hide(desk.simulator.venue, fill)
    desk.later(hours=24)
    assert names <= desk.fills(), "missed once: it may be the answer that is wrong"
    assert averages(desk) != before

    desk.later(hours=1)
    assert not names & desk.fills()
    assert averages(desk) == before
    rows = desk.world.run("fills", "--json").json()["rows"]
    assert {row["fill_id"] for row in rows if row["vanished_at"]} == names
    assert "no longer served" in desk.world.run("status", "--all").out
    assert "no longer served" in desk.world.run("explain", "BTC").out

    for fill in busted:
        show(desk.simulator.venue, fill)
    desk.later(hours=24)
    assert names <= desk.fills()
    assert averages(desk) != before
    desk.assert_as_if_undisturbed()


def test_a_walk_that_was_killed_between_pages_misses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.later(hours=1)
    for account in ACCOUNTS:
        for _ in range(3):
            desk.trade(account)
    desk.later(hours=1)
    for exchange in ACCOUNTS:
        desk.simulator.fault(exchange, "", 1000, "503", after=6)
    desk.clock.at += 24 * HOUR
    assert desk.world.run("sync").code != 0
    assert not desk.world.repository().ledger.revisions.any()


def test_a_day_of_hourly_syncs_costs_one_more_walk_of_each_history(desk: Desk) -> None:
    def cost(run: Callable[[], None]) -> int:
        before = len(desk.simulator.calls())
        run()
        return len(desk.simulator.calls()) - before

    desk.later(hours=22)
    before, settling, after = (cost(lambda: desk.later(hours=1)) for _ in range(3))
    everything = cost(lambda: desk.world.run("reload", "--force"))

    assert before == after
    assert everything <= settling <= 2 * everything, "a few days fit into few pages"
    assert desk.world.repository().ledger.count(DataType.FILLS) > 0
