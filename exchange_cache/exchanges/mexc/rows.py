"""MEXC's raw rows: contract sides by number, which ccxt misreads, sweeps into MX, funding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    number,
    required_number,
    required_text,
    text,
    text_or_empty,
)
from exchange_cache.exchanges.verbs import (
    fill_of,
    listed,
    market_of,
    parts_of,
    signed,
)
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Fee, Fill, FillKind, TransferKind

#: 1 open long, 2 close short, 3 open short, 4 close long; ccxt reads 2 as a sale, and not 3 or 4.
_SIDES = {"1": "buy", "2": "buy", "3": "sell", "4": "sell"}


def contract_fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    fee, asset = text(row, "fee"), text(row, "feeCurrency")
    taker = row.get("taker", row.get("isTaker"))
    return (
        fill_of(
            desk,
            row,
            market_of(desk, row),
            fill_id=required_text(desk.origin, row, "id"),
            order_id=text(row, "orderId"),
            time=desk.time(row, "timestamp"),
            side=_SIDES.get(text_or_empty(row, "side"), ""),
            price=row.get("price"),
            amount=row.get("vol"),
            charges=None if fee is None else [(desk.code(asset) if asset else None, fee)],
            liquidity=None if taker is None else "taker" if taker else "maker",
            realised=row.get("profit"),
        ),
    )


def contract_order(row: Row, desk: Desk) -> tuple[Record, ...]:
    market = market_of(desk, row)
    known = {**row, "side": _SIDES.get(text_or_empty(row, "side"), "").upper()}
    if text_or_empty(row, "state") == "5":  # "invalid"
        known["state"] = "4"
    return (translate.order(desk.origin, *desk.parsed_order(known, market), market),)


def dust(row: Row, desk: Desk) -> tuple[Record, ...]:
    """One sweep into MX: each asset yields ``convert``, of which ``fee`` is deducted."""
    return tuple(_detail(detail, desk) for detail in parts_of(desk, row, "convertDetails"))


def _detail(detail: Row, desk: Desk) -> Fill:
    fee = number(desk.origin, detail, "fee")
    source = desk.asset(detail, "asset")
    return translate_moves.swap_fill(
        desk.origin,
        fill_id=f"{required_text(desk.origin, detail, 'id')}:{source}",
        time=desk.time(detail, "time"),
        given=(source, required_number(desk.origin, detail, "amount")),
        got=(desk.code("MX"), EXACT.add(required_number(desk.origin, detail, "convert"), ZERO)),
        fees=(Fee(asset=desk.code("MX"), amount=fee),) if fee else (),
        kind=FillKind.DUST,
    )


def funding(row: Row, desk: Desk) -> tuple[Record, ...]:
    market = market_of(desk, row)
    return (
        signed(
            desk,
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "settleTime"),
            asset=str(market["settle"]),
            amount=required_number(desk.origin, row, "funding"),
            symbol=str(market["symbol"]),
        ),
    )


# --- wallets --------------------------------------------------------------------------------------


def contracts_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """Contract accounts: ``equity`` contains the margin of positions and the unrealised result."""
    return {
        str(client.safe_currency_code(row["currency"])): {
            "free": row.get("availableBalance"),
            "used": None,
            "total": row["equity"],
        }
        for row in listed(response, "data")
    }
