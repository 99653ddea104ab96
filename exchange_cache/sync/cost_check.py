"""Compares the stored costs with a computation from nothing (``cost.averages``), which shares no
stored state with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import from_ms
from exchange_cache.cost.averages import compute_basis
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.records import Fill, Transfer
from exchange_cache.sync.costs import CostSettings, ledger_of
from exchange_cache.sync.derivation import LATEST, METHODS, Ledger

_NAMES = tuple(item.name for item in fields(AssetBasis))


def wrong_costs(
    repository: ExchangeCacheRepository,
    settings: CostSettings,
    assets: Collection[str] | None = None,
) -> list[str] | None:
    """What is stored otherwise than it is computed, of these assets (None: all), a line each; None
    if rows wait to be derived, so that there is nothing to compare."""
    ledger = ledger_of(repository, settings)
    if not ledger.is_current():
        return None
    found: list[str] = []
    fills, transfers = _rows(repository, ledger, settings, assets)
    for method in METHODS:
        computed = compute_basis(
            fills,
            transfers,
            reporting_asset=settings.reporting_asset,
            rates=ledger.inputs.rates,
            method=method,
            dust=ledger.inputs.dust,
            stated=ledger.inputs.stated,
            cash=ledger.cash,
            assets=settings.assets,
            income=settings.income,
        )
        stored = repository.derived.bases(method, settings.reporting_asset)
        found += _differences(_of(stored, assets), _of(computed.bases, assets))
    return found


def _rows(
    repository: ExchangeCacheRepository,
    ledger: Ledger,
    settings: CostSettings,
    assets: Collection[str] | None,
) -> tuple[list[Fill], list[Transfer]]:
    """All rows, or those that move one of the assets."""
    only = None
    if assets is not None:
        only = settings.assets.related(assets)
    rows = repository.ledger_rows(ledger.inputs.without, only)
    fills = [*rows.fills(from_ms(0), LATEST), *rows.converts()]
    return fills, [*rows.transfers(from_ms(0), LATEST), *rows.ends()]


def _of(bases: Iterable[AssetBasis], assets: Collection[str] | None) -> list[AssetBasis]:
    return [one for one in bases if assets is None or one.asset in assets]


def _differences(stored: list[AssetBasis], computed: list[AssetBasis]) -> Iterator[str]:
    ours = {(one.asset, one.account): one for one in stored}
    right = {(one.asset, one.account): one for one in computed}
    for asset, account in sorted({*ours, *right}, key=str):
        one, other = ours.get((asset, account)), right.get((asset, account))
        names = [name for name in _NAMES if getattr(one, name, None) != getattr(other, name, None)]
        if names:
            method = (one or computed[0]).method
            yield f"{asset} of {account or 'all accounts'} by {method}: {', '.join(names)}"
