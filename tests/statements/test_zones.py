"""Zones that headers, preambles and names of files state."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.statements.table import Zone
from exchange_cache.statements.zones import stated_zone, zone_in, zone_of

from .files import table


def hours(number: float) -> timezone:
    return timezone(timedelta(hours=number))


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Filled Time(UTC+01:00)", hours(1)),
        ("Time Zone:UTC+8", hours(8)),
        ("Binance-202603230400(UTC--6)_a.zip", hours(-6)),
        ("Date(UTC-3:30)", hours(-3.5)),
        ("Date(UTCnull)", UTC),
        ("Timestamp (UTC)", UTC),
        ("Time", None),
        ("Date(UTC+0)", UTC),
        ("Time(UTC +0530)", hours(5.5)),
        ("export UTC 2024-01-31.csv", None),
        ("UTC+99", None),
        ("UTC+123", None),
        ("UTC+8:75", None),
        ("UTC+14:15", None),
        ("UTC-13", None),
        ("UTC8", None),
    ],
)
def test_a_zone_is_read_as_exchanges_write_it(text: str, zone: timezone | None) -> None:
    found = zone_in(text)
    assert (found and found.utcoffset(None)) == (zone and zone.utcoffset(None))


@pytest.mark.parametrize("text", ["UTC8", "+8", "Mars", "UTC+8 or so", "UTC+15", "UTC+٨"])
def test_a_user_states_a_zone_and_nothing_else(text: str) -> None:
    assert stated_zone(text) is None
    assert stated_zone(" utc-3:30 ") == hours(-3.5)


def test_a_zone_that_nothing_states_must_be_stated_by_the_user() -> None:
    known = table("Time", zone=Zone.FILE_NAME)
    place = {"file_name": "trades.csv", "preamble": (), "columns": ("Time",)}
    with pytest.raises(StatementRefused, match="have no zone") as refused:
        zone_of(known, **place)
    assert refused.value.hint is not None
    assert "--zone" in refused.value.hint
    assert zone_of(known, **place, stated=hours(8)) == hours(8)


@pytest.mark.parametrize(
    ("zone", "place", "what"),
    [
        (Zone.FILE_NAME, {"file_name": "trades(UTC--6).csv"}, "its name"),
        (Zone.HEADER, {"columns": ("Time(UTC-06:00)",)}, "its header"),
        (Zone.PREAMBLE, {"preamble": ("UID:1,Time Zone:UTC-6",)}, "a line above its header"),
    ],
)
def test_a_zone_that_a_file_states_is_not_replaced(
    zone: Zone, place: dict[str, object], what: str
) -> None:
    known = table("Time", zone=zone)
    place = {"file_name": "a.csv", "preamble": (), "columns": ("Time",)} | place
    same = zone_of(known, **place, stated=hours(-6))  # type: ignore[arg-type]
    assert same.utcoffset(None) == timedelta(hours=-6)
    with pytest.raises(
        StatementRefused, match=rf"are in UTC-06:00, as {what} states, not in UTC\+08:00"
    ):
        zone_of(known, **place, stated=hours(8))  # type: ignore[arg-type]


def test_a_zone_that_an_exchange_did_not_know_may_be_stated() -> None:
    known = table("Date(UTC*)", zone=Zone.HEADER)
    place = {"file_name": "a.csv", "preamble": (), "columns": ("Date(UTCnull)",)}
    assert zone_of(known, **place) == UTC  # type: ignore[arg-type]
    assert zone_of(known, **place, stated=hours(1)) == hours(1)  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", [Zone.UTC, Zone.UNKNOWN])
def test_a_zone_that_the_table_alone_has_is_replaced(zone: Zone) -> None:
    known = table("Time", zone=zone)
    place = {"file_name": "a(UTC--6).csv", "preamble": (), "columns": ("Time",)}
    assert zone_of(known, **place, stated=hours(8)) == hours(8)  # type: ignore[arg-type]
