"""An exchange in memory behind the port: it pages, caps, refuses, forgets and fails as real ones
do, and counts what it is asked.

Its pages are made from the parameters that the paging rules send, so that a rule and its server
meet here as they do on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.adapter import paging
from exchange_cache.adapter.archives import ArchiveCall
from exchange_cache.adapter.exchange_time import ClockOffset
from exchange_cache.adapter.files import LinkHosts
from exchange_cache.adapter.key_rights import KeyRights
from exchange_cache.adapter.policy import (
    CallPolicy,
    CursorPaging,
    ExchangePolicy,
    IdPaging,
    NumberPaging,
    OffsetPaging,
    OnePage,
    StreamPolicy,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.adapter.port import (
    AccountCheck,
    Candle,
    Cursor,
    MarketInfo,
    Page,
    WalletReading,
)
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import OutOfRetention, RequestRefused
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType, Order, Position, Price
from exchange_cache.statements.table import Desks, Names
from exchange_cache.unidentified import UnidentifiedRow
from tests.builders import NOW, T0

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Killed(BaseException):
    """The process ends here, as by SIGKILL: nothing after it runs, nothing of the project catches
    it."""


@dataclass(frozen=True)
class Event:
    """One row of a history as the exchange holds it; ``number`` is unique only within its symbol.

    A ``record`` that is an exception is a row that cannot be decoded: no page with it can be read.
    """

    number: int
    at_ms: int
    record: Any
    symbol: str = ""
    names: tuple[str, ...] = ()


def market(
    symbol: str, *, active: bool = True, min_amount: str | None = None, margin: bool = False
) -> MarketInfo:
    base, quote = symbol.split(":")[0].split("/")
    settle = symbol.split(":")[1] if ":" in symbol else None
    return MarketInfo(
        symbol=symbol,
        market_id=symbol.replace("/", ""),
        category="spot" if settle is None else "linear",
        base=base,
        quote=quote,
        settle=settle,
        contract_size=None,
        active=active,
        min_amount=None if min_amount is None else Decimal(min_amount),
        margin=margin,
    )


def stream(data_type: DataType = DataType.FILLS, scope: str = "spot", **more: Any) -> StreamPolicy:
    """A stream since T0, whose rows are at ``rows``."""
    more.setdefault("history_start_ms", to_ms(T0))
    return StreamPolicy(data_type=data_type, scope=scope, method="fake", rows="rows", **more)


def policy(
    *streams: StreamPolicy, wallets: Iterable[WalletPolicy] = (), **more: Any
) -> ExchangePolicy:
    return ExchangePolicy(
        exchange=more.pop("exchange", "fake"),
        title="Fake",
        wallets=tuple(wallets),
        streams=streams,
        **more,
    )


def candle(
    symbol: str, opened_at: datetime, close: str, opened: str | None = None, seconds: int = 3600
) -> Candle:
    """A candle whose high and low are its open and its close."""
    prices = sorted((Decimal(opened or close), Decimal(close)))
    return Candle(
        symbol=symbol,
        opened_at=opened_at,
        resolution_s=seconds,
        open=Decimal(opened or close),
        close=Decimal(close),
        high=prices[1],
        low=prices[0],
    )


Answer = tuple[Any, ...] | Exception


@dataclass
class FakeExchange:
    """One account. ``fail`` maps request numbers (from 1) to errors; ``kill_at`` is the request at
    which the process dies."""

    policy: ExchangePolicy
    account: str = "main"
    clock: SetClock = field(default_factory=lambda: SetClock(NOW))
    events: dict[tuple[DataType, str], list[Event]] = field(default_factory=dict)
    cap: int | None = None
    listed: dict[str, MarketInfo] | Exception = field(default_factory=dict)
    wallets: dict[str, Answer] = field(default_factory=dict)
    tickers: dict[str, Answer] = field(default_factory=dict)
    open_positions: dict[str, Answer] = field(default_factory=dict)
    open_lists: dict[str, Answer] = field(default_factory=dict)
    closes: dict[str, Mapping[datetime, str] | Exception] = field(default_factory=dict)
    fail: dict[int, BaseException] = field(default_factory=dict)
    broken: dict[tuple[str, str], BaseException] = field(default_factory=dict)
    kill_at: int | None = None
    on_request: Callable[[int], None] = lambda number: None
    session: int = 1
    requests: int = 0
    asked: list[tuple[str, str, Span | None]] = field(default_factory=list)
    wider: dict[tuple[str, str], tuple[Candle, ...]] = field(default_factory=dict)
    candles_asked: list[tuple[str, datetime]] = field(default_factory=list)
    emptied: frozenset[str] = frozenset()
    pairs: dict[str, frozenset[str]] = field(default_factory=dict)
    closed: bool = False
    identified: dict[str, tuple[Any, ...] | None] = field(default_factory=dict)
    clock_offset: ClockOffset | None = None
    archive: Callable[[ArchiveCall | str], Any] = lambda asked: None

    def measure_clock(self) -> None:
        """Nothing: an offset is known only where a test sets one."""

    # --- the history ------------------------------------------------------------------------------

    def add(self, data_type: DataType, scope: str, *events: Event) -> None:
        self.events.setdefault((data_type, scope), []).extend(events)

    def page(
        self, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
    ) -> Page:
        self._request()
        self.asked.append((stream.scope, symbol or "", window))
        if (stream.scope, symbol or "") in self.broken:
            raise self.broken[(stream.scope, symbol or "")]
        params = {
            **paging.window_params(stream.bounds, window),
            **paging.page_params(stream.paging, cursor, stream.bounds),
        }
        self._refuse(stream, window)
        found = [
            event
            for event in self.events.get((stream.data_type, stream.scope), [])
            if symbol is None or event.symbol == symbol
        ]
        answer = self._serve(stream, found, params)
        shown: list[Event] = answer["events"]
        for event in shown:
            if isinstance(event.record, Exception):
                raise event.record
        rows = [{"id": str(event.number), "time": event.at_ms} for event in shown]
        following = paging.turn(stream.paging, cursor, rows, answer, stream.page_size)
        return Page(
            records=tuple(event.record for event in shown if event.record is not None),
            next=following.next,
            row_count=len(rows),
            too_full=following.too_full,
            last_id=following.last_id,
            symbols=tuple(name for event in shown for name in event.names),
        )

    def _refuse(self, stream: StreamPolicy, window: Span | None) -> None:
        if window is None:
            return
        if stream.retention is not None and window.start_ms < to_ms(
            self.clock.now() - stream.retention
        ):
            raise OutOfRetention("too long ago", account=self.account)
        if stream.window is not None and window.length_ms > stream.window // timedelta(
            milliseconds=1
        ):
            raise RequestRefused("the window is too long", account=self.account)

    def _serve(
        self, stream: StreamPolicy, events: list[Event], params: Mapping[str, Any]
    ) -> dict[str, Any]:
        start, end = params.get("startTime", 0), params.get("endTime", 1 << 62)
        found = sorted(
            (event for event in events if start <= event.at_ms <= end),
            key=lambda event: (event.at_ms, event.number),
        )
        limit = self.cap or stream.page_size or 1000
        match stream.paging:
            case OnePage():
                return {"events": found[::-1][:limit]}
            case CursorPaging(param=name):
                return self._by_cursor(found[::-1], str(params.get(name, "")), limit)
            case OffsetPaging(param=name):
                return {
                    "events": found[::-1][int(params.get(name, 0)) :][:limit],
                    "total": len(found),
                }
            case NumberPaging(param=name, first=first):
                passed = (int(params[name]) - first) * limit
                return {"events": found[::-1][passed:][:limit], "total": len(found)}
            case IdPaging(param=name, backward=True):
                before = int(params.get(name, 1 << 62))
                return {
                    "events": sorted(
                        (e for e in found if e.number < before), key=lambda e: -e.number
                    )[:limit]
                }
            case IdPaging(param=name):
                return {
                    "events": sorted(
                        (e for e in found if e.number >= int(params.get(name, 0))),
                        key=lambda e: e.number,
                    )[:limit]
                }
            case TimePaging(backward=backward):
                return {"events": (found[::-1] if backward else found)[:limit]}
        raise AssertionError(stream.paging)

    def _by_cursor(self, found: list[Event], cursor: str, limit: int) -> dict[str, Any]:
        session, _, passed = cursor.partition("+") if cursor else (str(self.session), "", "0")
        if int(session) != self.session:
            raise RequestRefused("the cursor is not known", account=self.account)
        after = int(passed) + limit
        return {
            "events": found[int(passed) : after],
            "next": f"{self.session}+{after}" if after < len(found) else "",
        }

    def _request(self) -> None:
        self.requests += 1
        self.on_request(self.requests)
        if self.kill_at is not None and self.requests >= self.kill_at:
            raise Killed
        if self.requests in self.fail:
            raise self.fail[self.requests]

    # --- what is now ------------------------------------------------------------------------------

    def markets(self) -> Mapping[str, MarketInfo]:
        if isinstance(self.listed, Exception):
            raise self.listed
        return self.listed

    def wallet(self, wallet: WalletPolicy) -> WalletReading:
        return WalletReading(
            balances=self._answer(self.wallets, wallet.name),
            emptied=self.emptied,
            symbols=self.pairs.get(wallet.name, frozenset()),
        )

    def positions(self, call: CallPolicy) -> tuple[Position, ...]:
        return self._answer(self.open_positions, call.category)

    def open_orders(self, call: CallPolicy, symbol: str | None = None) -> tuple[Order, ...]:
        found = self._answer(self.open_lists, call.category)
        return tuple(item for item in found if symbol is None or item.symbol == symbol)

    def prices(self, call: CallPolicy) -> tuple[Price, ...]:
        return self._answer(self.tickers, call.category)

    def _answer(self, answers: dict[str, Answer], name: str) -> tuple[Any, ...]:
        self._request()
        self.asked.append((name, "", None))
        answer = answers.get(name, ())
        if isinstance(answer, Exception):
            raise answer
        return answer

    def identify(
        self, stream: StreamPolicy, rows: Sequence[UnidentifiedRow]
    ) -> Mapping[str, tuple[Any, ...] | None]:
        return {
            row.row_id: self.identified[row.row_id] for row in rows if row.row_id in self.identified
        }

    def for_statements(self) -> tuple[Names, Desks]:
        raise NotImplementedError

    def archive_call(self, request: ArchiveCall, doing: str) -> Any:
        return self.archive(request)

    def archive_file(self, link: str, hosts: LinkHosts) -> bytes:
        found: bytes = self.archive(link)
        return found

    def candles(
        self, symbol: str, since: datetime, limit: int, resolution: str = "1h"
    ) -> tuple[Candle, ...]:
        self.candles_asked.append((symbol, since))
        found = self.closes.get(symbol, {})
        if isinstance(found, Exception):
            raise found
        if resolution != "1h":
            return self.wider.get((symbol, resolution), ())
        return tuple(
            candle(symbol, hour, close) for hour, close in sorted(found.items()) if hour >= since
        )[:limit]

    # --- the rest of the port ---------------------------------------------------------------------

    def check(self) -> AccountCheck:
        raise NotImplementedError

    def key_rights(self) -> KeyRights:
        return KeyRights()

    def memory(self) -> Mapping[str, object]:
        return {"requests": self.requests}

    def pace(self) -> Mapping[str, object]:
        return {"requests": self.requests}

    def close(self) -> None:
        self.closed = True


class Ending(FakeExchange):
    """One that the user's Ctrl-C meets in the middle of a request."""

    left = 0

    def candles(
        self, symbol: str, since: datetime, limit: int, resolution: str = "1h"
    ) -> tuple[Candle, ...]:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return super().candles(symbol, since, limit, resolution)
