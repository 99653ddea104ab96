"""The portfolio as one immutable value, ready to be rendered in any format.

Valuation creates it, render prints it. Every figure is exact; ``None`` is unknown; only printing
rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from exchange_cache.findings import Finding
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Position
from exchange_cache.value.freshness import Freshness
from exchange_cache.value.states import NAMED_ACCOUNTS, NOTICEABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletShare:
    """The part of a holding in one wallet; ``code`` is the exchange's name (LDBTC)."""

    account: str
    wallet: str
    code: str
    free: Decimal | None
    used: Decimal | None
    total: Decimal
    earn: bool
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAverage:
    """The cost of one account's part of a holding, besides the pooled average."""

    account: str
    explained_quantity: Decimal
    unknown_quantity: Decimal
    average_entry_price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One asset over all shown wallets. Prices and values are in the reading's reporting asset.

    ``average_entry_price`` x ``explained_quantity`` is the cost of the explained part; ``quantity``
    = explained + unknown. If the prices of the accounts conflict (one code may be two assets), each
    account's part has its own price, and ``price`` is their mean over the quantity.
    ``price_state`` is fresh, stale or unpriced. ``change_24h`` is a fraction
    (0.012 = +1.2 %).
    """

    asset: str
    quantity: Decimal
    price: Decimal | None
    price_as_of: datetime | None
    price_route: tuple[str, ...]
    price_state: str
    value: Decimal | None
    share: Decimal | None  # of the priced total, a fraction
    average_entry_price: Decimal | None
    explained_quantity: Decimal
    unknown_quantity: Decimal
    unknown_reasons: tuple[str, ...]
    unrealised_pnl: Decimal | None  # of the explained part
    unrealised_fraction: Decimal | None
    realised_pnl: Decimal | None
    change_24h: Decimal | None
    account_averages: tuple[AccountAverage, ...] = ()  # only if accounts differ
    wallets: tuple[WalletShare, ...]
    cost: Decimal | None = None  # of the explained part
    fees_paid: Decimal | None = None
    stale_value: Decimal | None = None  # the part of the value based on a stale price or balance
    own_prices: Mapping[str, Decimal] = field(default_factory=dict)  # by account, if they conflict

    @property
    def largest_parts(self) -> tuple[tuple[str, Decimal], ...]:
        """The accounts with the largest parts and their totals, the largest first; one more than
        are named, if there are more. What is zero over an account's wallets is left out, unless
        only one account has it."""
        held = _by_account(self.wallets)
        if len(held) == 1:
            return tuple(held.items())
        some = (one for one in held.items() if one[1])
        ranked = sorted(some, key=lambda one: (-abs(one[1]), one))
        return tuple(ranked[: NAMED_ACCOUNTS + 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionReading:
    """An open position with its result in the reporting asset, besides the exchange's own
    figures."""

    position: Position
    unrealised_value: Decimal | None  # unrealised PnL in the reporting asset
    unrealised_fraction: Decimal | None  # of the entry notional
    liquidation_distance: Decimal | None  # fraction of the mark price
    in_wallet: bool = False  # the wallet's total already contains the unrealised PnL
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """``value`` is the sum of everything priced (fresh and stale), including unrealised PnL of
    positions that no wallet contains.

    ``value`` = ``priced_value`` (price and balance fresh) + ``stale_value``; neither contains what
    is unpriced.
    """

    value: Decimal
    priced_value: Decimal
    stale_value: Decimal
    unpriced_assets: tuple[str, ...]
    realised_pnl: Decimal | None
    unrealised_pnl: Decimal | None
    change_24h: Decimal | None  # fraction
    change_24h_value: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioReading:
    """The complete answer of ``excache portfolio``. ``as_of`` is when it was read; ``oldest`` is
    the time of its oldest figure."""

    as_of: datetime
    reporting_asset: str
    totals: Totals
    holdings: tuple[Holding, ...]
    positions: tuple[PositionReading, ...]
    freshness: tuple[Freshness, ...]
    warnings: tuple[Finding, ...]
    accounts: tuple[str, ...]
    oldest: datetime | None

    @property
    def main_accounts(self) -> tuple[str, ...]:
        """The accounts with a noticeable part of what is held."""
        held: dict[str, Decimal] = {}
        for holding in self.holdings:
            for part in holding.wallets:
                price = holding.own_prices.get(part.account, holding.price) or ZERO
                worth = abs(EXACT.multiply(part.total, price))
                held[part.account] = EXACT.add(held.get(part.account, ZERO), worth)
        least = EXACT.multiply(sum(held.values(), ZERO), NOTICEABLE)
        return tuple(name for name, worth in held.items() if worth and worth >= least)


def _by_account(wallets: Iterable[WalletShare]) -> dict[str, Decimal]:
    held: dict[str, Decimal] = {}
    for part in wallets:
        held[part.account] = EXACT.add(held.get(part.account, ZERO), part.total)
    return held
