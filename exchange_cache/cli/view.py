"""A view of the portfolio: reads and writes it for every command that prints one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.cli.moments import BEGINNING, midnight
from exchange_cache.money import EXACT

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
    all_: bool = False
    ttl: timedelta | None = None
    period: datetime = BEGINNING
    method: str | None = None
    assets: tuple[str, ...] = ()


def read_view(app: App, view: View) -> PortfolioReading:
    """The reading of a view, from one snapshot of the cache."""
    from exchange_cache.cli.quoted import partly_quoted, quoted_by, rates_missing

    meant = view_meant(app, view)
    quoted = quoted_by(app, meant.quote, meant.method)
    bases = costs_by(app, meant.method) if quoted is None else quoted.bases
    whole_days = meant.period == midnight(meant.period)  # results are stored by the day (UTC)
    if not whole_days and quoted is None:
        bases = _since(app, bases, meant)
    found = app.accessor(app.cached() or app.repository()).read(
        accounts=meant.accounts,
        reporting_asset=meant.quote,
        ttl=meant.ttl,
        bases=bases,
        costs_in=None if quoted is None else meant.quote,
        realised_since=meant.period if whole_days and meant.period > BEGINNING else None,
    )
    if meant.quote is not None and quoted is not None and quoted.missing:
        found = partly_quoted(found, rates_missing(app, meant.quote, quoted))
    return _of_assets(found, meant)


def _since(app: App, bases: tuple[AssetBasis, ...] | None, view: View) -> tuple[AssetBasis, ...]:
    """Costs with what was realised from the start of the view's period on, to the second."""
    from exchange_cache.sync.costs import bases_at, stored_bases

    repository, settings = app.cached() or app.repository(), app.cost_settings(view.method)
    before = {
        (one.account, one.asset): one.realised_pnl or Decimal(0)
        for one in bases_at(repository, settings, view.period)
    }
    return tuple(
        one
        if one.realised_pnl is None
        else replace(
            one,
            realised_pnl=EXACT.subtract(
                one.realised_pnl, before.get((one.account, one.asset), Decimal(0))
            ),
        )
        for one in (stored_bases(repository, settings) if bases is None else bases)
    )


def view_meant(app: App, view: View) -> View:
    """The view with its assets in the spelling of the cache; as it is while nothing is cached."""
    repository = app.cached() if view.assets or view.quote is not None else None
    if repository is None or repository.is_empty():
        return view
    from exchange_cache.cli.meant import asset_meant, quote_meant

    quote = quote_meant(app, view.quote)
    assets = tuple(dict.fromkeys(asset_meant(app, repository, word) for word in view.assets))
    return replace(view, quote=quote, assets=assets)


def _of_assets(reading: PortfolioReading, view: View) -> PortfolioReading:
    if not view.assets:
        return reading
    from exchange_cache.value.selection import selected

    return selected(reading, view.assets)


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
    app: App,
    reading: PortfolioReading,
    view: View,
    *,
    refreshing: bool = False,
    past: str = "",
    unfold: str = "excache status",
) -> None:
    """Print a reading; ``past`` is the source of a reading of an earlier moment, and ``unfold`` the
    command that shows every note."""
    from exchange_cache.render.output import write_portfolio

    options = options_of(app, view, refreshing=refreshing, past=past)._replace(unfold=unfold)
    now = reading.as_of if past else app.now()
    reading = _of_assets(reading, view) if past else reading
    write_portfolio(
        reading, app.out, form=view.form, terminal=app.terminal(), now=now, options=options
    )


def options_of(
    app: App, view: View, *, refreshing: bool = False, past: str = ""
) -> PortfolioOptions:
    """The view as options of the renderer."""
    from exchange_cache.cli.prepared import least_value
    from exchange_cache.render import words
    from exchange_cache.render.portfolio import PortfolioOptions

    return PortfolioOptions(
        min_value=least_value(view.min_value, app.settings.min_value),
        all_=view.all_,
        by=view.by,
        sort=view.sort,
        exchanges={account.name: account.exchange for account in app.settings.accounts},
        refreshing=refreshing,
        past=past,
        assets=view.assets,
        period=f"since {words.day(view.period)} " if view.period > BEGINNING else "",
    )
