"""``portfolio --quote``: the costs in another asset, and the rates that they need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.findings import Finding

if TYPE_CHECKING:
    from exchange_cache.sync.quoted import QuotedCosts
    from exchange_cache.value.reading import PortfolioReading


def quoted_by(app: App, quote: str | None, method: str | None) -> QuotedCosts | None:
    """The costs in another asset than the reporting asset; None if it is that."""
    if quote is None or quote == app.settings.reporting_asset:
        return None
    from exchange_cache.sync.quoted import quoted_costs

    repository = app.cached() or app.repository()
    with repository.snapshot():
        return quoted_costs(repository, app.cost_settings(method), quote)


def fetch_quoted(app: App, quote: str | None) -> None:
    """Fetch the rates that costs in another asset need; waits for a running sync."""
    from exchange_cache.cli.meant import quote_meant

    quote = quote_meant(app, quote)
    quoted = quoted_by(app, quote, None)
    if quote is not None and quoted is not None and quoted.missing:
        from exchange_cache.cli.past_prices import fetch_prices

        fetch_prices(app, "portfolio --wait", quoted.missing, quote)


def partly_quoted(reading: PortfolioReading, finding: Finding) -> PortfolioReading:
    """A reading whose costs lack rates: a sum of some results is no result of the whole."""
    return replace(
        reading,
        totals=replace(reading.totals, unrealised_pnl=None, realised_pnl=None),
        holdings=tuple(replace(one, realised_pnl=None) for one in reading.holdings),
        warnings=(*reading.warnings, finding),
    )


def rates_missing(app: App, quote: str, quoted: QuotedCosts) -> Finding:
    """What costs in another asset leave out until rates are fetched."""
    return Finding(
        code="quote_rates_missing",
        message=(
            f"rates from {app.settings.reporting_asset} to {quote} are not stored for"
            f" {len(quoted.missing):,} hours (so averages in {quote} cover a part, and results of"
            " the whole are not known)"
        ),
        hint=f"excache portfolio --quote {quote} --wait",
    )
