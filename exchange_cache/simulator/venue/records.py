"""The venue's plain values: what an exchange knows about markets, accounts, orders, fills and moves
of money.

Dialects read these and word them as their exchange does. Nothing here speaks HTTP or JSON. Money is
Decimal, times are integer milliseconds UTC. Asset names inside the venue are *codes* as ccxt
unifies them ("BTC", "LDBTC", "BTC.F"); `Profile.asset_id` gives the exchange's own name ("XXBT",
"XBT.F").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

SPOT = "spot"
LINEAR = "linear"
INVERSE = "inverse"
MARGIN = "margin"
ISOLATED = "isolated:"
ZERO = Decimal(0)


def isolated_wallet(symbol: str) -> str:
    """The wallet of one pair's isolated margin."""
    return f"{ISOLATED}{symbol}"


def is_margin(wallet: str) -> bool:
    """True for the cross margin wallet and for isolated ones."""
    return wallet == MARGIN or wallet.startswith(ISOLATED)


class BooksError(Exception):
    """A wallet does not equal the sum of its events, or would fall below zero."""


class VenueError(Exception):
    """A request the venue cannot carry out: unknown account or market, too little money, market not
    trading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One market. `id` is the exchange's own name, unique per kind only (binance has BTCUSDT as
    spot and as linear)."""

    exchange: str
    id: str
    symbol: str
    base: str
    quote: str
    settle: str | None = None
    kind: str = SPOT
    contract_size: Decimal = Decimal(1)
    tick: Decimal = Decimal("0.01")
    lot: Decimal = Decimal("0.00001")
    min_amount: Decimal = Decimal("0.00001")
    min_cost: Decimal = Decimal(5)
    cost_step: Decimal | None = None
    listed_from: int = 0
    listed_until: int | None = None
    has_last: bool = True
    extra: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)

    def trades_at(self, time_ms: int) -> bool:
        """True while the market is listed; outside it no new order, no ticker, no row in the
        instruments list."""
        return self.listed_from <= time_ms and (
            self.listed_until is None or time_ms < self.listed_until
        )

    def cost(self, price: Decimal, amount: Decimal) -> Decimal:
        """The value of a fill in the quote asset (spot), the settle asset (linear) or the base coin
        (inverse)."""
        if self.kind == INVERSE:
            return (amount * self.contract_size / price).quantize(Decimal("1e-8"))
        value = price * amount * self.contract_size
        return value if self.cost_step is None else value.quantize(self.cost_step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One exchange account and its credentials. `can_*` are the permissions of its key.

    `expires_ms` ends the key's life; `ips` are the addresses it is bound to, none = any. `margin`
    tells whether margin trading was ever opened: open | uncreated (the exchange says so) | none
    (the exchange refuses). `upgraded_ms` is when it became what it is now (bybit: unified); 0 = it
    always was.
    """

    name: str
    exchange: str
    api_key: str
    secret: str
    password: str | None = None
    uid: str = "1"
    can_read: bool = True
    can_trade: bool = False
    can_withdraw: bool = False
    created_ms: int = 0
    upgraded_ms: int = 0
    expires_ms: int | None = None
    ips: tuple[str, ...] = ()
    margin: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """An executed part of an order. `amount` is base units on spot, contracts on derivatives.

    `fees` are (asset, amount) with positive = paid, negative = maker rebate. `id` is unique only as
    far as the exchange makes it so (binance: per symbol); `seq` is unique in the venue and rises
    with time.
    """

    exchange: str
    account: str
    market: Market
    id: str
    order_id: str
    client_id: str
    order_type: str
    time_ms: int
    seq: int
    side: str
    price: Decimal
    amount: Decimal
    cost: Decimal
    fees: tuple[tuple[str, Decimal], ...]
    maker: bool
    wallet: str
    position_side: str | None = None
    closed_amount: Decimal = ZERO
    realised_pnl: Decimal = ZERO

    @property
    def symbol(self) -> str:
        return self.market.symbol

    @property
    def kind(self) -> str:
        """The market's kind; margin when a margin wallet traded on a spot market."""
        return MARGIN if is_margin(self.wallet) else self.market.kind


@dataclass(slots=True, kw_only=True)
class Order:
    """An order and how it stands now; the venue changes it, dialects only read it.

    status: open | filled | canceled | expired. A canceled or expired order may have `filled` > 0.
    `price` is None for a market order. `quote_amount` is set when the order was given in quote
    units. `forced` marks a liquidation, `may_borrow` an order that may spend what has to be
    borrowed for it, `fee_in_base` one whose fees are charged in the base.
    """

    exchange: str
    account: str
    market: Market
    id: str
    client_id: str
    seq: int
    side: str
    type: str
    price: Decimal | None
    amount: Decimal
    created_ms: int
    updated_ms: int
    wallet: str
    status: str = "open"
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    quote_amount: Decimal | None = None
    time_in_force: str = "GTC"
    post_only: bool = False
    reduce_only: bool = False
    position_side: str | None = None
    leverage: Decimal = Decimal(1)
    fees: dict[str, Decimal] = field(default_factory=dict)
    fill_ids: list[str] = field(default_factory=list)
    hold_asset: str | None = None
    hold: Decimal = ZERO
    forced: bool = False
    may_borrow: bool = False
    fee_in_base: bool = False

    @property
    def symbol(self) -> str:
        return self.market.symbol

    @property
    def kind(self) -> str:
        """The market's kind; margin when it spends a margin wallet's money."""
        return MARGIN if is_margin(self.wallet) else self.market.kind

    @property
    def average(self) -> Decimal | None:
        """The mean price over what was filled, None when nothing was."""
        if self.filled == 0:
            return None
        if self.market.kind == INVERSE:
            return self.filled * self.market.contract_size / self.cost
        return self.cost / (self.filled * self.market.contract_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Money that came in, went out, or moved inside one account.

    kind: deposit | withdrawal | internal | earn_subscribe | earn_redeem. `amount` is what was
    credited (deposit), what the receiver gets (withdrawal, `fee` comes on top), or what moved. Earn
    moves turn `asset` into `to_asset` in one wallet.
    """

    exchange: str
    account: str
    id: str
    seq: int
    kind: str
    asset: str
    amount: Decimal
    time_ms: int
    done_ms: int
    fee: Decimal = ZERO
    txid: str | None = None
    address: str | None = None
    network: str | None = None
    status: str = "ok"
    from_wallet: str | None = None
    to_wallet: str | None = None
    to_asset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """One asset turned into another outside the order book. kind: convert | dust. Rows of one dust
    sweep share `group`."""

    exchange: str
    account: str
    id: str
    group: str
    seq: int
    kind: str
    wallet: str
    from_asset: str
    from_amount: Decimal
    to_asset: str
    to_amount: Decimal
    fee: Decimal
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanEvent:
    """Money borrowed or repaid. kind: borrow | repay. `way` is AUTO, as a part of an order, or
    MANUAL."""

    exchange: str
    account: str
    id: str
    seq: int
    kind: str
    wallet: str
    asset: str
    principal: Decimal
    interest: Decimal
    time_ms: int
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEdit:
    """What the user wrote into the exchange's own cost price of an asset, for the `quantity` that
    the trading wallet then held."""

    account: str
    asset: str
    seq: int
    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """Money without an order. kind: dividend | interest | funding | loan_interest | delivery |
    launch_paid | launch_allotted, or ledger for a row that only a wallet's ledger has, under the
    word `note`. Negative = paid.

    `market` is set for funding and delivery. Interest on a loan tells the principal as `size`, the
    daily `rate`, and whether it is ON_BORROW or PERIODIC as `note`; it is owed from then on, and
    paid later.
    """

    exchange: str
    account: str
    id: str
    seq: int
    kind: str
    wallet: str
    asset: str
    amount: Decimal
    time_ms: int
    market: Market | None = None
    note: str = ""
    size: Decimal = ZERO
    price: Decimal = ZERO
    rate: Decimal = ZERO
    position_side: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a wallet's ledger: balance = previous balance + amount - fee. `ref` is the id of
    what caused it.

    kind: trade | pnl | deposit | withdrawal | internal | convert | dust | earn_subscribe |
    earn_redeem | dividend | interest | funding | borrow | loan_interest | repay. `source` is the
    record behind it.
    """

    exchange: str
    account: str
    id: str
    seq: int
    time_ms: int
    wallet: str
    asset: str
    kind: str
    ref: str
    amount: Decimal
    fee: Decimal
    balance: Decimal
    source: Any = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a wallet has of one asset: total = free + used - owed (used = held by open orders, owed
    = borrowed with interest)."""

    wallet: str
    asset: str
    total: Decimal
    used: Decimal
    owed: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        return self.total + self.owed - self.used


@dataclass(slots=True, kw_only=True)
class Position:
    """An open derivative position; contracts > 0 and `side` long|short. `hedge` = both sides may be
    open at once."""

    exchange: str
    account: str
    market: Market
    side: str
    hedge: bool
    wallet: str
    contracts: Decimal
    entry_price: Decimal
    leverage: Decimal
    opened_ms: int
    updated_ms: int
    realised_pnl: Decimal = ZERO

    @property
    def symbol(self) -> str:
        return self.market.symbol

    def notional(self, price: Decimal) -> Decimal:
        """Size in the settle asset (linear: quote units, inverse: base coin) at `price`."""
        return self.market.cost(price, self.contracts)

    def pnl(self, price: Decimal, contracts: Decimal | None = None) -> Decimal:
        """The gain in the settle asset of closing `contracts` (default all) at `price`."""
        size = (self.contracts if contracts is None else contracts) * self.market.contract_size
        inverse = self.market.kind == INVERSE
        gain = (
            size / self.entry_price - size / price if inverse else size * (price - self.entry_price)
        )
        return (gain if self.side == "long" else -gain).quantize(Decimal("1e-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """A market's prices at `time_ms`; open/high/low/volumes are over 24 hours. `last` is None where
    nothing traded."""

    market: Market
    time_ms: int
    last: Decimal | None
    bid: Decimal
    ask: Decimal
    bid_size: Decimal
    ask_size: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    base_volume: Decimal
    quote_volume: Decimal
    trades: int
    mark: Decimal
    index: Decimal


@dataclass(frozen=True, slots=True)
class Candle:
    """Open time, open, high, low, close, base volume, number of trades."""

    time_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    trades: int
