"""The price path: what every asset is worth in US dollars at any millisecond, from the seed alone.

A sum of waves from years down to minutes, a part of it shared by all coins as in the real market.
O(1) in time, so a candle of three years ago costs as much as the price now. Money enters the venue
through `PricePath.price`, as Decimal.
"""

from __future__ import annotations

import math
import random
from decimal import ROUND_HALF_EVEN, Decimal

from exchange_cache.simulator.venue.records import Market

DAY_MS = 86_400_000

USD_NOW: dict[str, float] = {
    "BTC": 68_000.0,
    "ETH": 3_400.0,
    "SOL": 150.0,
    "XRP": 0.62,
    "ADA": 0.48,
    "DOT": 6.9,
    "DOGE": 0.13,
    "BNB": 580.0,
    "LINK": 14.5,
    "LTC": 84.0,
    "AVAX": 31.0,
    "ATOM": 8.1,
    "MATIC": 0.71,
    "LDO": 2.1,
    "UNI": 8.7,
    "SHIB": 0.0000182,
    "PEPE": 0.0000095,
    "1INCH": 0.41,
    "1000SATS": 0.00029,
    "币安人生": 0.17,
    "LUNA": 0.0001,
    "LUNC": 0.0001,
    "SRM": 0.06,
    "TRX": 0.12,
    "XLM": 0.11,
    "ALGO": 0.19,
    "MNT": 0.77,
    "BIT": 0.5,
    "ETH2": 3_390.0,
    "KFEE": 0.01,
    "ARB": 0.9,
    "USDT": 1.0,
    "USDC": 1.0,
    "FDUSD": 0.999,
    "BUSD": 1.0,
    "DAI": 1.0,
    "EUR": 1.08,
    "GBP": 1.27,
    "USD": 1.0,
    "KCS": 9.6,
    "OKB": 45.0,
    "TON": 5.6,
    "NEAR": 5.2,
    "APT": 8.4,
    "OP": 1.9,
    "SUI": 1.3,
    "BTT": 0.0009,
}
STABLE = {
    "USDT": 0.0008,
    "USDC": 0.0004,
    "FDUSD": 0.001,
    "BUSD": 0.0006,
    "DAI": 0.0009,
    "KFEE": 0.0,
}
FIAT = {"EUR": 0.035, "GBP": 0.04}
#: Assets that are another one under a new name: units of the old one that a new one is worth.
RENAMED = {"POL": ("MATIC", 1.0), "BTTC": ("BTT", 0.001)}
_PERIODS_DAYS = (1400.0, 523.0, 171.0, 61.0, 19.7, 6.1, 1.9, 0.61, 0.17, 0.043, 0.011, 0.0023)
_WEIGHTS = (0.42, 0.22, 0.13, 0.09, 0.06, 0.035, 0.02, 0.011, 0.006, 0.0031, 0.0014, 0.0006)
_MARKET_SHARE = 0.6

_Waves = tuple[tuple[float, float, float], ...]


def _waves(rng: random.Random, scale: float) -> _Waves:
    """(angular speed per ms, phase, weight) of each wave, periods bent a little so that assets
    differ."""
    bent = (period * rng.uniform(0.85, 1.15) for period in _PERIODS_DAYS)
    speeds = [2 * math.pi / (period * DAY_MS) for period in bent]
    return tuple(
        (s, rng.uniform(0, 2 * math.pi), w * scale) for s, w in zip(speeds, _WEIGHTS, strict=True)
    )


class PricePath:
    """Prices as a function of (seed, asset, time)."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._market = _waves(random.Random(f"{seed}:market"), 1.0)
        self._own: dict[str, _Waves] = {}
        self._crashes: dict[str, int] = {}

    def crash(self, asset: str, time_ms: int) -> None:
        """From `time_ms` on the asset loses all but a ten-thousandth of its worth within a week."""
        self._crashes[asset] = time_ms

    def usd(self, asset: str, time_ms: int) -> float:
        """US dollars per unit; earn twins (LDBTC, BTC.F, DOT.S) are worth what they stand for."""
        if asset in RENAMED:
            old, units = RENAMED[asset]
            return units * self.usd(old, time_ms)
        known = asset if asset in USD_NOW else _stands_for(asset)
        base = USD_NOW.get(known)
        if base is None:
            raise KeyError(f"no price path for asset {asset}")
        if known == "USD":
            return 1.0
        own = self._own.get(known)
        if own is None:
            own = self._own[known] = _waves(random.Random(f"{self._seed}:{known}"), 1.0)
        if known in STABLE:
            return base * (1 + STABLE[known] * _sum(own[4:], time_ms) * 6)
        if known in FIAT:
            return base * (1 + FIAT[known] * _sum(own, time_ms))
        level = _MARKET_SHARE * _sum(self._market, time_ms) + 0.75 * _sum(own, time_ms)
        return base * math.exp(level) * self._crashed(known, time_ms)

    def _crashed(self, asset: str, time_ms: int) -> float:
        when = self._crashes.get(asset)
        if when is None:
            return 1.0
        before = 800_000.0 if asset in ("LUNA", "LUNC") else 1.0
        if time_ms < when:
            return before
        return before * max(1e-4, math.exp(-(time_ms - when) / DAY_MS * 1.6))

    def rate(self, base: str, quote: str, time_ms: int) -> float:
        """Units of `quote` per unit of `base`."""
        return self.usd(base, time_ms) / self.usd(quote, time_ms)

    def price(self, market: Market, time_ms: int, factor: float = 1.0) -> Decimal:
        """The market's price at `time_ms` times `factor`, on the market's tick and at least one
        tick."""
        return to_step(self.rate(market.base, market.quote, time_ms) * factor, market.tick)


def to_step(value: float, step: Decimal) -> Decimal:
    """`value` as a Decimal multiple of `step` (a power of ten or a plain fraction), at least one
    step."""
    units = (Decimal(repr(value)) / step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return max(units, Decimal(1)) * step


def _sum(waves: _Waves, time_ms: int) -> float:
    sin = math.sin
    return sum([weight * sin(speed * time_ms + phase) for speed, phase, weight in waves])


def _stands_for(asset: str) -> str:
    """The asset behind an earn twin's name: "LDBTC" -> "BTC", "DOT.S" -> "DOT"."""
    if "." in asset:
        return asset.split(".", 1)[0]
    return asset[2:] if asset.startswith("LD") else asset
