"""How fast requests follow each other: all clients of one exchange at one address share a pace.

A request reserves its turn and then waits for it, so clients take turns in the order in which they
ask. What the exchange counts by account has a pace of its own for each account. Where the exchange
asks for a pause, every client that shares its address waits, also those that had a turn already.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from exchange_cache.adapter import pace
from exchange_cache.adapter.allowances import Allowance, Limits
from exchange_cache.clock import Clock
from exchange_cache.errors import Banned, RateLimited

#: A request that ccxt would delay longer than this counts against a budget per minute.
DEAR_MS = 5_000
DEAR_BUDGET_MS = 61_000  # two requests of 30.0015 s each fit into a minute
#: The pause after a refusal without a stated end; a repeated request waits longer each time.
PAUSE_MS = 500
#: A longer pause is no wait but an error: the caller tries later.
PATIENCE_MS = 20_000
#: Waits shorter than this (ms) are rounding.
_TINY = 0.01


@dataclass(slots=True)
class Pool:
    """The requests that an exchange counts together; times are ms of a clock that never jumps."""

    last: float = float("-inf")  # when the last request is sent
    sent: deque[float] = field(default_factory=deque)  # as many as may be sent at once
    dear: list[tuple[float, float, str]] = field(default_factory=list)  # when, cost, account
    held_until: float = float("-inf")
    held_by: type[RateLimited] = RateLimited
    holds: int = 0
    used: dict[str, pace.Used] = field(default_factory=dict)


class Budgets:
    """The pools of one process, shared by all of its clients and threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._pools: dict[tuple[str, ...], Pool] = {}

    def pool(self, *name: str) -> Pool:
        with self.lock:
            return self._pools.setdefault(name, Pool())


class Budget:
    """One client's share. ``place``: exchange and address; ``faster``: the user's own pace as a
    multiple of the exchange's usual one."""

    def __init__(
        self,
        budgets: Budgets,
        *,
        account: str,
        place: tuple[str, ...],
        limits: Limits,
        allowances: Iterable[Allowance],
        clock: Clock,
        faster: float = 1.0,
    ) -> None:
        self._lock = budgets.lock
        self._account = account
        self._exchange = place[0]
        self._limits = limits
        self._own_suffixes = tuple(one.suffix for one in allowances if one.per_account)
        self._clock = clock
        self._faster = faster
        self._address = budgets.pool(*place)
        self._own = budgets.pool(*place, "account", account)
        self._apart = {name: budgets.pool(*place, "section", name) for name in limits.apart}
        own = limits.signed_per_account or limits.dear_per_account
        self._dear = self._own if own else self._address

    # --- a request --------------------------------------------------------------------------------

    def take(self, need: float, endpoint: str | None, exchange_ms: Callable[[], int]) -> None:
        """Wait for the turn of a request that ccxt spaces by ``need`` ms. Raises RateLimited or
        Banned during a pause that is longer than a run waits."""
        if need > DEAR_MS:
            self._wait(self._dear_turn(need))
            need = 0.0
        while (wait := pace.wait_ms(self.used, endpoint, exchange_ms())) > 0:
            self._clock.sleep(wait / 1000)
        pool = self._pool(endpoint)
        while True:
            holds = pool.holds, self._address.holds
            self._wait(self._turn(pool, need))
            self._wait(self._room())
            if holds == (pool.holds, self._address.holds):
                return

    def hold(self, error: RateLimited, endpoint: str | None, status: int | None) -> None:
        """Let all wait whom the refusal of a request concerns: all clients of the address after a
        ban or a status of HTTP that says so, else those that are counted with this one."""
        everybody = isinstance(error, Banned) or status in {403, 418, 429}
        stated = PAUSE_MS if error.retry_after is None else error.retry_after * 1000
        until = self._now() + stated
        with self._lock:
            for pool in (self._pool(endpoint), *([self._address] if everybody else [])):
                pool.holds += 1
                if until > pool.held_until:
                    pool.held_until, pool.held_by = until, type(error)

    def _turn(self, pool: Pool, need: float) -> float:
        """Reserve the next moment of a pool."""
        now = self._now()
        with self._lock:
            held = max(pool, self._address, key=lambda one: one.held_until)
            if held.held_until - now > PATIENCE_MS:
                raise self._paused(held, now)
            pool.last = max(now, held.held_until, pool.last + need)
            return pool.last

    def _room(self) -> float:
        """Reserve the next moment at which the address may send one more request."""
        now, most = self._now(), self._limits.requests
        if most is None:
            return now
        most, sent = int(most * pace.NEARLY_ALL), self._address.sent
        with self._lock:
            length = self._limits.seconds * 1000 / self._faster
            turn = max(now, sent.popleft() + length) if len(sent) >= most else now
            sent.append(turn)
            return turn

    def _dear_turn(self, need: float) -> float:
        """Reserve a turn for an expensive request: as many as fit into a minute, at any time."""
        now, pool = self._now(), self._dear
        with self._lock:
            pool.dear = [one for one in pool.dear if now - one[0] < pace.MINUTE_MS]
            spent, turn = sum(cost for _, cost, _ in pool.dear), now
            for at, cost, _ in pool.dear:
                if spent + need <= DEAR_BUDGET_MS:
                    break
                spent, turn = spent - cost, at + pace.MINUTE_MS
            pool.dear = [*pool.dear, (turn, need, self._account)]
        return turn

    def _wait(self, until: float) -> None:
        wait = until - self._now()
        if wait > _TINY:
            self._clock.sleep(wait / 1000)

    def _now(self) -> float:
        return self._clock.monotonic() * 1000

    def _paused(self, pool: Pool, now: float) -> RateLimited:
        what = "banned this address" if pool.held_by is Banned else "asked us to slow down"
        return pool.held_by(
            f"{self._exchange} {what}",
            account=self._account,
            retry_after=(pool.held_until - now) / 1000,
        )

    def _pool(self, endpoint: str | None) -> Pool:
        """The pool whose pace a request keeps."""
        if self._limits.signed_per_account and pace.is_private(endpoint):
            return self._own
        section = pace.section_of(endpoint)
        found = (pool for name, pool in self._apart.items() if section.startswith(name))
        return next(found, self._address)

    # --- what the exchange reports, and what outlives the process ---------------------------------

    @property
    def used(self) -> Mapping[str, pace.Used]:
        """How much is used of the allowances that concern this client."""
        with self._lock:
            return {**self._address.used, **self._own.used}

    def note_used(self, used: Mapping[str, pace.Used]) -> None:
        """Note what an answer reports; answers may arrive in another order than they were made."""
        with self._lock:
            for name, found in used.items():
                pool = self._own if name.endswith(self._own_suffixes) else self._address
                known = pool.used.get(name)
                older = known is not None and known.until_ms == found.until_ms
                if known is None or not older or known.share < found.share:
                    pool.used[name] = found

    def dear(self, exchange_ms: int) -> list[list[float]]:
        """The expensive requests of this account in the last minute: [ms of the exchange, cost]."""
        ahead = exchange_ms - self._now()
        with self._lock:
            mine = [(at, cost) for at, cost, who in self._dear.dear if who == self._account]
        return [[int(at + ahead), cost] for at, cost in mine]

    def resume(
        self,
        exchange_ms: int,
        last_ms: float,
        dear: Iterable[tuple[float, float]],
        used: Mapping[str, pace.Used],
    ) -> None:
        """Continue where an earlier process ended; what it dates in the future counts as now."""
        now = self._now()
        known = [(now - max(0.0, exchange_ms - at), cost, self._account) for at, cost in dear]
        pool = self._own if self._limits.signed_per_account else self._address
        with self._lock:
            pool.last = max(pool.last, now - max(0.0, exchange_ms - last_ms))
            others = [one for one in self._dear.dear if one[2] != self._account]
            self._dear.dear = sorted([*others, *known])
        self.note_used(used)

    def resume_beside(
        self,
        account: str,
        exchange_ms: int,
        last_ms: float,
        dear: Iterable[tuple[float, float]],
        used: Mapping[str, pace.Used],
    ) -> None:
        """Continue where another process of this address ended with another account: what the
        exchange counts for both."""
        now = self._now()
        known = [(now - max(0.0, exchange_ms - at), cost, account) for at, cost in dear]
        with self._lock:
            if not self._limits.signed_per_account:
                last = now - max(0.0, exchange_ms - last_ms)
                self._address.last = max(self._address.last, last)
            if self._dear is self._address:
                others = [one for one in self._dear.dear if one[2] != account]
                self._dear.dear = sorted([*others, *known])
        shared = {name: one for name, one in used.items() if not name.endswith(self._own_suffixes)}
        self.note_used(shared)
