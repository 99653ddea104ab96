"""Several waits at once: results in the order of the questions, whatever the order of the
answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)
Q = TypeVar("Q")
A = TypeVar("A")

#: So many accounts of one exchange run at once.
AT_ONCE = 10


def side_by_side(ask: Callable[[Q], A], questions: Iterable[Q]) -> list[A]:
    """What ``ask`` returns for each question. The first exception, in the order of the questions,
    is raised; an interrupted caller waits for nobody."""
    listed = list(questions)
    executor = ThreadPoolExecutor(max(1, min(AT_ONCE, len(listed))), thread_name_prefix="ask")
    try:
        return list(executor.map(ask, listed))
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


class Queue(Generic[N]):
    """The accounts of an exchange, which several threads share."""

    def __init__(self, exchange: str, accounts: Sequence[N]) -> None:
        self.exchange = exchange
        self.names = tuple(one.name for one in accounts)
        self._waiting = deque(accounts)

    def waiting(self) -> Iterator[N]:
        """Those that no thread has taken yet."""
        while True:
            try:
                yield self._waiting.popleft()
            except IndexError:
                return
