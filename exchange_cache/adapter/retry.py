"""Repeats requests that failed: how often, after how long, and when not. The given clock does the
waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from exchange_cache.clock import Clock
from exchange_cache.errors import ClockSkew, ExcacheError, RateLimited

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """``attempts`` in all; the wait starts at ``base`` seconds, doubles up to ``longest``, and half
    of it is random.

    A Retry-After of up to ``patience`` seconds is honoured; for a longer one the error is raised at
    once, so that the caller can try later.
    """

    attempts: int = 3
    base: float = 0.5
    longest: float = 8.0
    patience: float = 20.0

    def wait(self, error: ExcacheError, attempt: int, random: Random) -> float | None:
        """Seconds to wait before attempt number ``attempt`` + 1; None: do not try again."""
        if not error.retryable or attempt >= self.attempts:
            return None
        backoff: float = min(self.longest, self.base * 2.0 ** (attempt - 1)) * (
            0.5 + random.random() / 2
        )
        if isinstance(error, RateLimited) and error.retry_after is not None:
            return None if error.retry_after > self.patience else max(error.retry_after, backoff)
        return backoff


def call(
    action: Callable[[], T],
    *,
    policy: RetryPolicy,
    clock: Clock,
    random: Random,
    on_skew: Callable[[], None],
    give_up: Callable[[], bool] = lambda: False,
) -> T:
    """Run ``action`` (which raises only the project's errors) until it succeeds or the policy ends
    the attempts.

    The first refused time stamp calls ``on_skew`` (which measures the offset) and tries again at
    once; a second one is final.
    """
    attempt, skewed = 1, False
    while True:
        try:
            return action()
        except ClockSkew:
            if skewed:
                raise
            skewed = True
            on_skew()
        except ExcacheError as error:
            wait = policy.wait(error, attempt, random)
            if wait is None or give_up():
                raise
            clock.sleep(wait)
            attempt += 1
