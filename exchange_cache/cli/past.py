"""``portfolio --at``: shows an earlier moment and can fetch the prices of that day."""

from __future__ import annotations

import shlex
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.cli.moments import BEGINNING, midnight
from exchange_cache.cli.past_prices import fetch_prices
from exchange_cache.cli.past_reader import past_reader
from exchange_cache.cli.view import View, write_view
from exchange_cache.errors import UsageError
from exchange_cache.portfolio.replayed import Repeated

if TYPE_CHECKING:
    from exchange_cache.portfolio.past import Past


def print_past(app: App, view: View, moment: datetime, *, wait: bool) -> int:
    """``portfolio --at``: past holdings and their value from the cache.

    ``wait`` first fetches prices that are not stored.
    """
    if view.period > BEGINNING:
        raise UsageError(
            "--at and --period exclude each other",
            hint="for results of a period: excache pnl --period year",
        )
    repository = app.filled()
    day = midnight(moment - timedelta(microseconds=1), app.zone())
    reader = past_reader(app, repository, view.accounts or (), view.quote)
    commands = _repeated(app)
    with repository.snapshot():
        past = reader.read(moment, day, commands)
    if wait and not past.snapshot and past.unpriced():
        asset = view.quote or app.settings.reporting_asset
        fetch_prices(app, "portfolio --at", reader.candles(moment, past.unpriced()), asset)
        reader.forget_prices()
        with repository.snapshot():
            past = reader.read(moment, day, commands)
    write_view(app, past.reading, view, past=_source(past), unfold=f"{commands.same} --all")
    return 0


def _repeated(app: App) -> Repeated:
    """The command line as it was typed, without what it need not do again."""
    same = [word for word in app.words if word not in {"--wait", "--all", "--no-refresh"}]
    own = list(same)
    for place, word in enumerate(same):
        if word == "--quote":
            own = [*same[:place], *same[place + 2 :]]
        elif word.startswith("--quote="):
            own.remove(word)
    return Repeated(shlex.join(["excache", *same]), shlex.join(["excache", *own]))


def _source(past: Past) -> str:
    if past.snapshot:
        return f"as shown at {past.reading.as_of:%Y-%m-%d %H:%M} UTC"
    return f"replayed from the ledger to {past.reading.as_of:%Y-%m-%d %H:%M} UTC"
