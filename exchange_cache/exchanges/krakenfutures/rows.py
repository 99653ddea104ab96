"""Kraken Futures' raw rows: fills, order events, and the account log, which alone tells fees and
funding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.paging import dig_or_none
from exchange_cache.adapter.policy import Legs
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.exchanges.verbs import (
    fill_of,
    market_of,
    signed,
    summed,
)
from exchange_cache.money import EXACT
from exchange_cache.records import FillKind, TransferKind


def _upper(row: Row, field: str) -> dict[str, object]:
    """Market ids come in either case."""
    return {**row, field: str(row.get(field) or "").upper()}


def fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A fill; it has no fee (ccxt puts in the list price): what was paid comes with the account
    log, as fees of their own."""
    kind = str(row.get("fillType") or "")
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
    """An event of an order's life. Only its end makes a record, so that no earlier event can come
    over it."""
    event = row.get("event")
    for name, status in (
        ("OrderCancelled", "canceled"),
        ("OrderRejected", "rejected"),
        ("OrderUpdated", "closed"),
    ):
        found = event.get(name) if isinstance(event, Mapping) else None
        if not isinstance(found, Mapping):
            continue
        if name == "OrderUpdated" and found.get("reason") != "full_fill":
            return ()
        order = found.get("newOrder") or found.get("order")
        return () if not isinstance(order, Mapping) else (_order(order, status, desk),)
    return ()


def _order(order: Row, status: str, desk: Desk) -> Record:
    market = market_of(desk, _upper(order, "tradeable"), "tradeable")
    kind = str(order.get("orderType") or "").lower()
    structure = {
        "id": order.get("uid"),
        "clientOrderId": order.get("clientId"),
        "timestamp": order.get("timestamp"),
        "lastUpdateTimestamp": order.get("lastUpdateTimestamp"),
        "side": str(order.get("direction") or "").lower(),
        "type": "market"
        if kind in {"mkt", "market"}
        else "limit"
        if kind in {"lmt", "limit", "post", "ioc"}
        else kind or None,
        "status": status,
        "price": order.get("limitPrice"),
        "amount": order.get("quantity"),
        "filled": order.get("filled"),
        "reduceOnly": order.get("reduceOnly"),
    }
    return translate.order(desk.origin, structure, structure, market)


def log(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the account log (ccxt fetchLedger tells the two legs of a trade apart: the size leg
    names the contract as its asset)."""
    asset, contract = required_text(desk.origin, row, "asset"), text(row, "contract")
    if asset == contract:
        return ()
    return tuple(_log_records(row, desk.code(asset.upper()), contract, desk))


#: What closes or opens positions; the result comes with the fills.
_TRADES = ("futures trade", "liquidation", "assign", "unwind", "settlement")


def _log_records(row: Row, code: str, contract: str | None, desk: Desk) -> Iterator[Record]:
    """Funding and fees stand beside the result in one row: a trade realises the funding that had
    accrued until then."""
    word = str(row.get("info") or "")
    name = required_text(desk.origin, row, "id")
    symbol = (
        str(desk.market_by_id(contract.upper(), desk.stream.category)["symbol"])
        if contract
        else None
    )
    time = desk.time(row, "date", "iso")

    def made(kind: TransferKind, amount: Decimal, suffix: str = "") -> Record:
        return signed(
            desk,
            row,
            transfer_id=name + suffix,
            kind=kind,
            time=time,
            asset=code,
            amount=amount,
            symbol=symbol,
        )

    trading, funding = (
        any(part in word for part in _TRADES),
        number(desk.origin, row, "realized_funding"),
    )
    for field, suffix in (("fee", ":fee"), ("liquidation_fee", ":liquidation")):
        fee = number(desk.origin, row, field)
        if fee:
            yield made(TransferKind.FEE, EXACT.minus(fee), suffix)
    if funding:
        yield made(TransferKind.FUNDING, funding, ":funding" if trading else "")
    if trading or "funding" in word:
        return
    fees = (number(desk.origin, row, field) or Decimal(0) for field in ("fee", "liquidation_fee"))
    change = EXACT.add(_change(row, desk), sum(fees, EXACT.minus(funding or Decimal(0))))
    if change:
        kind = (
            TransferKind.INTERNAL
            if "transfer" in word
            else TransferKind.FEE
            if "interest" in word
            else TransferKind.OTHER
        )
        yield made(kind, change)


def _change(row: Row, desk: Desk) -> Decimal:
    return EXACT.subtract(
        *(required_number(desk.origin, row, field) for field in ("new_balance", "old_balance"))
    )


def is_conversion(row: Row) -> bool:
    """Whether a row is one leg of a conversion of collateral (its other leg has the same
    ``date``)."""
    return row.get("info") == "conversion"


def conversion(legs: list[Row], desk: Desk) -> tuple[Record, ...] | None:
    """A conversion out of the log's rows of one moment; None when it is not one asset for one
    other."""
    out = [row for row in legs if _change(row, desk) < 0]
    came = [row for row in legs if _change(row, desk) > 0]
    if len(out) != 1 or len(came) != 1:
        return None
    given, got = (
        (desk.code(str(row["asset"]).upper()), _change(row, desk)) for row in (out[0], came[0])
    )
    if given[0] == got[0]:
        return None
    name, time = required_text(desk.origin, out[0], "id"), desk.time(out[0], "date", "iso")
    return (
        translate_moves.swap_fill(
            desk.origin, fill_id=name, time=time, given=given, got=got, kind=FillKind.CONVERT
        ),
    )


def krakenfutures_open(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An open order: what is filled and unfilled makes its amount."""
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
    return summed(
        client,
        (
            (name.upper(), amount)
            for name, amount in (dig_or_none(response, "accounts.cash.balances") or {}).items()
        ),
    )


def single_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """Every single-collateral account holds its currency, beside the size of its positions (fi_…,
    pi_…)."""
    accounts = [
        one
        for one in dig_or_none(response, "accounts").values()
        if one.get("type") == "marginAccount"
    ]
    held = [
        (name.upper(), amount)
        for one in accounts
        for name, amount in one["balances"].items()
        if "_" not in name
    ]
    return summed(client, held)


CONVERSIONS = Legs(
    is_leg=is_conversion, field="date", time_field="date", time_unit="iso", make=conversion
)
