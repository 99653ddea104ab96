"""The portfolio for Python code: read from the cache, and synced on request.

accessor = open_accessor(App.from_environment())
reading = accessor.reload_data(force=True)
"""

from __future__ import annotations

from collections.abc import Sequence

from exchange_cache.cli.app import App
from exchange_cache.cli.running import refresh_now
from exchange_cache.portfolio.accessor import PortfolioDataAccessor


def open_accessor(app: App) -> PortfolioDataAccessor:
    """An accessor whose ``reload_data`` syncs stale data."""

    def refresh(force: bool, accounts: Sequence[str] | None) -> None:
        refresh_now(app, force=force, accounts=accounts or ())

    return PortfolioDataAccessor(
        app.repository(), app.clock, app.reading_settings(), refresh=refresh
    )
