from __future__ import annotations

from datetime import timedelta

from exchange_cache.render.layout import grid_lines, plain
from exchange_cache.render.signs import Signs
from exchange_cache.render.workers import Worker, worker_rows, workers_grid
from tests.builders import NOW

ONE = Worker(
    host="a.example.org",
    pid=7,
    command="sync",
    since=NOW - timedelta(minutes=3),
    doing="main fills spot",
    requests=1200,
    rows=35,
)
OTHER = Worker(host=None, pid=8, command="reload", since=NOW)


def shown(width: int) -> list[str]:
    grid = workers_grid((ONE, OTHER), NOW, Signs(True))
    return [plain(line).rstrip() for line in grid_lines(grid, width)]


def test_each_process_has_a_row_that_fits() -> None:
    assert shown(80) == [
        "Host           Pid  Command  Since  Progress",
        "a.example.org  7    sync     11:57  1,200 requests, 35 new rows, main fills spot",
        "-              8    reload   12:00",
    ]
    assert shown(60)[1] == "a.example.org  7    sync     11:57  1,200 requests, 35 new …"
    assert max(map(len, shown(40))) <= 40


def test_programs_get_every_field() -> None:
    assert worker_rows([ONE])[0] == {
        "command": "sync",
        "pid": 7,
        "since": NOW - timedelta(minutes=3),
        "doing": "main fills spot",
        "requests": 1200,
        "rows": 35,
        "host": "a.example.org",
    }
