"""Pauses that outlive a process: an exchange that demands a pause gets no request before its end.

The cache keeps pauses per exchange, since exchanges count per address: a second account, or the
next process, would otherwise prolong a ban by its requests. Where several machines share the cache,
each address has pauses of its own. The used share of an account's
allowance is stored every second, because a killed process cannot store it at its end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from exchange_cache.adapter.archives import ArchiveCall
from exchange_cache.adapter.exchange_time import ClockOffset
from exchange_cache.adapter.files import LinkHosts
from exchange_cache.adapter.key_rights import KeyRights
from exchange_cache.adapter.looks import Look, Question
from exchange_cache.adapter.policy import CallPolicy, StreamPolicy, WalletPolicy
from exchange_cache.adapter.port import (
    AccountCheck,
    Candle,
    Cursor,
    ExchangePort,
    LedgerRecord,
    MarketInfo,
    Page,
    WalletReading,
)
from exchange_cache.cache.progress import Progress
from exchange_cache.clock import Clock, from_ms, is_ahead, to_ms
from exchange_cache.errors import Banned, RateLimited
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import Order, Position, Price
from exchange_cache.statements.table import Desks, Names
from exchange_cache.sync.claims import READER
from exchange_cache.unidentified import UnidentifiedRow

T = TypeVar("T")

#: The account under which pauses are kept: they belong to none.
_EVERYBODY = ""
_KEY = "pause "
#: What ``ExchangePort.pace`` returns.
_PACE = frozenset({"last_request_ms", "used", "dear"})
#: The pause after a ban without a stated end: the longest known lockout.
UNSTATED_BAN = timedelta(minutes=15)
#: No exchange states a longer ban: the longest documented ones are "from 2 minutes to 3 days".
LONGEST_BAN = timedelta(days=3)
#: The longest pause for which a run waits.
PATIENCE = timedelta(seconds=20)
#: What was sent so long ago counts no more.
PACE_COUNTS_MS = 10 * 60_000
#: How often a port's pace is stored; a kill loses at most what was stated since.
KEEP_SECONDS = 1.0
#: And where nothing of it but the time of the last request changed, which the next process is past
#: when it begins.
KEEP_TIME_SECONDS = 10.0


class Pauses:
    """The pause of each exchange; shared by all accounts and threads of a run. ``address``: by
    which exchanges know this machine, where others share the cache; '' in a file."""

    def __init__(self, progress: Progress, clock: Clock, address: str = "") -> None:
        self._key = f"{_KEY}{address} " if address else _KEY
        self._progress = progress
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[datetime, bool]] | None = None

    def look_again(self) -> None:
        """Read the pauses anew: another process of this address may have met one."""
        with self._lock:
            self._known = None

    def refuse(self, exchange: str, account: str) -> None:
        """Raise the exchange's error while its pause lasts; a short pause is waited for."""
        pause = self._all().get(exchange)
        if pause is None:
            return
        until, banned = pause
        left = until - self._clock.now()
        if left <= timedelta(0):
            return
        if not banned and left <= PATIENCE:
            self._clock.sleep(left.total_seconds())
            return
        what = "banned this address" if banned else "asked us to slow down"
        kind = Banned if banned else RateLimited
        raise kind(
            f"{exchange} {what} until {until:%Y-%m-%d %H:%M:%S} UTC; nothing is sent to it before"
            " then",
            account=account,
            retry_after=left.total_seconds(),
        )

    def note(self, exchange: str, error: RateLimited) -> datetime | None:
        """Store the pause that the exchange stated, for all later processes.

        Returns its end; None where the exchange stated no time.
        """
        banned = isinstance(error, Banned)
        if error.retry_after is None and not banned:
            return None
        stated = UNSTATED_BAN if error.retry_after is None else timedelta(seconds=error.retry_after)
        wait = min(stated, LONGEST_BAN)
        until = self._clock.now() + wait
        with self._lock:
            known = dict(self._known or {})
            if exchange in known and known[exchange][0] > until:
                return known[exchange][0]
            self._known = {**known, exchange: (until, banned)}
        kept = {f"{self._key}{exchange}": {"until_ms": to_ms(until), "banned": banned}}
        self._progress.remember(_EVERYBODY, kept, self._clock.now())
        return until

    def keep_pace(self, account: str, pace: Mapping[str, object]) -> None:
        """Store the pace of an account's requests."""
        self._progress.remember(account, pace, self._clock.now())

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def _all(self) -> Mapping[str, tuple[datetime, bool]]:
        with self._lock:
            if self._known is None:
                memory = self._progress.memory(_EVERYBODY)
                noted = self._progress.memory_times(_EVERYBODY)
                kept = {
                    key: (from_ms(int(value["until_ms"])), bool(value["banned"]))
                    for key, value in memory.items()
                    if key.startswith(self._key) and isinstance(value, dict)
                }
                self._known = {
                    key.removeprefix(self._key): pause
                    for key, pause in kept.items()
                    if self._is_sound(noted[key], pause[0])
                }
            return self._known

    def _is_sound(self, noted_at: datetime, until: datetime) -> bool:
        """Whether a pause was not stored in the future, and is no longer than the longest ban."""
        return not is_ahead(noted_at, self._clock.now()) and until - noted_at <= LONGEST_BAN


def carry(
    source: Progress, target: Progress, account: str, now: datetime, address: str = ""
) -> None:
    """Copy what keeps a process within the limits of the exchanges to a file: all pauses of an
    address, and the pace of one account."""
    begin = f"{_KEY}{address} " if address else _KEY
    pauses = {
        _KEY + key.removeprefix(begin): value
        for key, value in source.memory(_EVERYBODY).items()
        if key.startswith(begin)
    }
    pace = {key: value for key, value in source.memory(account).items() if key in _PACE}
    target.remember(_EVERYBODY, pauses, now)
    target.remember(account, pace, now)


def paces_beside(
    progress: Progress, accounts: Collection[str], address: str, now: datetime
) -> dict[str, dict[str, object]]:
    """The paces with which processes of an address read these accounts just now."""
    readers = progress.values_of(READER)
    kept = {name: progress.values_of(name) for name in sorted(_PACE)}
    found = {}
    for account in accounts:
        reader, last = readers.get(account), kept["last_request_ms"].get(account)
        here = isinstance(reader, dict) and reader.get("address") == address
        if here and isinstance(last, int) and to_ms(now) - last < PACE_COUNTS_MS:
            found[account] = {name: values.get(account) for name, values in kept.items()}
    return found


class PausedPort:
    """An account's port that observes pauses: during one it refuses requests itself."""

    def __init__(self, port: ExchangePort, pauses: Pauses) -> None:
        self.account = port.account
        self.policy = port.policy
        self._port = port
        self._pauses = pauses
        self._kept_at: float | None = None
        self._kept: Mapping[str, object] = {}
        self._views = 0
        self._view_requests = 0

    @property
    def requests(self) -> int:
        return self._port.requests

    @property
    def view_requests(self) -> int:
        """The requests of a portfolio view: all balances, positions and prices. What the run left
        out counts as one each; 0 where it read nothing of it."""
        parts = (self.policy.wallets, self.policy.positions, self.policy.tickers)
        left = max(0, sum(map(len, parts)) - self._views)
        return self._view_requests + left if self._views else 0

    @property
    def clock_offset(self) -> ClockOffset | None:
        return self._port.clock_offset

    def measure_clock(self) -> None:
        self._ask(self._port.measure_clock)

    def markets(self) -> Mapping[str, MarketInfo]:
        return self._ask(self._port.markets)

    def wallet(self, wallet: WalletPolicy) -> WalletReading:
        return self._view(lambda: self._port.wallet(wallet))

    def positions(self, call: CallPolicy) -> tuple[Position | UnidentifiedRow, ...]:
        return self._view(lambda: self._port.positions(call))

    def open_orders(
        self, call: CallPolicy, symbol: str | None = None
    ) -> tuple[Order | UnidentifiedRow, ...]:
        return self._ask(lambda: self._port.open_orders(call, symbol))

    def prices(self, call: CallPolicy) -> tuple[Price, ...]:
        return self._view(lambda: self._port.prices(call))

    def page(
        self, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
    ) -> Page:
        return self._ask(lambda: self._port.page(stream, symbol, window, cursor))

    def identify(
        self, stream: StreamPolicy, rows: Sequence[UnidentifiedRow]
    ) -> Mapping[str, tuple[LedgerRecord, ...] | None]:
        return self._ask(lambda: self._port.identify(stream, rows))

    def look(self, stream: StreamPolicy, symbol: str | None, question: Question) -> Look:
        return self._ask(lambda: self._port.look(stream, symbol, question))

    def for_statements(self) -> tuple[Names, Desks]:
        return self._ask(self._port.for_statements)

    def archive_call(self, request: ArchiveCall, doing: str) -> Any:
        return self._ask(lambda: self._port.archive_call(request, doing))

    def archive_file(self, link: str, hosts: LinkHosts) -> bytes:
        return self._ask(lambda: self._port.archive_file(link, hosts))

    def candles(
        self, symbol: str, since: datetime, limit: int, resolution: str = "1h"
    ) -> tuple[Candle, ...]:
        return self._ask(lambda: self._port.candles(symbol, since, limit, resolution))

    def check(self) -> AccountCheck:
        return self._ask(self._port.check)

    def key_rights(self) -> KeyRights:
        return self._ask(self._port.key_rights)

    def memory(self) -> Mapping[str, object]:
        return self._port.memory()

    def pace(self) -> Mapping[str, object]:
        return self._port.pace()

    def close(self) -> None:
        self._port.close()

    def _view(self, action: Callable[[], T]) -> T:
        before = self._port.requests
        try:
            return self._ask(action)
        finally:
            self._views += 1
            self._view_requests += self._port.requests - before

    def _ask(self, action: Callable[[], T]) -> T:
        self._pauses.refuse(self.policy.exchange, self.account)
        try:
            return action()
        except RateLimited as error:
            until = self._pauses.note(self.policy.exchange, error)
            long = timedelta(seconds=error.retry_after or 0) > PATIENCE
            if until is not None and (long or isinstance(error, Banned)):
                error.message += f"; nothing is sent to it before {until:%Y-%m-%d %H:%M:%S} UTC"
            raise
        finally:
            self._keep_pace()

    def _keep_pace(self) -> None:
        now = self._pauses.monotonic()
        if self._kept_at is not None and now - self._kept_at < KEEP_SECONDS:
            return
        pace = self._port.pace()
        counted = {name: value for name, value in pace.items() if name != "last_request_ms"}
        if (
            self._kept_at is None
            or counted != self._kept
            or now - self._kept_at >= KEEP_TIME_SECONDS
        ):
            self._kept_at, self._kept = now, counted
            self._pauses.keep_pace(self.account, pace)
