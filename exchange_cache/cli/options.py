"""Options shared by several commands: a flag has the same meaning in all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from exchange_cache.cli.moments import BEGINNING, is_day, midnight, moment_of
from exchange_cache.data_types import DataType
from exchange_cache.render.formats import FORMATS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COLOURS = ("auto", "always", "never")
METHODS = ("average", "fifo", "lifo", "hifo")
#: How long a command that must sync waits for a running sync.
DEFAULT_WAIT = timedelta(minutes=10)
#: Longer waits, and longer pauses of a redrawn screen, are typing errors.
LONGEST_WAIT = timedelta(days=1)
#: Amounts have at most so many digits before the decimal point, and begin so many after it.
PLACES = 60
#: More rows than any cache has.
MOST = 10**9
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
        type=OneOf(list(FORMATS)),
        default="table",
        show_default=True,
        help=(
            "Output format: table for people; plain and markdown for texts; csv and json (exact)"
            " for programs."
        ),
    )(command)
    command = click.option("--json", "form", flag_value="json", help="Short for --format json.")(
        command
    )
    return raw_option(command)


def raw_option(command: Decorated) -> Decorated:
    """``--raw``, for commands that write CSV."""
    return click.option(
        "--raw",
        is_flag=True,
        expose_value=False,
        callback=_keep_raw,
        help="In CSV, keep text that a spreadsheet would take for a formula.",
    )(command)


def _keep_raw(context: click.Context, _: click.Parameter, raw: bool) -> None:
    if raw:
        context.obj.raw = True


class OneOf(click.Choice[str]):
    """One of a few words, in any case; a wrong one is refused with the nearest."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__(choices, case_sensitive=False)

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        words = ", ".join(self.choices)
        return f"{str(value)!r} is not one of {words}{_near(str(value), self.choices)}"


class Whole(click.ParamType[int]):
    """A whole number of a range."""

    name = "integer"

    def __init__(self, least: int, most: int) -> None:
        self._least = least
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip()
        number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None
        if number is None or not self._least <= number <= self._most:
            grouped = "," if self._most > 9_999 else ""  # a year has no separator
            which = f"from {self._least:{grouped}} to {self._most:{grouped}}"
            self.fail(f"{value!r} is not a whole number {which}", param, ctx)
        return number


def _near(word: str, known: Sequence[str]) -> str:
    from exchange_cache.config.faults import nearest

    found = nearest(word, known)
    return "" if found is None else f'; did you mean "{found}"?'


def colour_option(command: Decorated) -> Decorated:
    """``--color``, for every command."""
    return click.option(
        "--color",
        "--colour",
        "colour",
        type=OneOf(COLOURS),
        expose_value=False,
        callback=_keep_colour,
        help="Colours of screens: auto (on a terminal), always, or never.",
    )(command)


def _keep_colour(context: click.Context, _: click.Parameter, colour: str | None) -> None:
    if colour is not None:
        context.obj.colour = colour


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


class Text(click.ParamType[str]):
    """A text that the cache can hold: a shell passes any bytes."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if not text.isascii() and text.encode(errors="replace").decode() != text:
            self.fail(f"{value!r} is not a text in UTF-8", param, ctx)
        return text


class Amount(click.ParamType[Decimal]):
    """An exact number that is not negative, or with ``positive`` more than zero."""

    name = "number"

    def __init__(self, *, positive: bool = False) -> None:
        self._positive = positive

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            self.fail(f"{value!r} is not a number", param, ctx)
        if found < 0 or (self._positive and not found):
            least = "be more than zero" if self._positive else "not be negative"
            self.fail(f"{value!r} must {least}", param, ctx)
        if found and not -PLACES <= found.adjusted() < PLACES:
            size = "large" if found.adjusted() > 0 else "small"
            self.fail(f"{value!r} is too {size}", param, ctx)
        return found


def zone_in(ctx: click.Context | None) -> tzinfo:
    """The zone of the days and times that options name."""
    if ctx is None:
        return UTC
    found: tzinfo = ctx.obj.zone()
    return found


class Worded(click.ParamType[Any]):
    """A type whose usual values are completed."""

    words: tuple[str, ...] = ()

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[Any]]:
        from exchange_cache.cli.completion import beginning

        return beginning(self.words, incomplete)


class Moment(Worded, click.ParamType[datetime]):
    """A date, an ISO time (by default in the zone of screens), or a span before now such as 7d."""

    name = "time"
    words: tuple[str, ...] = ("today", "yesterday", "7d", "4w", "6m", "1y")

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        now: datetime | None = ctx.obj.clock.now() if ctx is not None else None
        try:
            moment = moment_of(str(value), now, zone_in(ctx))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if now is not None and moment > self._latest(now, zone_in(ctx)):
            self.fail(f"{value!r} is in the future", param, ctx)
        return moment

    def _latest(self, now: datetime, zone: tzinfo) -> datetime:
        return now


class Until(Moment):
    """The end of a range: at most the end of today, so that today is in it."""

    def _latest(self, now: datetime, zone: tzinfo) -> datetime:
        return midnight(now, zone, days=1)


class Duration(Worded, click.ParamType[timedelta]):
    """A length of time such as 90s, 10m, 1h, 2d; with ``most``, no longer one."""

    name = "duration"
    words: tuple[str, ...] = ("90s", "10m", "1h", "1d")

    def __init__(self, *, most: timedelta | None = None) -> None:
        self._most = most

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        from exchange_cache.config.durations import parse_duration

        try:
            found = parse_duration(str(value))
        except ValueError as error:
            self.fail(f"{value!r} {error}", param, ctx)
        if self._most is not None and found > self._most:
            from exchange_cache.config.durations import format_duration

            self.fail(f"{value!r} must be at most {format_duration(self._most)}", param, ctx)
        return found


class Day(Moment):
    """A moment; a date without a time is the end of that day, or now if it is not over."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        moment = super().convert(value, param, ctx)
        now: datetime | None = ctx.obj.clock.now() if ctx is not None else None
        if is_day(str(value)):
            end = midnight(moment, zone_in(ctx), days=1)
            moment = end if now is None else min(end, now)
        return moment


class Period(Worded, click.ParamType[datetime]):
    """The start of a period at midnight: all (no start), year, month, or a moment's day."""

    name = "period"
    words = ("all", "year", "month", "today", "yesterday", "7d")

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        word = str(value).casefold()
        if word == "all":
            return BEGINNING
        zone = zone_in(ctx)
        if word in ("year", "month") and ctx is not None:
            day: datetime = ctx.obj.clock.now().astimezone(zone).replace(day=1)
            moment = day.replace(month=1) if word == "year" else day
        elif word.isalpha() and (near := _near(word, ("all", "year", "month", "yesterday"))):
            self.fail(f"{value!r} is not a period{near}", param, ctx)
        else:
            moment = Moment().convert(value, param, ctx)
        return midnight(moment, zone)


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
    words = ("2", "5", "30")

    def __init__(self) -> None:
        super().__init__(most=LONGEST_WAIT)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        found = super().convert(f"{value}s" if str(value).isdigit() else value, param, ctx)
        if found < timedelta(seconds=1):
            self.fail("draw at most once a second", param, ctx)
        return found


DATA_TYPES = OneOf([str(data_type) for data_type in DataType])
