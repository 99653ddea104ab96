"""Files of the past in ``status``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange_cache.render.archives import archive_lines, archive_todos
from exchange_cache.render.todo import Todo
from exchange_cache.value.archives import ArchiveProgress
from tests.render.builders import NOW


def archive(account: str = "main", **more: Any) -> ArchiveProgress:
    values = {
        "account": account,
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
        **more,
    }
    return ArchiveProgress(**values)


def test_archives_of_which_nothing_is_ordered_share_the_line_of_their_account() -> None:
    year = {"by_request": True, "left": 5, "most": 5, "window": "month"}
    lines = archive_lines(
        [
            archive(title="COIN-M trades by year", missing=7, **year),
            archive(title="USD-M trades by year", missing=8, **year),
            archive(title="USD-M income by year", missing=2, problems=("2025: no",), **year),
            archive("second", title="USD-M trades by year", missing=8, **year),
            archive("okx", missing=3, making=2, since=NOW - timedelta(hours=2)),
        ],
        NOW,
    )
    order = "to order on request: excache sync --archives; 5 of 5 orders left this month"
    assert lines == (
        f"Archives of main: COIN-M trades by year and USD-M trades by year: 15 {order}",
        f"Archives of main: USD-M income by year: 2 {order}; 2025: no",
        f"Archives of second: USD-M trades by year: 8 {order}",
        "Archives of okx: bills by quarter: 2 being made since 2 h; 3 to order",
    )


def test_files_that_only_the_user_orders_are_one_thing_to_do_per_account() -> None:
    open_ = [archive(missing=7, by_request=True), archive(missing=8, by_request=True)]
    assert archive_todos(open_) == [
        Todo("main: 15 files of its past can be ordered", "excache sync --archives")
    ]


def test_files_that_come_by_themselves_are_nothing_to_do() -> None:
    requested = archive(missing=3, by_request=True, requested=True)
    assert archive_todos([archive(missing=3), requested]) == []


def test_problems_point_to_the_account() -> None:
    assert archive_todos([archive("okx", problems=("2025Q3: no",))]) == [
        Todo("okx: files of its past have problems", "excache status --account okx")
    ]
