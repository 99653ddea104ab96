"""What makes one exchange differ from another inside the venue: markets, wallets, fees, names,
retention.

A new exchange is one module in `profiles/` with a `PROFILE` and a `story`, and one line in
`profiles/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.venue.records import INVERSE, LINEAR, MARGIN, SPOT, Market


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """Fee rates by market kind, and the asset they are taken in.

    spot_asset: "received" (base on a buy, quote on a sell) or "quote". `coin` is a third asset that
    pays instead, at a discount, while the account has switched it on and holds enough. A negative
    maker rate is a rebate.
    """

    spot: tuple[Decimal, Decimal] = (Decimal("0.001"), Decimal("0.001"))
    linear: tuple[Decimal, Decimal] = (Decimal("0.0002"), Decimal("0.00055"))
    inverse: tuple[Decimal, Decimal] = (Decimal("-0.0001"), Decimal("0.0006"))
    spot_asset: str = "received"
    coin: str | None = None
    coin_factor: Decimal = Decimal("0.75")

    def rate(self, kind: str, maker: bool) -> Decimal:
        pair = {SPOT: self.spot, LINEAR: self.linear, INVERSE: self.inverse}[kind]
        return pair[0] if maker else pair[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One exchange. `retention_days` maps (data, market kind) to days served, data being fills |
    orders.

    `asset_ids` maps codes to the exchange's own names where they differ. `wallet_for` says which
    wallet pays for a kind. `wallets[0]` receives deposits. `listed_days` maps symbols to (listed,
    delisted) in days before now. `classic_days`: so long an account lived before it was upgraded
    (bybit: to a unified one); 0 = never anything else. `share` is this account's part of the
    venue's fills. `margin` is whether its accounts have
    opened margin trading (see `Account`). `lends` is the wallet that borrows where no pair is
    named. `busiest` is the symbol of its busy days, `wallet_per_asset` whether every asset has a
    wallet with an id of its own (see `busy`).
    """

    exchange: str
    account: str
    markets: tuple[Market, ...]
    wallets: tuple[str, ...]
    wallet_for: Mapping[str, str]
    share: float = 1.0
    fees: Fees = field(default_factory=Fees)
    asset_ids: Mapping[str, str] = field(default_factory=dict)
    retention_days: Mapping[tuple[str, str], int] = field(default_factory=dict)
    listed_days: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    classic_days: int = 0
    secret_format: str = "hex"
    has_password: bool = False
    margin: str = "none"
    lends: str = MARGIN
    busiest: str = "BTC/USDT"
    wallet_per_asset: bool = False

    def asset_id(self, code: str) -> str:
        """The exchange's own name of an asset, suffix kept: kraken "BTC.F" -> "XBT.F"."""
        return self.asset_ids.get(code, code)


def spot(
    exchange: str,
    base: str,
    quote: str,
    tick: str,
    lot: str,
    *,
    min_amount: str | None = None,
    market_id: str | None = None,
    **more: Any,
) -> Market:
    """A spot market; `tick` and `lot` as decimal text."""
    return Market(
        exchange=exchange,
        id=market_id or f"{base}{quote}",
        symbol=f"{base}/{quote}",
        base=base,
        quote=quote,
        tick=Decimal(tick),
        lot=Decimal(lot),
        min_amount=Decimal(min_amount or lot),
        **more,
    )


def perpetual(
    exchange: str,
    base: str,
    quote: str,
    settle: str,
    tick: str,
    lot: str,
    *,
    size: str = "1",
    market_id: str | None = None,
    **more: Any,
) -> Market:
    """A perpetual; inverse when settled in the base coin. `size` is the contract size (base units,
    or quote units if inverse)."""
    kind = INVERSE if settle == base else LINEAR
    return Market(
        exchange=exchange,
        id=market_id or f"{base}{quote}",
        symbol=f"{base}/{quote}:{settle}",
        base=base,
        quote=quote,
        settle=settle,
        kind=kind,
        contract_size=Decimal(size),
        tick=Decimal(tick),
        lot=Decimal(lot),
        min_amount=Decimal(lot),
        **more,
    )
