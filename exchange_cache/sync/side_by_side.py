"""Several waits at once: results in the order of the questions, whatever the order of the
answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

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
