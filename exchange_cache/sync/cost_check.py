"""Compares the stored costs with a computation from nothing (``cost.averages``), which shares no
stored state with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cost.averages import stream_bases
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.ledger.events import LedgerEvent
from exchange_cache.sync.all_events import all_events
from exchange_cache.sync.costs import CostSettings, ledger_of
from exchange_cache.sync.derivation import METHODS, Ledger

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
    computed = stream_bases(
        _events(repository, ledger, settings, assets),
        reporting_asset=settings.reporting_asset,
        methods=METHODS,
        dust=ledger.inputs.dust,
    )
    found: list[str] = []
    for method in METHODS:
        stored = repository.derived.bases(method, settings.reporting_asset)
        own = [one for one in computed if one.method is method]
        found += _differences(_of(stored, assets), _of(own, assets))
    return found


def _events(
    repository: ExchangeCacheRepository,
    ledger: Ledger,
    settings: CostSettings,
    assets: Collection[str] | None,
) -> Iterator[LedgerEvent]:
    """All events, or the legs that move the assets."""
    only = None if assets is None else settings.assets.related(assets)
    read = None if only is None else ledger.read_for(only)
    rows = repository.ledger_rows(ledger.inputs.without, read, streamed=True)
    for event in all_events(ledger.inputs.timeline(rows)):
        if only is not None:
            event.legs = tuple(leg for leg in event.legs if leg.asset in only)
        yield event


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
