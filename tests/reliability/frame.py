"""What a class of trials is: a module with `NAME`, `SAYS`, `SHARE`, `cases()` and `run()`.

A case is a tuple of words; `make torture CASE=class,word,word` repeats it. What is wrong begins
with one of `FAULTS`, so that the page can count it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Protocol, overload

Case = tuple[str, ...]
LOST, DOUBLED, INVENTED = "lost", "doubled", "invented"
COMPLETE = "wrongly complete"
CRASH, CODE, MESSAGE = "crash", "exit code", "message"
AFTER = "not well afterwards"
REQUEST, SECRET = "request outside the allow-list", "secret found"
FAULTS = (LOST, DOUBLED, INVENTED, COMPLETE, CRASH, CODE, MESSAGE, AFTER, REQUEST, SECRET)
#: Codes that README documents, for a command that met a fault of an exchange or of the machine.
DOCUMENTED = frozenset({0, 1, 65, 66, 69, 75, 77, 78})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a case showed. `tried`: attempts that it made; `wrong`: one text for each that did not
    hold; `skipped`: why it could not be tried here."""

    wrong: tuple[str, ...] = ()
    tried: int = 1
    skipped: str = ""

    @property
    def held(self) -> int:
        return max(0, self.tried - len(self.wrong))


class Trials(Protocol):
    """A class of trials. `SHARE`: how much of the time it gets, beside the other classes."""

    NAME: str
    SAYS: str
    SHARE: int

    def cases(self) -> Sequence[Case]: ...

    def run(self, case: Case, folder: Path) -> Verdict: ...


class Product(Sequence[Case]):
    """All combinations of words, one of each axis, without making them."""

    def __init__(self, *axes: Sequence[Any]) -> None:
        self.axes = axes

    def __len__(self) -> int:
        return prod(map(len, self.axes))

    @overload
    def __getitem__(self, at: int) -> Case: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Case]: ...
    def __getitem__(self, at: int | slice) -> Case | Sequence[Case]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        words = []
        for axis in reversed(self.axes):
            at, place = divmod(at, len(axis))
            words.append(str(axis[place]))
        return tuple(reversed(words))

    def __iter__(self) -> Iterator[Case]:
        return (self[number] for number in range(len(self)))

    def __contains__(self, case: object) -> bool:
        return (
            isinstance(case, tuple)
            and len(case) == len(self.axes)
            and all(_is_of(axis, word) for axis, word in zip(self.axes, case, strict=True))
        )


class Joined(Sequence[Case]):
    """Several products, one behind the other."""

    def __init__(self, *parts: Sequence[Case]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    @overload
    def __getitem__(self, at: int) -> Case: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Case]: ...
    def __getitem__(self, at: int | slice) -> Case | Sequence[Case]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        for part in self.parts:
            if at < len(part):
                return part[at]
            at -= len(part)
        raise IndexError(at)

    def __contains__(self, case: object) -> bool:
        return any(case in part for part in self.parts)


def _is_of(axis: Sequence[Any], word: str) -> bool:
    if isinstance(axis, range):
        return word.isdigit() and int(word) in axis
    return word in map(str, axis)


def is_first(part: int, of: int, calls: int) -> bool:
    """Whether no smaller part of `of` chooses the same one of so many calls: it would be the same
    case again."""
    return calls > 0 and (part == 0 or part * calls // of != (part - 1) * calls // of)


SAME = "another case is the same, since the command makes few such calls"
NOTHING = "what it changes does not concern the command"


def named(trials: Trials, case: Case) -> str:
    """The case as `CASE=` takes it."""
    return ",".join((trials.NAME, *case))


def cut(text: str, limit: int = 200) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
