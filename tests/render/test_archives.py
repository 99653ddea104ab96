"""What people and programs read about files of the past."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange_cache.render.archives import archive_lines, archive_rows
from exchange_cache.value.archives import ArchiveProgress
from tests.builders import NOW


def progress(**more: Any) -> ArchiveProgress:
    defaults: dict[str, Any] = {
        "account": "main",
        "title": "bills by quarter",
        "read": 0,
        "new_rows": 0,
        "back_to": None,
        "making": 0,
        "since": None,
        "missing": 0,
        "left": None,
        "most": None,
        "window": "",
        "shared": "",
        "by_request": False,
        "requested": False,
    }
    return ArchiveProgress(**{**defaults, **more})


def test_what_is_finished_is_no_line() -> None:
    assert archive_lines([progress(read=20, back_to=NOW)], NOW) == ()


def test_a_line_says_what_is_read_made_and_left() -> None:
    one = progress(
        read=12,
        back_to=NOW,
        making=3,
        since=NOW - timedelta(hours=2),
        missing=5,
        left=0,
        most=12,
        window="day",
        problems=("2023Q1: the link leads to the host evil.example",),
    )
    assert archive_lines([one], NOW) == (
        f"Archives of main: bills by quarter: 12 files read, back to {NOW:%Y-%m-%d}; 3 being made"
        " since 2 h; 5 to order (0 of 12 orders left this day); 2023Q1: the link leads to the host"
        " evil.example",
    )


def test_what_waits_for_the_users_word_shares_a_line() -> None:
    own = [
        progress(
            title=title,
            missing=7,
            left=5,
            most=5,
            window="month",
            by_request=True,
            shared="the downloads of the web page count too",
        )
        for title in ("income by year", "trades by year")
    ]
    assert archive_lines(own, NOW) == (
        "Archives of main: 14 files of income by year and trades by year: excache sync --archives"
        " (5 of 5 orders left this month each; the downloads of the web page count too)",
    )


def test_programs_get_every_archive() -> None:
    (row,) = archive_rows([progress(read=20, back_to=NOW, new_rows=7)])
    assert (row["files_read"], row["new_rows"], row["back_to"]) == (20, 7, NOW)
    assert row["problems"] == []
