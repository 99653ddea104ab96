"""ccxt's dicts for trades, orders and positions -> the project's records, exactly and without a
guess.

Every number comes from text through ``money.to_amount``. A row that cannot be translated raises
BadResponse naming the field; nothing is skipped in silence. Converts, transfers, balances and
tickers have their own module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.clock import from_ms, to_ms
from exchange_cache.errors import BadResponse
from exchange_cache.money import EXACT, to_amount
from exchange_cache.records import Fee, Fill, FillKind, Order, OrderStatus, Position, Side

Row = Mapping[str, Any]

#: Bitcoin's first block (2009-01-03): nothing that an exchange serves is older.
FIRST_MS = 1_230_940_800_000
#: By how much an exchange's clock may be ahead of this machine's.
CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where rows came from: all that a record needs beside the row itself."""

    account: str
    exchange: str
    category: str
    scope: str
    fetched_at: datetime
    wallet: str = ""
    fill_kind: FillKind = FillKind.TRADE
    contract_amounts: str = "contracts"  # see ExchangePolicy

    def instant(self, ms: int, field: str, row: Any) -> datetime:
        """Milliseconds as a time; the error for one before there was anything to trade, or that has
        not come yet."""
        if not FIRST_MS <= ms <= to_ms(self.fetched_at + CLOCKS_DIFFER):
            raise self.bad(f"has a time in {field} that cannot be: {str(ms)[:40]} ms", row)
        return from_ms(ms)

    def bad(self, what: str, row: Any) -> BadResponse:
        """The error for a row that cannot be translated; names the row's id when it has one."""
        name = next(
            (
                str(row[key])
                for key in ("id", "order", "symbol", "currency")
                if isinstance(row, Mapping) and row.get(key)
            ),
            "?",
        )
        return BadResponse(f"{self.exchange} {self.scope}: row {name} {what}", account=self.account)


# --- one value out of a row -----------------------------------------------------------------------


def number(origin: Origin, row: Row, field: str) -> Decimal | None:
    """The exact number in a field; None when it is absent or empty; BadResponse when it is no
    number."""
    value = row.get(field)
    if value is None or value == "":
        return None
    try:
        return to_amount(str(value) if isinstance(value, float) else value)
    except ValueError as error:
        raise origin.bad(f"has no number in {field!r}: {value!r}", row) from error


def required_number(origin: Origin, row: Row, field: str) -> Decimal:
    """Like :func:`number`, absent being an error."""
    value = number(origin, row, field)
    if value is None:
        raise origin.bad(f"has no {field}", row)
    return value


def positive(value: Decimal | None) -> Decimal | None:
    """Exchanges write zero for "there is none" (no price, no average): None then."""
    return value if value is not None and value > 0 else None


def text(row: Row, field: str) -> str | None:
    """The text in a field; None when it is absent or empty; ValueError when something else than a
    text or number is there."""
    value = row.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise ValueError(f"no text in {field!r}: {value!r}")
    return None if value is None or value == "" else str(value)


def required_text(origin: Origin, row: Row, field: str) -> str:
    """Like :func:`text`, absent being an error."""
    value = text(row, field)
    if value is None:
        raise origin.bad(f"has no {field}", row)
    return value


def moment(origin: Origin, row: Row, field: str = "timestamp") -> datetime:
    """The time in a field (milliseconds); a ledger row without its time is an error."""
    found = moment_or_none(origin, row, field)
    if found is None:
        raise origin.bad(f"has no {field}", row)
    return found


def moment_or_none(origin: Origin, row: Row, field: str) -> datetime | None:
    """The time in a field (milliseconds); None when it is absent, or not after 1970 (what exchanges
    write for "none")."""
    value = number(origin, row, field)
    return None if value is None or value <= 0 else origin.instant(int(value), field, row)


# --- markets --------------------------------------------------------------------------------------


def is_contract(market: Row) -> bool:
    return bool(market.get("contract"))


def category(origin: Origin, market: Row) -> str:
    """The market's own category; what is no contract belongs to where the row came from (spot or
    margin)."""
    if market.get("option"):
        return "option"
    if is_contract(market):
        return "inverse" if market.get("inverse") else "linear"
    return origin.category if origin.category in {"spot", "margin"} else "spot"


def contract_size(origin: Origin, market: Row) -> Decimal:
    """Base units (inverse: quote units) in one contract; unknown is an error, because any guess
    would be money."""
    size = number(origin, market, "contractSize")
    if size is None or size <= 0:
        raise origin.bad(f"belongs to {market.get('symbol')}, whose contract size is unknown", {})
    return size


def sizes(
    origin: Origin, market: Row, amount: Decimal, price: Decimal
) -> tuple[Decimal, Decimal, Decimal | None, Decimal | None]:
    """(base quantity, value in quote, contracts, contract size) of ``amount`` in the exchange's own
    unit."""
    if not is_contract(market):
        return amount, EXACT.multiply(amount, price), None, None
    size = contract_size(origin, market)
    contracts = contracts_of(origin, amount, size)
    units = EXACT.multiply(amount, size) if origin.contract_amounts == "contracts" else amount
    if market.get("inverse") and not market.get("option") and origin.contract_amounts != "base":
        if price == 0:
            raise origin.bad("is an inverse contract without a price", {})
        return EXACT.divide(units, price), units, contracts, size
    return units, EXACT.multiply(units, price), contracts, size


def contracts_of(origin: Origin, amount: Decimal, size: Decimal) -> Decimal:
    """How many contracts the exchange's own amount is."""
    return amount if origin.contract_amounts == "contracts" else EXACT.divide(amount, size)


# --- fills ----------------------------------------------------------------------------------------


def fill(origin: Origin, trade: Row, stated: Row, market: Row) -> Fill:
    """One ccxt trade structure, beside what its row states, as a fill; fees are complete or said
    to be unknown."""
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
        liquidity=text(trade, "takerOrMaker"),
        settle=str(market["settle"]) if is_contract(market) else None,
        contracts=contracts,
        contract_size=size,
        realised_pnl=_realised(origin, trade),
    )


def _quote(market: Row) -> str:
    """Inverse options are priced in what they settle in."""
    return (
        str(market["settle"])
        if market.get("option") and market.get("inverse")
        else str(market["quote"])
    )


def _fill_price(origin: Origin, trade: Row, market: Row, amount: Decimal) -> Decimal:
    price = number(origin, trade, "price")
    if price is not None:
        return price
    cost = number(origin, trade, "cost")
    if cost is None or amount == 0 or is_contract(market):
        raise origin.bad("has no price", trade)
    return EXACT.divide(cost.copy_abs(), amount)


def side(origin: Origin, row: Row) -> Side:
    value = str(row.get("side") or "").lower()
    if value not in {"buy", "sell"}:
        raise origin.bad(f"has no side: {row.get('side')!r}", row)
    return Side(value)


def fees_of(origin: Origin, row: Row) -> tuple[tuple[Fee, ...], bool]:
    """Every fee of a row, rebates negative; False when the exchange told none or told one without
    its asset."""
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


#: Where the raw rows of exchanges tell what a fill closed at (in the settle asset).
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
    """One ccxt order structure, beside what its row states: what ccxt derived by arithmetic is left
    out."""
    kind = text(row, "type")
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
        cost=cost if cost is not None else _cost(origin, market, filled, average),
        reduce_only=row.get("reduceOnly") if isinstance(row.get("reduceOnly"), bool) else None,
        fetched_at=origin.fetched_at,
    )


def _in_contracts(origin: Origin, market: Row, amount: Decimal | None) -> Decimal | None:
    if amount is None or origin.contract_amounts == "contracts" or not is_contract(market):
        return amount
    return contracts_of(origin, amount, contract_size(origin, market))


def _average(
    origin: Origin, stated: Row, market: Row, filled: Decimal | None, cost: Decimal | None
) -> Decimal | None:
    """As the row states it, or from the cost that it states; never from the limit price."""
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


def _cost(
    origin: Origin, market: Row, filled: Decimal | None, average: Decimal | None
) -> Decimal | None:
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
    """One word for one situation: finished without being filled is canceled, whatever the exchange
    calls it."""
    status = _STATUS.get(str(row.get("status")), OrderStatus.UNKNOWN)
    if (
        status is OrderStatus.CLOSED
        and amount is not None
        and filled is not None
        and filled < amount
    ):
        return OrderStatus.CANCELED
    return status


# --- positions ------------------------------------------------------------------------------------


def position(origin: Origin, row: Row, market: Row) -> Position | None:
    """One ccxt position structure; None when nothing is open (exchanges list empty rows).
    ``notional`` is in quote."""
    contracts = required_number(origin, row, "contracts")
    if contracts == 0:
        return None
    size = contract_size(origin, market)
    mark, entry = (
        positive(number(origin, row, "markPrice")),
        positive(number(origin, row, "entryPrice")),
    )
    price = mark if mark is not None else entry
    base, notional = _exposure(origin, market, contracts.copy_abs(), price)
    return Position(
        account=origin.account,
        wallet=origin.wallet,
        category=category(origin, market),
        symbol=str(market["symbol"]),
        side=_position_side(origin, row, contracts),
        contracts=contracts_of(origin, contracts.copy_abs(), size),
        contract_size=size,
        base_quantity=base,
        entry_price=entry,
        mark_price=mark,
        notional=notional,
        unrealised_pnl=_unrealised(origin, row),
        settle_asset=str(market["settle"]),
        leverage=positive(number(origin, row, "leverage")),
        liquidation_price=positive(number(origin, row, "liquidationPrice")),
        margin=positive(number(origin, row, "initialMargin")),
        margin_mode=text(row, "marginMode"),
        fetched_at=origin.fetched_at,
        as_of=moment_or_none(origin, row, "lastUpdateTimestamp")
        or moment_or_none(origin, row, "timestamp"),
    )


def _exposure(
    origin: Origin, market: Row, contracts: Decimal, price: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    if price is not None:
        base, notional, _, _ = sizes(origin, market, contracts, price)
        return base, notional
    units = (
        contracts
        if origin.contract_amounts != "contracts"
        else EXACT.multiply(contracts, contract_size(origin, market))
    )
    return (
        (None, units)
        if market.get("inverse") and origin.contract_amounts != "base"
        else (units, None)
    )


def _position_side(origin: Origin, row: Row, contracts: Decimal) -> str:
    told = str(row.get("side") or "").lower()
    if told in {"long", "short"}:
        return told
    if told in {"buy", "sell"}:
        return "long" if told == "buy" else "short"
    if contracts < 0:
        return "short"
    raise origin.bad("has no side", row)


#: Where the raw rows of exchanges tell the unrealised PnL; ccxt drops a zero there and derives
#: another figure.
UNREALISED_FIELDS = ("unrealisedPnl", "unRealizedProfit", "upl", "unrealizedPnl")


def _unrealised(origin: Origin, row: Row) -> Decimal | None:
    info = row.get("info")
    told = (
        next((name for name in UNREALISED_FIELDS if info.get(name) not in (None, "")), None)
        if isinstance(info, Mapping)
        else None
    )
    return (
        number(origin, row, "unrealizedPnl") if told is None else number(origin, row["info"], told)
    )
