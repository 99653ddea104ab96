"""The processes that work at the same moment, of which a cache on a server may have several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange_cache.render import words
from exchange_cache.render.layout import Grid, GridColumn, Line, cells, shortened, text
from exchange_cache.render.signs import Signs

#: The narrowest column of what a process does.
_LEAST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One process. ``host``: None is this machine; what it does is None until it recorded it."""

    host: str | None
    pid: int
    command: str
    since: datetime
    doing: str | None = None
    requests: int | None = None
    rows: int | None = None

    @property
    def progress(self) -> str:
        parts = [words.count(self.requests, "request")] if self.requests else []
        parts += [words.count(self.rows, "new row")] if self.rows else []
        return ", ".join([*parts, *filter(None, [self.doing])])


def workers_grid(workers: Sequence[Worker], now: datetime, signs: Signs) -> Grid:
    """A row for each process, the first first."""

    def progress(width: int) -> tuple[Line, ...]:
        return tuple(text(shortened(one.progress, width, signs.ellipsis)) for one in workers)

    def column(heading: str, found: Sequence[str], drop: int = 0) -> GridColumn:
        return GridColumn(heading=heading, cells=tuple(map(text, found)), drop=drop)

    return Grid(
        columns=(
            column("Host", [one.host or "-" for one in workers]),
            column("Pid", [str(one.pid) for one in workers]),
            column("Command", [one.command for one in workers], drop=1),
            column("Since", [words.clock_time(one.since, now) for one in workers]),
            GridColumn(
                heading="Progress",
                fill=progress,
                least=_LEAST,
                most=max((cells(one.progress) for one in workers), default=0),
            ),
        )
    )


def worker_rows(workers: Sequence[Worker]) -> list[dict[str, object]]:
    """The same for programs."""
    return [
        {
            "command": one.command,
            "pid": one.pid,
            "since": one.since,
            "doing": one.doing,
            "requests": one.requests,
            "rows": one.rows,
            "host": one.host,
        }
        for one in workers
    ]
