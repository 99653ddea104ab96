"""The request and answer of one call of ccxt: the guarded client notes them while the call runs,
and ``Answer`` returns them next to ccxt's value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Row = Mapping[str, Any]


class Stated:
    """The figures that raw rows themselves state, before ccxt fills gaps by arithmetic.

    Filed under the raw row, which ccxt keeps as ``info`` in every copy of its structure.
    """

    def __init__(self) -> None:
        self._figures: dict[tuple[str, int], tuple[Any, Row]] = {}

    def note(self, kind: str, row: Row, fields: Iterable[str]) -> None:
        info = row.get("info")
        self._figures[kind, id(info)] = (info, {name: row.get(name) for name in fields})

    def of(self, kind: str, structure: Row) -> Row:
        """The figures of the row behind a structure; the structure itself where none was noted."""
        found = self._figures.get((kind, id(structure.get("info"))))
        return structure if found is None else found[1]


@dataclass(slots=True)
class Traffic:
    """The last request of a call, its answer, and the figures that parsed rows state.

    ``params`` are those of the request before it is signed, ``body`` is the text of the answer.
    ``whole``: ccxt keeps every row of the answer, whatever its time, number or symbol.
    """

    endpoint: str | None = None
    params: Any = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    response: Any = None
    stated: Stated = field(default_factory=Stated)
    whole: bool = False

    def begin(self, endpoint: str, params: Any = None) -> None:
        """Note the request that is about to be sent; its answer is unknown."""
        self.endpoint, self.params = endpoint, params
        self.status, self.headers, self.body, self.response = None, {}, None, None


class WholeAnswers:
    """For a ccxt class: an answer that is asked for whole loses no row to ccxt, which drops what
    lies outside the request, whatever the exchange served.

    Its methods call those of the ccxt class that it is mixed into, which type checkers do not see.
    """

    traffic: Traffic

    def filter_by_since_limit(self, array: Any, *args: Any, **named: Any) -> Any:
        if self.traffic.whole:
            return list(array or ())
        return super().filter_by_since_limit(array, *args, **named)  # type: ignore[misc]

    def filter_by_value_since_limit(self, array: Any, *args: Any, **named: Any) -> Any:
        if self.traffic.whole:
            return list(array or ())
        return super().filter_by_value_since_limit(array, *args, **named)  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The value that ccxt returned, the raw answer to its last request, and the figures that its
    rows state."""

    value: T
    response: Any
    stated: Stated


@contextmanager
def recorded(client: Any) -> Iterator[Traffic]:
    """The traffic of the calls that are made inside."""
    before, client.traffic = client.traffic, Traffic()
    try:
        yield client.traffic
    finally:
        client.traffic = before


def parsed(
    client: Any, kind: str, row: Any, market: Any, method: str = ""
) -> tuple[dict[str, Any], Row]:
    """ccxt's structure of one raw row (``kind``: trade, order or position), and the figures that
    the row itself states. ``method`` replaces the parse method of the kind."""
    with recorded(client) as traffic:
        structure = dict(getattr(client, method or f"parse_{kind}")(row, market))
    return structure, traffic.stated.of(kind, structure)
