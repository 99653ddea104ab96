"""Translates ccxt's dicts for trades and orders into the project's records, without a guess.

Every number is read from text by ``money.to_amount``. A row that cannot be translated raises
BadResponse, which names the field. Positions, transfers and converts, balances and tickers have
their own modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from exchange_cache.adapter.contracts import (
    category,
    contract_size,
    contracts_of,
    is_contract,
    sizes,
)
from exchange_cache.adapter.values import (
    Origin as Origin,
    Row as Row,
    moment as moment,
    moment_or_none as moment_or_none,
    number as number,
    positive as positive,
    required_number as required_number,
    required_text as required_text,
    text as text,
    text_or_empty as text_or_empty,
)
from exchange_cache.money import EXACT
from exchange_cache.records import Fee, Fill, Order, OrderStatus, Side

# --- fills ----------------------------------------------------------------------------------------


def fill(origin: Origin, trade: Row, stated: Row, market: Row) -> Fill:
    """One ccxt trade structure as a fill; ``stated``: the figures of its row. Fees are complete or
    marked unknown."""
    amount = required_number(origin, trade, "amount").copy_abs()
    price = _fill_price(origin, trade, market, amount)
    quantity, value, contracts, size = sizes(origin, market, amount, price)
    cost = None if is_contract(market) else number(origin, stated, "cost")
    fees, known = fees_of(origin, trade)
    return Fill(
        account=origin.account,
        category=category(origin, market),
        symbol=str(market["symbol"]),
        fill_id=required_text(origin, trade, "id"),
        order_id=text(trade, "order"),
        time=moment(origin, trade),
        side=side(origin, trade),
        base=str(market["base"]),
        quote=_quote(market),
        quantity=quantity,
        price=price,
        cost=value if cost is None else cost.copy_abs(),
        fees=fees,
        fees_known=known,
        kind=origin.fill_kind,
        liquidity=_liquidity(trade),
        settle=str(market["settle"]) if is_contract(market) else None,
        contracts=contracts,
        contract_size=size,
        realised_pnl=_realised(origin, trade),
    )


def _liquidity(trade: Row) -> str | None:
    word = text(trade, "takerOrMaker")
    return word if word in {"maker", "taker"} else None


def _quote(market: Row) -> str:
    """The asset of the price: for options the one they settle in, whatever their strike is in."""
    return str(market["settle"] if market.get("option") else market["quote"])


def _fill_price(origin: Origin, trade: Row, market: Row, amount: Decimal) -> Decimal:
    price = number(origin, trade, "price")
    if price is not None:
        return price
    cost = number(origin, trade, "cost")
    if cost is None or amount == 0 or is_contract(market):
        raise origin.bad("has no price", trade)
    return EXACT.divide(cost.copy_abs(), amount)


def side(origin: Origin, row: Row) -> Side:
    value = text_or_empty(row, "side").lower()
    if value not in {"buy", "sell"}:
        raise origin.bad(f"has no side: {row.get('side')!r}", row)
    return Side(value)


def fees_of(origin: Origin, row: Row) -> tuple[tuple[Fee, ...], bool]:
    """Every fee of a row, rebates negative; False when the exchange states none or states one
    without its asset."""
    listed = [
        fee
        for fee in (row.get("fees") or [])
        if isinstance(fee, Mapping) and fee.get("cost") is not None
    ]
    single = row.get("fee")
    if not listed and isinstance(single, Mapping) and single.get("cost") is not None:
        listed = [single]
    fees, known = [], bool(listed)
    for entry in listed:
        amount = required_number(origin, entry, "cost")
        asset = text(entry, "currency")
        if asset is not None:
            fees.append(Fee(asset=asset, amount=amount))
        elif amount != 0:
            known = False
    return tuple(fees), known


#: Fields of raw rows for the PnL that a fill realised (in the settle asset).
REALISED_FIELDS = ("realizedPnl", "execPnl", "fillPnl")


def _realised(origin: Origin, trade: Row) -> Decimal | None:
    info = trade.get("info")
    if not isinstance(info, Mapping):
        return None
    return next(
        (
            number(origin, info, name)
            for name in REALISED_FIELDS
            if info.get(name) not in (None, "")
        ),
        None,
    )


# --- orders ---------------------------------------------------------------------------------------


def order(origin: Origin, row: Row, stated: Row, market: Row) -> Order:
    """One ccxt order structure as an order; ``stated``: the figures of its row. Figures that ccxt
    derived are left out."""
    kind = _order_type(row)
    amount = positive(number(origin, stated, "amount"))
    filled = number(origin, stated, "filled")
    if filled is None and row.get("status") == "closed":
        filled = number(origin, row, "filled")
    cost = positive(number(origin, stated, "cost"))
    average = _average(origin, stated, market, filled, cost)
    return Order(
        account=origin.account,
        category=category(origin, market),
        symbol=str(market["symbol"]),
        order_id=required_text(origin, row, "id"),
        client_order_id=text(row, "clientOrderId"),
        created_at=moment(origin, row),
        updated_at=moment_or_none(origin, row, "lastUpdateTimestamp")
        or moment_or_none(origin, row, "lastTradeTimestamp"),
        side=side(origin, row),
        type=kind,
        status=_status(row, amount, filled),
        base=str(market["base"]),
        quote=_quote(market),
        price=None if kind == "market" else positive(number(origin, stated, "price")),
        average=average,
        amount=_in_contracts(origin, market, amount),
        filled=_in_contracts(origin, market, filled),
        cost=_worth(origin, market, filled, average, cost),
        reduce_only=row.get("reduceOnly") if isinstance(row.get("reduceOnly"), bool) else None,
        fetched_at=origin.fetched_at,
    )


def _order_type(row: Row) -> str | None:
    """The type of an order; None where ccxt wrote a list or a mapping in its place as Python
    does."""
    kind = text(row, "type")
    return None if kind is not None and kind.startswith(("[", "{")) else kind


def fill_of_order(origin: Origin, row: Row, stated: Row, market: Row) -> Fill | None:
    """What an order filled, as one fill at its average; None where it filled nothing. For an
    exchange that offers no fills: BadResponse where an order does not state their figures."""
    made = order(origin, row, stated, market)
    filled = number(origin, stated, "filled")
    filled = number(origin, row, "filled") if filled is None else filled
    if made.status in {OrderStatus.OPEN, OrderStatus.REJECTED} or filled == 0:
        return None
    funds = made.cost if is_contract(market) else made.cost or _executed(origin, row)
    average = made.average
    if average is None and funds is not None and filled and not is_contract(market):
        average = EXACT.divide(funds, filled)
    if filled is None or average is None:
        missing = "filled quantity" if filled is None else "average price"
        raise origin.bad(f"states no {missing}, and the exchange offers no fills", row)
    quantity, value, contracts, size = sizes(origin, market, filled, average)
    fees, known = fees_of(origin, row)
    return Fill(
        account=origin.account,
        category=made.category,
        symbol=made.symbol,
        fill_id=f"order {made.order_id}",
        order_id=made.order_id,
        time=made.updated_at or made.created_at,
        side=made.side,
        base=made.base,
        quote=made.quote,
        quantity=quantity,
        price=average,
        cost=value if funds is None or is_contract(market) else funds,
        fees=fees,
        fees_known=known,
        kind=origin.fill_kind,
        settle=str(market["settle"]) if is_contract(market) else None,
        contracts=contracts,
        contract_size=size,
    )


#: Where the raw rows of exchanges state what an order paid or received so far, in the quote.
EXECUTED_FIELDS = ("executed_funds",)


def _executed(origin: Origin, row: Row) -> Decimal | None:
    info = row.get("info")
    if not isinstance(info, Mapping):
        return None
    values = (positive(number(origin, info, name)) for name in EXECUTED_FIELDS)
    return next((value for value in values if value is not None), None)


def _in_contracts(origin: Origin, market: Row, amount: Decimal | None) -> Decimal | None:
    if amount is None or origin.contract_amounts == "contracts" or not is_contract(market):
        return amount
    return contracts_of(origin, amount, contract_size(origin, market))


def _average(
    origin: Origin, stated: Row, market: Row, filled: Decimal | None, cost: Decimal | None
) -> Decimal | None:
    """The average that the row states, or cost / filled; never the limit price."""
    average = positive(number(origin, stated, "average"))
    if average is not None or cost is None or filled is None or filled <= 0:
        return average
    if not is_contract(market):
        return EXACT.divide(cost, filled)
    units = (
        filled
        if origin.contract_amounts != "contracts"
        else EXACT.multiply(filled, contract_size(origin, market))
    )
    upside_down = market.get("inverse") and origin.contract_amounts != "base"
    return EXACT.divide(units, cost) if upside_down else EXACT.divide(cost, units)


def _worth(
    origin: Origin,
    market: Row,
    filled: Decimal | None,
    average: Decimal | None,
    cost: Decimal | None,
) -> Decimal | None:
    """The cost in quote: the stated one, or what was filled at its average. Exchanges whose amounts
    of inverse contracts are in quote state their cost in the base, so it is not taken."""
    inverse = market.get("inverse") and not market.get("option")
    if cost is not None and (not inverse or origin.contract_amounts == "base"):
        return cost
    if filled is None or average is None:
        return None
    return sizes(origin, market, filled, average)[1]


_STATUS = {
    "open": OrderStatus.OPEN,
    "canceling": OrderStatus.OPEN,
    "closed": OrderStatus.CLOSED,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
    "invalid": OrderStatus.REJECTED,
}


def _status(row: Row, amount: Decimal | None, filled: Decimal | None) -> OrderStatus:
    """The order's status; a closed order that is not completely filled is canceled, whatever the
    exchange calls it."""
    status = _STATUS.get(text_or_empty(row, "status"), OrderStatus.UNKNOWN)
    if (
        status is OrderStatus.CLOSED
        and amount is not None
        and filled is not None
        and filled < amount
    ):
        return OrderStatus.CANCELED
    return status
