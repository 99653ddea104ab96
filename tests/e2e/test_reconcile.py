"""What an exchange serves in full explains its balances in full: fills, converts, transfers,
rewards and fees add up to them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

import pytest

from exchange_cache.cache.filter import Filter
from exchange_cache.clock import from_ms
from exchange_cache.ledger.replay import flows
from exchange_cache.records import Fill, FillKind, TransferKind
from exchange_cache.simulator.venue import Entry
from tests.e2e.world import World

pytestmark = pytest.mark.long

#: Coinbase shows amounts in its lists with six decimals and keeps more: half a unit of the last one
#: for each of some forty rewards.
SHOWN = Decimal("0.00002")


def differences(world: World, account: str) -> dict[str, Decimal]:
    """Per asset, the balance less everything in the cache that moved it."""
    repository = world.repository()
    left: dict[str, Decimal] = defaultdict(Decimal)
    for item in repository.mirror.balances([account]):
        left[item.asset] += item.total
    for flow in flows(
        repository.ledger.fills(Filter(accounts=[account])),
        repository.ledger.transfers(Filter(accounts=[account])),
    ):
        left[flow.asset] -= flow.quantity
    assert len(left) > 5
    return {asset: rest for asset, rest in left.items() if rest}


def test_krakens_history_adds_up_to_its_balances_to_the_last_digit(synced: World) -> None:
    assert differences(synced, "kraken") == {}


def _charged_in_base(world: World) -> list[Fill]:
    fills = world.repository().ledger.fills(Filter(accounts=["kraken"]))
    trades = [one for one in fills if one.kind is FillKind.TRADE]
    return [one for one in trades if {fee.asset for fee in one.fees} == {one.base}]


def _unexplained_by_trades(world: World) -> dict[str, Decimal]:
    """The differences of assets that were traded."""
    fills = world.repository().ledger.fills(Filter(accounts=["kraken"]))
    traded = {asset for one in fills for asset in (one.base, one.quote)}
    found = differences(world, "kraken")
    return {asset: rest for asset, rest in found.items() if asset in traded}


def test_kraken_fees_in_the_base_follow_the_ledger_and_those_of_an_old_cache_too(
    make_world: Callable[..., World],
) -> None:
    """TradesHistory states every fee in the quote. An old cache has those, and its history adds up
    again after the next sync."""
    world = make_world(accounts={"kraken": "kraken"}, history_days=None)
    assert world.run("sync").code == 0
    charged = _charged_in_base(world)
    assert charged and _unexplained_by_trades(world) == {}
    for one in charged:
        (fee,) = one.fees
        world.change(
            "UPDATE exchange_fills SET fees = ? WHERE fill_id = ?",
            json.dumps([[one.quote, str(fee.amount * one.price)]]),
            one.fill_id,
        )
    world.change("DELETE FROM booked_fees")
    world.change("DELETE FROM exchange_memory WHERE key = 'repairs_of_figures'")
    assert not _charged_in_base(world) and _unexplained_by_trades(world) != {}
    done = world.run("sync")
    assert done.code == 0
    assert "kraken: the ledger is fetched again for the fees of trades" in done.err
    assert _charged_in_base(world) == charged and _unexplained_by_trades(world) == {}


def test_coinbases_history_adds_up_to_its_balances_converts_included(
    make_world: Callable[..., World],
) -> None:
    world = make_world(accounts={"coinbase": "coinbase"}, history_days=None)
    done = world.run("sync")
    assert (done.code, done.err) == (0, "")
    assert any(
        fill.kind == "convert"
        for fill in world.repository().ledger.fills(Filter(accounts=["coinbase"]))
    )
    assert {
        asset: rest for asset, rest in differences(world, "coinbase").items() if abs(rest) > SHOWN
    } == {}


HOUR, DAYS = 3_600_000, 86_400_000


def unserved(
    world: World, account: str, gone: Callable[[Entry, float], bool]
) -> tuple[dict[str, Decimal], set[str]]:
    """What the entries of the books that are served no more did to each asset, and the assets that
    had one at the edge.

    ``gone`` judges an entry at an age in days; the edge moves on while the sync runs, so an hour
    beside it proves nothing.
    """
    now_ms = world.simulator.venue.now()
    lost: dict[str, Decimal] = defaultdict(Decimal)
    doubtful = set()
    for entry in world.simulator.venue.entries(account):
        older, younger = (
            gone(entry, (now_ms - entry.time_ms + shift) / DAYS) for shift in (HOUR, -HOUR)
        )
        if older:
            lost[entry.asset] += entry.amount - entry.fee
        if older != younger:
            doubtful.add(entry.asset)
    return lost, doubtful


def okx_serves_no_more(entry: Entry, age: float) -> bool:
    """Trading ends after three months, interest of savings after one, sweeps after seven days; the
    funding account is reported whole."""
    if entry.wallet == "trading":
        return age > (7 if entry.kind == "dust" else 90) and entry.kind in {
            "trade",
            "funding",
            "interest",
            "dust",
        }
    return entry.wallet == "savings" and entry.kind == "interest" and age > 30


def test_okx_lacks_nothing_but_what_is_out_of_retention(make_world: Callable[..., World]) -> None:
    world = make_world(accounts={"okx": "okx"}, fills=900, history_days=None)
    assert world.run("sync").code == 0
    incomes = world.simulator.venue.incomes("okx", kind="dividend")
    reported = [
        item
        for item in world.repository().ledger.transfers(Filter(accounts=["okx"]))
        if item.kind is TransferKind.REWARD
    ]
    assert incomes and {(row.asset, row.amount) for row in incomes} <= {
        (item.asset, item.quantity) for item in reported
    }
    lost, doubtful = unserved(world, "okx", okx_serves_no_more)
    found = differences(world, "okx")
    rest = {
        asset: found.get(asset, Decimal(0)) - lost.get(asset, Decimal(0))
        for asset in found | lost
        if asset not in doubtful
    }
    assert len(rest) > 5
    assert {asset: value for asset, value in rest.items() if abs(value) > Decimal("1e-8")} == {}


def bybit_serves_no_more(entry: Entry, age: float) -> bool:
    """Deposits and withdrawals on chains are reported whole and converts are; all else ends after
    two years.
    """
    reported_whole = entry.kind == "convert" or (
        entry.kind in {"deposit", "withdrawal"} and entry.asset != "EUR"
    )
    return age > 730 and entry.kind != "internal" and not reported_whole


def test_bybit_lacks_nothing_but_what_is_out_of_retention(synced: World) -> None:
    reported = synced.repository().ledger.transfers(Filter(accounts=["bybit"]))
    airdrops = [
        row
        for row in synced.simulator.venue.incomes("bybit", kind="dividend")
        if row.wallet == "funding"
    ]
    assert airdrops and {(row.asset, row.amount) for row in airdrops} <= {
        (item.asset, item.quantity)
        for item in reported
        if item.kind in {TransferKind.REWARD, TransferKind.AIRDROP}
        and item.scope == "funding-ledger"
    }
    lost, doubtful = unserved(synced, "bybit", bybit_serves_no_more)
    found = differences(synced, "bybit")
    rest = {
        asset: found.get(asset, Decimal(0)) - lost.get(asset, Decimal(0))
        for asset in found | lost
        if asset not in doubtful
    }
    assert len(rest) > 5 and "MNT" not in rest and lost["EUR"] == 3000
    assert {asset: value for asset, value in rest.items() if abs(value) > Decimal("1e-8")} == {}


def moved_since(
    world: World, account: str, since_ms: int
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """What moved each asset since then, by the cache and by the books; results of contracts are
    taken from the books for both.

    (A position opened before the history begins closes with a result that the fills alone do not
    tell.)
    """
    ledger, since = world.repository().ledger, from_ms(since_ms)
    fills = ledger.fills(Filter(accounts=[account], since=since))
    results = {
        fill.id: (fill.market.settle or "", fill.realised_pnl)
        for fill in world.simulator.venue.fills(account)
    }
    cached: dict[str, Decimal] = defaultdict(Decimal)
    for flow in flows(
        [fill for fill in fills if not fill.is_derivative],
        ledger.transfers(Filter(accounts=[account], since=since)),
    ):
        cached[flow.asset] += flow.quantity
    for fill in fills:
        if fill.is_derivative:
            asset, result = results[fill.fill_id]
            cached[asset] += result
            for fee in fill.fees:
                cached[fee.asset] -= fee.amount
    books: dict[str, Decimal] = defaultdict(Decimal)
    for entry in world.simulator.venue.entries(account, start=since_ms):
        books[entry.asset] += entry.amount - entry.fee
    return cached, books


def test_kucoin_lacks_nothing_but_the_interest_that_its_api_does_not_tell(
    make_world: Callable[..., World],
) -> None:
    world = make_world(accounts={"kucoin": "kucoin"}, history_days=60)
    assert world.run("sync").code == 0
    venue = world.simulator.venue
    since_ms = venue.now() - 55 * DAYS
    paid = venue.incomes("kucoin", kind="funding", start=since_ms)
    reported = world.repository().ledger.transfers(
        Filter(accounts=["kucoin"], since=from_ms(since_ms))
    )
    assert sorted(
        (item.asset, item.quantity) for item in reported if item.kind is TransferKind.FUNDING
    ) == sorted((row.asset, row.amount) for row in paid)
    assert {"USDT", "USDC", "BTC"} == {row.asset for row in paid}
    untold = [
        row
        for row in venue.incomes("kucoin", kind="interest", start=since_ms)
        if row.wallet == "earn"
    ]
    cached, books = moved_since(world, "kucoin", since_ms)
    rest = {asset: value for asset in cached | books if (value := books[asset] - cached[asset])}
    assert rest == {"USDT": sum(row.amount for row in untold)} and rest["USDT"] > 0


def test_on_the_demo_bitcoin_reconciles_and_no_holding_lacks_both_an_average_and_a_reason(
    synced: World,
) -> None:
    reported = synced.run("explain", "BTC", "--json").json()
    assert Decimal(reported["reconciliation"]["difference"]) == 0
    assert reported["reconciliation"]["unknown_quantity"] == "0"
    holdings = synced.run("portfolio", "--json", "--no-refresh").json()["holdings"]
    assert len(holdings) > 20
    for row in holdings:
        assert row["average_entry_price"] is not None or row["unknown_reasons"], row["asset"]
        assert row["unknown_quantity"] == "0" or row["unknown_reasons"] or row["asset"] == "USDT", (
            row["asset"]
        )
