"""Files of the past in ``status``."""

from __future__ import annotations

from typing import Any

from exchange_cache.render.archives import archive_todos
from exchange_cache.render.todo import Todo
from exchange_cache.value.archives import ArchiveProgress


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
