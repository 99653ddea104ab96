"""``portfolio --at``: shows an earlier moment and can fetch the prices of that day."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.cli.moments import BEGINNING
from exchange_cache.cli.options import DEFAULT_WAIT
from exchange_cache.cli.past_reader import past_reader
from exchange_cache.cli.view import View, write_view
from exchange_cache.errors import UsageError

if TYPE_CHECKING:
    from exchange_cache.portfolio.past import Past


def fetch_prices(
    app: App, command: str, needed: Iterable[tuple[str, datetime]], asset: str
) -> None:
    """Fetch and store these candles from public market data, and report failures; waits for a
    running sync."""
    from exchange_cache.cli.running import careful_port
    from exchange_cache.render.counting import counted
    from exchange_cache.sync.candles import CandleSource
    from exchange_cache.sync.rates import Known, RateFetcher

    derived = app.repository().derived
    with app.lock() as lock, ExitStack() as opened:
        lock.acquire(command, wait_seconds=DEFAULT_WAIT.total_seconds())
        accounts = app.settings.price_accounts
        for warning in (warning for account in accounts for warning in account.warnings):
            app.say(f"excache: {warning}")
        ports = [careful_port(app, account, secret=False) for account in accounts]
        for port in ports:
            opened.callback(port.close)
        known = Known.load(derived, asset, app.clock)
        fetcher = RateFetcher(CandleSource(ports, app.now()), asset, known, app.now())
        with counted(app.err, app.error_terminal(), "Fetching past prices") as tick:
            found = fetcher.fetch(needed, tick)
        derived.save_rates(found.rates, app.now(), found.misses)
    for failure in found.failures:
        app.say(f"excache: {failure}")


def print_past(app: App, view: View, moment: datetime, *, wait: bool) -> int:
    """``portfolio --at``: past holdings and their value from the cache.

    ``wait`` first fetches prices that are not stored.
    """
    if view.period > BEGINNING:
        raise UsageError("--at and --period exclude each other", hint="excache pnl --period DATE")
    repository = app.filled()
    reader = past_reader(app, repository, view.accounts or (), view.quote)
    with repository.snapshot():
        past = reader.read(moment)
    if wait and not past.snapshot and past.unpriced():
        asset = view.quote or app.settings.reporting_asset
        fetch_prices(app, "portfolio --at", reader.candles(moment, past.unpriced()), asset)
        reader.forget_prices()
        with repository.snapshot():
            past = reader.read(moment)
    write_view(app, past.reading, view, past=_source(past))
    return 0


def _source(past: Past) -> str:
    if past.snapshot:
        return f"as shown at {past.reading.as_of:%Y-%m-%d %H:%M} UTC"
    return f"replayed from the ledger to {past.reading.as_of:%Y-%m-%d %H:%M} UTC"
