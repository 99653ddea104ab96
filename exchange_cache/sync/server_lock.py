"""The writer lock of a cache on a server: it excludes writers of every machine.

The lock of the whole cache is held alone by whoever changes it, and shared by those who sync, each
of whom claims one account after the other. What is computed over all accounts needs it alone again,
so that no row is added meanwhile: whoever finishes last does it.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from exchange_cache.cache.postgres.session_lock import SessionLocks
from exchange_cache.cache.server import Server
from exchange_cache.clock import Clock, from_ms, to_ms
from exchange_cache.machine import this_host
from exchange_cache.sync.lock import POLL_SECONDS, Holder, WriterLock

_WHOLE, _ACCOUNT, _SESSION, _PLACE = "", "account/", "session/", "address/"
#: How long a sync waits for another process to compute what it has.
JOIN_WAIT = timedelta(minutes=2)
#: How long it waits at its end for a command that changes rows otherwise.
FINISH_WAIT = timedelta(minutes=2)
#: The commands that compute what is new before they end.
_COMPUTE = frozenset({"sync", "refresh", "reload", "reload_data"})
#: A session's name has at most 63 bytes.
_HOST, _NAME = 24, 63


class ServerLock(WriterLock):
    """The locks of one session. ``fence`` lists one of them, as long as it is to be held: the
    repository of this process asks for it before it writes."""

    def __init__(
        self,
        server: Server,
        clock: Clock,
        fence: list[str] | None = None,
        *,
        pid: int | None = None,
    ) -> None:
        super().__init__(server.beside, clock, pid=pid)
        self._locks = SessionLocks(server)
        self._fence = [] if fence is None else fence
        self._session = ""
        self._note = ""
        self._alone = self._shared = self._left = False
        self._claimed: list[str] = []
        self._places: set[str] = set()

    def try_acquire(self, command: str) -> bool:
        if not self._alone and self._locks.take(_WHOLE, self._named(command)):
            self._alone = True
            self._begin()
        return self._alone

    def _begin(self) -> None:
        """From now on, nothing is written once this session is lost."""
        if not self._session:
            self._session = f"{_SESSION}{uuid4().hex}"
            self._locks.take(self._session, self._note)
            self._fence.append(self._session)

    def join(self, command: str) -> bool:
        note = self._named(command)
        deadline = self._clock.monotonic() + JOIN_WAIT.total_seconds()
        while not self._shared:
            self._shared = self._locks.share(_WHOLE, note)
            if not self._shared:
                if self._clock.monotonic() >= deadline:
                    return False
                self._clock.sleep(POLL_SECONDS)
        self._begin()
        return True

    def share(self) -> None:
        if self._alone:
            self._shared = self._locks.share(_WHOLE, self._note)
            self._locks.free(_WHOLE)
            self._alone = False

    def claim(self, account: str) -> bool:
        if self._alone:
            return True
        taken = self._locks.take(_ACCOUNT + account, self._note)
        if taken:
            self._claimed.append(account)
        return taken

    def enter(self, place: str) -> bool:
        taken = self._locks.take(_PLACE + place, self._note)
        if taken:
            self._places.add(place)
        return taken

    def leave(self, place: str) -> None:
        if place in self._places:
            self._places.remove(place)
            self._locks.free(_PLACE + place)

    def finish(self) -> bool:
        """Take the whole cache unless another process computes what is new: one that still syncs,
        or one that began after this one gave its share back, and so sees its rows.

        It only looks who they are: who shared the lock for a moment would keep the last of them
        from having it alone, and then nobody would compute.
        """
        self._give_back()
        deadline = self._clock.monotonic() + FINISH_WAIT.total_seconds()
        while not (self._left or self.try_acquire("")):
            self._left = (
                any(_computes(*one) for one in self._locks.holders(_WHOLE))
                or self._clock.monotonic() >= deadline
            )
            if not self._left:
                self._clock.sleep(POLL_SECONDS)
        return not self._left

    @property
    def beside(self) -> bool:  # type: ignore[override]
        return self._shared

    def holder(self) -> Holder | None:
        return next(iter(self.holders()), None)

    def holders(self) -> tuple[Holder, ...]:
        notes = self._locks.holders(_WHOLE)
        if not self._session:
            self._locks.close()
        return tuple(_read(note, self._clock) for note, _ in notes)

    def release(self) -> None:
        self._give_back()
        if self._alone:
            self._locks.free(_WHOLE)
        self._alone = False
        if self._session:
            self._fence.remove(self._session)
        self._session = ""
        self._locks.close()

    def _give_back(self) -> None:
        for account in self._claimed:
            self._locks.free(_ACCOUNT + account)
        self._claimed.clear()
        for place in tuple(self._places):
            self.leave(place)
        if self._shared:
            self._locks.unshare(_WHOLE)
        self._shared = False

    def _named(self, command: str) -> str:
        if command:
            since = to_ms(self._clock.now()) // 1000
            self._note = f"{self._pid}@{this_host()[:_HOST]} {since} {command}"[:_NAME]
        return self._note


def _computes(note: str, alone: bool) -> bool:
    """Whether a holder of the whole cache will compute what is new."""
    return not alone or note.rpartition(" ")[2] in _COMPUTE


def _read(note: str, clock: Clock) -> Holder:
    """What a session's name states; the name of any other program is its own."""
    place, _, rest = note.partition(" ")
    pid, _, host = place.partition("@")
    since, _, command = rest.partition(" ")
    if not (pid.isdecimal() and since.isdecimal()):
        return Holder(pid=0, command=note, since=clock.now())
    began = from_ms(int(since) * 1000)
    held = max(clock.now() - began, timedelta(0))
    return Holder(pid=int(pid), command=command, since=began, held=held, host=host)
