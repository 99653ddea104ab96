"""Kraken Futures rows and wallets that ccxt does not parse, or parses incompletely.

Only the account log reports fees and funding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.meanings import Meaning, means, sides
from exchange_cache.adapter.paging import RowsMissing, dig_or_none
from exchange_cache.adapter.policy import Legs
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    number,
    required_number,
    required_text,
    text,
    text_or_empty,
)
from exchange_cache.exchanges.verbs import booked, fill_of, market_of, summed
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import FillKind, TransferKind


def _upper(row: Row, field: str) -> dict[str, object]:
    """The row with its market id in upper case; Kraken writes either."""
    return {**row, field: str(row.get(field) or "").upper()}


def fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A fill without a fee (ccxt inserts the list price); the account log reports what was paid."""
    kind = text_or_empty(row, "fillType")
    return (
        fill_of(
            desk,
            row,
            market_of(desk, _upper(row, "symbol")),
            fill_id=required_text(desk.origin, row, "fill_id"),
            order_id=text(row, "order_id"),
            time=desk.time(row, "fillTime", "iso"),
            side=required_text(desk.origin, row, "side"),
            price=row.get("price"),
            amount=row.get("size"),
            charges=(),
            liquidity="maker" if kind == "maker" else "taker" if kind.startswith("taker") else None,
        ),
    )


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An event of an order; only its end becomes a record, which no earlier event can replace."""
    event = row.get("event")
    if not isinstance(event, Mapping) or not event:
        raise desk.origin.bad("has no event", row)
    for name, status in _ENDS.items():
        if name not in event:
            continue
        found = event[name]
        if not isinstance(found, Mapping):
            raise desk.origin.bad(f"has no {name}", row)
        if name == "OrderUpdated" and required_text(desk.origin, found, "reason") != "full_fill":
            return ()
        order = found.get("newOrder") or found.get("order")
        if not isinstance(order, Mapping):
            raise desk.origin.bad("has no order", row)
        return (_order(order, status, desk),)
    return ()


_ENDS = {"OrderCancelled": "canceled", "OrderRejected": "rejected", "OrderUpdated": "closed"}

#: Order types -> ccxt's; any other keeps its own name.
_TYPES = {"mkt": "market", "lmt": "limit", "post": "limit", "ioc": "limit"}


def _order(order: Row, status: str, desk: Desk) -> Record:
    market = market_of(desk, _upper(order, "tradeable"), "tradeable")
    kind = text_or_empty(order, "orderType").lower()
    structure = {
        "id": order.get("uid"),
        "clientOrderId": order.get("clientId"),
        "timestamp": order.get("timestamp"),
        "lastUpdateTimestamp": order.get("lastUpdateTimestamp"),
        "side": text_or_empty(order, "direction").lower(),
        "type": _TYPES.get(kind, kind) or None,
        "status": status,
        "price": order.get("limitPrice"),
        "amount": order.get("quantity"),
        "filled": order.get("filled"),
        "reduceOnly": order.get("reduceOnly"),
    }
    return translate.order(desk.origin, structure, structure, market)


def log(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the account log; the leg whose asset is the contract only repeats a trade's size."""
    asset, contract = required_text(desk.origin, row, "asset"), text(row, "contract")
    if asset == contract:
        return ()
    return tuple(_log_records(row, desk.code(asset.upper()), contract, desk))


#: What the account log calls its rows (``info``). A settlement closes an expired contract, which no
#: fill does; a conversion has two rows, which become one fill.
#: https://docs.kraken.com/api-reference/account-history/get-account-log
LOG: dict[str, Meaning] = {
    **means(
        FillKind.TRADE,
        "futures trade",
        "futures liquidation",
        "futures partial liquidation",
        "futures assignor",
        "futures assignee",
        "futures unwind counterparty",
        "futures unwind bankrupt",
        "covered liquidation",
    ),
    **means(FillKind.CONVERT, "conversion"),
    **means(TransferKind.SETTLEMENT, "settlement"),
    **means(TransferKind.FUNDING, "funding rate change"),
    **means(TransferKind.INTEREST, "interest payment"),
    **means(TransferKind.INTERNAL, "transfer"),
    "cross-exchange transfer": Meaning(kind=TransferKind.INTERNAL, outside="spot"),
    "subaccount transfer": Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL),
    **means(
        TransferKind.FEE,
        "kfee applied",
        "tax withheld",
        "tax refund",
        "futures tax withheld",
        "futures tax refund",
    ),
    **means(TransferKind.ADJUSTMENT, "admin transfer", "conversion credit", "position transfer"),
}
_SIDES = sides(LOG)


def _log_records(row: Row, code: str, contract: str | None, desk: Desk) -> Iterator[Record]:
    """The fees, the funding (a trade realises what accrued) and the rest of a row's change."""
    word = required_text(desk.origin, row, "info")
    kind_of_word = LOG[word].kind if word in LOG else None
    market_id = contract.upper() if contract else None
    market = market_id and desk.market_by_id(market_id, desk.stream.category)
    symbol = str(market["symbol"]) if market else None
    common: dict[str, Any] = {
        "word": word,
        "time": desk.time(row, "date", "iso"),
        "asset": code,
        "reference": text(row, "booking_uid"),
    }
    name = required_text(desk.origin, row, "id")
    funding, fee = (_figure(row, field, desk) for field in ("realized_funding", "fee"))
    liquidation = number(desk.origin, row, "liquidation_fee") or ZERO  # older rows have none
    accrued = "" if kind_of_word is TransferKind.FUNDING else ":funding"
    for kind, amount, suffix in (
        (TransferKind.FEE, EXACT.minus(fee), ":fee"),
        (TransferKind.FEE, EXACT.minus(liquidation), ":liquidation"),
        (TransferKind.FUNDING, funding, accrued),
    ):
        if amount:
            yield desk.transfer(
                row,
                transfer_id=name + suffix,
                kind=kind,
                quantity=amount,
                symbol=symbol,
                **common,
            )
    change = EXACT.add(EXACT.add(_change(row, desk), EXACT.subtract(fee, funding)), liquidation)
    if change and kind_of_word is not TransferKind.FUNDING:
        yield from booked(
            desk,
            row,
            transfer_id=name,
            amount=change,
            market_id=market_id,
            table=_SIDES,
            **common,
        )


def _figure(row: Row, field: str, desk: Desk) -> Decimal:
    """A figure of the account log, which writes null where there is none but leaves no field out.

    Source: https://docs.kraken.com/api-reference/account-history/get-account-log
    """
    if field not in row:
        raise desk.origin.bad(f"has no {field}", row)
    return number(desk.origin, row, field) or ZERO


def _change(row: Row, desk: Desk) -> Decimal:
    return EXACT.subtract(
        *(required_number(desk.origin, row, field) for field in ("new_balance", "old_balance"))
    )


def _is_conversion(row: Row) -> bool:
    """Whether a row is one leg of a conversion of collateral; the other one has the same time."""
    return row.get("info") == "conversion"


def _conversion(legs: list[Row], desk: Desk) -> tuple[Record, ...] | None:
    """A conversion from the rows of one moment; None unless it has two legs and assets."""
    out = [row for row in legs if _change(row, desk) < 0]
    received = [row for row in legs if _change(row, desk) > 0]
    if len(out) != 1 or len(received) != 1:
        return None
    given, got = (
        (desk.code(required_text(desk.origin, row, "asset").upper()), _change(row, desk))
        for row in (out[0], received[0])
    )
    if given[0] == got[0]:
        return None
    return (
        translate_moves.swap_fill(
            desk.origin,
            fill_id=required_text(desk.origin, out[0], "id"),
            time=desk.time(out[0], "date", "iso"),
            given=given,
            got=got,
            kind=FillKind.CONVERT,
        ),
    )


CONVERSIONS = Legs(
    is_leg=_is_conversion, field="date", time_field="date", time_unit="iso", make=_conversion
)


def open_order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An open order; its amount is the filled plus the unfilled one."""
    market = market_of(desk, _upper(row, "symbol"))
    filled, unfilled = (
        required_number(desk.origin, row, name) for name in ("filledSize", "unfilledSize")
    )
    structure = {
        "id": row.get("order_id"),
        "clientOrderId": row.get("cliOrdId"),
        "timestamp": desk.client.parse8601(row.get("receivedTime")),
        "lastUpdateTimestamp": desk.client.parse8601(row.get("lastUpdateTime")),
        "side": row.get("side"),
        "type": "limit" if row.get("orderType") == "lmt" else row.get("orderType"),
        "status": "open",
        "price": row.get("limitPrice"),
        "amount": str(EXACT.add(filled, unfilled)),
        "filled": str(filled),
        "reduceOnly": row.get("reduceOnly"),
    }
    return (translate.order(desk.origin, structure, structure, market),)


# --- wallets --------------------------------------------------------------------------------------


def flex_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    currencies = (dig_or_none(response, "accounts.flex.currencies") or {}).items()
    return {
        str(client.safe_currency_code(name.upper())): {
            "free": row.get("available"),
            "used": None,
            "total": row["quantity"],
        }
        for name, row in currencies
    }


def cash_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    balances = dig_or_none(response, "accounts.cash.balances") or {}
    return summed(client, ((name.upper(), amount) for name, amount in balances.items()))


#: https://docs.kraken.com/api/docs/futures-api/trading/get-accounts
_ACCOUNTS = frozenset({"cashAccount", "marginAccount", "multiCollateralMarginAccount"})


def single_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """The currencies of all single-collateral accounts; fi_… and pi_… are sizes of positions."""
    accounts = dig_or_none(response, "accounts")
    for name, account in accounts.items():
        if account.get("type") not in _ACCOUNTS:
            raise RowsMissing(f"the account {name} has an undocumented type: {account['type']!r}")
    held = (
        (name.upper(), amount)
        for account in accounts.values()
        if account.get("type") == "marginAccount"
        for name, amount in account["balances"].items()
        if "_" not in name
    )
    return summed(client, held)
