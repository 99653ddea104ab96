"""Kraken spot: X/Z asset names, fees in the quote, .F/.S earn sub-balances, staking rewards,
instant buys.

Retention: none; the whole history is served by offset. Kraken's LUNA is what others call LUNC (ccxt
unifies it so).
"""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.simulator.venue.profile import Fees, Profile, spot
from exchange_cache.simulator.venue.records import SPOT, Market
from exchange_cache.simulator.venue.spot_trading import trade_spot
from exchange_cache.simulator.venue.story import Story

_ID = "kraken"
_PAUSES = ((905.0, 842.0), (262.0, 221.0))

# base, quote, pair id, altname, tick, lot, minimum
_ROWS = (
    ("BTC", "EUR", "XXBTZEUR", "XBTEUR", "0.1", "0.00005"),
    ("BTC", "USD", "XXBTZUSD", "XBTUSD", "0.1", "0.00005"),
    ("ETH", "EUR", "XETHZEUR", "ETHEUR", "0.01", "0.002"),
    ("ETH", "USD", "XETHZUSD", "ETHUSD", "0.01", "0.002"),
    ("ETH", "BTC", "XETHXXBT", "ETHXBT", "0.00001", "0.002"),
    ("SOL", "EUR", "SOLEUR", "SOLEUR", "0.01", "0.06"),
    ("DOT", "EUR", "DOTEUR", "DOTEUR", "0.0001", "1.2"),
    ("DOT", "USD", "DOTUSD", "DOTUSD", "0.0001", "1.2"),
    ("ADA", "EUR", "ADAEUR", "ADAEUR", "0.000001", "6"),
    ("XRP", "EUR", "XXRPZEUR", "XRPEUR", "0.00001", "2"),
    ("DOGE", "EUR", "XDGEUR", "XDGEUR", "0.0000001", "30"),
    ("LTC", "EUR", "XLTCZEUR", "LTCEUR", "0.01", "0.05"),
    ("USDT", "EUR", "USDTEUR", "USDTEUR", "0.0001", "5"),
    ("USDT", "USD", "USDTZUSD", "USDTUSD", "0.00001", "5"),
    ("USDC", "EUR", "USDCEUR", "USDCEUR", "0.0001", "5"),
    ("EUR", "USD", "ZEURZUSD", "EURUSD", "0.00001", "5"),
    ("BTC", "USDT", "XBTUSDT", "XBTUSDT", "0.1", "0.00005"),
    ("BTC", "USDC", "XBTUSDC", "XBTUSDC", "0.01", "0.00005"),
    ("LUNC", "EUR", "LUNAEUR", "LUNAEUR", "0.00000001", "10000"),
    ("ATOM", "EUR", "ATOMEUR", "ATOMEUR", "0.0001", "0.5"),
    ("LINK", "EUR", "LINKEUR", "LINKEUR", "0.00001", "0.3"),
    ("XLM", "EUR", "XXLMZEUR", "XLMEUR", "0.000001", "20"),
)
ASSET_IDS = {
    "BTC": "XXBT",
    "ETH": "XETH",
    "XRP": "XXRP",
    "DOGE": "XXDG",
    "LTC": "XLTC",
    "XLM": "XXLM",
    "EUR": "ZEUR",
    "USD": "ZUSD",
    "LUNC": "LUNA",
    "BTC.F": "XBT.F",
    "BTC.M": "XBT.M",
    "EUR.M": "EUR.M",
}


def _market(
    base: str,
    quote: str,
    pair: str,
    altname: str,
    tick: str,
    minimum: str,
    *,
    has_last: bool = True,
) -> Market:
    step = {"BTC": Decimal("1e-10"), "EUR": Decimal("1e-4"), "USD": Decimal("1e-4")}.get(
        quote, Decimal("1e-8")
    )
    low = Decimal("0.00002") if quote == "BTC" else Decimal("0.5")
    lot = "0.0001" if base == "EUR" else "0.00000001"
    split = len(altname) - (3 if quote in ("EUR", "USD", "BTC") else 4)
    return spot(
        _ID,
        base,
        quote,
        tick,
        lot,
        min_amount=minimum,
        market_id=pair,
        cost_step=step,
        min_cost=low,
        has_last=has_last,
        extra={"altname": altname, "wsname": f"{altname[:split]}/{altname[split:]}"},
    )


MARKETS = (
    *(_market(*row) for row in _ROWS),
    _market("ALGO", "EUR", "ALGOEUR", "ALGOEUR", "0.00001", "20", has_last=False),
)

_WEIGHTS = {
    "BTC/EUR": 9,
    "ETH/EUR": 7,
    "BTC/USD": 4,
    "ETH/USD": 3,
    "ETH/BTC": 3,
    "SOL/EUR": 4,
    "DOT/EUR": 3,
    "ADA/EUR": 2,
    "XRP/EUR": 3,
    "DOGE/EUR": 2,
    "USDT/EUR": 2,
    "BTC/USDT": 1,
    "EUR/USD": 1,
    "LTC/EUR": 2,
}


def story(s: Story) -> None:
    """A euro saver who stakes and withdraws to cold storage."""
    s.deposit(1186, "EUR", 22_000)
    s.deposit(1010, "USD", 6_000)
    s.save_regularly(1160, 5, 15, "EUR", 250)
    s.deposit(570, "ALGO", "2500")
    s.deposit(333, "ETH", "1.75")
    s.deposit(900, "LUNC", "1250000")
    s.trade_all(1185, "BTC/EUR", "buy", part=0.3)
    s.trade_all(1184, "DOT/EUR", "buy", part=0.15)
    trade_spot(
        s,
        _WEIGHTS,
        s.target_fills,
        from_days=1183,
        pauses=_PAUSES,
        topup=("EUR", 900),
        keep=("BTC", "DOT", "ETH"),
    )
    s.trade_all(1020, "ATOM/EUR", "buy", part=0.05)
    s.trade_all(660, "ATOM/EUR", "sell")
    s.convert(720, "EUR", 0.06, "BTC", "spot", "0.015")
    s.convert(310, "EUR", 0.05, "LINK", "spot", "0.015")
    s.convert(17, "EUR", 0.04, "SOL", "spot", "0.01")
    s.fees_in_base(200, 160)
    s.trade_all(190, "XRP/EUR", "buy", part=0.05)
    s.trade_all(170, "XRP/EUR", "sell", part=0.4)
    s.earn(1150, "DOT", "DOT.S", 0.7, "spot")
    s.dividends(1144, 2, 7, "DOT.S", 0.002, "spot", note="staking")
    s.earn(540, "DOT.S", "DOT", 0.3, "spot")
    s.earn(240, "BTC", "BTC.F", 0.4, "spot")
    s.dividends(235, 2, 7, "BTC.F", 0.00002, "spot", note="reward")
    s.earn(70, "BTC.F", "BTC", 0.25, "spot")
    s.airdrop(660, "KFEE", "1200", "spot", "KFEE credits")
    s.withdraw(480, "BTC", 0.05, "0.00002")
    s.withdraw(290, "ETH", 0.1, "0.0006", to="binance")
    s.withdraw(130, "EUR", 0.3, "1")
    s.withdraw(12, "XRP", 0.2, "0.02", to="bybit")
    s.open_limit(6, "BTC/EUR", "buy", 0.15, 0.8)
    s.open_limit(2, "SOL/EUR", "sell", 0.4, 1.4)


PROFILE = Profile(
    exchange=_ID,
    account="kraken",
    markets=MARKETS,
    wallets=("spot",),
    wallet_for={SPOT: "spot"},
    share=0.21,
    busiest="BTC/EUR",
    fees=Fees(spot=(Decimal("0.0025"), Decimal("0.004")), spot_asset="quote"),
    asset_ids=ASSET_IDS,
    secret_format="base64",
)
