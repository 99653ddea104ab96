"""``excache portfolio --watch``: redraws the screen from the cache until Ctrl-C."""

from __future__ import annotations

import io
from datetime import timedelta

from exchange_cache.cli.app import App
from exchange_cache.cli.nothing import nothing_cached
from exchange_cache.cli.reads import (
    Refresh,
    planned_refresh,
    start_refresh,
)
from exchange_cache.cli.view import View, options_of, read_view
from exchange_cache.errors import UsageError
from exchange_cache.value.outcome import answered, needs_refresh
from exchange_cache.value.reading import PortfolioReading


def watch_portfolio(app: App, view: View, every: timedelta, *, refresh: bool) -> int:
    """Draw and wait in a loop; stale data start one background refresh, as in any read."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    terminal = app.terminal()
    if not terminal.is_tty or view.form != "table":
        raise UsageError(
            "--watch requires a terminal and the table format",
            hint="excache portfolio --json in a loop",
        )
    repository = app.cached()
    if repository is None or answered(read_view(app, view)) == "miss":
        raise nothing_cached()
    console = Console(
        file=app.out, force_terminal=True, no_color=not terminal.colour, highlight=False
    )
    try:
        with Live(
            console=console, screen=True, auto_refresh=False, vertical_overflow="crop"
        ) as live:
            while True:
                reading = read_view(app, view)
                plan = (
                    planned_refresh(
                        app,
                        app.place,
                        requested=refresh and app.settings.background_refresh,
                    )
                    if needs_refresh(reading)
                    else Refresh.NONE
                )
                live.update(
                    Text.from_ansi(
                        _drawn(app, reading, view, plan, every), no_wrap=True, overflow="crop"
                    ),
                    refresh=True,
                )
                if plan is Refresh.START:
                    start_refresh(app, app.place, view.accounts or (), view.ttl)
                app.clock.sleep(every.total_seconds())
    except KeyboardInterrupt:
        return 0


def _drawn(app: App, reading: PortfolioReading, view: View, plan: Refresh, every: timedelta) -> str:
    from exchange_cache.render import words
    from exchange_cache.render.output import write_portfolio
    from exchange_cache.zones import zone_word

    page = io.StringIO()
    options = options_of(app, view, refreshing=plan in {Refresh.START, Refresh.RUNNING})
    write_portfolio(
        reading, page, form="table", terminal=app.terminal(), now=app.now(), options=options
    )
    at = f"{words.second_of_day(app.now())} {zone_word(app.now())}"
    heading = f"Drawn at {at}, every {every.total_seconds():g} s; Ctrl-C stops."
    return f"{heading}\n\n{page.getvalue()}"  # at the top: a small terminal crops the bottom
