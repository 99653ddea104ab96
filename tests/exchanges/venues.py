"""A scripted exchange that serves one history as documented: it keeps to the window, caps its
pages, and knows one kind of cursor.

What it serves are copies of the row that the request-level cases tell for that history, each with
its own id and time. The exchange is reported apart from the policy on purpose: what a ``Served``
says comes from the documentation, and a walk must find everything.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from exchange_cache.adapter.paging import dig, dig_or_none, rows_of
from exchange_cache.adapter.policy import StreamPolicy
from tests.exchanges.builders import NOW_MS
from tests.exchanges.scripted import Case
from tests.exchanges.stub import Asked

DAY_MS, HOUR_MS = 86_400_000, 3_600_000


@dataclass(frozen=True, kw_only=True)
class Served:
    """How one history is served. ``id`` and ``at`` are where a row has its id and its time
    (dotted); ``also_at`` has the time again, ``record`` the id of what the row becomes, where that
    is another than the one that cursors name.

    ``start`` and ``end`` are the parameters of the window, both included unless ``open_end``.
    ``cursor`` is one of the kinds below, ``param`` its parameter; ``reported`` where the answer
    tells the next cursor, ``total`` where it tells the number of rows.
    """

    id: str
    at: str
    also_at: tuple[str, ...] = ()
    record: str = ""
    start: str | None = None
    end: str | None = None
    unit: str = "ms"
    row_unit: str = "ms"
    open_end: bool = False
    newest_first: bool = True
    turned_by: tuple[str, str] | None = None  # the parameter and its value that turn the order
    cursor: str = "none"  # none | before | from | page | offset | token | last
    param: str = ""
    reported: str = ""
    total: str = ""
    shuffled_ids: bool = False
    cap: int = 7


@dataclass(frozen=True)
class Event:
    at_ms: int
    name: str


def put(node: Any, path: str, value: Any) -> None:
    """Set what lies at a dotted path, as the kind of value (text, integer, decimal) that was
    there."""
    *way, last = path.split(".")
    for part in way:
        node = node[int(part) if isinstance(node, list) else part]
    key: Any = int(last) if isinstance(node, list) else last
    before = node[key] if isinstance(node, list) or key in node else None
    node[key] = str(value) if isinstance(before, str) and value is not None else value


class Venue:
    """One history of ``count`` rows at one stream, and the script that answers for it."""

    def __init__(
        self, case: Case, stream: StreamPolicy, served: Served, seed: int, count: int = 60
    ) -> None:
        self.served, self.case, self.stream = served, case, stream
        self.record = served.record or served.id
        self.reply, self.model, self.made = self._model()
        random = Random(seed)
        times = sorted(_times(random, stream, count))
        names = [str(10_000 + number) for number in range(count)]
        if served.shuffled_ids:
            random.shuffle(names)
        self.events = [Event(at, name) for at, name in zip(times, names, strict=True)]
        self.requests = 0

    def _model(self) -> tuple[Any, Any, str]:
        """A reported answer, the row in it that becomes a record of its own, and the id of that
        record."""
        found = [
            (reply, row, dig_or_none(row, self.record))
            for reply in self.case.replies
            for row in self._rows(reply)
        ]
        for fits in (str.__eq__, str.__contains__):
            for reply, row, reported in found:
                for name in (str(made[0]) for made in self.case.makes):
                    if reported is not None and fits(name, str(reported)):
                        return reply, row, name
        raise AssertionError("no row of the case has the id of a record")

    def record_id(self, name: str) -> str:
        return self.made.replace(str(dig(self.model, self.record)), name)

    def _rows(self, reply: Any) -> list[Any]:
        try:
            return rows_of(reply, self.stream.rows)
        except ValueError:
            return []

    @property
    def truth(self) -> list[tuple[str, int]]:
        """(record id, time as far as the rows tell it), oldest first."""
        return sorted(
            (self.record_id(event.name), self._reported_ms(event.at_ms)) for event in self.events
        )

    def _reported_ms(self, ms: int) -> int:
        whole_seconds = (
            self.served.row_unit == "s" and str(dig(self.model, self.served.at)).isdigit()
        )
        return ms // 1000 * 1000 if whole_seconds else ms

    # --- answering --------------------------------------------------------------------------------

    def __call__(self, asked: Asked) -> Any:
        self.requests += 1
        if asked.path.endswith("/v1/account/accounts"):
            return self.case.replies[0]
        assert asked.path.endswith(self.case.path), asked.path
        found = sorted(
            (event for event in self.events if self._in_window(event, asked)),
            key=lambda event: event.at_ms,
        )
        turned = self.served.turned_by in asked.params.items()
        ordered = found[::-1] if self.served.newest_first is not turned else found
        begin = self._begin(ordered, asked)
        page = ordered[begin : begin + self._size(asked)]
        return self._answer(page, ordered, begin + len(page))

    def _size(self, asked: Asked) -> int:
        limits = [
            int(asked.params[name])
            for name in ("limit", "size", "page_size", "count", "pageSize")
            if name in asked.params
        ]
        return min([self.served.cap, *limits])

    def _in_window(self, event: Event, asked: Asked) -> bool:
        served = self.served
        start = self._bound(asked, served.start) if served.start else None
        end = self._bound(asked, served.end) if served.end else None
        at = event.at_ms // 1000 * 1000 if served.unit == "s" else event.at_ms
        return (start is None or at >= start) and (
            end is None or (at < end if served.open_end else at <= end)
        )

    def _bound(self, asked: Asked, name: str) -> int | None:
        text = asked.params.get(name)
        if text is None:
            return None
        if self.served.unit == "iso":
            return round(datetime.fromisoformat(str(text)).timestamp() * 1000)
        return int(text) * (1000 if self.served.unit == "s" else 1)

    def _begin(self, ordered: Sequence[Event], asked: Asked) -> int:
        served, text = self.served, asked.params.get(self.served.param)
        if text is None or served.cursor == "none":
            return 0
        if served.cursor == "page":
            return (int(text) - 1) * self._size(asked)
        if served.cursor in {"offset", "token"}:
            return int(str(text).removeprefix("t"))
        named = next((at for at, event in enumerate(ordered) if event.name == str(text)), None)
        if (
            served.cursor == "from"
        ):  # the row named is served again; ids that grow may name a row to come
            return (
                named
                if named is not None
                else sum(int(event.name) < int(text) for event in ordered)
            )
        assert named is not None, f"an unknown id {text}"
        return named + 1

    def _answer(self, page: Sequence[Event], ordered: Sequence[Event], passed: int) -> Any:
        made = [self._row(event) for event in page]
        reply = copy.deepcopy(self.reply)
        if not self.stream.rows:
            return made
        if self.stream.rows == "*" and "data" not in reply:  # under the name of the market
            reply = dict.fromkeys(reply, made)
        elif self.stream.rows == "*":
            reply["data"] = made
        else:
            put(reply, self.stream.rows.rstrip("?"), made)
        if self.served.total:
            put(reply, self.served.total, len(ordered))
        if self.served.cursor == "last":
            put(reply, self.served.reported, page[-1].name if page else "")
        if self.served.cursor == "token":
            put(reply, self.served.reported, f"t{passed}" if passed < len(ordered) else None)
        return reply

    def _row(self, event: Event) -> Any:
        row = copy.deepcopy(self.model)
        for path in {self.served.id, self.record}:
            put(row, path, event.name if isinstance(dig(row, path), str) else int(event.name))
        for path in (self.served.at, *self.served.also_at):
            put(row, path, self._time(event.at_ms, dig(row, path)))
        return row

    def _time(self, ms: int, like: Any) -> Any:
        if self.served.row_unit == "iso":
            gap, tail = ("T", "Z") if "T" in like else (" ", "000")
            return (
                datetime.fromtimestamp(ms / 1000, UTC).strftime(f"%Y-%m-%d{gap}%H:%M:%S.")
                + f"{ms % 1000:03d}{tail}"
            )
        if self.served.row_unit == "s":
            return ms / 1000 if isinstance(like, float) else ms // 1000
        return ms


def _times(random: Random, stream: StreamPolicy, count: int) -> list[int]:
    """Instants with all that is nasty: five of one millisecond, five in a row, a busy hour, the
    edges of windows, and a long pause."""
    reach = min(stream.retention or timedelta(days=100), timedelta(days=100)) - timedelta(hours=1)
    oldest = NOW_MS - reach // timedelta(milliseconds=1)
    third = (NOW_MS - oldest) // 3
    window = (stream.window or timedelta(days=1)) // timedelta(milliseconds=1)
    crowded, busy, row = (oldest + random.randrange(HOUR_MS, third - HOUR_MS) for _ in range(3))
    edges = [
        at
        for back in (1, 2)
        for at in (NOW_MS - back * window - 1, NOW_MS - back * window)
        if oldest <= at
    ]
    made = (
        [crowded] * 5
        + [row + number for number in range(5)]
        + [busy + random.randrange(HOUR_MS) for _ in range(24)]
        + edges
    )
    while len(made) < count:
        place = random.randrange(third)
        made.append(random.choice((oldest + place, NOW_MS - 1 - place)))
    return made
