"""The price path: what every asset is worth in US dollars at any millisecond, from the seed alone.

A sum of waves from years down to minutes, a part of it shared by all coins as in the real market.
O(1) in time, so a candle of three years ago costs as much as the price now. Money enters the venue
through `PricePath.price`, as Decimal.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

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
#: Points of a stretch, the unit in which regular points are computed and kept.
_STRETCH = 128

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
        self._crashes: dict[str, int] = {}

    def crash(self, asset: str, time_ms: int) -> None:
        """From `time_ms` on the asset loses all but a ten-thousandth of its worth within a week."""
        self._crashes[asset] = time_ms

    def usd(self, asset: str, time_ms: int) -> float:
        """US dollars per unit; earn twins (LDBTC, BTC.F, DOT.S) are worth what they stand for."""
        if asset in RENAMED:
            old, units = RENAMED[asset]
            return units * self.usd(old, time_ms)
        known = _known(asset)
        return _calm(self._seed, known, time_ms) * self._crashed(known, time_ms)

    def usd_at(self, asset: str, start_ms: int, step_ms: int, count: int) -> Sequence[float]:
        """`usd` at `count` times from `start_ms`, a multiple of `step_ms`, on. What they are
        computed from is kept for all venues of this process."""
        if asset in RENAMED:
            old, units = RENAMED[asset]
            return [units * value for value in self.usd_at(old, start_ms, step_ms, count)]
        known = _known(asset)
        end_ms, whole = start_ms + count * step_ms, step_ms * _STRETCH
        begin_ms = start_ms // whole * whole
        values = array("d")
        for time_ms in range(begin_ms, end_ms, whole):
            values += _stretch(self._seed, known, time_ms, step_ms)
        skipped = (start_ms - begin_ms) // step_ms
        values = values[skipped : skipped + count]
        if known not in self._crashes:
            return values
        times = range(start_ms, end_ms, step_ms)
        return [v * self._crashed(known, t) for v, t in zip(values, times, strict=True)]

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

    def rates_at(self, market: Market, start_ms: int, step_ms: int, count: int) -> Sequence[float]:
        """`rate` of a market at `count` times, like `usd_at`."""
        worth = self.usd_at(market.base, start_ms, step_ms, count)
        quotes = self.usd_at(market.quote, start_ms, step_ms, count)
        return [base / quote for base, quote in zip(worth, quotes, strict=True)]

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


@lru_cache(maxsize=1024)
def _waves_of(seed: int, name: str) -> _Waves:
    """The waves of an asset, or of the whole market."""
    return _waves(random.Random(f"{seed}:{name}"), 1.0)


def _calm(seed: int, asset: str, time_ms: int) -> float:
    """US dollars per unit of an asset with a price of its own, without its crash."""
    if asset == "USD":
        return 1.0
    own = _waves_of(seed, asset)
    if asset in STABLE:
        return USD_NOW[asset] * (1 + STABLE[asset] * _sum(own[4:], time_ms) * 6)
    if asset in FIAT:
        return USD_NOW[asset] * (1 + FIAT[asset] * _sum(own, time_ms))
    market = _sum(_waves_of(seed, "market"), time_ms)
    return _moving(asset, market, _sum(own, time_ms))


def _moving(asset: str, market: float, own: float) -> float:
    return USD_NOW[asset] * math.exp(_MARKET_SHARE * market + 0.75 * own)


@lru_cache(maxsize=16_384)
def _stretch(seed: int, asset: str, begin_ms: int, step_ms: int) -> array[float]:
    """`_calm` at the `_STRETCH` times from `begin_ms` on."""
    times = range(begin_ms, begin_ms + step_ms * _STRETCH, step_ms)
    if asset == "USD" or asset in STABLE or asset in FIAT:
        return array("d", [_calm(seed, asset, time_ms) for time_ms in times])
    own, market = _waves_of(seed, asset), _market_stretch(seed, begin_ms, step_ms)
    return array("d", [_moving(asset, m, _sum(own, t)) for m, t in zip(market, times, strict=True)])


@lru_cache(maxsize=2048)
def _market_stretch(seed: int, begin_ms: int, step_ms: int) -> array[float]:
    """The part of all prices that coins share, at the times of a stretch."""
    waves = _waves_of(seed, "market")
    times = range(begin_ms, begin_ms + step_ms * _STRETCH, step_ms)
    return array("d", [_sum(waves, time_ms) for time_ms in times])


def _known(asset: str) -> str:
    """The asset whose path gives the price."""
    known = asset if asset in USD_NOW else _stands_for(asset)
    if known not in USD_NOW:
        raise KeyError(f"no price path for asset {asset}")
    return known


def _stands_for(asset: str) -> str:
    """The asset behind an earn twin's name: "LDBTC" -> "BTC", "DOT.S" -> "DOT"."""
    if "." in asset:
        return asset.split(".", 1)[0]
    return asset[2:] if asset.startswith("LD") else asset
