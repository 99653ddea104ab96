"""The average entry price of an asset from its history: all fills in any quote, and moves between
own accounts.

Public as ``exchange_cache.exchange.ccxt_adapter.get_average_entry_price``. Pure: it makes no
request. It explains an unknown average by a reason, never by a present price.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from exchange_cache.cost.averages import compute_basis
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.reconcile import reason_words, reconcile
from exchange_cache.ledger.rates import RateLookup
from exchange_cache.money import ZERO
from exchange_cache.records import Fill, Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class AverageEntryPrice:
    """The average cost of an asset's units in the reporting asset, fees included, as far as the
    history explains them.

    ``average`` applies to ``explained_quantity``; None when nothing is explained. ``reasons``
    explain ``unknown_quantity``, as codes with days (``deposit 2026-01-05 x2``); ``words`` are the
    same reasons as sentences.
    """

    asset: str
    reporting_asset: str
    average: Decimal | None
    explained_quantity: Decimal
    unknown_quantity: Decimal
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.average is None and not self.reasons:
            raise ValueError(
                f"an average entry price of {self.asset} that is not known needs a reason"
            )

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(reason_words(reason) for reason in self.reasons)


def get_average_entry_price(
    asset: str,
    fills: Iterable[Fill],
    transfers: Iterable[Transfer] = (),
    *,
    reporting_asset: str,
    rates: RateLookup,
    balance: Decimal | None = None,
    method: Method | str = "average",
) -> AverageEntryPrice:
    """The average entry price of ``asset`` over all its fills, pooled over their accounts.

    ``rates`` gives past prices in the reporting asset at the time of each fill. ``balance``, the
    real holding, decides what is explained; without it the history's sum is used. If nothing is
    held, the reason is ``not_held``.
    """
    book = compute_basis(
        fills, transfers, reporting_asset=reporting_asset, rates=rates, method=method
    )
    basis = book.pooled.get(asset)
    if balance is None:
        return _of_history(asset, reporting_asset, basis)
    if balance == 0:
        return _unknown(asset, reporting_asset, ZERO, "not_held")
    made = reconcile(basis, balance, asset=asset, reporting_asset=reporting_asset)
    return AverageEntryPrice(
        asset=asset,
        reporting_asset=reporting_asset,
        average=made.average_entry_price,
        explained_quantity=made.explained,
        unknown_quantity=made.unknown,
        reasons=made.reasons,
    )


def _of_history(asset: str, reporting_asset: str, basis: AssetBasis | None) -> AverageEntryPrice:
    if basis is None:
        return _unknown(asset, reporting_asset, ZERO, "no_history")
    if basis.average_entry_price is None:
        return _unknown(
            asset,
            reporting_asset,
            basis.unknown_quantity,
            *(basis.unknown_reasons or ("not_held",)),
        )
    return AverageEntryPrice(
        asset=asset,
        reporting_asset=reporting_asset,
        average=basis.average_entry_price,
        explained_quantity=basis.explained_quantity,
        unknown_quantity=basis.unknown_quantity,
        reasons=basis.unknown_reasons,
    )


def _unknown(
    asset: str, reporting_asset: str, unknown: Decimal, *reasons: str
) -> AverageEntryPrice:
    return AverageEntryPrice(
        asset=asset,
        reporting_asset=reporting_asset,
        average=None,
        explained_quantity=ZERO,
        unknown_quantity=unknown,
        reasons=reasons,
    )
