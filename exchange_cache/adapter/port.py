"""The exchange port: the interface through which sync reads an account. The ccxt adapter implements
it; tests use a fake.

Every method raises ExchangeFault or its subclasses only. No method changes anything at the
exchange.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from exchange_cache.adapter.archives import ArchiveCall
from exchange_cache.adapter.exchange_time import ClockOffset
from exchange_cache.adapter.files import LinkHosts
from exchange_cache.adapter.key_rights import KeyRights
from exchange_cache.adapter.looks import Look, Question
from exchange_cache.adapter.policy import CallPolicy, ExchangePolicy, StreamPolicy, WalletPolicy
from exchange_cache.booked import BookedFees
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import Balance, Fill, Order, Position, Price, Transfer
from exchange_cache.statements.table import Desks, Names
from exchange_cache.unidentified import UnidentifiedRow

#: A place inside a window, for JSON. Empty: the window's first page.
Cursor = Mapping[str, object]

#: What a row of a history is. A row whose market is not known comes as it was sent.
LedgerRecord = Fill | Order | Transfer | BookedFees | UnidentifiedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answered request. ``next`` is None when the window is exhausted; ``too_full`` says that
    the window must be halved.

    ``last_id`` is the id from which a later walk of an IdPaging stream continues, by the cursor
    ``{"last_id": …}``. It lies before the oldest order that was still open, so that the later walk
    reads its outcome. ``symbols`` are further markets that rows name (income of contracts); sync
    discovers symbols by them.

    In a walk by observation, ``cut_ms`` is the time before which the window proves no coverage,
    and ``contradiction`` says what the page shows against the observation; it proves nothing then.
    """

    records: tuple[LedgerRecord, ...]
    next: Cursor | None
    row_count: int
    too_full: bool = False
    last_id: str | None = None
    symbols: tuple[str, ...] = ()
    cut_ms: int | None = None
    contradiction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletReading:
    """One wallet: its non-zero balances; ``emptied``: codes that it lists with zero, which the
    account may have held once, so that their fills are searched; ``symbols``: the markets that it
    consists of (isolated margin: its pairs, including empty ones)."""

    balances: tuple[Balance, ...]
    emptied: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketInfo:
    """A listed market, reduced to what sync and cost need."""

    symbol: str
    market_id: str
    category: str  # spot | linear | inverse | option
    base: str
    quote: str
    settle: str | None
    contract_size: Decimal | None
    active: bool
    min_amount: Decimal | None
    margin: bool = False  # may be traded in a margin wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """Open time and prices of one candle; ``resolution_s`` is its length in seconds."""

    symbol: str
    opened_at: datetime
    resolution_s: int
    open: Decimal
    close: Decimal
    high: Decimal
    low: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCheck:
    """What a key can read (per wallet and data type: ok, or the error), and whether it may trade or
    withdraw (None: the exchange does not state it)."""

    readable: Mapping[str, str]  # "balances spot" -> "ok" | error sentence
    can_trade: bool | None
    can_withdraw: bool | None
    ip_restricted: bool | None
    clock_offset_ms: int | None
    user_id: str | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)
    unidentified: tuple[str, ...] = ()  # ids of markets that its rows name and nobody knows
    observed: Mapping[str, str] = field(default_factory=dict)  # "fills spot" -> what was seen
    hints: Mapping[str, str] = field(default_factory=dict)  # "balances spot" -> the cure


class Pages(Protocol):
    """The pages of one account's histories, as ``ExchangePort.page`` returns them."""

    account: str

    def page(
        self, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
    ) -> Page: ...


class KnownAccount(Protocol):
    """What is known of an account without reading it."""

    account: str
    policy: ExchangePolicy

    def markets(self) -> Mapping[str, MarketInfo]:
        """All listed markets by symbol, downloaded once or restored from the cache."""
        ...


class ExchangePort(KnownAccount, Protocol):
    """One account at one exchange, read-only."""

    @property
    def requests(self) -> int:
        """Requests that this thread has sent so far, including retries and pages."""
        ...

    @property
    def clock_offset(self) -> ClockOffset | None:
        """How far this machine's clock is ahead of the exchange's, as the last answer showed; None
        while none did. Times of records are corrected by it."""
        ...

    def measure_clock(self) -> None:
        """Request the exchange's time where no answer stated it and it has an endpoint for it."""
        ...

    def wallet(self, wallet: WalletPolicy) -> WalletReading:
        """Every non-zero code of one wallet, and the empty codes and markets that it names."""
        ...

    def positions(self, call: CallPolicy) -> tuple[Position | UnidentifiedRow, ...]: ...

    def open_orders(
        self, call: CallPolicy, symbol: str | None = None
    ) -> tuple[Order | UnidentifiedRow, ...]: ...

    def prices(self, call: CallPolicy) -> tuple[Price, ...]: ...

    def page(
        self, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
    ) -> Page:
        """The page of a stream at ``cursor`` inside ``window`` (None for whole-history id walks).
        One request."""
        ...

    def identify(
        self, stream: StreamPolicy, rows: Sequence[UnidentifiedRow]
    ) -> Mapping[str, tuple[LedgerRecord, ...] | None]:
        """The records of rows of a stream that were kept unidentified, by row id, for those that
        can be read by now: None for one that cannot be read whatever its market is."""
        ...

    def look(self, stream: StreamPolicy, symbol: str | None, question: Question) -> Look:
        """What one page shows of how the exchange serves a history. A refusal is an answer, too;
        what concerns more than the question (exchange down, key refused) is raised."""
        ...

    def for_statements(self) -> tuple[Names, Desks]:
        """What readers of files need: names of assets and markets, and the desks of the policy's
        own parsers."""
        ...

    def archive_call(self, request: ArchiveCall, doing: str) -> Any:
        """The answer to a call that orders, looks for or returns a file of an archive: what it
        says, or the bytes of the file. Never repeated."""
        ...

    def archive_file(self, link: str, hosts: LinkHosts) -> bytes:
        """The file at a link that the exchange stated, without anything of the account."""
        ...

    def candles(
        self, symbol: str, since: datetime, limit: int, resolution: str = "1h"
    ) -> tuple[Candle, ...]: ...

    def check(self) -> AccountCheck:
        """Try one small read of everything and ask the exchange about the key's rights."""
        ...

    def key_rights(self) -> KeyRights:
        """What the exchange states of the key, in one request; nothing, without a request, where
        it states nothing."""
        ...

    def memory(self) -> Mapping[str, object]:
        """State to keep between processes, for JSON: markets, options, account mode, time offset,
        rate-limit state."""
        ...

    def pace(self) -> Mapping[str, object]:
        """The part of ``memory`` that keeps a new process within the rate limits; small enough to
        be stored often."""
        ...

    def close(self) -> None: ...
