"""The narrow port: all that sync knows of an exchange account. The ccxt adapter implements it;
tests may fake it.

Every method raises only the project's ExchangeFault tree. No method writes anything at the
exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from exchange_cache.adapter.looks import Look, Question
from exchange_cache.adapter.policy import CallPolicy, ExchangePolicy, StreamPolicy, WalletPolicy
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import Balance, Fill, Order, Position, Price, Transfer

#: JSON-able place inside a window: what to send next. Empty: the window's first page.
Cursor = Mapping[str, object]

LedgerRecord = Fill | Order | Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answered request. ``next`` is None when the window is exhausted; ``too_full`` says that
    the window must be halved.

    ``last_id`` is the id from which an IdPaging stream goes on another day, by the cursor
    ``{"last_id": …}``; it lies before the oldest order of the walk that was still open, so that its
    end is seen. ``symbols`` are markets that rows named without being records of them (income
    of contracts), which is how symbols are discovered.

    Of a walk by what was observed: ``cut_ms``, nothing before this time is proven by the window;
    ``contradiction``, what the page shows against what was observed, so it proves nothing.
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
    """One wallet as it was read: its non-zero balances; ``emptied``: the codes that it lists with
    zero, perhaps held once, and a hint where to look for old fills; ``symbols``: the markets that
    it is made of (isolated margin: its pairs, empty ones too)."""

    balances: tuple[Balance, ...]
    emptied: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketInfo:
    """A market as the exchange lists it, as far as sync and cost need it."""

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
    """Open time and prices of one candle; ``resolution_s`` its length."""

    symbol: str
    opened_at: datetime
    resolution_s: int
    open: Decimal
    close: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCheck:
    """What a key can do: per wallet and data type ok, or the error; may it trade or withdraw (None:
    the exchange does not state it)."""

    readable: Mapping[str, str]  # "balances spot" -> "ok" | error sentence
    can_trade: bool | None
    can_withdraw: bool | None
    ip_restricted: bool | None
    clock_offset_ms: int | None
    user_id: str | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)


class ExchangePort(Protocol):
    """One account at one exchange, read-only."""

    account: str
    policy: ExchangePolicy

    @property
    def requests(self) -> int:
        """Requests sent so far, those that were repeated or paged included."""
        ...

    def markets(self) -> Mapping[str, MarketInfo]:
        """All listed markets by symbol; downloads them once, or uses those restored from the
        cache."""
        ...

    def wallet(self, wallet: WalletPolicy) -> WalletReading:
        """Every non-zero code of one wallet, and what it names beside them."""
        ...

    def positions(self, call: CallPolicy) -> tuple[Position, ...]: ...

    def open_orders(self, call: CallPolicy, symbol: str | None = None) -> tuple[Order, ...]: ...

    def prices(self, call: CallPolicy) -> tuple[Price, ...]: ...

    def page(
        self, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
    ) -> Page:
        """The page of a stream at ``cursor`` inside ``window`` (None for whole-history id walks).
        One request."""
        ...

    def look(self, stream: StreamPolicy, symbol: str | None, question: Question) -> Look:
        """What one page shows of how the exchange serves a history. What it refuses is an answer,
        too; what concerns more than the question (exchange down, key refused) is raised."""
        ...

    def candles(
        self, symbol: str, since: datetime, limit: int, resolution: str = "1h"
    ) -> tuple[Candle, ...]: ...

    def check(self) -> AccountCheck:
        """Try one small read of everything and ask the exchange about the key's rights."""
        ...

    def user_id(self) -> str | None:
        """Whom the exchange names as the user of the key; None where it names nobody."""
        ...

    def memory(self) -> Mapping[str, object]:
        """JSON-able state worth keeping between processes: markets, options, account mode, time
        offset, rate-limit state."""
        ...

    def pace(self) -> Mapping[str, object]:
        """The part of ``memory`` that keeps a fresh process from asking too fast; small, so it may
        be kept often."""
        ...

    def close(self) -> None: ...
