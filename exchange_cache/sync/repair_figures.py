"""Figures that earlier versions read wrongly out of right rows: corrected where they are stored, or
read again where the row alone does not tell.

- Coinbase: both halves of a convert took its one fee, out of more than what left or arrived.
- OKX: the contracts of options had the size of ``ctVal`` alone, which is 1.
- Deribit: expired options that settle in USDC had a base like SOL_USDC.
- Kraken: fees that were charged in the base or in fee credits were stored in the quote; the ledger
  around its trades is read again for them.
- Orders of inverse contracts had a cost in the base, where the exchange states it so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repairing import FaultyRow
from exchange_cache.clock import to_ms
from exchange_cache.money import EXACT
from exchange_cache.records import DataType, Fill, FillKind, Order, Side
from exchange_cache.sync.repair_scene import (
    EVERYBODY,
    HOUR_MS,
    Scene,
    accounts_of,
    counted,
    request_again,
)

#: The accounts whose figures were corrected.
CORRECTED = "repairs_of_figures"


def misread_figures(scene: Scene) -> str | None:
    """Figures that were read wrongly, once for every account."""
    found = scene.repository.progress.memory(EVERYBODY).get(CORRECTED)
    known = frozenset(found) if isinstance(found, list) else frozenset[str]()
    new = [account for account in scene.accounts if account not in known]
    if not new:
        return None
    parts = [part for account in new for part in _account(scene, account)]
    scene.repository.progress.remember(EVERYBODY, {CORRECTED: sorted({*known, *new})}, scene.now)
    return "; ".join(parts) or None


def _account(scene: Scene, account: str) -> Iterator[str]:
    fills = scene.repository.ledger.fills(Filter(accounts=[account]))
    exchange = scene.exchange_of(account)
    right = _FILLS.get(exchange or "", _as_it_is)
    wrong: list[Fill | Order] = [made for one in fills if (made := right(one)) != one]
    orders = scene.repository.ledger.orders(Filter(accounts=[account]))
    wrong += _costs(orders, fills)
    if wrong:
        scene.store.restate(wrong)
        yield f"{account}: {counted(len(wrong), 'row', 'rows')} with a wrong figure, corrected"
    if exchange == "kraken":
        trades = [fill for fill in fills if fill.kind is FillKind.TRADE and fill.fees]
        request_again(scene, [_ledger_row(fill) for fill in trades], around_ms=HOUR_MS)
        if trades:
            yield f"{accounts_of([account])}: the ledger is fetched again for the fees of trades"


def _ledger_row(fill: Fill) -> FaultyRow:
    """The rows of the ledger that belong to a trade."""
    return FaultyRow(
        data_type=DataType.TRANSFERS,
        rowid=0,
        account=fill.account,
        place="ledger",
        at_ms=to_ms(fill.time),
    )


def _as_it_is(fill: Fill) -> Fill:
    return fill


def _half(fill: Fill) -> Fill:
    """A half of a convert with the fee inside its quantity, where that is in its asset."""
    if fill.kind is not FillKind.CONVERT or fill.order_id is None or not fill.fees:
        return fill
    own = tuple(fee for fee in fill.fees if fee.asset == fill.base)
    charged = sum((fee.amount for fee in own), Decimal(0))
    quantity = fill.quantity - charged if fill.side is Side.SELL else fill.quantity + charged
    share = EXACT.divide(EXACT.multiply(fill.cost, quantity), fill.quantity)
    return replace(fill, quantity=quantity, cost=share, fees=own)


#: ctVal x ctMult: https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments
_OKX_OPTIONS: Mapping[str, Decimal] = {"BTC": Decimal("0.01"), "ETH": Decimal("0.1")}


def _option(fill: Fill) -> Fill:
    size = _OKX_OPTIONS.get(fill.base)
    if fill.category != "option" or fill.contract_size != 1 or not size or fill.contracts is None:
        return fill
    quantity = EXACT.multiply(fill.contracts, size)
    cost = EXACT.multiply(quantity, fill.price)
    return replace(fill, quantity=quantity, cost=cost, contract_size=size)


def _base(fill: Fill) -> Fill:
    if fill.category != "option":
        return fill
    return replace(fill, base=fill.base.partition("_")[0])


_FILLS: Mapping[str, Callable[[Fill], Fill]] = {
    "coinbase": _half,
    "okx": _option,
    "deribit": _base,
}


def _costs(orders: Iterable[Order], fills: Iterable[Fill]) -> Iterator[Order]:
    """Orders of inverse contracts with another cost than their contracts in quote; what a contract
    is worth is known from the fills of its symbol."""
    sizes = {fill.symbol: fill.contract_size for fill in fills if fill.category == "inverse"}
    for order in orders:
        size = sizes.get(order.symbol)
        if order.category != "inverse" or not order.filled or order.cost is None or size is None:
            continue
        cost = EXACT.multiply(order.filled, size)
        if cost != order.cost:
            yield replace(order, cost=cost)
