"""The reader of earlier moments for ``portfolio --at``, ``diff`` and the end of a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.cost.basis import AssetBasis

if TYPE_CHECKING:
    from exchange_cache.portfolio.past import PastReader


def past_reader(
    app: App, repository: ExchangeCacheRepository, accounts: Sequence[str], asset: str | None = None
) -> PastReader:
    """A reader for these accounts, valued in ``asset`` (default: the reporting asset)."""
    from exchange_cache.portfolio.past import PastReader
    from exchange_cache.sync.costs import bases_at

    reporting = app.settings.reporting_asset

    def costs_at(moment: datetime) -> tuple[AssetBasis, ...]:
        until = moment + timedelta(milliseconds=1)  # with what happened then, like holdings
        return bases_at(repository, app.cost_settings(), until)

    return PastReader(
        repository,
        app.clock,
        app.reading_settings(),
        accounts=accounts,
        reporting_asset=asset or reporting,
        costs_at=costs_at,
        assets=app.asset_events(),
    )
