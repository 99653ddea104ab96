"""Bybit unified account: one wallet for spot, linear (USDT and USDC settled) and inverse; deposits
land in funding.

It was a classic account for its first 500 days; of that time only the pre-upgrade endpoints tell,
the last month of it within the two years. Retention: two years of executions and orders
(bybit-exchange.github.io/docs/v5/order/execution). Inverse makers here get a rebate, so a negative
fee occurs.
"""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.simulator.venue.perp_trading import open_position, trade_perp
from exchange_cache.simulator.venue.profile import Fees, Profile, perpetual, spot
from exchange_cache.simulator.venue.records import INVERSE, LINEAR, SPOT
from exchange_cache.simulator.venue.spot_trading import trade_spot
from exchange_cache.simulator.venue.story import Story

_ID = "bybit"
_PAUSES = ((503.0, 452.0), (130.0, 96.0))
_SPOT_ROWS = (
    ("BTC", "USDT", "0.01", "0.000001"),
    ("ETH", "USDT", "0.01", "0.00001"),
    ("SOL", "USDT", "0.01", "0.001"),
    ("XRP", "USDT", "0.0001", "0.01"),
    ("ADA", "USDT", "0.0001", "0.01"),
    ("DOGE", "USDT", "0.00001", "0.1"),
    ("MNT", "USDT", "0.0001", "0.01"),
    ("BTC", "USDC", "0.01", "0.000001"),
    ("ETH", "USDC", "0.01", "0.00001"),
    ("BTC", "EUR", "0.01", "0.000001"),
    ("ETH", "BTC", "0.000001", "0.00001"),
    ("USDC", "USDT", "0.0001", "0.01"),
    ("TON", "USDT", "0.001", "0.01"),
    ("ARB", "USDT", "0.0001", "0.01"),
)

MARKETS = (
    *(
        spot(_ID, b, q, tick, lot, min_cost=Decimal("0.00005" if q == "BTC" else "5"))
        for b, q, tick, lot in _SPOT_ROWS
    ),
    spot(_ID, "MNT", "USDC", "0.0001", "0.01", has_last=False),
    perpetual(_ID, "BTC", "USDT", "USDT", "0.1", "0.001"),
    perpetual(_ID, "ETH", "USDT", "USDT", "0.01", "0.01"),
    perpetual(_ID, "SOL", "USDT", "USDT", "0.01", "0.1"),
    perpetual(_ID, "XRP", "USDT", "USDT", "0.0001", "1"),
    perpetual(_ID, "BTC", "USDC", "USDC", "0.1", "0.001", market_id="BTCPERP"),
    perpetual(_ID, "ETH", "USDC", "USDC", "0.01", "0.01", market_id="ETHPERP"),
    perpetual(_ID, "BTC", "USD", "BTC", "0.5", "1", market_id="BTCUSD"),
    perpetual(_ID, "ETH", "USD", "ETH", "0.05", "1", market_id="ETHUSD"),
)

#: Bitcoin was not traded here in the part of the history that the exchange serves no more, so all
#: of it can be explained.
_EARLY_WEIGHTS = {
    "ETH/USDT": 7,
    "SOL/USDT": 5,
    "XRP/USDT": 3,
    "ADA/USDT": 2,
    "DOGE/USDT": 2,
    "ETH/USDC": 2,
}
_SERVED_DAYS = 725

_WEIGHTS = {
    "BTC/USDT": 8,
    "ETH/USDT": 7,
    "SOL/USDT": 5,
    "XRP/USDT": 3,
    "ADA/USDT": 2,
    "DOGE/USDT": 2,
    "MNT/USDT": 3,
    "BTC/USDC": 3,
    "ETH/USDC": 2,
    "ETH/BTC": 2,
    "TON/USDT": 2,
    "BTC/EUR": 1,
}


def story(s: Story) -> None:
    """An active derivatives account with a spot side."""
    spot_fills = int(s.target_fills * 0.55)
    s.deposit(1182, "USDT", 30_000)
    s.deposit(1181, "USDC", 12_000)
    s.deposit(980, "EUR", 3_000)
    s.save_regularly(1100, 15, 122, "USDT", 400, to="unified")
    s.deposit(620, "TON", "55.25")
    s.move(1180, "USDT", 1.0, "funding", "unified")
    s.move(1180, "USDC", 1.0, "funding", "unified")
    s.move(978, "EUR", 1.0, "funding", "unified")
    s.move(362, "USDT", 1.0, "funding", "unified")
    s.trade_all(1178, "ETH/USDT", "buy", part=0.15)
    early = int(spot_fills * 0.35)
    trade_spot(
        s,
        _EARLY_WEIGHTS,
        early,
        from_days=1177,
        to_days=_SERVED_DAYS + 10,
        pauses=_PAUSES,
        topup=("USDT", 1200),
        keep=("ETH", "USDC"),
    )
    s.trade_all(_SERVED_DAYS, "BTC/USDT", "buy", part=0.25)
    trade_spot(
        s,
        _WEIGHTS,
        spot_fills - early,
        from_days=_SERVED_DAYS - 1,
        pauses=_PAUSES,
        topup=("USDT", 1200),
        keep=("BTC", "ETH", "USDC"),
    )
    s.trade_all(870, "ARB/USDT", "buy", part=0.02)
    s.trade_all(690, "ARB/USDT", "sell")
    s.convert(400, "USDT", 0.03, "ADA", "unified")
    s.move(350, "USDT", 0.04, "unified", "funding")
    s.move(44, "SOL", 0.5, "funding", "unified")
    s.withdraw(348, "USDT", 0.5, "1.5", to="kraken")
    s.withdraw(100, "TON", 0.2, "0.02")
    s.airdrop(77, "MNT", "12.5", "funding", "Rewards Hub")
    s.dividends(260, 2, 30, "MNT", 0.001, "unified", note="MNT staking reward")
    s.open_limit(5, "BTC/USDT", "buy", 0.08, 0.85)
    s.open_limit(1, "SOL/USDT", "sell", 0.2, 1.25)
    _derivatives(s, s.target_fills - spot_fills)


def _derivatives(s: Story, fills: int) -> None:
    trade_perp(s, "BTC/USDT:USDT", int(fills * 0.34), from_days=1170, to_days=20, pauses=_PAUSES)
    trade_perp(s, "ETH/USDT:USDT", int(fills * 0.24), from_days=1170, to_days=25, pauses=_PAUSES)
    trade_perp(s, "BTC/USDC:USDC", int(fills * 0.17), from_days=690, to_days=30, pauses=_PAUSES)
    # Since the account was unified: of the time before, no list tells the results to the venue's
    # last digit.
    trade_perp(s, "BTC/USD:BTC", int(fills * 0.17), from_days=695, to_days=40, pauses=_PAUSES)
    trade_perp(s, "ETH/USD:ETH", int(fills * 0.08), from_days=1100, to_days=45, pauses=_PAUSES)
    open_position(s, "ETH/USDT:USDT", "long", 14, 0.12, leverage=10)
    open_position(s, "SOL/USDT:USDT", "short", 11, 0.08)
    open_position(s, "BTC/USDC:USDC", "long", 16, 0.3, leverage=3)
    open_position(s, "BTC/USD:BTC", "long", 22, 0.2, leverage=2)
    open_position(s, "XRP/USDT:USDT", "long", 8, 0.05, hedge=True)
    open_position(s, "XRP/USDT:USDT", "short", 7, 0.03, hedge=True)


PROFILE = Profile(
    exchange=_ID,
    account="bybit",
    markets=MARKETS,
    wallets=("funding", "unified"),
    lends="unified",
    wallet_for={SPOT: "unified", LINEAR: "unified", INVERSE: "unified"},
    share=0.33,
    fees=Fees(),
    classic_days=500,
    retention_days={
        (data, kind): 730 for data in ("fills", "orders") for kind in (SPOT, LINEAR, INVERSE)
    },
)
