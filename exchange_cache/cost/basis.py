"""The cost basis of an asset as a value: ``averages`` computes it, the cache stores it, the
portfolio shows it.

``realised_pnl`` is every closed result net of fees: trades, derivatives, funding, income and fees
outside trades; its parts are separate fields. Every basis satisfies, to the last digit: cost =
deposited + traded + moved + adjusted + unclassified + unread + subscribed + realised_pnl +
unexplained_proceeds - written_off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Any

from exchange_cache.money import EXACT, ZERO, published
from exchange_cache.records import Fee


class Method(StrEnum):
    """Which units a disposal removes."""

    AVERAGE = "average"
    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetBasis:
    """The cost of one asset at one account, or pooled over all (``account`` None), in the reporting
    asset.

    ``quantity`` is the plain sum of all events: explained + unknown - ``oversold_quantity``.
    ``average_entry_price`` applies to the explained part, which is negative (as is its cost) for a
    short that is still owed. ``unknown_reasons``: a code, then the day or days (see
    ``reconcile.reason_words``).
    """

    asset: str
    account: str | None
    quantity: Decimal
    explained_quantity: Decimal
    unknown_quantity: Decimal
    cost: Decimal
    average_entry_price: Decimal | None
    realised_pnl: Decimal | None
    fees_paid: Decimal | None
    unknown_reasons: tuple[str, ...] = ()
    fills_count: int = 0
    first_event: datetime | None = None
    last_event: datetime | None = None
    method: Method = Method.AVERAGE
    inputs_sha256: str | None = None
    oversold_quantity: Decimal = ZERO
    trading_pnl: Decimal = ZERO
    derivative_pnl: Decimal = ZERO
    funding: Decimal = ZERO
    income: Decimal = ZERO
    expenses: Decimal = ZERO  # outside spot trades; negative: paid
    deposited: Decimal = ZERO  # less withdrawals, both at cost
    traded: Decimal = ZERO  # net value exchanged for this asset
    moved: Decimal = ZERO  # net cost received from other own accounts
    adjusted: Decimal = ZERO  # by the exchange, at cost
    unclassified: Decimal = ZERO  # rows whose word is not known, at cost
    unread: Decimal = ZERO  # net cost received from wallets that are not read
    subscribed: Decimal = ZERO  # net cost received for subscriptions without an allotment
    unread_quantity: Decimal = ZERO  # units in wallets that are not read
    subscribed_quantity: Decimal = ZERO  # units given for an allotment to come
    unexplained_proceeds: Decimal = ZERO  # value received for units whose cost was unknown
    written_off: Decimal = ZERO  # cost removed for something without a rate
    realised_by_day: tuple[tuple[date, Decimal], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisStep:
    """One line of the audit: what happened to one asset, and the holding after it."""

    time: datetime
    kind: str
    account: str
    symbol: str | None
    source_id: str
    quantity_delta: Decimal
    price: Decimal | None  # in the fill's quote
    value: Decimal | None  # of this change, in the reporting asset, fees included
    fees: tuple[Fee, ...]
    fees_value: Decimal
    realised: Decimal
    held_after: Decimal
    explained_after: Decimal
    unknown_after: Decimal
    cost_after: Decimal
    average_after: Decimal | None
    note: str
    resolution: int = 0  # the width in seconds of the candle that gave the value (0: none)


#: The fields that are summed over accounts.
_SUMMED = (
    "quantity",
    "explained_quantity",
    "unknown_quantity",
    "cost",
    "oversold_quantity",
    "trading_pnl",
    "derivative_pnl",
    "funding",
    "income",
    "expenses",
    "deposited",
    "traded",
    "moved",
    "adjusted",
    "unclassified",
    "unread",
    "subscribed",
    "unread_quantity",
    "subscribed_quantity",
    "unexplained_proceeds",
    "written_off",
)


def combine(bases: Sequence[AssetBasis]) -> AssetBasis | None:
    """The basis of several accounts without pooling: quantities, costs and results are summed."""
    if len(bases) <= 1:
        return bases[0] if bases else None
    with localcontext(EXACT):
        sums: dict[str, Any] = {}
        for name in _SUMMED:
            sums[name] = _sum(getattr(one, name) for one in bases)
        known = [one.realised_pnl for one in bases if one.realised_pnl is not None]
        fees = [one.fees_paid for one in bases if one.fees_paid is not None]
        first = [one.first_event for one in bases if one.first_event is not None]
        last = [one.last_event for one in bases if one.last_event is not None]
        reasons = dict.fromkeys(reason for one in bases for reason in one.unknown_reasons)
        explained = sums["explained_quantity"]
        return replace(
            bases[0],
            account=None,
            average_entry_price=published(sums["cost"] / explained) if explained else None,
            realised_pnl=_sum(known) if known else None,
            fees_paid=_sum(fees) if fees else None,
            unknown_reasons=tuple(reasons),
            fills_count=sum(one.fills_count for one in bases),
            first_event=min(first, default=None),
            last_event=max(last, default=None),
            inputs_sha256=None,
            realised_by_day=(),
            **sums,
        )


def bases_of(bases: Iterable[AssetBasis], accounts: Collection[str]) -> dict[str, AssetBasis]:
    """By asset, the basis of these accounts together: the pooled one if they are all accounts,
    otherwise the sum of their own."""
    bases = tuple(bases)
    if all(not basis.account or basis.account in accounts for basis in bases):
        pooled = {basis.asset: basis for basis in bases if not basis.account}
        if pooled:
            return pooled
    own: dict[str, list[AssetBasis]] = {}
    for basis in bases:
        if basis.account in accounts:
            own.setdefault(basis.asset, []).append(basis)
    return {asset: whole for asset, parts in own.items() if (whole := combine(parts)) is not None}


def joined_steps(own: Mapping[str, Sequence[BasisStep]]) -> tuple[BasisStep, ...]:
    """The steps of several accounts in the order of their time, each with what all of them hold
    after it."""
    last: dict[str, BasisStep] = {}
    joined = []
    with localcontext(EXACT):
        ordered = sorted(
            ((step.time, number, name) for name in own for number, step in enumerate(own[name])),
        )
        for _, number, name in ordered:
            last[name] = own[name][number]
            sums: dict[str, Any] = {
                field: _sum(getattr(step, field) for step in last.values())
                for field in ("held_after", "explained_after", "unknown_after", "cost_after")
            }
            explained = sums["explained_after"]
            average = published(sums["cost_after"] / explained) if explained else None
            joined.append(replace(last[name], **sums, average_after=average))
    return tuple(joined)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def realised_between(
    bases: Iterable[AssetBasis], since: datetime | None = None, until: datetime | None = None
) -> Decimal:
    """The closed result of a period, by whole UTC days: from the day of ``since`` to the day of
    ``until``, exclusive."""
    with localcontext(EXACT):
        return _sum(
            amount
            for basis in bases
            for day, amount in basis.realised_by_day
            if (since is None or day >= since.date()) and (until is None or day < until.date())
        )
