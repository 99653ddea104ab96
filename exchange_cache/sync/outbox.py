"""Remembers which alerts the user's program got, for all processes that share a cache.

An alert is claimed before the program starts, and noted as given as soon as the program has its
text: another process leaves it alone, and one that is killed there repeats nothing. A claim whose
process died before the program started is free again after ``CLAIM``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, from_ms, to_ms
from exchange_cache.data_types import NO_ACCOUNT

#: How long a process may take from its claim to the start of the program.
CLAIM = timedelta(minutes=1)
#: How long an alert of another machine is remembered, which alone knows when it ended: accounts and
#: rules are those of each machine's own config.toml.
ELSEWHERE = timedelta(days=7)
_SENT = "alerts_sent"


class _Note(NamedTuple):
    """When an alert was claimed or given, and by which machine ("": the one that has the file)."""

    at_ms: int
    given: bool = True
    host: str = ""

    @property
    def at(self) -> datetime:
        return from_ms(self.at_ms)


class Outbox:
    """The alerts of a cache, by their ids, as a process of ``host`` changes them."""

    def __init__(self, repository: ExchangeCacheRepository, clock: Clock, host: str = "") -> None:
        self._progress, self._clock, self._host = repository.progress, clock, host

    def forget(self, held: Collection[str], seen: datetime) -> None:
        """Forget what does not hold any more; ``held`` did at ``seen``."""

        def is_over(name: str, note: _Note) -> bool:
            own = note.host == self._host or seen - note.at >= ELSEWHERE
            return name not in held and own and note.at <= seen

        def renewed(name: str, note: _Note) -> _Note:
            old = self._host and name in held and seen - note.at > ELSEWHERE / 2
            return note._replace(at_ms=to_ms(seen), host=self._host) if old else note

        def ended(notes: dict[str, _Note]) -> dict[str, _Note]:
            left = {name: note for name, note in notes.items() if not is_over(name, note)}
            return {name: renewed(name, note) for name, note in left.items()}

        self._change(ended)

    def claim(self, name: str) -> bool:
        """Whether nobody has it yet; then it is this process's."""
        now, taken = self._clock.now(), False

        def claimed(notes: dict[str, _Note]) -> dict[str, _Note]:
            nonlocal taken
            known = notes.get(name)
            taken = known is None or not (known.given or now - known.at < CLAIM)
            return notes | {name: self._note(given=False)} if taken else notes

        self._change(claimed)
        return taken

    def give(self, name: str) -> None:
        """The program has it."""
        self._change(lambda notes: notes | {name: self._note(given=True)})

    def release(self, name: str) -> None:
        """The program failed: it is new again."""
        self._change(lambda notes: {key: note for key, note in notes.items() if key != name})

    def _note(self, *, given: bool) -> _Note:
        return _Note(to_ms(self._clock.now()), given, self._host)

    def _change(self, change: Callable[[dict[str, _Note]], dict[str, _Note]]) -> None:
        def changed(known: object) -> object:
            return change(_notes(known))

        self._progress.amend(NO_ACCOUNT, _SENT, changed, self._clock.now())


def _notes(stored: object) -> dict[str, _Note]:
    """The notes that are stored; those of earlier versions are times alone."""
    found = stored if isinstance(stored, dict) else {}
    return {
        name: _Note(*note) if isinstance(note, list) else _Note(note)
        for name, note in found.items()
    }
