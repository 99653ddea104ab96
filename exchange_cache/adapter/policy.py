"""The vocabulary of exchange policies: what an exchange serves, in which windows, how far back, and
how its pages follow.

Policies are data with a source. The adapter builds requests from them, and the sync plan decides by
them what to request next. Nothing here sends a request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from exchange_cache.adapter.allowances import Allowance, Limits
from exchange_cache.adapter.archives import ArchivePolicy
from exchange_cache.adapter.former import FormerMarkets
from exchange_cache.adapter.grammar import Grammar, says_nothing
from exchange_cache.adapter.key_rights import KeyQuestion
from exchange_cache.adapter.meanings import Meaning
from exchange_cache.adapter.paging_rules import (
    CursorPaging as CursorPaging,
    FanOut as FanOut,
    IdPaging as IdPaging,
    NumberPaging as NumberPaging,
    ObservedPaging as ObservedPaging,
    OffsetPaging as OffsetPaging,
    OnePage as OnePage,
    Paging as Paging,
    TimeBounds as TimeBounds,
    TimePaging as TimePaging,
)
from exchange_cache.adapter.row_rule import KEY as KEY, RawRows as RawRows
from exchange_cache.errors import ExchangeFault
from exchange_cache.ledger.coverage import Grade
from exchange_cache.records import (
    LOAN,
    DataType,
    Fill,
    FillKind,
    ReportedAverage,
    TransferKind,
)

DAY = timedelta(days=1)
Params = Mapping[str, object]

#: A raw row and a ``rows.Desk`` -> the records of the row.
RowParser = Callable[[Any, Any], tuple[Any, ...]]
#: A raw position and its market -> a ccxt structure and the market to read it by.
PositionParser = Callable[[Any, Any], tuple[Mapping[str, Any], Any]]
#: A raw answer and the ccxt instance -> the shape of a ccxt balance structure.
WalletParser = Callable[[Any, Any], Mapping[str, Any]]
#: The average costs that an exchange reports, by code.
Averages = Mapping[str, tuple[ReportedAverage, ...]]

#: How long rows may come late, change or be taken back, where the exchange states nothing: trades
#: are busted or amended, and reports published anew, within days.
SETTLING = timedelta(days=3)

#: Stands in ``params`` for the account's own wallet address.
WALLET_ADDRESS = "{wallet_address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """Rows that form a record together: which rows are legs, the field that joins them, their time,
    and ``make``, which returns the records of a complete group (None: it is incomplete)."""

    is_leg: Callable[[Any], bool]
    field: str
    time_field: str
    time_unit: str
    make: Callable[[list[Any], Any], tuple[Any, ...] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPolicy:
    """One history: a data type in one scope (category, direction, per symbol), and how to read all
    of it.

    ``method`` is a unified method of ccxt (``fetch_my_trades``), or an implicit one
    (``sapiGetAssetDribblet``) whose rows ``parser`` translates one by one: a parse method of ccxt
    (``parse_order``) or a function of the exchange's file; by default the parse method of the data
    type. ``market_field`` is the path of the market id in a raw row, by which rows of delisted
    markets are read; ``symbol_param`` is the parameter of an implicit method for a market id.
    ``mixed``: the rows belong to several categories (ids are unique across them), and each record
    has the category of its market. ``also`` names the categories besides ``category``, so that the
    stream stays when only their wallets are selected. ``void`` are the fields and values of rows
    that the exchange reversed.

    ``only`` are fields of a row by which the request filters, and the value (or values, with commas
    between them) that it asks for: rows with another value are dropped, in case the exchange
    ignores the filter. ``echoes`` are paths at which an answer repeats what was asked for: one with
    another value answers something else. ``null_is_empty``: the exchange writes null for no rows.

    ``wallet`` names the wallet that trades here, where it trades separately (margin): symbols are
    then searched among that wallet's, and ``swept`` False restricts the search to them.
    ``opened_by``: not requested for an account that has none of these wallets. ``at_most_every``:
    an expensive request, repeated for a symbol only after that time, or sooner when something new
    of it was seen. ``recheck`` is for histories that no longer grow: one that was read completely,
    or that the account does not have, is requested again only after that time, from ``overlap``
    before its end.

    ``retention`` None: the exchange serves everything since ``history_start_ms``. ``proven``: how
    far back it is known to serve, where that is less than the request; earlier rows are kept but
    prove no coverage. ``newest_rows``: the number of rows that it serves; a window with as many is
    covered from its oldest row on. ``brings_forward``: another stream has the same rows later and
    for longer, so rows that this one no longer serves are no loss.

    ``forgets``: how long rows are served that it serves for less time than others (orders canceled
    without a fill). ``witness``: it shows movements that the balances may not show, so every run
    requests it, and whatever it serves makes the run request all others (``adapter.witnesses``).

    ``newest_first`` is the order of rows where neither the paging nor the times of a page show it,
    and ``sequence`` the field of a row that numbers fills as they happened (see ``row_order``).

    ``window`` None: one window may span any time. ``backfill`` is newest_first, or oldest_first
    where retention is short. ``overlap`` is requested again before the watermark, in
    each run, and ``settling`` once a day: so late may a row appear, change or be taken back.
    ``partial``: what an answer does not hold may exist all the same, so no row of it is missed.

    ``meanings`` is the table of the words that its rows are called by (``adapter.meanings``): all
    that the exchange documents, each with its kind.

    ``grade`` is what a statement about its coverage rests on. ``of_orders``: the rows are orders,
    each of which counts as one fill, for an exchange that offers no fills.
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
    forgets: timedelta | None = None
    witness: bool = False
    history_start_ms: int = 1_262_304_000_000  # 2010-01-01
    backfill: str = "newest_first"
    overlap: timedelta = timedelta(hours=1)
    settling: timedelta = SETTLING
    partial: bool = False
    recheck: timedelta | None = None
    rows: str = ""
    newest_first: bool | None = None
    sequence: str = ""
    parser: str | RowParser | None = None
    legs: Legs | None = None
    market_field: str = ""
    symbol_param: str = "symbol"
    mixed: bool = False
    void: Params = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    echoes: Mapping[str, str] = field(default_factory=dict)
    null_is_empty: bool = False
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
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    optional: bool = False  # no permission, or a product that was never opened, is no failure
    books_fees: bool = False  # its rows state what fills were charged
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletPolicy:
    """One wallet and the request that reads it. ``parser`` translates the answer of a ``method``
    other than fetch_balance.

    ``must_have`` is a path that every valid answer has, even for an empty wallet: without it an
    empty ``{}`` would erase the wallet. ``rows`` are the raw rows that must all become balances.
    ``debt_in_total`` is False where the exchange states a debt next to a total that still contains
    the borrowed amount. ``market_rows`` is the path of rows that each name a market at
    ``market_field``: the pairs of the wallet, including empty ones, by which their symbols are
    found.

    One request reads a wallet. An answer that is full with ``page_size`` rows, or that states more
    rows than it holds (``paging``), is a failed answer.

    ``trades`` are the categories of the histories that belong to the wallet; a wallet without any
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
    paging: OnePage = OnePage()
    page_size: int | None = None
    debt_in_total: bool = True
    market_rows: str = ""
    market_field: str = "symbol"
    includes_unrealised: bool = False
    optional: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """One request of a mirror (positions, open orders, tickers): method of ccxt, parameters and
    category.

    ``mixed``: the answer has rows of several categories; only those of ``category`` are read.
    ``scope`` distinguishes two calls of one category where their settle asset or product type does
    not. ``needs_symbol``: requested for the pairs that ``wallet`` names, else for every symbol of
    the category that was ever traded. ``opened_by`` as for streams. ``texts``, ``figures``,
    ``blank``, ``null_is_empty`` and ``keyed`` as for raw rows; the figures of a position are its
    size.
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
class CandlePolicy:
    """Which candles of spot markets an exchange serves, and where it says so.

    ``resolutions``: the widths that are read, as ccxt names them. ``newest``: how many of the
    newest candles of each width are served, whatever the request says; None: all of them.
    """

    resolutions: tuple[str, ...] = ("1h", "1d", "1w")
    newest: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangePolicy:
    """Everything that excache knows about one exchange. ``guarantee`` states in words what is
    complete and what cannot be.

    ``earn_prefixes`` / ``earn_suffixes`` turn an earn twin's code into its asset, except for
    ``real_codes``. ``discovery_quotes`` are the quotes that are combined with known assets where a
    symbol is needed, the most used first. ``unlisted_ids`` is the form of a market id per category,
    for symbols that are no longer listed, and ``unlisted_contract_sizes`` the size of such a
    contract where no listed sibling states it. ``grammar`` reads the ids of unlisted markets
    (``adapter.grammar``). ``contract_amounts`` is the unit of contract amounts: ``contracts``;
    ``base`` (the base asset, also for inverse contracts); or ``units`` (the base asset, for inverse
    contracts the quote).

    ``codes`` and ``words`` state the meaning of an error, by its code or by a text in it (words
    first), where ccxt's class is wrong or too coarse. ``ambiguous`` codes stand for both a wrong
    key and a missing right: only a repeated request distinguishes them. ``key_question`` describes
    the key. ``address_only``: the account is read by its wallet's address, and a private key is
    refused because ccxt would sign with it.

    ``not_read`` names in plain words what a user may have at the exchange that excache does not
    read: ``account check`` and docs/policies.md print it. ``apart`` are the wallets that are an
    account of their own at another exchange, by the exchange.
    """

    exchange: str
    title: str
    wallets: tuple[WalletPolicy, ...]
    streams: tuple[StreamPolicy, ...]
    positions: tuple[CallPolicy, ...] = ()
    open_orders: tuple[CallPolicy, ...] = ()
    tickers: tuple[CallPolicy, ...] = ()
    #: Settings for ccxt's constructor ({"options": …}); the user's override them.
    options: Params = field(default_factory=dict)
    #: Options that ccxt's load_markets writes, kept together with cached markets.
    keep_options: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ("api_key", "secret")
    earn_prefixes: tuple[str, ...] = ()
    earn_suffixes: tuple[str, ...] = ()
    real_codes: frozenset[str] = frozenset()
    asset_aliases: Mapping[str, str] = field(
        default_factory=dict
    )  # codes of one and the same asset: ETH2 -> ETH
    discovery_quotes: tuple[str, ...] = ()
    unlisted_ids: Mapping[str, str] = field(default_factory=lambda: {"spot": "{base}{quote}"})
    unlisted_contract_sizes: Mapping[str, str] = field(default_factory=dict)
    grammar: Grammar = says_nothing
    former: tuple[FormerMarkets, ...] = ()  # lists of markets that are no longer traded
    contract_amounts: str = "contracts"
    #: A stored fill of an earlier version, with the figures that this version reads.
    corrected: Callable[[Fill], Fill] | None = None
    candles: CandlePolicy = field(default_factory=CandlePolicy)
    archives: tuple[ArchivePolicy, ...] = ()
    codes: Mapping[str, type[ExchangeFault]] = field(default_factory=dict)
    words: Mapping[str, type[ExchangeFault]] = field(default_factory=dict)
    ambiguous: frozenset[str] = frozenset()
    key_question: KeyQuestion | None = None
    allowances: tuple[Allowance, ...] = ()
    limits: Limits = field(default_factory=Limits)
    #: The exchange of a regional or contract edition, with which an address shares its limits.
    family: str = ""
    address_only: bool = False
    growing_nonce: bool = False  # a nonce of the future makes it refuse all until then
    guarantee: str = ""
    not_read: tuple[str, ...] = ()
    apart: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    generic: bool = False

    @property
    def unread_wallets(self) -> frozenset[str]:
        """The wallets that its moves name (``Meaning.outside``) and none of ``wallets`` reads, such
        as trading bots: what moves there is set aside. What is borrowed comes from no wallet."""
        tables = (stream.meanings.values() for stream in self.streams)
        named = {meaning.outside for table in tables for meaning in table if meaning.outside}
        return frozenset(named - {wallet.name for wallet in self.wallets} - {LOAN})

    @property
    def reviewed(self) -> bool:
        """Whether its errors were reviewed; then ccxt's class alone never means a missing right."""
        return not self.generic or bool(self.codes or self.words)
