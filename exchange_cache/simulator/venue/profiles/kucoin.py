"""KuCoin, classic account: main, high-frequency trade, old trade, futures and earn wallets; fees in
the quote or in KCS.

Retention: fills of spot reach back to 2019, finished spot orders six months, futures three months
(kucoin.com/docs-new, "Get Closed Orders", "Get Trade History"). Contracts are counted in lots of a
fixed size; Bitcoin is XBT in futures.
"""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.simulator.venue.perp_trading import open_position, trade_perp
from exchange_cache.simulator.venue.profile import Fees, Profile, perpetual, spot
from exchange_cache.simulator.venue.records import INVERSE, LINEAR, SPOT
from exchange_cache.simulator.venue.spot_trading import trade_spot
from exchange_cache.simulator.venue.story import Story

_ID = "kucoin"
_PAUSES = ((615.0, 570.0), (160.0, 128.0))
_SPOT_ROWS = (
    ("BTC", "USDT", "0.1", "0.00000001"),
    ("ETH", "USDT", "0.01", "0.0000001"),
    ("SOL", "USDT", "0.001", "0.0001"),
    ("KCS", "USDT", "0.001", "0.0001"),
    ("XRP", "USDT", "0.00001", "0.0001"),
    ("DOGE", "USDT", "0.00001", "0.0001"),
    ("ADA", "USDT", "0.0001", "0.0001"),
    ("LINK", "USDT", "0.0001", "0.0001"),
    ("NEAR", "USDT", "0.0001", "0.0001"),
    ("ETH", "BTC", "0.00001", "0.0000001"),
    ("KCS", "BTC", "0.0000001", "0.0001"),
    ("SOL", "BTC", "0.0000001", "0.0001"),
    ("BTC", "USDC", "0.1", "0.00000001"),
    ("ETH", "USDC", "0.01", "0.0000001"),
    ("USDC", "USDT", "0.0001", "0.0001"),
    ("LTC", "USDT", "0.01", "0.000001"),
    ("SRM", "USDT", "0.0001", "0.0001"),
    ("BTC", "EUR", "0.1", "0.00000001"),
)
_MIN_COST = {"BTC": Decimal("0.000001")}

MARKETS = (
    *(
        spot(
            _ID,
            b,
            q,
            tick,
            lot,
            market_id=f"{b}-{q}",
            min_amount="0.00001",
            min_cost=_MIN_COST.get(q, Decimal("0.1")),
        )
        for b, q, tick, lot in _SPOT_ROWS
    ),
    spot(_ID, "TON", "BTC", "0.0000001", "0.0001", market_id="TON-BTC", has_last=False),
    perpetual(_ID, "BTC", "USDT", "USDT", "0.1", "1", size="0.001", market_id="XBTUSDTM"),
    perpetual(_ID, "ETH", "USDT", "USDT", "0.01", "1", size="0.01", market_id="ETHUSDTM"),
    perpetual(_ID, "SOL", "USDT", "USDT", "0.001", "1", size="0.1", market_id="SOLUSDTM"),
    perpetual(_ID, "BTC", "USDC", "USDC", "0.1", "1", size="0.001", market_id="XBTUSDCM"),
    perpetual(_ID, "BTC", "USD", "BTC", "0.1", "1", size="1", market_id="XBTUSDM"),
)

_WEIGHTS = {
    "BTC/USDT": 8,
    "ETH/USDT": 6,
    "SOL/USDT": 4,
    "KCS/USDT": 3,
    "XRP/USDT": 2,
    "DOGE/USDT": 2,
    "ADA/USDT": 1,
    "ETH/BTC": 3,
    "KCS/BTC": 1,
    "SOL/BTC": 1,
    "BTC/USDC": 2,
    "ETH/USDC": 2,
    "USDC/USDT": 1,
    "LINK/USDT": 1,
}


def story(s: Story) -> None:
    """A trader who moves money between wallets all the time."""
    spot_fills = int(s.target_fills * 0.7)
    s.deposit(1184, "USDT", 16_000)
    s.deposit(1140, "USDC", 4_000)
    s.save_regularly(1090, 20, 105, "USDT", 500, to="trade_hf")
    s.deposit(450, "ETH", "0.75")
    s.move(1183, "USDT", 0.8, "main", "trade_hf")
    s.move(1139, "USDC", 1.0, "main", "trade_hf")
    s.move(1180, "USDT", 0.2, "main", "trade")
    s.move(449, "ETH", 1.0, "main", "trade_hf")
    s.trade_all(1182, "BTC/USDT", "buy", part=0.3)
    s.trade_all(1181, "KCS/USDT", "buy", part=0.06)
    trade_spot(
        s,
        _WEIGHTS,
        spot_fills,
        from_days=1179,
        pauses=_PAUSES,
        topup=("USDT", 800),
        keep=("BTC", "ETH", "KCS"),
    )
    s.fees_in_coin(820, 430)
    s.fees_in_coin(90, 0)
    s.trade_all(830, "SRM/USDT", "buy", part=0.03)
    s.trade_all(700, "SRM/USDT", "sell")
    s.convert(560, "USDT", 0.05, "NEAR", "trade_hf")
    s.convert(240, "SOL", 0.2, "USDT", "trade_hf")
    s.convert(5, "USDT", 0.05, "LINK", "trade_hf")
    s.move(760, "USDT", 0.1, "trade_hf", "main")
    s.move(759, "USDT", 0.5, "main", "earn")
    s.dividends(750, 2, 15, "USDT", 0.0015, "earn", kind="interest", note="Simple Earn")
    s.airdrop(300, "KCS", "1.5", "main", "KCS Bonus")
    s.airdrop(2, "NEAR", "0.75", "main", "Airdrop")
    s.move(520, "BTC", 0.06, "trade_hf", "main")
    s.withdraw(519, "BTC", 0.7, "0.0004", to="coinbase")
    s.move(37, "USDT", 0.06, "trade_hf", "main")
    s.withdraw(36.5, "USDT", 0.6, "1", to="binance")
    s.move(3, "SOL", 0.1, "trade_hf", "main")
    s.withdraw(1.5, "SOL", 0.5, "0.01")
    s.cancel_part_filled(21, "ETH/USDT", 0.05)
    s.open_limit(5, "BTC/USDT", "buy", 0.1, 0.8)
    s.open_limit(2, "ETH/BTC", "sell", 0.1, 1.4)
    _derivatives(s, s.target_fills - spot_fills)


def _derivatives(s: Story, fills: int) -> None:
    s.move(1170, "USDT", 0.2, "trade_hf", "futures")
    s.move(1100, "BTC", 0.15, "trade_hf", "futures")
    s.move(1090, "USDC", 0.3, "trade_hf", "futures")
    s.move(100, "USDT", 0.1, "trade_hf", "futures")
    s.move(30, "USDT", 0.05, "futures", "trade_hf")
    trade_perp(s, "BTC/USDT:USDT", int(fills * 0.4), from_days=1160, to_days=1, pauses=_PAUSES)
    trade_perp(s, "ETH/USDT:USDT", int(fills * 0.3), from_days=1000, to_days=25, pauses=_PAUSES)
    trade_perp(s, "BTC/USD:BTC", int(fills * 0.3), from_days=1090, to_days=6, pauses=_PAUSES)
    open_position(s, "SOL/USDT:USDT", "short", 10, 0.15, leverage=5)
    open_position(s, "BTC/USDC:USDC", "long", 12, 0.3, leverage=3)
    open_position(s, "BTC/USD:BTC", "long", 5, 0.4, leverage=2)


PROFILE = Profile(
    exchange=_ID,
    account="kucoin",
    markets=MARKETS,
    wallets=("main", "trade_hf", "trade", "futures", "earn"),
    wallet_for={SPOT: "trade_hf", LINEAR: "futures", INVERSE: "futures"},
    share=0.24,
    fees=Fees(
        spot_asset="quote",
        coin="KCS",
        coin_factor=Decimal("0.8"),
        linear=(Decimal("0.0002"), Decimal("0.0006")),
        inverse=(Decimal("0.0002"), Decimal("0.0006")),
    ),
    listed_days={"SRM/USDT": (None, 390.0)},
    retention_days={
        ("orders", SPOT): 180,
        ("fills", LINEAR): 90,
        ("fills", INVERSE): 90,
        ("orders", LINEAR): 90,
        ("orders", INVERSE): 90,
    },
    secret_format="alnum",
    has_password=True,
)
