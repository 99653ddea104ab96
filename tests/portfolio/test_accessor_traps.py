"""What peers got wrong with balances, positions and prices, one test a trap, through the whole
program against the venue's books.

The same traps are tested in the small in tests/ledger, tests/cost, tests/value, tests/adapter,
tests/exchanges, tests/cache and tests/sync.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from tests.portfolio.conftest import MIRRORS, FirstSyncs, StillWorld, still_world


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StillWorld]:
    """Two accounts on one exchange beside one with contracts, what is now already synced."""
    accounts = {"one": "kraken", "two": "kraken", "bybit": "bybit", "main": "binance"}
    for made in still_world(tmp_path_factory.mktemp("pair"), seed=2, fills=150, accounts=accounts):
        made.sync(*MIRRORS)
        yield made


@pytest.fixture
def still(tmp_path: Path, first_syncs: FirstSyncs) -> Iterator[StillWorld]:
    """A world of its own for a test that changes something."""
    accounts = {"main": "binance"}
    yield from first_syncs.world(tmp_path, *MIRRORS, seed=6, fills=120, accounts=accounts)


def holding(reported: dict, asset: str) -> dict:
    return next(one for one in reported["holdings"] if one["asset"] == asset)


def repository(still: StillWorld) -> ExchangeCacheRepository:
    return still.world.repository()


# --- balances -------------------------------------------------------------------------------------


def test_a_sold_asset_is_no_ghost(still: StillWorld) -> None:
    before = still.portfolio()
    wallet = holding(before, "ADA")
    still.pass_time(minutes=5)
    free = next(row.free for row in still.venue.balances("main", "spot") if row.asset == "ADA")
    for order in still.venue.open_orders("main", symbol="ADA/USDT"):
        still.venue.cancel(order)
    free = next(row.free for row in still.venue.balances("main", "spot") if row.asset == "ADA")
    still.venue.trade("main", "ADA/USDT", "sell", free)
    still.sync(*MIRRORS)
    left = next(row.total for row in still.venue.balances("main", "spot") if row.asset == "ADA")
    found = [one for one in still.portfolio()["holdings"] if one["asset"] == "ADA"]
    assert Decimal(wallet["quantity"]) > 1
    assert [Decimal(one["quantity"]) for one in found] == ([left] if left else [])


def test_a_failing_wallet_hides_no_other_and_no_snapshot_of_it_is_called_complete(
    still: StillWorld,
) -> None:
    complete = repository(still).derived.snapshots()[-1]
    still.pass_time(minutes=5)
    still.venue.deposit("main", "USDT", Decimal(77), wallet="spot")
    still.world.simulator.fault("binance", "get-funding-asset", 20, "503")
    done = still.run("sync", *MIRRORS)
    assert done.code == 1 and "funding" in done.err
    reported = holding(still.portfolio(), "USDT")
    ages = {one["wallet"]: one["fetched_at"] for one in reported["wallets"]}
    assert ages["funding"] < ages["spot"], "the others are new, its own rows are the old ones"
    incomplete = repository(still).derived.snapshots()[-1]
    assert (complete.details["failed"], incomplete.details["failed"]) == ([], ["main balances"])
    assert "main balances" in still.run("history", "--format", "csv").out
    warned = still.portfolio("--at", f"{still.clock.at:%Y-%m-%dT%H:%M:%S}")["warnings"]
    assert "snapshot_failed" in {one["code"] for one in warned}


def test_an_account_that_was_never_read_leaves_no_snapshot_of_nothing(tmp_path: Path) -> None:
    for still in still_world(tmp_path, seed=6, fills=60, accounts={"kraken": "kraken"}):
        still.world.simulator.stop_exchange("kraken")
        assert still.world.run("sync").code == 69
        assert repository(still).derived.snapshots() == ()


def test_earn_twins_are_their_asset_and_a_real_coin_of_a_like_name_is_not(pair: StillWorld) -> None:
    reported = pair.portfolio("--account", "main")
    codes = {
        one["code"]: one["earn"]
        for one in holding(reported, "BTC")["wallets"]
        if one["wallet"] == "spot"
    }
    assert codes == {"BTC": False, "LDBTC": True}
    assert {one["code"] for one in holding(reported, "LDO")["wallets"]} == {"LDO"}


def test_perpetual_collateral_is_in_its_own_wallet_and_nowhere_else(pair: StillWorld) -> None:
    for row in pair.venue.balances("main"):
        if row.wallet.startswith("isolated:"):
            continue  # pairs are added up in a wallet of their own
        reported = [
            one
            for one in holding(pair.portfolio("--account", "main"), "USDT")["wallets"]
            if one["wallet"] == row.wallet
        ]
        if row.asset == "USDT" and row.total:
            assert [Decimal(one["total"]) for one in reported] == [row.total]


def test_a_unified_wallet_is_counted_once(pair: StillWorld) -> None:
    reported = pair.portfolio("--account", "bybit")
    wallets = {one["wallet"] for asset in reported["holdings"] for one in asset["wallets"]}
    assert wallets == {"unified", "funding"}
    books = sum(
        (row.total for row in pair.venue.balances("bybit") if row.asset == "USDT"), Decimal(0)
    )
    assert Decimal(holding(reported, "USDT")["quantity"]) == books


def test_two_accounts_on_one_exchange_do_not_overwrite_each_other(pair: StillWorld) -> None:
    for account in ("one", "two"):
        books = sum(
            (row.total for row in pair.venue.balances(account) if row.asset == "USD"), Decimal(0)
        )
        assert Decimal(holding(pair.portfolio("--account", account), "USD")["quantity"]) == books
    both = holding(pair.portfolio(), "USD")
    assert {one["account"] for one in both["wallets"]} >= {"one", "two"}


def test_an_asset_that_no_market_lists_is_kept_unpriced(pair: StillWorld) -> None:
    reported = pair.portfolio("--account", "one")
    fees = holding(reported, "KFEE")
    assert (fees["price"], fees["value"]) == (None, None) and Decimal(fees["quantity"]) > 0
    assert reported["totals"]["unpriced_assets"] == ["KFEE"]
    with localcontext(prec=60):
        assert Decimal(reported["totals"]["value"]) == sum(
            Decimal(one["value"]) for one in reported["holdings"] if one["value"] is not None
        )


# --- positions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ["main", "bybit"])
def test_positions_have_the_venues_sides_sizes_results_and_coins(
    pair: StillWorld, account: str
) -> None:
    reported = {
        (one["symbol"], one["side"]): one
        for one in pair.portfolio("--account", account)["positions"]
    }
    books = {(one.symbol, one.side): one for one in pair.venue.positions(account)}
    assert reported.keys() == books.keys(), (
        "hedge mode has two rows, and nothing of size zero has any"
    )
    assert {one.side for one in books.values()} == {"long", "short"}
    assert {one.market.kind for one in books.values()} >= {"linear", "inverse"}
    for place, one in books.items():
        mark = pair.venue.ticker(pair.venue.account(account).exchange, one.symbol).mark
        shown = reported[place]
        assert Decimal(shown["contracts"]) == one.contracts
        assert Decimal(shown["contract_size"]) == one.market.contract_size
        assert shown["settle_asset"] == one.market.settle
        assert Decimal(shown["unrealised_pnl"]) == pytest.approx(one.pnl(mark), abs=Decimal("1e-8"))
        rising = (mark > one.entry_price) == (one.side == "long")
        assert (Decimal(shown["unrealised_pnl"]) > 0) == rising or mark == one.entry_price, (
            "a short gains when the price falls"
        )


# --- prices ---------------------------------------------------------------------------------------


def test_the_last_trade_of_a_market_that_ended_does_not_look_live(pair: StillWorld) -> None:
    reported = pair.portfolio("--account", "main")
    ended = holding(reported, "SRM")
    assert ended["price_state"] == "stale"
    assert Decimal(reported["totals"]["stale_value"]) == Decimal(ended["value"])


def test_prices_that_cannot_be_fetched_leave_the_total_where_it_was_and_marked(
    still: StillWorld,
) -> None:
    before = still.portfolio()["totals"]
    still.pass_time(hours=3)
    still.world.simulator.fault("binance", "ticker", 50, "503")
    assert still.run("sync", "--only", "prices").code == 69
    after = still.portfolio()["totals"]
    assert after["value"] == before["value"]
    assert Decimal(after["stale_value"]) == Decimal(after["value"])
    assert after["unpriced_assets"] == before["unpriced_assets"]


def test_dollars_are_three_assets_with_three_prices(pair: StillWorld) -> None:
    reported = pair.portfolio()
    routes = {asset: holding(reported, asset)["price_route"] for asset in ("USDT", "USDC", "USD")}
    assert [[leg.split("@")[0] for leg in route] for route in routes.values()] == [
        [],
        ["USDC/USDT"],
        ["USDT/USD"],
    ]
    exchange = {"main": "binance", "bybit": "bybit"}[routes["USDC"][0].split("@")[1]]
    assert (
        Decimal(holding(reported, "USDC")["price"]) == pair.venue.ticker(exchange, "USDC/USDT").last
    )
    assert Decimal(holding(reported, "USD")["price"]) != 1


def test_an_inverse_pair_is_divided_and_a_bridge_names_its_legs(pair: StillWorld) -> None:
    reported = pair.portfolio("--account", "one")
    dollar = holding(reported, "USD")
    assert dollar["price_route"] == ["USDT/USD@one"] or dollar["price_route"] == ["USDT/USD@two"]
    assert Decimal(dollar["price"]) * pair.venue.ticker("kraken", "USDT/USD").last == pytest.approx(
        Decimal(1), abs=Decimal("1e-30")
    )
    bridged = holding(reported, "DOT")
    assert len(bridged["price_route"]) == 2
    true = (
        pair.venue.ticker("kraken", "DOT/USD").last / pair.venue.ticker("kraken", "USDT/USD").last
    )
    assert Decimal(bridged["price"]) == pytest.approx(true, rel=Decimal("1e-20"))


def test_any_fiat_that_a_route_reaches_can_be_asked_for(pair: StillWorld) -> None:
    euros, dollars = (
        pair.portfolio("--account", "one", "--quote", "EUR"),
        pair.portfolio("--account", "one"),
    )
    rate = Decimal(holding(dollars, "EUR")["price"])
    assert euros["reporting_asset"] == "EUR"
    assert Decimal(euros["totals"]["value"]) * rate == pytest.approx(
        Decimal(dollars["totals"]["value"]), rel=Decimal("0.01")
    )
