"""Fetches prices of the past for a waiting user: of a day, of two days, or of a whole history."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime

from exchange_cache.cli.app import App
from exchange_cache.cli.options import DEFAULT_WAIT
from exchange_cache.errors import distinct_causes


def fetch_prices(
    app: App, command: str, needed: Iterable[tuple[str, datetime]], asset: str
) -> None:
    """Fetch and store these candles from public market data, and report failures; waits for a
    running sync."""
    from exchange_cache.cli.ports import careful_port
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
        with counted(app.err, app.error_terminal(), "Past prices", app.clock.monotonic) as tick:
            found = fetcher.fetch(
                needed,
                tick,
                store=lambda rates, misses: derived.save_rates(rates, app.now(), misses),
            )
    for failure in distinct_causes(found.failures):
        app.say(f"excache: {failure}")
