"""One account's run: what is now (balances, prices, positions, open orders), then what happened; one failing part stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from exchange_cache.cache.ledger import StreamKey, StreamState
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, to_ms
from exchange_cache.domain.freshness import SyncStatus
from exchange_cache.domain.records import LEDGER_TYPES, Balance, DataType
from exchange_cache.errors import (
    Banned,
    ExcacheError,
    ExchangeFault,
    ExchangeUnavailable,
    Interrupted,
    KeyRefused,
    NotOffered,
    OutOfRetention,
    PermissionMissing,
    SymbolUnknown,
)
from exchange_cache.exchange.policy import CallPolicy, StreamPolicy, WalletPolicy
from exchange_cache.exchange.port import ExchangePort
from exchange_cache.sync import discovery
from exchange_cache.sync.events import Observer, SyncEvent, unobserved
from exchange_cache.sync.findings import NEVER_ASKED
from exchange_cache.sync.history import Tally, Walk
from exchange_cache.sync.plan import StreamPlan, Window, plan_stream, to_span_ms
from exchange_cache.sync.report import AccountReport, PartResult

#: So many parts in a row that find the exchange down end the account's run: asking on would only wait longer.
DOWN_PARTS = 2
#: Where symbols are remembered that exchanges named without a row of their own (income of a contract).
NAMED_SYMBOLS = "named_symbols"
#: A transfer on its way is asked about again for this long after it began.
PENDING_REACH = timedelta(days=30)
#: An order that vanished from the open list is looked for in its history for this long: canceled ones are often not kept there.
UNSETTLED_REACH = timedelta(days=7)
#: Rounds of symbol discovery in one run: each may find assets that lead to further symbols.
DISCOVERY_ROUNDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a run is asked to do. ``sweep_budget`` bounds the never-asked symbols per scope and run."""

    only: frozenset[DataType] = frozenset(DataType)
    full: bool = False
    force: bool = False
    sweep_budget: int = 100
    symbols: tuple[str, ...] = ()
    start_ms: int | None = None


class SuspiciouslyEmpty(ExchangeFault):
    """A wallet that had holdings answered empty for the first time: believed when it is seen twice, or forced."""

    code = "suspicious_empty"


class _AccountDown(Exception):
    """Ends the account's run; ``error`` says why."""

    def __init__(self, error: ExcacheError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(slots=True)
class _Progress:
    done: int = 0
    planned: int = 0
    rows: int = 0
    requests: int = 0
    down: int = 0
    any_success: bool = False
    parts: list[PartResult] = field(default_factory=list)


class AccountRun:
    """Runs everything due for one account through its port into the cache."""

    def __init__(
        self,
        port: ExchangePort,
        repository: ExchangeCacheRepository,
        clock: Clock,
        options: RunOptions,
        *,
        observer: Observer = unobserved,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._port = port
        self._repository = repository
        self._clock = clock
        self._options = options
        self._observer = observer
        self._stop = stop
        self._account = port.account
        self._progress = _Progress()
        self._now_ms = to_ms(clock.now())
        self._walked: set[tuple[DataType, str, str]] = set()
        self._never_asked: dict[str, int] = {}
        self._named = _names(repository.progress.memory(port.account).get(NAMED_SYMBOLS))

    def run(self) -> AccountReport:
        """Everything asked for, in the order of its value; never raises for what an exchange does."""
        started = self._clock.monotonic()
        fatal: ExcacheError | None = None
        interrupted = False
        try:
            self._mirrors()
            self._ledgers()
        except _AccountDown as down:
            fatal = down.error
        except Interrupted:
            interrupted = True
        self._record_data_types(fatal, interrupted)
        self._tell(None, "", "finished")
        return AccountReport(
            account=self._account,
            exchange=self._port.policy.exchange,
            parts=tuple(self._progress.parts),
            seconds=self._clock.monotonic() - started,
            fatal=fatal,
            interrupted=interrupted,
        )

    # --- mirrors -----------------------------------------------------------------------------------------

    def _mirrors(self) -> None:
        policy = self._port.policy
        only = self._options.only
        open_orders = _by_category(policy.open_orders)
        calls = {
            DataType.BALANCES: policy.wallets,
            DataType.PRICES: policy.tickers,
            DataType.POSITIONS: policy.positions,
            DataType.ORDERS: open_orders,
        }
        self._progress.planned += sum(len(items) for data_type, items in calls.items() if data_type in only)
        if DataType.BALANCES in only:
            for wallet in policy.wallets:
                self._part(DataType.BALANCES, wallet.name, wallet.optional, partial(self._balances, wallet))
            self._repository.mirror.keep_wallets(self._account, [wallet.name for wallet in policy.wallets])
        if DataType.PRICES in only:
            for call in policy.tickers:
                self._part(DataType.PRICES, part_name(call), call.optional, partial(self._prices, call))
        if DataType.POSITIONS in only:
            for call in policy.positions:
                self._part(DataType.POSITIONS, part_name(call), call.optional, partial(self._positions, call))
            self._repository.mirror.keep_positions(self._account, [part_name(call) for call in policy.positions])
        if DataType.ORDERS in only:
            for category, lists in open_orders.items():
                self._part(
                    DataType.ORDERS,
                    f"open {category}",
                    all(call.optional for call in lists),
                    partial(self._open_orders, category, lists),
                )

    def _balances(self, wallet: WalletPolicy) -> tuple[int, int]:
        fetched = self._port.balances(wallet)
        self._refuse_sudden_emptiness(wallet.name, fetched)
        self._repository.mirror.replace_balances(self._account, wallet.name, fetched)
        return len(fetched), 0

    def _refuse_sudden_emptiness(self, wallet: str, fetched: tuple[Balance, ...]) -> None:
        if fetched or self._options.force:
            return
        held = [item for item in self._repository.mirror.balances([self._account]) if item.wallet == wallet and item.total != 0]
        if not held or self._seen_empty_before(wallet):
            return
        raise SuspiciouslyEmpty(
            f"the {wallet} wallet held {len(held)} asset{'s' if len(held) > 1 else ''} and is suddenly empty; the old balances are kept",
            account=self._account,
            hint=f"believed when the next sync sees it again, or now: excache reload --force --account {self._account}",
        )

    def _seen_empty_before(self, wallet: str) -> bool:
        return any(
            status.part == wallet and status.data_type is DataType.BALANCES and status.error_code == SuspiciouslyEmpty.code
            for status in self._repository.progress.statuses([self._account])
        )

    def _prices(self, call: CallPolicy) -> tuple[int, int]:
        fetched = self._port.prices(call)
        self._repository.mirror.replace_prices(self._account, call.category, fetched)
        return len(fetched), 0

    def _positions(self, call: CallPolicy) -> tuple[int, int]:
        fetched = self._port.positions(call)
        self._repository.mirror.replace_positions(self._account, part_name(call), fetched)
        return len(fetched), 0

    def _open_orders(self, category: str, calls: tuple[CallPolicy, ...]) -> tuple[int, int]:
        symbols = sorted(self._repository.ledger.seen_symbols(self._account, category)) if calls[0].needs_symbol else [None]
        fetched, refused = [], []
        for call in calls:
            try:
                fetched += [order for symbol in symbols for order in self._port.open_orders(call, symbol)]
            except NotOffered as error:  # a list of another kind of account
                if not call.optional:
                    raise
                refused.append(error)
        if len(refused) == len(calls):
            raise refused[0]
        new = self._repository.mirror.replace_open_orders(self._account, category, fetched, self._now_ms)
        return len(fetched), new

    # --- ledgers -----------------------------------------------------------------------------------------

    def _ledgers(self) -> None:
        """Heads before backfills, whole-account streams before those per symbol, since they tell which symbols to ask."""
        streams = [self._begun(stream) for stream in self._port.policy.streams if stream.data_type in self._options.only]
        whole = [stream for stream in streams if not stream.needs_symbol]
        per_symbol = [stream for stream in streams if stream.needs_symbol]
        states = self._states()
        plans = [(stream, self._plan(stream, states.get(_index(stream, "")) or self._blank(stream, ""))) for stream in whole]
        self._progress.planned += sum(len(plan.windows) for _, plan in plans)
        behind: list[tuple[StreamPolicy, StreamPlan]] = []
        for stream, plan in plans:
            succeeded = self._walk_scope(stream, [("", plan.head, plan.floor_ms)], last=not plan.backfill)
            if plan.backfill and succeeded:
                behind.append((stream, plan))
        self._per_symbol(per_symbol)
        for stream, plan in behind:
            self._walk_scope(stream, [("", plan.backfill, plan.floor_ms)], last=True)
        if behind:
            self._per_symbol(per_symbol)

    def _begun(self, stream: StreamPolicy) -> StreamPolicy:
        """The stream, not asked further back than the user wants."""
        start = self._options.start_ms
        return stream if start is None else replace(stream, history_start_ms=max(start, stream.history_start_ms))

    def _per_symbol(self, streams: list[StreamPolicy]) -> None:
        for _ in range(DISCOVERY_ROUNDS):
            found = False
            for stream in streams:
                found |= self._walk_symbols(stream)
            if not found:
                break
        if self._never_asked:
            self._repository.progress.remember(self._account, {NEVER_ASKED: dict(self._never_asked)}, self._clock.now())

    def _walk_symbols(self, stream: StreamPolicy) -> bool:
        """Ask the symbols that are due and were not asked in this run; whether there were any."""
        states = {symbol: state for (data_type, scope, symbol), state in self._states().items() if _same(stream, data_type, scope)}
        try:
            wanted = self._candidates(stream)
        except ExchangeFault as error:
            if (stream.data_type, stream.scope, "*") not in self._walked:
                self._walked.add((stream.data_type, stream.scope, "*"))
                self._part(stream.data_type, stream.scope, stream.optional, _raiser(error))
            return False
        first = not any(key[:2] == (stream.data_type, stream.scope) for key in self._walked)
        budget = self._options.sweep_budget if first else 0
        if stream.data_type is DataType.FILLS:
            self._never_asked[stream.scope] = len(discovery.never_asked(wanted, states))
        chosen = discovery.due(wanted, states, self._now_ms, sweep_budget=budget, full=self._options.full)
        fresh = [(symbol, reason) for symbol, reason in chosen if (stream.data_type, stream.scope, symbol) not in self._walked]
        if not fresh:
            if first:
                self._walked.add((stream.data_type, stream.scope, ""))
                self._part(stream.data_type, stream.scope, stream.optional, lambda: (0, 0))
            return False
        jobs: list[tuple[str, tuple[Window, ...], int]] = []
        self._repository.ledger.add_streams((self._blank(stream, symbol).key, reason) for symbol, reason in fresh if symbol not in states)
        for symbol, _ in fresh:
            self._walked.add((stream.data_type, stream.scope, symbol))
            plan = self._plan(stream, states.get(symbol) or self._blank(stream, symbol))
            jobs.append((symbol, plan.windows, plan.floor_ms))
        self._progress.planned += sum(len(windows) for _, windows, _ in jobs)
        self._walk_scope(stream, jobs, last=True)
        return True

    def _candidates(self, stream: StreamPolicy) -> discovery.Candidates:
        ledger = self._repository.ledger
        balances = self._repository.mirror.balances([self._account])
        held = [item for item in balances if item.total != 0]
        symbols = set(ledger.seen_symbols(self._account, stream.category))
        symbols |= {item.symbol for item in self._repository.mirror.positions([self._account]) if item.category == stream.category}
        markets = self._port.markets()
        symbols |= {
            symbol
            for symbol in ledger.seen_transfer_symbols(self._account) | self._named
            if symbol in markets and markets[symbol].category == stream.category
        }
        touched = discovery.Touched(
            held=frozenset(item.asset for item in held),
            held_codes=frozenset(item.code for item in held),
            seen=ledger.seen_assets(self._account),
            emptied=self._port.emptied_assets(),
            symbols=frozenset(symbols),
            configured=frozenset(symbol for symbol in self._options.symbols if (":" in symbol) == (stream.category != "spot")),
        )
        return discovery.candidates(markets, stream.category, touched, self._port.policy.discovery_quotes)

    def _plan(self, stream: StreamPolicy, state: StreamState) -> StreamPlan:
        revisit = None
        if stream.data_type is DataType.ORDERS:
            unsettled = self._repository.ledger.oldest_unsettled_order(
                self._account,
                stream.category,
                state.key.symbol or None,
                listed=any(call.category == stream.category for call in self._port.policy.open_orders),
                since_ms=self._now_ms - to_span_ms(UNSETTLED_REACH),
            )
            revisit = unsettled[0] if unsettled else None
        elif stream.data_type is DataType.TRANSFERS:
            since_ms = self._now_ms - to_span_ms(PENDING_REACH)
            revisit = self._repository.ledger.oldest_pending_transfer(self._account, stream.scope, since_ms)
        return plan_stream(stream, state, self._now_ms, full=self._options.full, revisit_ms=revisit)

    def _walk_scope(self, stream: StreamPolicy, jobs: list[tuple[str, tuple[Window, ...], int]], *, last: bool) -> bool:
        """Walk a scope (all its symbols due); whether it succeeded. A failing symbol stops no other, and the scope fails with it."""

        def work() -> tuple[int, int]:
            rows = new_rows = 0
            failed: dict[str, ExchangeFault] = {}
            for symbol, windows, floor_ms in jobs:
                before = (self._progress.rows, self._progress.requests)
                walk = self._walk(stream, symbol, before)
                try:
                    walk.run(windows, self._now_ms)
                    if last:
                        walk.finish(floor_ms, self._now_ms)
                except SymbolUnknown as error:
                    walk.fail("symbol_unknown", error.message, completed_ms=self._now_ms)
                except ExchangeFault as error:
                    walk.fail(_stream_state(error), error.message)
                    if not symbol or not _belongs_to_symbol(error):
                        raise
                    failed[symbol] = error
                finally:
                    rows += walk.tally.rows
                    new_rows += walk.tally.new_rows
                    self._progress.done += len(windows)
                    self._progress.requests = before[1] + walk.tally.requests
                    self._name(walk.symbols)
            if failed:
                first, fault = next(iter(failed.items()))
                more = f" and {len(failed) - 1} more symbols" if len(failed) > 1 else ""
                raise type(fault)(f"{first}{more}: {fault.message}", account=self._account, hint=fault.hint)
            return rows, new_rows

        return self._part(stream.data_type, stream.scope, stream.optional, work, counted=True)

    def _walk(self, stream: StreamPolicy, symbol: str, before: tuple[int, int]) -> Walk:
        def on_page(tally: Tally) -> None:
            self._progress.rows = before[0] + tally.rows
            self._progress.requests = before[1] + tally.requests
            self._tell(stream.data_type, f"{stream.scope} {symbol}".strip(), "asking")

        key = StreamKey(account=self._account, data_type=stream.data_type, scope=stream.scope, symbol=symbol)
        state = self._repository.ledger.state(key)
        return Walk(
            self._port,
            self._repository.ledger,
            self._clock,
            stream,
            state,
            stop=self._stop,
            on_page=on_page,
            refresh=self._options.full,
        )

    def _name(self, symbols: set[str]) -> None:
        if symbols - self._named:
            self._named |= symbols
            self._repository.progress.remember(self._account, {NAMED_SYMBOLS: sorted(self._named)}, self._clock.now())

    def _states(self) -> dict[tuple[DataType, str, str], StreamState]:
        return {(state.key.data_type, state.key.scope, state.key.symbol): state for state in self._repository.ledger.states(self._account)}

    def _blank(self, stream: StreamPolicy, symbol: str) -> StreamState:
        return StreamState(key=StreamKey(account=self._account, data_type=stream.data_type, scope=stream.scope, symbol=symbol))

    # --- parts -------------------------------------------------------------------------------------------

    def _part(
        self,
        data_type: DataType,
        part: str,
        optional: bool,
        work: Callable[[], tuple[int, int]],
        *,
        counted: bool = False,
    ) -> bool:
        """Do one part and note how it ended, in the report and in the cache; whether well. ``work`` returns (rows, new rows)."""
        if self._stop():
            raise Interrupted("stopped", account=self._account)
        self._tell(data_type, part, "asking")
        started = self._clock.monotonic()
        attempted = self._clock.now()
        requests = self._progress.requests
        result = PartResult(data_type=data_type, part=part)
        try:
            rows, new_rows = work()
            self._progress.down = 0
            self._progress.any_success |= data_type is not DataType.PRICES  # tickers are public: they prove nothing about the key
            result = replace(result, rows=rows, new_rows=new_rows)
        except ExchangeFault as error:
            result = replace(result, state=self._verdict(error, optional), error=error)
        if not counted:
            self._progress.requests += 1
            self._progress.done += 1
            self._progress.rows += result.rows
        result = replace(result, requests=self._progress.requests - requests, seconds=self._clock.monotonic() - started)
        if not any(_same_part(earlier, result) and earlier.state == "failed" for earlier in self._progress.parts):
            self._record(result, attempted)  # a later walk of a part does not cover up the failure of an earlier one
        self._progress.parts.append(result)
        self._tell(data_type, part, "failed" if result.state == "failed" else "done", result.error.message if result.error else None)
        self._end_if_down(result)
        return result.state == "ok"

    def _verdict(self, error: ExchangeFault, optional: bool) -> str:
        if isinstance(error, NotOffered) and optional:
            return "not_offered"
        if isinstance(error, PermissionMissing) and optional:
            return "no_permission"
        if isinstance(error, KeyRefused) and optional and self._progress.any_success:
            return "no_permission"  # binance answers -2015 for a key without the futures permission, too
        return "failed"

    def _end_if_down(self, result: PartResult) -> None:
        error = result.error
        if error is not None and type(error) is not ExchangeUnavailable:
            self._progress.down = 0  # it answered
        if error is None or result.state != "failed":
            return
        if isinstance(error, Banned) or (isinstance(error, KeyRefused) and not self._progress.any_success):
            raise _AccountDown(error)
        if type(error) is ExchangeUnavailable:
            self._progress.down += 1
            if self._progress.down >= DOWN_PARTS:
                raise _AccountDown(error)

    def _record(self, result: PartResult, attempted: datetime) -> None:
        self._repository.progress.record(
            SyncStatus(
                account=self._account,
                data_type=result.data_type,
                part=result.part,
                attempted_at=attempted,
                succeeded_at=self._clock.now() if result.state == "ok" else None,
                state=result.state,
                error_code=result.error.code if result.error else None,
                error=_sentence(result.error) if result.error else None,
                duration_ms=int(result.seconds * 1000),
                rows=result.rows,
            )
        )

    def _record_data_types(self, fatal: ExcacheError | None, interrupted: bool) -> None:
        """The verdict per data type: a success only when every part of it succeeded; an interrupted one records nothing."""
        for data_type in DataType:
            if data_type not in self._options.only:
                continue
            parts = [part for part in self._progress.parts if part.data_type is data_type]
            finished = self._finished(data_type, parts)
            if interrupted and not finished:
                continue
            status = self._data_type_status(data_type, parts, None if finished else fatal)
            self._repository.progress.record(status)
            if fatal is None and not interrupted and data_type not in LEDGER_TYPES:
                self._repository.progress.drop_parts(self._account, data_type, [part.part for part in parts])

    def _finished(self, data_type: DataType, parts: list[PartResult]) -> bool:
        """Whether every part of a mirror was tried, whatever ended the run after them; of histories it is not known."""
        policy = self._port.policy
        expected: dict[DataType, int] = {
            DataType.BALANCES: len(policy.wallets),
            DataType.PRICES: len(policy.tickers),
            DataType.POSITIONS: len(policy.positions),
        }
        return data_type in expected and len(parts) >= expected[data_type]

    def _data_type_status(self, data_type: DataType, parts: list[PartResult], fatal: ExcacheError | None) -> SyncStatus:
        failed = [part for part in parts if part.state == "failed"]
        error = failed[0].error if failed else fatal
        offered = bool(parts) and any(part.state != "not_offered" for part in parts)
        if error is not None and (failed or not parts or fatal is not None):
            state = "failed"
        elif not offered:
            state = "not_offered"
        else:
            state = "ok"
        text = _sentence(error) if error is not None and state == "failed" else None
        if text is not None and failed and len(failed) < len(parts):
            text = f"{', '.join(part.part for part in failed[:3])}{' …' if len(failed) > 3 else ''}: {text}"
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

    def _tell(self, data_type: DataType | None, scope: str, state: str, message: str | None = None) -> None:
        progress = self._progress
        self._observer(
            SyncEvent(
                account=self._account,
                data_type=data_type,
                scope=scope,
                state=state,
                rows=progress.rows,
                requests=progress.requests,
                done=progress.done,
                planned=max(progress.planned, progress.done),
                message=message,
            )
        )


def part_name(call: CallPolicy) -> str:
    """The name of a mirror's part: its category, and what else tells two calls of one category apart."""
    extra = call.scope or " ".join(
        str(value) for key, value in sorted(call.params.items()) if key in {"settleCoin", "settle", "code", "productType"}
    )
    return f"{call.category} {extra}".strip()


def _same_part(one: PartResult, other: PartResult) -> bool:
    return (one.data_type, one.part) == (other.data_type, other.part)


def _by_category(calls: Iterable[CallPolicy]) -> dict[str, tuple[CallPolicy, ...]]:
    grouped: dict[str, tuple[CallPolicy, ...]] = {}
    for call in calls:
        grouped[call.category] = (*grouped.get(call.category, ()), call)
    return grouped


def _index(stream: StreamPolicy, symbol: str) -> tuple[DataType, str, str]:
    return (stream.data_type, stream.scope, symbol)


def _same(stream: StreamPolicy, data_type: DataType, scope: str) -> bool:
    return stream.data_type is data_type and stream.scope == scope


def _stream_state(error: ExchangeFault) -> str:
    if isinstance(error, PermissionMissing):
        return "no_permission"
    if isinstance(error, NotOffered):
        return "not_offered"
    return "out_of_retention" if isinstance(error, OutOfRetention) else "failed"


def _belongs_to_symbol(error: ExchangeFault) -> bool:
    """Whether other symbols may still succeed: not when the exchange is down, bans, or refuses the key."""
    return not (type(error) is ExchangeUnavailable or isinstance(error, Banned | KeyRefused | PermissionMissing | NotOffered))


def _names(found: object) -> set[str]:
    return {str(item) for item in found} if isinstance(found, list) else set()


def _raiser(error: ExchangeFault) -> Callable[[], tuple[int, int]]:
    def work() -> tuple[int, int]:
        raise error

    return work


def _sentence(error: ExcacheError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message
