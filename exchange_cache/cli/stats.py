"""``excache stats``: hit rate, response times and saved calls, measured by excache itself."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import Moment, OneOf
from exchange_cache.errors import NothingCached
from exchange_cache.render.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.findings import Finding
    from exchange_cache.portfolio.statistics import Statistics

#: The name of a figure in JSON -> its words and its unit on screens.
_WORDS = {
    "reads": ("reads", ""),
    "hits": ("hits", ""),
    "stale": ("stale", ""),
    "misses": ("misses", ""),
    "bypasses": ("bypasses", ""),
    "hit_rate": ("hit rate", ""),
    "served_from_cache": ("served from the cache", ""),
    "cached_p50_ms": ("cached read, median", " ms"),
    "cached_p95_ms": ("cached read, 95th percentile", " ms"),
    "live_ms": ("live fetch", " ms"),
    "live_over_cached": ("live over cached", " x"),
    "live_requests": ("requests of a live fetch", ""),
    "api_calls_saved": ("requests saved", ""),
    "findings": ("findings", ""),
}


@click.command("stats")
@click.option(
    "--since", type=Moment(), help="Only reads from this time: 2026-01-31, an ISO time, or 7d."
)
@click.option(
    "--format",
    "form",
    type=OneOf([*FORMATS, "prometheus"]),
    default="table",
    show_default=True,
    help="Output format.",
)
@click.option("--json", "form", flag_value="json", help="Short for --format json.")
@click.pass_obj
def command(app: App, since: datetime | None, form: str) -> None:
    """Show hit rate, response times and findings.

    A hit is a read answered with everything fresh; stale is a read answered with something older
    than its time-to-live; a miss found nothing cached; a bypass fetched from the exchanges first
    (--wait, reload). Live time is how long the last fetch of the same data took. The format
    prometheus is for a textfile collector; it also has the value, results, age and findings of each
    account, and the distance of positions from their liquidation.

    \b
    Examples:
      excache stats
      excache stats --since 7d --json
      excache stats --format prometheus > excache.prom
    """
    from exchange_cache.findings import marked, still_open
    from exchange_cache.portfolio.statistics import live_view, prometheus, statistics
    from exchange_cache.render.listing import Column, Listing
    from exchange_cache.render.output import write_listing

    repository = app.cached()
    if repository is None:
        app.accounts()  # without one, that is what is missing
        raise NothingCached("nothing is cached yet", hint="fetch it: excache sync")
    accounts = [account.name for account in app.settings.accounts]
    with repository.snapshot():
        reads = repository.metrics.reads(since, app.now() if since is not None else None)
        sums = repository.metrics.sums() if form == "prometheus" else {}
        statuses = repository.progress.statuses(accounts)
        stored = [one.finding for one in repository.derived.findings()]
        findings = marked(stored, repository.accepted.all(), app.now())
        requests = _view_requests(repository)
    found = statistics(reads, live_view(statuses, accounts, requests), len(still_open(findings)))
    if form == "prometheus":
        app.answer(
            prometheus(found, sums, statuses) + _measured(app, repository, still_open(findings)),
            end="",
        )
        return
    shown = _in_words if not FORMATS[form].exact else _exactly
    rows = tuple(shown(*figure) for figure in _figures(found))
    columns = (
        Column(key="figure", heading="Figure"),
        Column(key="value", heading="Value", kind="figure"),
        Column(key="meaning", heading="Meaning", priority=1),
    )
    listing = Listing(title="", columns=columns, rows=rows, as_of=app.now())
    write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())


def _measured(app: App, repository: ExchangeCacheRepository, findings: Iterable[Finding]) -> str:
    """Value, results and dangers of the portfolio."""
    from exchange_cache.portfolio.measured import measured
    from exchange_cache.value.results import pnl_report

    settings = app.settings
    with repository.snapshot():
        reading = app.accessor(repository).read()
        bases = repository.derived.bases(settings.cost_method, settings.reporting_asset)
    return measured(reading, pnl_report(reading, bases, by="account"), findings)


def _view_requests(repository: ExchangeCacheRepository) -> dict[str, int]:
    """How many requests the last complete view of each account took, as its sync counted."""
    from exchange_cache.sync.synchronizer import EVERYBODY, VIEW_REQUESTS

    memory = repository.progress.memory(EVERYBODY).items()
    kept = {
        key.removeprefix(VIEW_REQUESTS): number
        for key, number in memory
        if key.startswith(VIEW_REQUESTS)
    }
    return {account: number for account, number in kept.items() if isinstance(number, int)}


def _exactly(name: str, value: object, meaning: str) -> dict[str, str | None]:
    """A figure for programs."""
    return {"figure": name, "value": None if value is None else str(value), "meaning": meaning}


def _in_words(name: str, value: object, meaning: str) -> dict[str, str | None]:
    """A figure for people: its name and unit in words, with thousands separators."""
    words, unit = _WORDS[name]
    shown = f"{value:,}{unit}" if isinstance(value, int | Decimal) else value
    return {"figure": words, "value": None if shown is None else str(shown), "meaning": meaning}


def _rounded(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 1)))


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value * 100:.1f} %"


def _figures(found: Statistics) -> list[tuple[str, object, str]]:
    """Name, value and meaning of each figure."""
    ratio = (
        None
        if not found.live_ms or not found.cached_p50_ms
        else found.live_ms / found.cached_p50_ms
    )
    return [
        ("reads", found.reads, ""),
        ("hits", found.hits, "answered, everything fresh"),
        ("stale", found.stale, "answered, something stale"),
        ("misses", found.misses, "nothing cached"),
        ("bypasses", found.bypasses, "fetched from the exchanges first"),
        ("hit_rate", _share(found.hit_rate), "hits / reads"),
        ("served_from_cache", _share(found.served_rate), "(hits + stale) / reads"),
        ("cached_p50_ms", _rounded(found.cached_p50_ms), "half of the cached reads were faster"),
        ("cached_p95_ms", _rounded(found.cached_p95_ms), "95 % of the cached reads were faster"),
        ("live_ms", found.live_ms, "the last fetch of the same data"),
        ("live_over_cached", _rounded(ratio), "how many times faster the cache is"),
        ("live_requests", found.live_requests, "requests of one live view"),
        ("api_calls_saved", found.calls_saved, "live requests saved by cached reads"),
        ("findings", found.findings, "open findings: see excache status"),
    ]
