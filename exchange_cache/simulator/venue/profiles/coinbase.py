"""Coinbase (Advanced Trade): dollars, euros and USDC, fees always in the quote, one wallet per
asset, a CDP key in PEM.

Retention: none is documented; the list calls go back to the first order (docs.cdp.coinbase.com,
"List Fills").
"""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.simulator.venue.profile import Fees, Profile, spot
from exchange_cache.simulator.venue.records import SPOT, Market
from exchange_cache.simulator.venue.spot_trading import trade_spot
from exchange_cache.simulator.venue.story import Story

_ID = "coinbase"
_PAUSES = ((700.0, 655.0), (210.0, 172.0))
_ROWS = (
    ("BTC", "USD", "0.01", "0.00000001"),
    ("ETH", "USD", "0.01", "0.00000001"),
    ("SOL", "USD", "0.01", "0.00000001"),
    ("XRP", "USD", "0.0001", "0.000001"),
    ("DOGE", "USD", "0.00001", "0.1"),
    ("ADA", "USD", "0.0001", "0.00000001"),
    ("LTC", "USD", "0.01", "0.00000001"),
    ("AVAX", "USD", "0.01", "0.00000001"),
    ("LINK", "USD", "0.001", "0.01"),
    ("BTC", "USDC", "0.01", "0.00000001"),
    ("ETH", "USDC", "0.01", "0.00000001"),
    ("SOL", "USDC", "0.01", "0.00000001"),
    ("BTC", "EUR", "0.01", "0.00000001"),
    ("ETH", "EUR", "0.01", "0.00000001"),
    ("USDC", "EUR", "0.001", "0.01"),
    ("BTC", "USDT", "0.01", "0.00000001"),
    ("ETH", "BTC", "0.00001", "0.00000001"),
    ("SOL", "BTC", "0.0000001", "0.001"),
    ("USDT", "USD", "0.00001", "0.01"),
    ("USDT", "USDC", "0.0001", "0.01"),
    ("MATIC", "USD", "0.0001", "0.1"),
    ("DAI", "USD", "0.0001", "0.00001"),
    ("BTC", "GBP", "0.01", "0.00000001"),
    ("DOT", "USD", "0.001", "0.00000001"),
)
_MIN_COST = {"BTC": Decimal("0.000016")}


def _market(base: str, quote: str, tick: str, lot: str, *, has_last: bool = True) -> Market:
    return spot(
        _ID,
        base,
        quote,
        tick,
        lot,
        market_id=f"{base}-{quote}",
        min_cost=_MIN_COST.get(quote, Decimal(1)),
        has_last=has_last,
        extra={"alias": f"{base}-USD"} if quote == "USDC" and base != "USDT" else {},
    )


MARKETS = (
    *(_market(*row) for row in _ROWS),
    _market("XLM", "EUR", "0.000001", "0.00000001", has_last=False),
)

_WEIGHTS = {
    "BTC/USD": 8,
    "ETH/USD": 6,
    "SOL/USD": 4,
    "XRP/USD": 2,
    "DOGE/USD": 2,
    "ADA/USD": 2,
    "BTC/USDC": 4,
    "ETH/USDC": 3,
    "BTC/EUR": 3,
    "ETH/EUR": 2,
    "ETH/BTC": 3,
    "LTC/USD": 1,
    "LINK/USD": 1,
    "USDT/USD": 1,
    "SOL/BTC": 1,
}


def story(s: Story) -> None:
    """A saver in dollars who also holds euros, converts, earns rewards and sends coins
    elsewhere."""
    s.deposit(1188, "USD", 21_000)
    s.deposit(1150, "EUR", 6_000)
    s.deposit(1120, "USDC", "5000.25")
    s.save_regularly(1100, 4, 60, "USD", 300)
    s.deposit(640, "ETH", "1.125")
    s.trade_all(1187, "BTC/USD", "buy", part=0.3)
    s.trade_all(1186, "SOL/USD", "buy", part=0.1)
    trade_spot(
        s,
        _WEIGHTS,
        s.target_fills,
        from_days=1185,
        pauses=_PAUSES,
        topup=("USD", 900),
        keep=("BTC", "ETH", "SOL", "USDC"),
    )
    s.trade_all(1000, "MATIC/USD", "buy", part=0.05)
    s.trade_all(480, "MATIC/USD", "sell")
    s.trade_all(390, "AVAX/USD", "buy", part=0.04)
    s.convert(800, "USD", 0.1, "USDC", "spot")
    s.convert(520, "USDC", 0.05, "XLM", "spot", "0.01")
    s.convert(260, "ETH", 0.05, "BTC", "spot", "0.01")
    s.convert(14, "EUR", 0.1, "USDC", "spot")
    s.dividends(1090, 3, 30, "USDC", 0.0035, "spot", kind="interest", note="USDC rewards")
    s.dividends(1080, 2, 7, "SOL", 0.0009, "spot", note="SOL staking reward")
    s.airdrop(430, "XLM", "25.1234567", "spot", "Learning reward")
    s.withdraw(610, "BTC", 0.05, "0.00008", to="kraken")
    s.withdraw(330, "USD", 0.1, "25")
    s.withdraw(120, "ETH", 0.05, "0.0009", to="kucoin")
    s.withdraw(48, "USDC", 0.1, "1.5")
    s.withdraw(9, "EUR", 0.1, "0.15")
    s.cancel_part_filled(21, "ETH/USD", 0.05)
    s.open_limit(5, "BTC/USD", "buy", 0.12, 0.8)
    s.open_limit(3, "ETH/EUR", "sell", 0.2, 1.4)
    s.open_limit(1, "BTC/USDC", "buy", 0.1, 0.75)


PROFILE = Profile(
    exchange=_ID,
    account="coinbase",
    markets=MARKETS,
    wallets=("spot",),
    wallet_for={SPOT: "spot"},
    share=0.22,
    busiest="BTC/USD",
    wallet_per_asset=True,
    fees=Fees(spot=(Decimal("0.0035"), Decimal("0.0055")), spot_asset="quote"),
    listed_days={"MATIC/USD": (None, 420.0)},
    secret_format="pem",
)
