"""Binance: small per-symbol ids, fees in base, quote or BNB, LD* earn twins, a delisted symbol,
margin, USD-M and COIN-M perpetuals.

Retention: spot fills are served in full; futures fills six months, futures orders three
(developers.binance.com, "Account Trade List" and "All Orders").
"""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.simulator.venue.happenings import buy_for, held_to_delivery, swap
from exchange_cache.simulator.venue.perp_trading import open_position, trade_perp
from exchange_cache.simulator.venue.profile import Fees, Profile, perpetual, spot
from exchange_cache.simulator.venue.profiles.binance_margin import margin_story
from exchange_cache.simulator.venue.records import INVERSE, LINEAR, SPOT
from exchange_cache.simulator.venue.spot_trading import trade_spot
from exchange_cache.simulator.venue.story import Story

_ID = "binance"
_PAUSES = ((760.0, 704.0), (332.0, 291.0))
_SPOT_ROWS = (
    ("BTC", "USDT", "0.01", "0.00001"),
    ("ETH", "USDT", "0.01", "0.0001"),
    ("SOL", "USDT", "0.01", "0.001"),
    ("BNB", "USDT", "0.01", "0.001"),
    ("ADA", "USDT", "0.0001", "0.1"),
    ("DOGE", "USDT", "0.00001", "1"),
    ("XRP", "USDT", "0.0001", "1"),
    ("LDO", "USDT", "0.0001", "0.01"),
    ("DOT", "USDT", "0.001", "0.01"),
    ("LINK", "USDT", "0.01", "0.01"),
    ("1INCH", "USDT", "0.0001", "0.1"),
    ("PEPE", "USDT", "0.00000001", "1"),
    ("1000SATS", "USDT", "0.0000001", "1"),
    ("USDC", "USDT", "0.0001", "1"),
    ("BTC", "USDC", "0.01", "0.00001"),
    ("ETH", "USDC", "0.01", "0.0001"),
    ("BTC", "EUR", "0.01", "0.00001"),
    ("ETH", "EUR", "0.01", "0.0001"),
    ("EUR", "USDT", "0.0001", "0.1"),
    ("ETH", "BTC", "0.00001", "0.0001"),
    ("SOL", "BTC", "0.0000001", "0.01"),
    ("BNB", "BTC", "0.000001", "0.001"),
    ("LTC", "USDT", "0.01", "0.001"),
    ("MATIC", "USDT", "0.0001", "0.1"),
    ("POL", "USDT", "0.0001", "0.1"),
    ("BTT", "USDT", "0.0000001", "1"),
    ("BTTC", "USDT", "0.00000001", "1"),
    ("LUNC", "USDT", "0.00000001", "1"),
    ("FDUSD", "USDT", "0.0001", "1"),
    ("BTC", "FDUSD", "0.01", "0.00001"),
    ("AVAX", "USDT", "0.01", "0.01"),
    ("LUNA", "USDT", "0.01", "0.01"),
    ("SRM", "USDT", "0.0001", "0.1"),
    ("ATOM", "USDT", "0.001", "0.01"),
    ("NEAR", "USDT", "0.001", "0.1"),
)
_MIN_COST = {"BTC": Decimal("0.0001"), "EUR": Decimal(5)}

MARKETS = (
    *(
        spot(
            _ID,
            b,
            q,
            tick,
            lot,
            min_cost=_MIN_COST.get(q, Decimal(5)),
            cost_step=Decimal("1e-8"),
            extra={"after": "BREAK"} if b == "SRM" else {},
        )
        for b, q, tick, lot in _SPOT_ROWS
    ),
    spot(_ID, "币安人生", "USDT", "0.0001", "0.1", has_last=False),
    perpetual(_ID, "BTC", "USDT", "USDT", "0.1", "0.001"),
    perpetual(_ID, "ETH", "USDT", "USDT", "0.01", "0.001"),
    perpetual(_ID, "SOL", "USDT", "USDT", "0.01", "0.01"),
    perpetual(_ID, "BTC", "USDC", "USDC", "0.1", "0.001"),
    perpetual(_ID, "BTC", "USD", "BTC", "0.1", "1", size="100", market_id="BTCUSD_PERP"),
    perpetual(_ID, "ETH", "USD", "ETH", "0.01", "1", size="10", market_id="ETHUSD_PERP"),
)

#: What an account's statement calls both rows of a renamed or redenominated asset.
_REBRANDED = "Token Swap - Redenomination/Rebranding"
_WEIGHTS = {
    "BTC/USDT": 12,
    "ETH/USDT": 9,
    "SOL/USDT": 6,
    "BNB/USDT": 4,
    "ADA/USDT": 3,
    "DOGE/USDT": 3,
    "XRP/USDT": 3,
    "LDO/USDT": 2,
    "PEPE/USDT": 1,
    "USDC/USDT": 1,
    "BTC/USDC": 4,
    "ETH/USDC": 2,
    "BTC/EUR": 4,
    "ETH/EUR": 3,
    "ETH/BTC": 4,
    "SOL/BTC": 2,
    "BNB/BTC": 1,
    "LUNA/USDT": 4,
    "AVAX/USDT": 2,
}


def story(s: Story) -> None:
    """A long-standing main account that did a bit of everything."""
    spot_fills = int(s.target_fills * 0.84)
    s.deposit(1190, "EUR", 24_000)
    s.deposit(1189, "USDT", 18_000)
    s.deposit(1000, "USDC", 9_000)
    s.save_regularly(1120, 20, 91, "EUR", 350)
    s.deposit(655, "LINK", "140.5")
    s.trade_all(1188.5, "BTC/EUR", "buy", part=0.35)
    s.trade_all(1188, "BNB/USDT", "buy", part=0.06)
    trade_spot(
        s,
        _WEIGHTS,
        spot_fills,
        from_days=1187,
        pauses=_PAUSES,
        topup=("USDT", 1500),
        keep=("BTC", "BNB", "LDO"),
    )
    s.fees_in_coin(905, 540)
    s.fees_in_coin(205, 0)
    _specials(s)
    _derivatives(s, s.target_fills - spot_fills)
    margin_story(s)


def _specials(s: Story) -> None:
    s.trade_all(930, "LUNA/USDT", "sell", part=0.7)
    s.delist(929.6, "LUNA")
    s.trade_all(880, "SRM/USDT", "buy", part=0.03)
    s.trade_all(820, "DOT/USDT", "buy", part=0.05)
    s.trade_all(818, "1INCH/USDT", "buy", part=0.02)
    s.trade_all(640, "DOT/USDT", "sell")
    s.trade_all(639, "1INCH/USDT", "sell")
    s.trade_all(800, "LDO/USDT", "buy", part=0.04)
    s.sweep_dust(560, ("DOT", "1INCH", "MATIC"), "BNB", "spot")
    s.airdrop(420, "1000SATS", "187654", "spot", "Launchpool")
    s.airdrop(35, "币安人生", "88.8", "spot", "HODLer Airdrops")
    s.airdrop(300, "MATIC", "3.1", "spot", "Distribution")
    s.sweep_dust(120, ("MATIC", "DOT", "1INCH"), "BNB", "spot")
    _renamed(s)
    s.convert(610, "USDT", 0.05, "LTC", "spot")
    s.convert(150, "USDT", 0.04, "ETH", "spot")
    s.convert(20, "EUR", 0.2, "USDT", "spot")
    s.earn(700, "BTC", "LDBTC", 0.3, "spot")
    s.earn(410, "LDBTC", "BTC", 0.4, "spot")
    s.earn(90, "BTC", "LDBTC", 0.1, "spot")
    s.dividends(
        695, 1, 14, "LDBTC", 0.00012, "spot", kind="interest", note="Simple Earn Flexible Interest"
    )
    s.dividends(680, 1, 30, "BNB", 0.0006, "spot", note="BNB Vault")
    s.move(500, "USDT", 0.08, "spot", "funding")
    s.move(480, "ETH", 0.05, "spot", "funding")
    s.withdraw(600, "BTC", 0.06, "0.0002", to="kraken")
    s.withdraw(365, "USDT", 0.05, "1", to="bybit")
    s.withdraw(200, "ETH", 0.04, "0.0012")
    s.withdraw(45, "SOL", 0.1, "0.01", to="bybit")
    s.open_limit(4, "BTC/USDT", "buy", 0.1, 0.82)
    s.open_limit(3, "ETH/USDT", "sell", 0.3, 1.3)
    s.open_limit(2, "ADA/USDT", "sell", 0.5, 1.5)


def _renamed(s: Story) -> None:
    """Codes that became another asset, or units of another size: LUNA became LUNC, and another
    asset took its code; one BTT became 1,000 BTTC; MATIC became POL. The old markets end."""
    buy_for(s, 950, "LUNA/USDT", 300)
    swap(s, 929.4, "LUNA", "LUNC", 1, "spot", _REBRANDED)
    s.airdrop(928, "LUNA", "7.25", "spot", "LUNA Airdrop")
    s.convert(926, "LUNA", 1.0, "USDT", "spot")
    buy_for(s, 640, "BTT/USDT", 500)
    swap(s, 600, "BTT", "BTTC", 1000, "spot", _REBRANDED)
    buy_for(s, 520, "MATIC/USDT", 800)
    swap(s, 250, "MATIC", "POL", 1, "spot", "Token Swap - Distribution")
    s.trade_all(180, "POL/USDT", "sell", part=0.25)


def _derivatives(s: Story, fills: int) -> None:
    s.move(1100, "USDT", 0.2, "spot", "linear")
    s.move(170, "USDT", 0.15, "spot", "linear")
    s.move(900, "BTC", 0.08, "spot", "inverse")
    s.move(160, "BTC", 0.05, "spot", "inverse")
    s.move(60, "USDT", 0.05, "linear", "spot")
    trade_perp(s, "BTC/USDT:USDT", int(fills * 0.45), from_days=1090, to_days=12, pauses=_PAUSES)
    trade_perp(s, "ETH/USDT:USDT", int(fills * 0.35), from_days=800, to_days=30, pauses=_PAUSES)
    trade_perp(s, "BTC/USD:BTC", int(fills * 0.2), from_days=85, to_days=45, pauses=_PAUSES)
    held_to_delivery(s, 70, 30, "buy", "0.02")
    open_position(s, "BTC/USDT:USDT", "long", 9, 0.4, leverage=10)
    open_position(s, "SOL/USDT:USDT", "short", 6, 0.2)
    open_position(s, "BTC/USD:BTC", "short", 40, 0.6, leverage=2)


PROFILE = Profile(
    exchange=_ID,
    account="main",
    markets=MARKETS,
    wallets=("spot", "funding", "margin", "linear", "inverse"),
    wallet_for={SPOT: "spot", LINEAR: "linear", INVERSE: "inverse"},
    share=0.46,
    fees=Fees(
        linear=(Decimal("0.0002"), Decimal("0.0005")),
        inverse=(Decimal("0.0001"), Decimal("0.0005")),
        coin="BNB",
    ),
    listed_days={
        "LUNA/USDT": (None, 929.6),
        "SRM/USDT": (None, 510.0),
        "LUNC/USDT": (929.3, None),
        "BTT/USDT": (None, 600.3),
        "BTTC/USDT": (599.7, None),
        "MATIC/USDT": (None, 250.3),
        "POL/USDT": (249.7, None),
        "币安人生/USDT": (40.0, None),
    },
    retention_days={
        ("fills", LINEAR): 180,
        ("fills", INVERSE): 180,
        ("orders", LINEAR): 90,
        ("orders", INVERSE): 90,
    },
    secret_format="alnum",
    margin="open",
)
