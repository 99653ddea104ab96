"""The cost of one asset with its steps: of all its events, or of the newest ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cost.basis import AssetBasis, BasisStep, Method
from exchange_cache.cost.fold import POOL, Fold
from exchange_cache.sync.costs import CostSettings, ledger_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The bases of one asset, pooled and by account, with the steps that led to them, oldest first.

    ``accounts``: all that have events of any asset. ``events``: how many the asset has, pooled or
    of the chosen account. ``whole``: all its steps are there.
    """

    pooled: AssetBasis | None
    by_account: Mapping[str, AssetBasis]
    steps: tuple[BasisStep, ...]
    account_steps: Mapping[str, tuple[BasisStep, ...]]
    accounts: frozenset[str]
    events: int
    whole: bool


def explained(
    repository: ExchangeCacheRepository,
    settings: CostSettings,
    asset: str,
    *,
    account: str | None = None,
    newest: int | None = None,
) -> Explained:
    """Explain an asset; with ``newest`` at least so many of the last steps, of an ``account`` or
    pooled."""
    ledger = ledger_of(repository, settings, only=settings.assets.related((asset,)))
    place = (account or POOL, asset)
    after_ms = 0 if newest is None else ledger.states.before_events(*place, newest)
    method = Method(settings.method)
    player = ledger.played((method,), after_ms=after_ms, explain=(asset,))
    fold = player.fold
    fold.known(POOL, asset)
    accounts = ledger.states.accounts() | {place for place, _ in fold.holdings if place}
    own = [holding for holding in fold.holdings.values() if holding.asset == asset]
    events = {holding.account: holding.trail.events for holding in own}
    bases = [one for one in ledger.bases(player) if one.asset == asset]
    steps = _steps(fold, asset)
    return Explained(
        pooled=next((one for one in bases if one.account is None), None),
        by_account={one.account: one for one in bases if one.account is not None},
        steps=steps.get(POOL, next(iter(steps.values()), ()) if len(steps) == 1 else ()),
        account_steps=steps,
        accounts=frozenset(accounts),
        events=events.get(account or POOL, next(iter(events.values()), 0)),
        whole=player.began_ms == 0,
    )


def _steps(fold: Fold, asset: str) -> dict[str, tuple[BasisStep, ...]]:
    """The steps of an asset by account, and pooled."""
    return {
        holding.account: tuple(holding.states[0].steps)
        for holding in fold.holdings.values()
        if holding.asset == asset
    }
