"""The reader of earlier moments for ``portfolio --at``, ``diff`` and the end of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App

if TYPE_CHECKING:
    from exchange_cache.portfolio.past import PastReader


def past_reader(
    app: App, repository: ExchangeCacheRepository, accounts: Sequence[str], asset: str | None = None
) -> PastReader:
    """A reader for these accounts, valued in ``asset`` (default: the reporting asset)."""
    from exchange_cache.portfolio.past import PastReader
    from exchange_cache.sync.past_states import PastStates

    return PastReader(
        repository,
        app.clock,
        app.reading_settings(),
        accounts=accounts,
        reporting_asset=asset or app.settings.reporting_asset,
        states=PastStates(repository, app.cost_settings(), accounts),
    )
