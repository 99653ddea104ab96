"""Options shared by several commands: a flag has the same meaning in all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from exchange_cache.clock import Clock
from exchange_cache.data_types import DataType
from exchange_cache.render.formats import FORMATS

METHODS = ("average", "fifo", "lifo", "hifo")
#: How long a command that must sync waits for a running sync.
DEFAULT_WAIT = timedelta(minutes=10)
Decorated = Callable[..., Any]


def completed(what: str) -> Callable[[click.Context, click.Parameter, str], Any]:
    """For ``shell_complete``: completes values (accounts, assets, …) of the cache."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:
        from exchange_cache.cli.completion import matching

        return matching(ctx.obj, what, incomplete)

    return complete


def output_options(command: Decorated) -> Decorated:
    """``--format`` and its short form ``--json``; the command gets ``form``."""
    command = click.option(
        "--format",
        "form",
        type=click.Choice(list(FORMATS)),
        default="table",
        show_default=True,
        help=(
            "Output format: table for people; plain and markdown for texts; csv and json (exact)"
            " for programs."
        ),
    )(command)
    return click.option("--json", "form", flag_value="json", help="Short for --format json.")(
        command
    )


def account_option(command: Decorated, values: str = "configured accounts") -> Decorated:
    """``--account``, repeatable; the command gets ``accounts``. ``values`` are completed."""
    return click.option(
        "--account",
        "-a",
        "accounts",
        multiple=True,
        metavar="NAME",
        shell_complete=completed(values),
        help="Only this account (may be repeated).",
    )(command)


class Amount(click.ParamType[Decimal]):
    """An exact number."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        try:
            return Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value!r} is not a number", param, ctx)


class Moment(click.ParamType[datetime]):
    """A date, an ISO time (UTC by default), or a span before now such as 7d."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        text = str(value)
        clock: Clock | None = ctx.obj.clock if ctx is not None else None
        if clock is not None and text and text[-1] in "smhdw" and text[:-1].isdigit():
            return clock.now() - _span(text)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fail(
                f"{text!r} is not a time: use 2026-01-31, 2026-01-31T12:00, or 7d for seven days"
                " before now",
                param,
                ctx,
            )
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _span(text: str) -> timedelta:
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[text[-1]]
    return timedelta(**{unit: int(text[:-1])})


class Duration(click.ParamType[timedelta]):
    """A length of time such as 90s, 10m, 1h, 2d."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        from exchange_cache.config.durations import parse_duration

        try:
            return parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Day(Moment):
    """A moment; a date without a time is the end of that day (UTC), or now if it is not over."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        moment = super().convert(value, param, ctx)
        now: datetime | None = ctx.obj.clock.now() if ctx is not None else None
        if len(str(value)) == len("2026-01-31") and str(value)[-1].isdigit():
            end = moment + timedelta(days=1)
            moment = end if now is None else min(end, max(now, moment))
        if now is not None and moment > now:
            self.fail(f"{value!r} is in the future", param, ctx)
        return moment


class Period(click.ParamType[datetime]):
    """The start of a period at midnight UTC: all (no start), year, month, or a moment's day."""

    name = "period"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        if value == "all":
            return BEGINNING
        if value in ("year", "month") and ctx is not None:
            day: datetime = ctx.obj.clock.now().replace(day=1)
            moment = day.replace(month=1) if value == "year" else day
        else:
            moment = Moment().convert(value, param, ctx)
        return moment.replace(hour=0, minute=0, second=0, microsecond=0)


#: The start of the period ``all``: before any data of any exchange.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def period_option(command: Decorated) -> Decorated:
    """``--period``; the command gets ``period``, the start of realised results."""
    return click.option(
        "--period",
        type=Period(),
        metavar="all|year|month|DATE",
        default="all",
        show_default=True,
        help=("Realised results of this period: all time, this year, this month, or since a day."),
    )(command)


class Seconds(Duration):
    """A length of time; a bare number is seconds."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        found = super().convert(f"{value}s" if str(value).isdigit() else value, param, ctx)
        if found < timedelta(seconds=1):
            self.fail("draw at most once a second", param, ctx)
        return found


DATA_TYPES = click.Choice([str(data_type) for data_type in DataType])
