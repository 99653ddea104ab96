"""Questions to an exchange that show how it serves a history, and its answers: values.

Part of the port's vocabulary; ``adapter.observing`` decides over them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request for a page; None: the parameter is not sent. ``purpose`` is its name."""

    purpose: str
    since_ms: int | None = None
    until_ms: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """A row as it matters here: when, what distinguishes it from every other, its own id, and that
    of the order that it belongs to."""

    time_ms: int
    name: str
    id: str | None
    order: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """An answer. ``refusal``: the exchange's own words; ``needs_symbol``: ccxt asks none without a
    symbol. ``foreign``: there are rows of other symbols than the one that was asked."""

    rows: tuple[SeenRow, ...] = ()
    refusal: str | None = None
    needs_symbol: bool = False
    foreign: bool = False

    @property
    def times(self) -> list[int]:
        return sorted(row.time_ms for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is observed: a history from ``start_ms`` to ``now_ms``, in pages of ``limit`` as ccxt
    describes it. ``window_ms``: the longest window, in ccxt's words. ``thorough``: look nearer
    where nothing is found, which costs a few requests more."""

    start_ms: int
    now_ms: int
    limit: int
    window_ms: int | None = None
    symbol: bool = False
    thorough: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions so far, with their answers."""

    looks: Mapping[str, tuple[Question, Look]]

    def with_(self, question: Question, look: Look) -> Asked:
        return Asked({**self.looks, question.purpose: (question, look)})

    def __getitem__(self, purpose: str) -> Look:
        """The answer to a question; an empty one where it was not asked."""
        found = self.looks.get(purpose)
        return Look() if found is None else found[1]

    def since_of(self, purpose: str) -> int | None:
        return self.looks[purpose][0].since_ms if purpose in self.looks else None

    def until_of(self, purpose: str) -> int | None:
        return self.looks[purpose][0].until_ms if purpose in self.looks else None

    def answers(self) -> Iterator[Look]:
        return (look for _, look in self.looks.values())


NOTHING = Asked({})
