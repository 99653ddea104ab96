"""Cases 04, 06 and 09 of the cases from users, over HTTP and through the whole command line: a
staked twin with a market of its own, a tokenised share that Kraken books in four rows, and two
coins of one code at two exchanges.

The others of these cases: 05 is in test_old_prices, 07 in test_words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.clock import to_ms
from exchange_cache.simulator.server import running_simulator
from exchange_cache.simulator.venue import Market, Venue
from exchange_cache.simulator.venue.prices import PricePath
from exchange_cache.simulator.venue.profile import Fees, spot
from tests.e2e.world import World

D = Decimal
FREE = Fees(spot=(D(0), D(0)))


class Stated(PricePath):
    """The prices of a venue, but for the markets whose price a case states."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.stated: dict[tuple[str, str], tuple[tuple[int, Decimal], ...]] = {}

    def price(self, market: Market, time_ms: int, factor: float = 1.0) -> Decimal:
        if (market.exchange, market.symbol) not in self.stated:
            return super().price(market, time_ms, factor)
        return self._stated(market, time_ms)

    def rates_at(self, market: Market, start_ms: int, step_ms: int, count: int) -> Sequence[float]:
        if (market.exchange, market.symbol) not in self.stated:
            return super().rates_at(market, start_ms, step_ms, count)
        times = range(start_ms, start_ms + count * step_ms, step_ms)
        return [float(self._stated(market, time_ms)) for time_ms in times]

    def _stated(self, market: Market, time_ms: int) -> Decimal:
        stated = self.stated[market.exchange, market.symbol]
        return [price for since, price in stated if since <= time_ms][-1]

    def usd(self, asset: str, time_ms: int) -> float:
        try:
            return super().usd(asset, time_ms)
        except KeyError:
            return 1.0  # of coins that only a case knows: the size of their volume

    def usd_at(self, asset: str, start_ms: int, step_ms: int, count: int) -> Sequence[float]:
        try:
            return super().usd_at(asset, start_ms, step_ms, count)
        except KeyError:
            return [1.0] * count


class Past:
    """A venue without a past and without fees, in which a case happens day by day."""

    def __init__(self, **accounts: str) -> None:
        self.ago = timedelta(days=40)
        self.venue = Venue(
            clock=lambda: to_ms(datetime.now(UTC) - self.ago),
            accounts=accounts,
            history_too=False,
        )
        self.prices = self.venue.state.prices = Stated(self.venue.seed)
        for exchange, profile in list(self.venue.state.profiles.items()):
            self.venue.state.profiles[exchange] = dataclasses.replace(profile, fees=FREE)

    def list(self, exchange: str, base: str, quote: str, tick: str, lot: str) -> None:
        """A market that only this case knows."""
        state = self.venue.state
        market = spot(exchange, base, quote, tick, lot, min_cost=D("0.00001"))
        known = state.profiles[exchange]
        state.profiles[exchange] = dataclasses.replace(known, markets=(*known.markets, market))
        state.markets[exchange, market.symbol] = market

    def price(self, exchange: str, symbol: str, price: str) -> None:
        """The price of a market from now on; that of all the time before, where it is the first."""
        prices = self.prices.stated
        before = prices.get((exchange, symbol), ())
        since = self.venue.now() if before else 0
        prices[exchange, symbol] = (*before, (since, D(price)))

    def reward(self, account: str, asset: str, amount: str, note: str) -> None:
        moves, now = self.venue.moves, self.venue.now()
        moves.income(account, "spot", "dividend", asset, D(amount), now, note=note)

    def settled_in_dollars(self, refid: str, dollars: str, *sides: tuple[str, str]) -> None:
        """A trade of Kraken in four ledger rows: its sides, and dollars that come and go."""
        (account,) = self.venue.accounts("kraken")
        now = self.venue.now()
        for asset, amount in (*sides, ("USD", dollars), ("USD", f"-{dollars}")):
            self.venue.state.books.post(
                "kraken", account.name, "spot", asset, now, "convert", None,
                amount=D(amount), ref=refid,
            )  # fmt: skip

    def buy(self, account: str, symbol: str, amount: str, price: str) -> None:
        self.venue.trade(account, symbol, "buy", D(amount), type="limit", price=D(price))


@contextmanager
def synced(past: Past, home: Path, reporting_asset: str = "USDT") -> Iterator[World]:
    """The home of a user after the first sync of what happened."""
    past.ago = timedelta(0)
    with running_simulator(past.venue, limit_scale=1000) as simulator:
        world = World.create(simulator, home, history_days=60)
        config = world.home / "config.toml"
        config.write_text(config.read_text().replace('"USDT"', f'"{reporting_asset}"', 1))
        done = world.run("sync")
        assert done.code == 0, done.err
        yield world


def answered(world: World, *words: str) -> Any:
    done = world.run(*words, "--json")
    assert done.code == 0, done.err
    return done.json()


def holdings(world: World, *words: str) -> dict[str, Any]:
    return {row["asset"]: row for row in answered(world, "portfolio", *words)["holdings"]}


@pytest.fixture(scope="module")
def staked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """2 ETH bought at 2,000, 1 BETH bought for 0.93 ETH, and 5 staking rewards in BETH; then ETH
    rises to 2,979.60."""
    past = Past(main="binance")
    past.list("binance", "BETH", "ETH", "0.0001", "0.0001")
    past.price("binance", "ETH/USDT", "2000")
    past.price("binance", "BETH/ETH", "0.93")
    past.venue.deposit("main", "USDT", D(5000))
    past.ago = timedelta(days=20)
    past.buy("main", "ETH/USDT", "2", "2000")
    past.ago = timedelta(days=10)
    past.buy("main", "BETH/ETH", "1", "0.93")
    for day in range(5):
        past.ago = timedelta(days=9 - day)
        past.reward("main", "BETH", "0.001", "ETH 2.0 Staking")
    past.ago = timedelta(days=2)
    past.price("binance", "ETH/USDT", "2979.60")
    with synced(past, tmp_path_factory.mktemp("home")) as world:
        yield world


def test_beth_counted_as_eth(staked: World) -> None:
    """Case 04: BETH is apart, at its own market and its own cost."""
    held = holdings(staked)
    for asset, quantity, price, cost, realised in (
        ("ETH", D("1.07"), D("2979.60"), 2000, 0),
        ("BETH", D("1.005"), D("2979.60") * D("0.93"), 1860, D("0.005") * 1860),
    ):  # what BETH realised are the rewards, income at their value
        row = held[asset]
        assert (D(row["quantity"]), D(row["price"])) == (quantity, price)
        assert (D(row["explained_quantity"]), D(row["unknown_quantity"])) == (quantity, 0)
        assert (D(row["average_entry_price"]), D(row["realised_pnl"])) == (cost, realised)
        assert D(row["unrealised_pnl"]) == quantity * (price - cost)


def test_beth_counted_as_eth_explained(staked: World) -> None:
    """Case 04: 1 BETH cost 0.93 ETH = 1,860, and both assets are explained to the last unit."""
    beth, eth = (answered(staked, "explain", asset) for asset in ("BETH", "ETH"))
    bought, *rewards = beth["rows"]
    assert (D(bought["held"]), D(bought["cost_held"])) == (1, 1860)
    assert [D(row["quantity"]) for row in rewards] == [D("0.001")] * 5
    assert [D(row["held"]) for row in eth["rows"]] == [2, D("1.07")]
    assert beth["reconciliation"]["difference"] == eth["reconciliation"]["difference"] == "0"


@pytest.fixture(scope="module")
def tokenised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """2 AAPLx bought for 400 EUR and sold for 420 EUR, each in four rows of one ``refid``."""
    past = Past(main="kraken")
    past.venue.deposit("main", "EUR", D(1000))
    past.ago = timedelta(days=20)
    past.settled_in_dollars("TOKTRADE1", "415.2", ("EUR", "-400"), ("AAPLx", "2"))
    past.ago = timedelta(days=10)
    past.settled_in_dollars("TOKTRADE2", "489.636", ("AAPLx", "-2"), ("EUR", "420"))
    with synced(past, tmp_path_factory.mktemp("home"), "EUR") as world:
        yield world


def test_kraken_four_leg_swap(tokenised: World) -> None:
    """Case 06: a buy for 400 EUR, a sale for 420 EUR, and 20 EUR realised.

    The form of the rows: https://github.com/rotki/rotki (tests/exchanges/test_kraken.py,
    test_kraken_tokenized_asset_trade).
    """
    total = answered(tokenised, "pnl")["total"]["identity"]
    found = {name: D(total[name]) for name in ("realised", "net_deposits", "residual", "value")}
    assert found == {"realised": 20, "net_deposits": 1000, "residual": 0, "value": 1020}
    fills = answered(tokenised, "fills")["rows"]
    assert sorted((row["side"], row["symbol"], D(row["cost"])) for row in fills) == [
        ("buy", "AAPLX/EUR", 400),
        ("sell", "AAPLX/EUR", 420),
    ]
    kinds = [row["kind"] for row in answered(tokenised, "transfers")["rows"]]
    assert kinds == ["deposit"]


def test_kraken_four_leg_swap_explained(tokenised: World) -> None:
    """Case 06: nothing of the share is left, and no dollars ever were there."""
    document = answered(tokenised, "explain", "AAPLX")
    assert [(D(row["quantity"]), D(row["cost_held"])) for row in document["rows"]] == [
        (2, 400),
        (-2, 0),
    ]
    assert document["reconciliation"]["difference"] == "0"
    (row,) = (row for row in answered(tokenised, "pnl")["rows"] if row["name"] == "AAPLX")
    assert (D(row["identity"]["value"]), D(row["identity"]["realised"])) == (0, 20)
    assert "difference 0" in tokenised.run("explain", "AAPLX", "--all").out
    assert "difference 0" in tokenised.run("explain", "EUR", "--all").out


@pytest.mark.long
def test_ticker_collision(tmp_path: Path) -> None:
    """Case 09: two coins of one code, each at the price of its own exchange: 30 + 150."""
    past = Past(one="binance", two="bybit")
    for exchange, account, price, amount in (
        ("binance", "one", "0.0003", "100000"),
        ("bybit", "two", "0.03", "5000"),
    ):
        past.list(exchange, "NEIRO", "USDT", "0.0001", "1")
        past.price(exchange, "NEIRO/USDT", price)
        past.venue.deposit(account, "NEIRO", D(amount))
    with synced(past, tmp_path) as world:
        document = answered(world, "portfolio")
        (neiro,) = document["holdings"]
        assert (neiro["asset"], D(neiro["quantity"]), D(neiro["value"])) == ("NEIRO", 105000, 180)
        for account, value in (("one", 30), ("two", 150)):
            assert D(holdings(world, "--account", account)["NEIRO"]["value"]) == value
        assert "price_conflict" in [found["code"] for found in document["warnings"]]
