"""What one call of ccxt exchanged with the exchange: filled by the guarded client while the call
runs, returned beside ccxt's value as an ``Answer``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Row = Mapping[str, Any]


class Stated:
    """What raw rows themselves state, before ccxt fills the gaps by arithmetic.

    Kept by the raw row, which ccxt keeps as ``info`` in every copy of the structure that it makes
    of it.
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
    """The last request of a call and its answer, and what the rows state that were parsed.

    ``whole``: ccxt leaves out no row of the answer for its time, its number or its symbol.
    """

    endpoint: str | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    response: Any = None
    stated: Stated = field(default_factory=Stated)
    whole: bool = False

    def begin(self, endpoint: str) -> None:
        """A request is about to be sent; nothing is known of its answer."""
        self.endpoint, self.status, self.headers, self.response = endpoint, None, {}, None


class WholeAnswers:
    """For a ccxt class: an answer that is asked for whole loses no row to ccxt, which drops what
    lies outside the request, whatever the exchange served."""

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
    """What ccxt made of a call, the raw answer to its last request, and what its rows state."""

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
    """What ccxt makes of one raw row (``kind``: trade, order or position), and what the row itself
    states. ``method``: another parse method than that of the kind."""
    with recorded(client) as traffic:
        structure = dict(getattr(client, method or f"parse_{kind}")(row, market))
    return structure, traffic.stated.of(kind, structure)
