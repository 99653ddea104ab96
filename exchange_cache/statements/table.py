"""What a table in a file is, what its reader is given, and what it returns.

A reader is a generator over the rows of one file: it holds a few rows at a time, never the file.
It returns records under the same keys as the exchange's API wherever the file carries the API's
ids, so that equal rows are one row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from exchange_cache.data_types import DataType
from exchange_cache.records import Fill, Order, Transfer

#: The rank of a table whose rows sum up orders, which may be filled for days: all others go before.
ORDERS = 10


class Zone(StrEnum):
    """Where a table's times get their zone from."""

    UTC = "utc"
    HEADER = "header"  # Filled Time(UTC+01:00)
    PREAMBLE = "preamble"  # Time Zone:UTC+8
    FILE_NAME = "file name"  # …(UTC--6)…
    FIXED = "fixed"  # a zone that the exchange uses without stating it
    UNKNOWN = "unknown"  # the account's setting; found by matching rows, or stated by the user


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a file; ``line`` counts from 1 at the top of the file. Names of columns are as in
    the header, without blanks around; the second of two equal names has ``#2`` after it."""

    line: int
    cells: Mapping[str, str]


class Names(Protocol):
    """What is known of the account's exchange: its assets and markets, from the cached list."""

    def asset(self, code: str) -> str:
        """The asset of an exchange's code (XXBT -> BTC)."""
        ...

    def split(self, glued: str) -> tuple[str, str] | None:
        """Base and quote of a glued market id (BTCUSDT); None where it is not known."""
        ...

    def amount(self, glued: str) -> tuple[Decimal, str] | None:
        """Number and asset of a glued amount (1,000.5USDT, 31000SATS, 0.1 BTC), by the longest
        asset that is known; None where none is."""
        ...


class Desks(Protocol):
    """What the parsers of a policy use for one history, without a connection: a reader that makes
    API-shaped rows hands them to the policy's own parser with it."""

    def __call__(self, data_type: DataType, scope: str) -> Any:
        """The ``adapter.rows.Desk`` of the history of a data type and scope."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContext:
    """Where rows come from. ``zone`` is that of times without one, ``history`` the scope of the
    history that the file was ordered for, where the exchange made it on order."""

    account: str
    file_name: str
    preamble: tuple[str, ...]
    columns: tuple[str, ...]
    zone: tzinfo
    names: Names
    desk: Desks | None = None
    history: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A record that a row, or several, state. ``exact``: its key is the key that the API's row has,
    as that of an order always is; otherwise rows are compared by account, second, asset and amount,
    each counted once.
    ``books_fees``: its fees are those that the ledger charged, which count more than those that
    another file states for the same fill. ``histories`` are those of the policy that it belongs to
    (``transfers/deposits``), where its category or scope does not say it."""

    lines: tuple[int, ...]
    record: Fill | Transfer | Order
    exact: bool
    books_fees: bool = False
    histories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A row that is no event of the ledger, and why (pending, failed, a copy, a word that is not
    known). ``unknown`` marks the last: the row may be an event."""

    line: int
    reason: str
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A running balance: after this row the ``chain`` (a wallet, or all) held ``after`` of the
    asset; the row changed it by ``change``."""

    line: int
    chain: str
    asset: str
    time: datetime
    change: Decimal
    after: Decimal


Found = Stated | LeftOut | Checkpoint
Reader = Callable[[Iterable[Row], FileContext], Iterator[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of an exchange's files, in one edition.

    ``columns`` are those that make it recognisable, all of which a header must have; any other than
    these and the ``optional`` ones is refused by name. A column may be written as a pattern where
    the exchange puts a zone in it (``Time(UTC*)``). ``newest_first`` where rows run backwards.
    ``page`` is where the user downloads it, for the list of what is missing. ``source`` is where
    the layout is documented or was seen. Where two tables state one event, the one of the lower
    ``rank`` counts. ``scopes`` are the histories of the policy that the table covers, those named
    like its wallets if none are, and a name of its own where it covers none. ``reach``
    says how far back its page goes, where that is less than everything. ``ordered``: only the
    exchange's API makes it.
    """

    exchange: str
    name: str
    edition: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    zone: Zone
    fixed: tzinfo | None = None
    newest_first: bool | None = None
    covers: tuple[DataType, ...]
    wallets: tuple[str, ...] = field(default=())
    scopes: tuple[str, ...] = field(default=())
    read: Reader
    page: str
    source: str
    rank: int = 0
    reach: str = ""
    ordered: bool = False
