"""The vocabulary of exchange policies: what an exchange serves, in which pieces, how far back, and
how its pages follow.

Policies are data with a source; they are read by the adapter (which sends what they say) and by the
sync plan (which decides what to ask next). No request is made here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from exchange_cache.adapter.key_rights import KeyQuestion
from exchange_cache.adapter.paging_rules import (
    CursorPaging as CursorPaging,
)
from exchange_cache.adapter.paging_rules import (
    IdPaging as IdPaging,
)
from exchange_cache.adapter.paging_rules import (
    NumberPaging as NumberPaging,
)
from exchange_cache.adapter.paging_rules import (
    ObservedPaging as ObservedPaging,
)
from exchange_cache.adapter.paging_rules import (
    OffsetPaging as OffsetPaging,
)
from exchange_cache.adapter.paging_rules import (
    OnePage as OnePage,
)
from exchange_cache.adapter.paging_rules import (
    Paging as Paging,
)
from exchange_cache.adapter.paging_rules import (
    TimeBounds as TimeBounds,
)
from exchange_cache.adapter.paging_rules import (
    TimePaging as TimePaging,
)
from exchange_cache.errors import ExchangeFault
from exchange_cache.ledger.coverage import Grade
from exchange_cache.records import DataType, FillKind, ReportedAverage, TransferKind

DAY = timedelta(days=1)
Params = Mapping[str, object]

#: A raw row and a ``rows.Desk`` -> the records of the row.
RowParser = Callable[[Any, Any], tuple[Any, ...]]
#: A raw position and its market -> a ccxt structure and the market to read it by.
PositionParser = Callable[[Any, Any], tuple[Mapping[str, Any], Any]]
#: A raw answer and the ccxt instance -> the shape of a ccxt balance structure.
WalletParser = Callable[[Any, Any], Mapping[str, Any]]
#: What an exchange reports that its units cost on average, by code.
Averages = Mapping[str, tuple[ReportedAverage, ...]]

#: Stands in ``params`` for the account's own wallet address, for exchanges that are read by it.
WALLET_ADDRESS = "{wallet_address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """A history that is asked once per target (per account): how the targets are listed,
    and where each is named.

    Listing them is the first page of a window; it has no records. The paging of the stream then
    runs inside each target. ``paging`` is how the list itself is paged.
    """

    method: str
    param: str
    params: Params = field(default_factory=dict)
    rows: str = "data"
    field: str = "id"
    paging: Paging = OnePage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """Rows that mean something only together: which rows are legs, what joins them, when they
    happened, and what a complete group makes (None: it is not complete)."""

    is_leg: Callable[[Any], bool]
    field: str
    time_field: str
    time_unit: str
    make: Callable[[list[Any], Any], tuple[Any, ...] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPolicy:
    """One walkable history: a data type in one scope (category, direction, per symbol), and how to
    read all of it.

    ``method`` is a ccxt unified method (``fetch_my_trades``), or an implicit one
    (``sapiGetAssetDribblet``) whose rows are translated one by one by ``parser``: a parse method of
    ccxt (``parse_order``), or a function of the exchange's file; by default the parse method that
    fits the data type. ``market_field`` is the path of the market id in a raw row, so that rows of
    delisted markets are read too; ``symbol_param`` is where an implicit method takes the market id
    of a symbol. ``mixed`` says that the rows of several categories come together (ids are unique
    across them); each record then has the category of its market. ``also`` names those beside
    ``category``, so that the stream stays when only their wallets are selected. ``void`` are the
    fields and values of rows that the exchange took back.

    ``wallet`` names the wallet whose trading this is, where that is a world of its own (margin):
    symbols are then sought among what that wallet touched, and ``swept`` False keeps it to these.
    ``opened_by``: an account that has none of these wallets is not asked. ``at_most_every``: a dear
    request, made again for a symbol only then, or sooner when something new was seen of it.
    ``recheck`` is for histories that do not grow any more: one that was read wholly, or that the
    account does not have, is left alone for so long, and then asked again from ``overlap`` before.

    ``retention`` None: the exchange serves everything since ``history_start_ms``. ``proven``: how
    far back it is known to serve, where that is less than what is asked; what comes from before is
    kept, but proves nothing. ``newest_rows``: how many rows it serves at all; a window that brings
    as many is covered from its oldest row on. ``brings_forward``: another stream holds the same
    rows later and for longer, so what this one no longer serves is no loss.

    ``window`` None: one window may span any time. ``backfill`` is newest_first, or oldest_first
    where retention is short. ``overlap`` is asked again before the watermark.

    ``grade`` is what a statement about its coverage rests on. ``of_orders``: the rows are orders,
    each of which is one fill, for an exchange that offers no fills.
    """

    data_type: DataType
    scope: str  # unique within data type: "spot", "linear", "deposits" …
    category: str = "spot"
    method: str
    params: Params = field(default_factory=dict)
    needs_symbol: bool = False
    bounds: TimeBounds = TimeBounds()
    paging: Paging = OnePage()
    page_size: int | None = None
    limit_param: str | None = None  # None: passed as ccxt's ``limit``; "" : not sent at all
    window: timedelta | None = None
    retention: timedelta | None = None
    proven: timedelta | None = None
    newest_rows: int | None = None
    brings_forward: bool = False
    history_start_ms: int = 1_262_304_000_000  # 2010-01-01
    backfill: str = "newest_first"
    overlap: timedelta = timedelta(hours=1)
    recheck: timedelta | None = None
    rows: str = ""
    parser: str | RowParser | None = None
    legs: Legs | None = None
    market_field: str = ""
    symbol_param: str = "symbol"
    mixed: bool = False
    void: Params = field(default_factory=dict)
    also: frozenset[str] = frozenset()
    wallet: str = ""
    opened_by: frozenset[str] = frozenset()
    swept: bool = True
    at_most_every: timedelta | None = None
    fan_out: FanOut | None = None
    grade: Grade = Grade.PROVEN
    of_orders: bool = False
    fill_kind: FillKind = FillKind.TRADE
    transfer_kind: TransferKind | None = None
    optional: bool = (
        False  # an account without it (no permission, product never opened) is no failure
    )
    note: str = ""
    source: str = ""


#: Stands in ``RawRows.name`` for the key of a mapping.
KEY = "@key"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRows:
    """Where an answer has its raw rows, and what each of them must have to be read.

    ``path`` is dotted: ``*`` stands for every item of a list, or every value of a mapping;
    ``part?`` may be absent, everything else is in every true answer, for an empty account too.
    ``null`` is no empty list, unless the exchange writes it for one (``null_is_empty``), and
    ``{}`` is one only where rows lie in a mapping (``keyed``, or ``name`` is ``KEY``). ``name``
    is the field (``KEY``: the key) that names a row's asset or market; "" where nothing does.
    ``texts`` are further fields that must hold a text, ``figures`` those that must hold a number
    ("a|b": either). ``blank``: figures may also be empty, which says that there is nothing; a row
    that has nothing but empty figures and zeros is nothing, whatever it is called. ``only`` is a
    field and its value in the rows that are meant, where those of other wallets lie beside them.
    """

    path: str = "*"
    name: str = ""
    texts: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    blank: bool = False
    null_is_empty: bool = False
    keyed: bool = False
    only: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletPolicy:
    """One wallet and the one request that reads it. ``method`` other than fetch_balance is
    translated by ``parser``.

    ``must_have`` is a path that every true answer has, even for an empty wallet: without it an
    empty ``{}`` would erase the wallet. ``rows`` are the raw rows that must all come out as
    balances. ``debt_in_total`` is False where the exchange states what was borrowed beside a total
    that still contains it. ``market_rows`` is the path of rows that each name a market at
    ``market_field``: pairs that the wallet is made of, empty ones too, which is how their symbols
    are found.

    ``trades`` are the categories of the histories that belong to the wallet; one that states none
    only holds. ``averages`` reads the averages that the raw answer reports.
    """

    name: str
    trades: frozenset[str] = frozenset()
    params: Params = field(default_factory=dict)
    method: str = "fetch_balance"
    parser: WalletParser | None = None
    averages: Callable[[Any, Any], Averages] | None = None
    must_have: str = ""
    rows: tuple[RawRows, ...] = ()
    debt_in_total: bool = True
    market_rows: str = ""
    market_field: str = "symbol"
    includes_unrealised: bool = False
    optional: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """One request of a mirror (positions, open orders, tickers): ccxt method, parameters, category
    it speaks for.

    ``mixed``: the answer holds several categories, and only the rows of ``category`` are taken from
    it. ``scope`` distinguishes two calls of one category where their settle asset or product type
    does not. ``needs_symbol``: asked for the pairs that ``wallet`` names, else for every symbol of
    the category that was ever traded. ``opened_by`` as for streams. ``texts``, ``figures``,
    ``blank``, ``null_is_empty`` and ``keyed`` as for raw rows; the figures of a position
    are its size.
    """

    category: str
    method: str
    params: Params = field(default_factory=dict)
    scope: str = ""
    wallet: str = ""
    needs_symbol: bool = False
    paging: Paging = OnePage()
    page_size: int | None = None
    rows: str = "*"
    texts: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    blank: bool = False
    null_is_empty: bool = False
    keyed: bool = False
    parser: str | RowParser | PositionParser | None = None  # for an implicit method
    market_field: str = ""
    symbol_param: str = "symbol"
    mixed: bool = False
    opened_by: frozenset[str] = frozenset()
    optional: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A request weight that the exchange counts over a minute and reports in a header of every
    answer.

    ``a_minute`` is what may be used up, by the beginning of the endpoint's section; ``api`` stands
    for the sections ``public`` and ``private``. ``suffix`` names the pool apart from others of the
    same section.
    """

    header: str
    a_minute: Mapping[str, int]
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangePolicy:
    """Everything excache knows about one exchange. ``guarantee`` states in words what is complete
    and what cannot be.

    ``earn_prefixes`` / ``earn_suffixes`` turn an earn twin's code into its asset, except for
    ``real_codes``. ``discovery_quotes`` are the quotes crossed with known assets where a symbol is
    needed, most used first. ``unlisted_ids`` says per category how a market id is written, for
    symbols that are not listed any more, and ``unlisted_contract_sizes`` what one contract of such
    a market was where no listed sibling states it. ``contract_amounts`` says what the exchange
    counts amounts of contracts in: ``contracts``; ``base`` (the base asset, inverse ones too); or
    ``units`` (the base asset, for inverse ones the quote).

    ``codes`` and ``words`` say what an error of the exchange means, by its own code or by a text in
    it (words first), where ccxt's class is wrong or too coarse. ``ambiguous`` codes stand for a
    wrong key and for a missing right alike: only asking again distinguishes them. ``key_question``
    describes the key. ``address_only``: the account is read by its wallet's address, and a private
    key is refused because ccxt would sign with it.
    """

    exchange: str
    title: str
    wallets: tuple[WalletPolicy, ...]
    streams: tuple[StreamPolicy, ...]
    positions: tuple[CallPolicy, ...] = ()
    open_orders: tuple[CallPolicy, ...] = ()
    tickers: tuple[CallPolicy, ...] = ()
    options: Params = field(
        default_factory=dict
    )  # ccxt constructor settings ({"options": …}), merged under the user's
    keep_options: tuple[
        str, ...
    ] = ()  # ccxt options written by load_markets that must survive with cached markets
    credentials: tuple[str, ...] = ("api_key", "secret")
    earn_prefixes: tuple[str, ...] = ()
    earn_suffixes: tuple[str, ...] = ()
    real_codes: frozenset[str] = frozenset()
    asset_aliases: Mapping[str, str] = field(default_factory=dict)  # e.g. ETH2 -> ETH, BETH -> ETH
    discovery_quotes: tuple[str, ...] = ()
    unlisted_ids: Mapping[str, str] = field(default_factory=lambda: {"spot": "{base}{quote}"})
    unlisted_contract_sizes: Mapping[str, str] = field(default_factory=dict)
    contract_amounts: str = "contracts"
    candles: bool = True  # serves candles of any age
    max_parallel: int = 1  # private requests at once with one key
    codes: Mapping[str, type[ExchangeFault]] = field(default_factory=dict)
    words: Mapping[str, type[ExchangeFault]] = field(default_factory=dict)
    ambiguous: frozenset[str] = frozenset()
    key_question: KeyQuestion | None = None
    allowances: tuple[Allowance, ...] = ()
    address_only: bool = False
    guarantee: str = ""
    source: str = ""
    generic: bool = False

    @property
    def reviewed(self) -> bool:
        """Whether somebody reviewed its errors: there a class of ccxt alone never means that a
        right is missing."""
        return not self.generic or bool(self.codes or self.words)
