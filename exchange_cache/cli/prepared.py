"""The answers of ``portfolio`` that the last command which changed the cache prepared.

They are used for what most people ask: the table or the JSON of all accounts or of one, in any
order and grouping. Everything else, and everything when nothing is prepared, is computed.
"""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from exchange_cache.cache.prepared import find
from exchange_cache.cli.cache_file import cache_of, private
from exchange_cache.cli.made_for import made_for
from exchange_cache.cli.reads import (
    Refresh,
    planned_refresh,
    record_read,
    report_refresh,
    start_refresh,
)
from exchange_cache.clock import EPOCH, from_ms, to_ms
from exchange_cache.render.completed import (
    DATA,
    SCREEN,
    SCREEN_OF_GROUPS,
    json_text,
    loaded_reading,
)
from exchange_cache.value.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exchange_cache.cache.server import Place
    from exchange_cache.cli.app import App
    from exchange_cache.config.paths import Paths
    from exchange_cache.findings import Finding
    from exchange_cache.render.terminal import Terminal


class Head:
    """What a command needs to know of a prepared answer besides its text."""

    def __init__(self, text: str) -> None:
        found = json.loads(text)
        newest: int | None = found["newest_ms"]
        self.outcome = Outcome(
            answered=found["answered"],
            due=found["due"],
            failed=found["failed"],
            newest=None if newest is None else from_ms(newest),
        )
        self.background_refresh: bool = found["background_refresh"]
        self.min_value: str = found["min_value"]
        self.exchanges: dict[str, str] = found["exchanges"]
        self.timezone: str = found["timezone"]


def head_text(
    outcome: Outcome,
    *,
    background_refresh: bool,
    min_value: str,
    exchanges: dict[str, str],
    timezone: str,
) -> str:
    """What :class:`Head` reads."""
    newest = None if outcome.newest is None else to_ms(outcome.newest)
    return json.dumps(
        {
            "answered": outcome.answered,
            "due": outcome.due,
            "failed": outcome.failed,
            "newest_ms": newest,
            "background_refresh": background_refresh,
            "min_value": min_value,
            "exchanges": exchanges,
            "timezone": timezone,
        }
    )


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def prepared(
    paths: Paths, account: str, now: datetime, columns: tuple[str, ...]
) -> tuple[Place, Head, dict[str, str]] | None:
    """The cache, the head and the columns of an answer for one account ('': all); None if it must
    be computed."""
    identity = made_for(paths)
    cache = None if identity is None else cache_of(paths)
    if identity is None or cache is None:
        return None
    found = find(cache, account, identity, microseconds(now), ("head", *columns))
    if found is None:
        return None
    return cache, Head(found[0]), dict(zip(columns, found[1:], strict=True))


def prepared_warnings(app: App, names: Sequence[str]) -> tuple[Finding, ...] | None:
    """The warnings of a prepared answer for these accounts; None if they must be computed."""
    enabled = [one.name for one in app.configured.accounts if one.enabled]
    if app.left_out or (list(names) != enabled and len(names) != 1):
        return None
    scope = "" if list(names) == enabled else names[0]
    found = prepared(app.paths, scope, app.now(), ("screen",))
    if found is None:
        return None
    from exchange_cache.findings import Acceptance, Finding

    warnings = loaded_reading(found[2], app.now()).warnings
    return tuple(
        Finding(
            **{
                **vars(one),
                "accepted": None if one.accepted is None else Acceptance(**vars(one.accepted)),
            }
        )
        for one in warnings
    )


def least_value(stated: Decimal | None, configured: Decimal) -> Decimal | None:
    """Holdings of a lower value are summed up; None: those below 0.1 % of the total, where neither
    the command nor config.toml states an amount."""
    return stated if stated is not None else configured or None


class Question(NamedTuple):
    """What of the portfolio is asked for, and how it is shown; ``account`` is at most one name."""

    form: str
    account: tuple[str, ...]
    by: str
    sort: str
    min_value: Decimal | None
    all_: bool = False


def print_prepared(app: App, question: Question, started: int, *, refresh: bool) -> bool:
    """Print a prepared answer and do what follows a read; False if none is prepared."""
    terminal = app.terminal()
    data = question.form == "json"
    if app.left_out or (data and not terminal.unicode) or "" in question.account:
        return False
    now = app.now()
    account = question.account[0] if question.account else ""
    columns_of_screen = SCREEN if question.by == "asset" else SCREEN_OF_GROUPS
    found = prepared(app.paths, account, now, DATA if data else columns_of_screen)
    if found is None:
        return False
    cache, head, columns = found
    private(cache, app.say)
    app.timezone = head.timezone
    plan = _plan(app, cache, head, refresh=refresh)
    if data:
        app.out.write(json_text(columns, now, sort=question.sort, by=question.by))
    else:
        _print_screen(app, question, head, columns, terminal, plan)
    app.out.flush()
    record_read(app, cache, head.outcome.answered, time.perf_counter_ns() - started)
    report_refresh(app, head.outcome, question.form, plan)
    if plan is Refresh.START:
        start_refresh(app, cache, question.account, None)
    return True


def _plan(app: App, cache: Place, head: Head, *, refresh: bool) -> Refresh:
    if not head.outcome.due:
        return Refresh.NONE
    return planned_refresh(app, cache, requested=refresh and head.background_refresh)


def _print_screen(
    app: App,
    question: Question,
    head: Head,
    columns: dict[str, str],
    terminal: Terminal,
    plan: Refresh,
) -> None:
    from exchange_cache.render.output import write_portfolio
    from exchange_cache.render.portfolio import PortfolioOptions

    now = app.now()
    options = PortfolioOptions(
        min_value=least_value(question.min_value, Decimal(head.min_value)),
        all_=question.all_,
        by=question.by,
        sort=question.sort,
        exchanges=head.exchanges,
        refreshing=plan in {Refresh.START, Refresh.RUNNING},
    )
    reading = loaded_reading(columns, now)
    form = question.form
    write_portfolio(reading, app.out, form=form, terminal=terminal, now=now, options=options)
