"""A view of the portfolio: reads and writes it for every command that prints one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.cli.moments import BEGINNING

if TYPE_CHECKING:
    from exchange_cache.cost.basis import AssetBasis
    from exchange_cache.render.portfolio import PortfolioOptions
    from exchange_cache.value.reading import PortfolioReading


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is shown of the portfolio, and how."""

    form: str = "table"
    accounts: tuple[str, ...] | None = None
    quote: str | None = None
    by: str = "asset"
    sort: str = "value"
    min_value: Decimal | None = None
    ttl: timedelta | None = None
    period: datetime = BEGINNING
    method: str | None = None


def read_view(app: App, view: View) -> PortfolioReading:
    """The reading of a view, from one snapshot of the cache."""
    from exchange_cache.cli.meant import quote_meant
    from exchange_cache.cli.quoted import partly_quoted, quoted_by, rates_missing

    quote = quote_meant(app, view.quote)
    quoted = quoted_by(app, quote, view.method)
    found = app.accessor(app.cached() or app.repository()).read(
        accounts=view.accounts,
        reporting_asset=quote,
        ttl=view.ttl,
        bases=costs_by(app, view.method) if quoted is None else quoted.bases,
        costs_in=None if quoted is None else quote,
        realised_since=view.period if view.period > BEGINNING else None,
    )
    if quote is None or quoted is None or not quoted.missing:
        return found
    return partly_quoted(found, rates_missing(app, quote, quoted))


def stored_costs_hold(app: App) -> bool:
    """Whether the last sync derived the costs by the income policy of config.toml."""
    repository = app.cached() or app.repository()
    stored = repository.progress.memory("").get("derived_from")
    income = stored.get("income", "value") if isinstance(stored, dict) else "value"
    return bool(income == app.settings.income)


def costs_by(app: App, method: str | None = None) -> tuple[AssetBasis, ...] | None:
    """Costs by another method or income policy than the stored ones that every reading uses; None
    for these."""
    if method in {None, app.settings.cost_method} and stored_costs_hold(app):
        return None
    from exchange_cache.sync.costs import stored_bases

    return stored_bases(app.cached() or app.repository(), app.cost_settings(method))


def print_portfolio(app: App, view: View) -> PortfolioReading:
    """Read and print a view; returns the reading."""
    reading = read_view(app, view)
    write_view(app, reading, view)
    return reading


def write_view(
    app: App, reading: PortfolioReading, view: View, *, refreshing: bool = False, past: str = ""
) -> None:
    """Print a reading; ``past`` is the source of a reading of an earlier moment."""
    from exchange_cache.render.output import write_portfolio

    options = options_of(app, view, refreshing=refreshing, past=past)
    now = reading.as_of if past else app.now()
    write_portfolio(
        reading, app.out, form=view.form, terminal=app.terminal(), now=now, options=options
    )


def options_of(
    app: App, view: View, *, refreshing: bool = False, past: str = ""
) -> PortfolioOptions:
    """The view as options of the renderer."""
    from exchange_cache.render.portfolio import PortfolioOptions

    return PortfolioOptions(
        min_value=app.settings.min_value if view.min_value is None else view.min_value,
        by=view.by,
        sort=view.sort,
        exchanges={account.name: account.exchange for account in app.settings.accounts},
        refreshing=refreshing,
        past=past,
        period=f"since {view.period:%Y-%m-%d} " if view.period > BEGINNING else "",
    )
