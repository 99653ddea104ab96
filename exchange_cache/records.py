"""What exchanges report, as values that are always valid.

Quantities are Decimals in units of the asset (contracts only if the name says so); times are aware
UTC datetimes. ``None`` means that the exchange does not report it. ``key`` is the natural key; it
always begins with the account.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from exchange_cache.data_types import LEDGER_TYPES as LEDGER_TYPES, DataType as DataType
from exchange_cache.kinds import (
    UNSIGNED_KINDS as UNSIGNED_KINDS,
    FillKind as FillKind,
    OrderStatus as OrderStatus,
    TransferKind as TransferKind,
)

#: The category of fills in a wallet that lends: the units sold there may be borrowed.
MARGIN = "margin"
#: Wallets that lend; they charge interest on debts.
MARGIN_WALLETS = frozenset({"margin", "margin-isolated"})
#: The counterpart of moves by which a unified account borrows and pays back; it charges interest.
LOAN = "loan"


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


class AverageMethod(StrEnum):
    """How an exchange computes its own average."""

    MOVING = "moving"  # mean price of the buys; a sale does not change it
    CUMULATIVE = "cumulative"  # (all buys - all sales) / remaining units; may be negative


def _utc(name: str, moment: datetime | None) -> None:
    if moment is not None and moment.utcoffset() != timedelta(0):
        raise ValueError(f"{name} must be an aware UTC time, not {moment!r}")


def _filled(record: object, kind: str, *names: str) -> None:
    for name in names:
        if not getattr(record, name):
            raise ValueError(f"{kind} {name} must not be empty")


def _not_negative(name: str, number: Decimal | None) -> None:
    if number is not None and number < 0:
        raise ValueError(f"{name} must not be negative, not {number}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee as charged; negative is a rebate."""

    asset: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedAverage:
    """The average cost of a unit of an asset in ``unit``, as the exchange reports it; ``name`` is
    its own term.

    ``quantity`` is the number of units it applies to; it counts trades since ``counts_from``.
    """

    name: str
    method: AverageMethod
    price: Decimal
    unit: str
    quantity: Decimal | None = None
    counts_from: datetime | None = None

    def __post_init__(self) -> None:
        _filled(self, "reported average", "name", "unit")
        _utc("reported average counts_from", self.counts_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One code (LDBTC) in one wallet; ``asset`` (BTC) is the asset that it is valued as.

    ``total`` may be negative (debt). ``earn`` marks staking, savings and the like.
    ``includes_unrealised``: the total contains the unrealised PnL of the wallet's positions.
    """

    account: str
    wallet: str
    code: str
    asset: str
    free: Decimal | None
    used: Decimal | None
    total: Decimal
    debt: Decimal | None = None
    earn: bool = False
    includes_unrealised: bool = False
    fetched_at: datetime
    as_of: datetime | None = None
    told_averages: tuple[ReportedAverage, ...] = ()

    def __post_init__(self) -> None:
        _filled(self, "balance", "account", "wallet", "code", "asset")
        _utc("balance fetched_at", self.fetched_at)
        _utc("balance as_of", self.as_of)

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.account, self.wallet, self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Open derivative exposure; in hedge mode a symbol has two, so the key contains the side.

    ``contracts`` and ``base_quantity`` are positive; ``side`` gives the direction.
    ``unrealised_pnl`` is in ``settle_asset``.
    """

    account: str
    wallet: str
    category: str
    symbol: str
    side: str  # long | short
    contracts: Decimal
    contract_size: Decimal
    base_quantity: Decimal | None
    entry_price: Decimal | None
    mark_price: Decimal | None
    notional: Decimal | None
    unrealised_pnl: Decimal | None
    settle_asset: str
    leverage: Decimal | None = None
    liquidation_price: Decimal | None = None
    margin: Decimal | None = None
    margin_mode: str | None = None
    fetched_at: datetime
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        if self.side not in {"long", "short"}:
            raise ValueError(f"position side must be long or short, not {self.side!r}")
        if self.contracts <= 0:
            raise ValueError(f"position contracts must be positive, not {self.contracts}")
        _utc("position fetched_at", self.fetched_at)

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.account, self.category, self.symbol, self.side)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """An executed part of an order (ccxt: trade), a convert, a dust sweep or a fiat purchase.

    ``quantity`` is in units of ``base``, ``cost`` is quantity x price in ``quote`` (for inverse
    contracts too). ``fill_id`` is unique per account, category and symbol. ``sequence`` orders the
    fills of one millisecond as the exchange does (smaller is earlier), and is no part of the fill.
    """

    account: str
    category: str  # spot | margin | linear | inverse | option
    symbol: str
    fill_id: str
    order_id: str | None
    time: datetime
    side: Side
    base: str
    quote: str
    quantity: Decimal
    price: Decimal
    cost: Decimal
    fees: tuple[Fee, ...] = ()
    fees_known: bool = True
    kind: FillKind = FillKind.TRADE
    liquidity: str | None = None  # maker | taker
    settle: str | None = None
    contracts: Decimal | None = None
    contract_size: Decimal | None = None
    realised_pnl: Decimal | None = None  # as the exchange reports it, in settle
    sequence: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _filled(self, "fill", "account", "category", "symbol", "fill_id", "base", "quote")
        _utc("fill time", self.time)
        _not_negative("fill quantity", self.quantity)
        _not_negative("fill cost", self.cost)

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.account, self.category, self.symbol, self.fill_id)

    @property
    def is_derivative(self) -> bool:
        return self.settle is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An intention and its outcome. A market order has no price; a canceled one may have fills.
    ``cost`` is in ``quote``, for inverse contracts too.
    """

    account: str
    category: str
    symbol: str
    order_id: str
    client_order_id: str | None = None
    created_at: datetime
    updated_at: datetime | None = None
    side: Side
    type: str | None
    status: OrderStatus
    base: str
    quote: str
    price: Decimal | None
    average: Decimal | None
    amount: Decimal | None  # units of base, contracts for derivatives
    filled: Decimal | None
    cost: Decimal | None
    reduce_only: bool | None = None
    fetched_at: datetime

    def __post_init__(self) -> None:
        _filled(self, "order", "account", "category", "symbol", "order_id")
        _utc("order created_at", self.created_at)
        _utc("order updated_at", self.updated_at)

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.account, self.category, self.symbol, self.order_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A deposit, a withdrawal, a move between wallets, income or a charge.

    ``quantity`` is what the wallet received or sent besides ``fee``; its sign is explained at
    ``TransferKind``. ``word`` is how the exchange's ledger calls the row, and ``reference`` its id
    of an event that several rows share.
    """

    account: str
    scope: str  # the stream it was read from: ids are unique within it
    transfer_id: str
    kind: TransferKind
    time: datetime
    asset: str
    quantity: Decimal
    fee: Fee | None = None
    status: str = "ok"  # ok | pending | failed | canceled
    tx_id: str | None = None
    network: str | None = None
    from_wallet: str | None = None
    to_wallet: str | None = None
    symbol: str | None = None
    word: str | None = None
    reference: str | None = None

    def __post_init__(self) -> None:
        _filled(self, "transfer", "account", "scope", "transfer_id", "asset")
        _utc("transfer time", self.time)

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.account, self.scope, self.transfer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A ticker as an account's exchange reports it."""

    account: str
    symbol: str
    base: str
    quote: str
    category: str = "spot"
    last: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    mark: Decimal | None = None
    open_24h: Decimal | None = None
    fetched_at: datetime
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        _filled(self, "price", "account", "symbol", "base", "quote")
        _utc("price fetched_at", self.fetched_at)
        _utc("price as_of", self.as_of)

    @property
    def key(self) -> tuple[str, str]:
        return (self.account, self.symbol)

    @property
    def value(self) -> Decimal | None:
        """The last price, otherwise the middle of bid and ask, otherwise the mark price."""
        basis = self.basis
        if basis == "mid" and self.bid is not None and self.ask is not None:
            return (self.bid + self.ask) / 2
        return self.last if basis == "last" else self.mark if basis == "mark" else None

    @property
    def basis(self) -> str | None:
        """Which figure ``value`` is: last, mid or mark."""
        if self.last is not None and self.last > 0:
            return "last"
        if self.bid is not None and self.ask is not None and self.bid > 0 and self.ask > 0:
            return "mid"
        return "mark" if self.mark is not None and self.mark > 0 else None
