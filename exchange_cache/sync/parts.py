"""The parts of one account's run: each is performed, classed, recorded in the cache and reported. A
part that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, from_ms
from exchange_cache.errors import (
    Banned,
    CertificateRefused,
    ExcacheError,
    ExchangeFault,
    ExchangeUnavailable,
    Interrupted,
    KeyRefused,
    NotOffered,
    PermissionMissing,
    ProxyFailed,
    RateLimited,
)
from exchange_cache.records import LEDGER_TYPES, DataType
from exchange_cache.sync.events import Observer, SyncEvent
from exchange_cache.sync.pause import PATIENCE
from exchange_cache.sync.report import PartResult, sentence
from exchange_cache.value.freshness import SyncStatus, lost_part

#: So many parts in a row that find the exchange down end the account's run: further requests would
#: only wait longer.
DOWN_PARTS = 2
#: So many refusals in a row of a key that worked also end it: further requests with a refused key
#: lead to a lockout.
REFUSED_PARTS = 2
#: So many parts in a row that the exchange asks to slow down end it: every attempt of a further
#: part would count against its limit.
LIMITED_PARTS = 3


class AccountDown(Exception):
    """Ends the account's run; ``error`` is the reason."""

    def __init__(self, error: ExcacheError) -> None:
        super().__init__(str(error))
        self.error = error


class Parts:
    """The parts of one account's run so far."""

    def __init__(
        self,
        account: str,
        repository: ExchangeCacheRepository,
        clock: Clock,
        observer: Observer,
        stop: Callable[[], bool],
    ) -> None:
        self._account = account
        self._repository = repository
        self._clock = clock
        self._observer = observer
        self._stop = stop
        self._down = 0
        self._refused = 0
        self._limited = 0
        self._key_works = False
        self.results: list[PartResult] = []
        self.done = 0
        self.planned = 0
        self.rows = 0
        self.requests = 0
        self.walked = 0  # new rows of the part that is being read

    def do(
        self,
        data_type: DataType,
        part: str,
        optional: bool,
        work: Callable[[], tuple[int, int]],
        *,
        counted: bool = False,
        partly: bool = False,
    ) -> bool:
        """Perform one part and record its result in the report and the cache; whether it succeeded.
        ``work`` returns (rows, new rows). ``partly``: the rest of the part was not requested, so
        its last attempt is an earlier one."""
        if self._stop():
            raise Interrupted("stopped", account=self._account)
        self.announce(data_type, part, "asking")
        self.results = [
            one for one in self.results if not (one.rested and _is_part(one, data_type, part))
        ]
        started = self._clock.monotonic()
        attempted = self._clock.now()
        requests = self.requests
        result = PartResult(data_type=data_type, part=part)
        try:
            rows, new_rows = work()
            self._down = self._limited = 0
            if data_type is not DataType.PRICES:  # tickers are public and prove nothing of the key
                self._key_works, self._refused = True, 0
            result = replace(result, rows=rows, new_rows=new_rows)
        except ExchangeFault as error:
            state = self._verdict(error, optional)
            result = replace(
                result,
                state=state,
                error=error,
                lost=self._is_lost(data_type, part, state),
                new_rows=self.walked,
            )
        if not counted:
            self.requests += 1
            self.done += 1
            self.rows += result.rows
        result = replace(
            result, requests=self.requests - requests, seconds=self._clock.monotonic() - started
        )
        # A later walk of a part does not hide the failure of an earlier one.
        if not any(
            _same_part(earlier, result) and earlier.state == "failed" for earlier in self.results
        ):
            self._record(result, self._dated(attempted, result.seconds), partly=partly)
        self.results.append(result)
        self.walked = 0
        self.announce(
            data_type,
            part,
            "failed" if result.state == "failed" else "done",
            result.error.message if result.error else None,
        )
        self._end_if_down(result)
        return result.state == "ok"

    def rest(self, data_type: DataType, part: str, state: str) -> None:
        """Note a part that need not be requested; what is stored of it, and when it was requested,
        stays."""
        self.results.append(PartResult(data_type=data_type, part=part, state=state, rested=True))

    def _dated(self, attempted: datetime, seconds: float) -> datetime:
        """When a part began by the exchange's time, which its own answer may be the first to
        state."""
        now = self._clock.now()
        return attempted if attempted <= now else now - timedelta(seconds=seconds)

    def _verdict(self, error: ExchangeFault, optional: bool) -> str:
        if isinstance(error, NotOffered) and optional:
            return "not_offered"
        if isinstance(error, PermissionMissing) and optional:
            return "no_permission"
        return "failed"

    def _is_lost(self, data_type: DataType, part: str, state: str) -> bool:
        """Whether a part that had rows becomes unreadable with this run without being a failure."""
        if state == "failed":
            return False
        known = self._known(data_type, part)
        return (
            known is not None
            and known.state != state
            and lost_part(replace(known, state=state), self._clock.now()) is not None
        )

    def _known(self, data_type: DataType, part: str) -> SyncStatus | None:
        """The status of a part before this run."""
        for known in self._repository.progress.statuses([self._account]):
            if (known.data_type, known.part) == (data_type, part):
                return known
        return None

    def _end_if_down(self, result: PartResult) -> None:
        error = result.error
        silent = type(error) in {ExchangeUnavailable, CertificateRefused, ProxyFailed}
        if error is not None and not silent:
            self._down = 0  # it answered
        if error is None or result.state != "failed":
            return
        self._refused += isinstance(error, KeyRefused)
        self._limited = self._limited + 1 if isinstance(error, RateLimited) else 0
        if self._limited >= LIMITED_PARTS:
            raise AccountDown(error)
        if _is_long_pause(error) or (self._refused >= (REFUSED_PARTS if self._key_works else 1)):
            raise AccountDown(error)
        if silent:
            self._down += 1
            if self._down >= DOWN_PARTS or isinstance(error, ProxyFailed):
                raise AccountDown(error)

    def _record(self, result: PartResult, attempted: datetime, *, partly: bool) -> None:
        known = self._known(result.data_type, result.part) if partly else None
        before = known.succeeded_at if known is not None else None
        self._repository.progress.record(
            SyncStatus(
                account=self._account,
                data_type=result.data_type,
                part=result.part,
                attempted_at=attempted if known is None else known.attempted_at,
                succeeded_at=self._clock.now() if result.state == "ok" and not before else None,
                state=result.state,
                error_code=result.error.code if result.error else None,
                error=sentence(result.error) if result.error else None,
                duration_ms=int(result.seconds * 1000),
                rows=result.rows,
            )
        )

    def record_data_types(
        self,
        only: frozenset[DataType],
        policy: ExchangePolicy,
        fatal: ExcacheError | None,
        interrupted: bool,
        *,
        compared: bool = True,
    ) -> None:
        """Record the status per data type: a success when every part of it succeeded; none for an
        interrupted one. Without ``compared``, nothing shows that parts could rest."""
        statuses: list[SyncStatus] = []
        read: dict[DataType, list[str]] = {}
        for data_type in DataType:
            if data_type not in only:
                continue
            parts = [part for part in self.results if part.data_type is data_type]
            proven = compared or not any(part.rested for part in parts)
            finished = proven and _finished(policy, data_type, parts)
            if interrupted and not finished:
                continue
            statuses.append(self._data_type_status(data_type, parts, None if finished else fatal))
            if fatal is None and not interrupted and data_type not in LEDGER_TYPES:
                read[data_type] = [part.part for part in parts]
        self._repository.progress.record_all(self._account, statuses, read)

    def record_mirrors(self, only: frozenset[DataType], policy: ExchangePolicy) -> None:
        """Record the mirrors of which all is read, before the histories: a run that does not reach
        its end (a full disk, a kill) leaves them as fresh as they are."""
        statuses: list[SyncStatus] = []
        for data_type in sorted(only):
            parts = [part for part in self.results if part.data_type is data_type]
            if _finished(policy, data_type, parts):
                statuses.append(self._data_type_status(data_type, parts, None))
        self._repository.progress.record_all(
            self._account, [one for one in statuses if one.state == "ok"]
        )

    def _data_type_status(
        self, data_type: DataType, parts: list[PartResult], fatal: ExcacheError | None
    ) -> SyncStatus:
        failed = [part for part in parts if part.state == "failed"]
        error = failed[0].error if failed else fatal
        offered = bool(parts) and any(part.state != "not_offered" for part in parts)
        if error is not None and (failed or not parts or fatal is not None):
            state = "failed"
        elif not offered:
            state = "not_offered"
        else:
            state = "ok"
        text = sentence(error) if error is not None and state == "failed" else None
        if text is not None and failed and len(failed) < len(parts):
            text = (
                f"{', '.join(part.part for part in failed[:3])}{' …' if len(failed) > 3 else ''}:"
                f" {text}"
            )
        return SyncStatus(
            account=self._account,
            data_type=data_type,
            attempted_at=self._clock.now(),
            succeeded_at=self._clock.now() if state == "ok" else None,
            state=state,
            error_code=error.code if error is not None and state == "failed" else None,
            error=text,
            duration_ms=int(sum(part.seconds for part in parts) * 1000),
            rows=sum(part.rows for part in parts),
        )

    @property
    def new_rows(self) -> int:
        """Rows that the run has added to the ledgers."""
        return sum(part.new_rows for part in self.results) + self.walked

    def announce(
        self,
        data_type: DataType | None,
        scope: str,
        state: str,
        message: str | None = None,
        *,
        before_ms: int | None = None,
    ) -> None:
        self._observer(
            SyncEvent(
                account=self._account,
                data_type=data_type,
                scope=scope,
                state=state,
                rows=self.rows,
                requests=self.requests,
                done=self.done,
                planned=max(self.planned, self.done),
                message=message,
                new_rows=self.new_rows,
                before=None if before_ms is None else from_ms(before_ms),
            )
        )


def _is_long_pause(error: ExcacheError) -> bool:
    """Whether the exchange demands a pause that is longer than a run waits."""
    if not isinstance(error, RateLimited):
        return False
    return isinstance(error, Banned) or timedelta(seconds=error.retry_after or 0) > PATIENCE


def _finished(policy: ExchangePolicy, data_type: DataType, parts: list[PartResult]) -> bool:
    """Whether every part of a mirror was tried before the run ended; never true of histories."""
    expected: dict[DataType, int] = {
        DataType.BALANCES: len(policy.wallets),
        DataType.PRICES: len(policy.tickers),
        DataType.POSITIONS: len(policy.positions),
    }
    return data_type in expected and len(parts) >= expected[data_type]


def _same_part(one: PartResult, other: PartResult) -> bool:
    return _is_part(one, other.data_type, other.part)


def _is_part(one: PartResult, data_type: DataType, part: str) -> bool:
    return (one.data_type, one.part) == (data_type, part)
