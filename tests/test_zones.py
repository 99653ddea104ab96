"""Time zones: how they are found, and what they do to times."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from exchange_cache import zones
from exchange_cache.zones import local, localised, shown_in, zone_name, zone_of, zone_word

WINTER = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 31, 23, 30, tzinfo=UTC)


def test_utc_and_iana_names_are_zones() -> None:
    assert zone_of("UTC") is UTC
    assert zone_of("Asia/Kolkata") == ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("asia/kolkatta", 'is no time zone; did you mean "Asia/Kolkata"?'),
        ("berlin", 'is no time zone; did you mean "Europe/Berlin"?'),
        ("new york", 'is no time zone; did you mean "America/New_York"?'),
        ("Xyzzy", 'is no time zone; use "UTC", "local" or a name'),
        ("../etc/passwd", "is no time zone"),
        ("+05:30", "is no time zone"),
    ],
)
def test_any_other_name_is_refused_with_the_nearest(name: str, what: str) -> None:
    with pytest.raises(ValueError, match="no time zone") as refused:
        zone_of(name)
    assert what in str(refused.value)


def test_a_system_without_zones_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoneinfo.available_timezones", set)
    with pytest.raises(ValueError, match="pip install tzdata"):
        zone_of("Mars/Olympus")


def test_local_is_tz_then_that_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert zone_of("local", {"TZ": ":America/New_York"}) == ZoneInfo("America/New_York")
    assert zone_of("local", {"TZ": ""}) is UTC
    with pytest.raises(ValueError, match="is the TZ of your environment"):
        zone_of("local", {"TZ": "CET-1CEST"})
    link = tmp_path / "localtime"
    monkeypatch.setattr(zones, "MACHINE", link)
    assert zone_of("local", {}) is UTC
    (tmp_path / "zoneinfo").mkdir()
    (tmp_path / "zoneinfo" / "Europe").mkdir()
    (tmp_path / "zoneinfo" / "Europe" / "Berlin").write_bytes(b"")
    link.symlink_to(tmp_path / "zoneinfo" / "Europe" / "Berlin")
    assert zone_of("local", {}) == ZoneInfo("Europe/Berlin")


def test_a_moment_is_shown_in_the_zone_of_the_screens() -> None:
    with shown_in(lambda: zone_of("America/New_York")):
        assert f"{local(WINTER):%Y-%m-%d %H:%M} {zone_word(WINTER)}" == "2026-01-31 18:30 EST"
        assert f"{local(SUMMER):%Y-%m-%d %H:%M} {zone_word(SUMMER)}" == "2026-07-31 19:30 EDT"
        assert zone_name() == "America/New_York"
    assert (local(WINTER), zone_word(WINTER), zone_name()) == (WINTER, "UTC", "UTC")


@pytest.mark.parametrize(
    ("zone", "sentence"),
    [
        ("UTC", "held since 2026-01-31 23:30 UTC (2026-01-31 23:30:05 UTC), gap 2026-01-31"),
        (
            "Asia/Kolkata",
            "held since 2026-02-01 05:00 IST (2026-02-01 05:00:05 IST), gap 2026-01-31",
        ),
        (
            "America/Sao_Paulo",
            "held since 2026-01-31 20:30 UTC-03:00 (2026-01-31 20:30:05 UTC-03:00), gap 2026-01-31",
        ),
    ],
)
def test_the_times_of_a_sentence_are_converted_once(zone: str, sentence: str) -> None:
    stored = "held since 2026-01-31 23:30 UTC (2026-01-31 23:30:05 UTC), gap 2026-01-31"
    with shown_in(lambda: zone_of(zone)):
        assert localised(localised(stored)) == sentence
