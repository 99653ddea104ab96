"""Option types: what they accept, and what they mean."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import click
import pytest

from exchange_cache.cli.app import App
from exchange_cache.cli.main import cli
from exchange_cache.cli.options import (
    BEGINNING,
    Amount,
    Day,
    Duration,
    Moment,
    Period,
    Seconds,
    Text,
)
from exchange_cache.clock import SetClock

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


def converted(kind: click.ParamType, text: str) -> object:
    app = App(env={}, clock=SetClock(at=NOW), out=io.StringIO(), err=io.StringIO())
    return kind.convert(text, None, click.Context(cli, obj=app))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Amount(), "0.10", Decimal("0.10")),
        (Moment(), "2026-01-31", utc(2026, 1, 31)),
        (Moment(), "2026-01-31T12:00+02:00", utc(2026, 1, 31, 10)),
        (Moment(), "7d", NOW - timedelta(days=7)),
        (Moment(), "2w", NOW - timedelta(days=14)),
        (Duration(), "90s", timedelta(seconds=90)),
        (Day(), "2026-01-31", utc(2026, 2, 1)),
        (Day(), "2026-05-04", NOW),
        (Day(), "2026-05-04T08:00", utc(2026, 5, 4, 8)),
        (Period(), "all", BEGINNING),
        (Period(), "year", utc(2026, 1, 1)),
        (Period(), "month", utc(2026, 5, 1)),
        (Period(), "2026-03-02T17:00", utc(2026, 3, 2)),
        (Seconds(), "5", timedelta(seconds=5)),
        (Seconds(), "2m", timedelta(minutes=2)),
        (Text(), "ü 漢 🜚", "ü 漢 🜚"),
    ],
)
def test_a_text_has_one_meaning(kind: click.ParamType, text: str, value: object) -> None:
    assert converted(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (Amount(), "much", "'much' is not a number"),
        (Moment(), "soon", "'soon' is not a time: use 2026-01-31, 2026-01-31T12:00, yesterday, or"),
        (Day(), "2026-05-05T00:00", "'2026-05-05T00:00' is in the future"),
        (Seconds(), "0", "must be longer than zero"),
        (Text(), "x\udcff", "'x\\udcff' is not a text in UTF-8"),
    ],
)
def test_any_other_text_is_refused(kind: click.ParamType, text: str, message: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        converted(kind, text)
    assert message in caught.value.message
