"""Phemex's raw rows: scaled integers (Ev, Ep) read as numbers, funding among the fills, moves and
converts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.paging import dig_or_none
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    number,
    required_number,
    required_text,
    text,
    text_or_empty,
)
from exchange_cache.adapter.translate_moves import status as unified_status
from exchange_cache.exchanges.verbs import happened, ids, market_of, one_of
from exchange_cache.money import EXACT, to_amount, to_text
from exchange_cache.records import Fee, TransferKind

_FUNDING = frozenset({"4", "Funding"})
_DEFAULT_SCALE = 8


def scale_of(client: Any, code: str) -> int:
    """Decimal places of an asset's scaled amounts."""
    found = ((client.currencies or {}).get(code) or {}).get("valueScale")
    return _DEFAULT_SCALE if found is None else int(found)


def _scaled(desk: Desk, row: Row, field: str, code: str) -> Decimal:
    return EXACT.scaleb(required_number(desk.origin, row, field), -scale_of(desk.client, code))


_SIDES = {"1": "buy", "buy": "buy", "2": "sell", "sell": "sell"}


def fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A trade; funding payments (tradeType 4) are in the same list of contracts."""
    market = market_of(desk, row)
    if text_or_empty(row, "tradeType") in _FUNDING:
        return _funding(row, str(market["symbol"]), desk)
    trade, stated = desk.parsed_trade(row, market)
    trade["side"] = one_of(desk, row, "side", _SIDES)  # ccxt reads any other as a sale
    if trade.get("fee") and trade["fee"].get("cost") is None:  # ccxt omits a fee of zero
        trade["fee"], trade["fees"] = {"cost": "0", "currency": None}, []
    return (translate.fill(desk.origin, trade, stated, market),)


def _funding(row: Row, symbol: str, desk: Desk) -> tuple[Record, ...]:
    code = desk.asset(row, "currency")
    paid = (
        number(desk.origin, row, "execFeeRv")
        if text(row, "execFeeRv")
        else _scaled(desk, row, "execFeeEv", code)
    )
    if not paid:
        return ()
    return (
        desk.transfer(
            row,
            transfer_id=text(row, "execId") or ids(desk, row, "execID", "symbol", "createdAt"),
            kind=TransferKind.FUNDING,
            word=required_text(desk.origin, row, "tradeType"),
            time=desk.time(row, "createdAt")
            if text(row, "createdAt")
            else desk.time(row, "transactTimeNs", "ns"),
            asset=code,
            quantity=EXACT.minus(paid),
            symbol=symbol,
        ),
    )


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order; finished orders of contracts have other names for the filled amount and average."""
    market = market_of(desk, row)
    completed = dict(row)
    if "execQtyRq" in row and "cumQtyRq" not in row:
        completed["cumQtyRq"] = row["execQtyRq"]
    parsed, stated = desk.parsed_order(completed, market)
    average = text(row, "avgTransactPriceRp")
    stated = {**stated, **({"average": average} if average else {})}
    return (translate.order(desk.origin, parsed, stated, market),)


def wallet(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A deposit or a withdrawal; amounts are scaled, unless a newer row states real values."""
    code = desk.asset(row, "currency")

    def amount(real: str, scaled: str) -> Decimal | None:
        return (
            number(desk.origin, row, real)
            if text(row, real)
            else _scaled(desk, row, scaled, code)
            if text(row, scaled)
            else None
        )

    moved, fee = amount("amountRv", "amountEv"), amount("feeRv", "feeEv")
    if moved is None:
        raise desk.origin.bad("has no amount", row)
    when = next(
        (name for name in ("createdAt", "submitedAt", "submittedAt") if text(row, name)),
        "createdAt",
    )
    return (
        desk.transfer(
            row,
            transfer_id=text(row, "id") or required_text(desk.origin, row, "txHash"),
            kind=desk.stream.transfer_kind or TransferKind.UNCLASSIFIED,
            time=desk.time(row, when),
            asset=code,
            quantity=moved.copy_abs(),
            fee=Fee(asset=code, amount=fee) if fee else None,
            status=unified_status(desk.client.parse_transaction_status(text(row, "status"))),
            tx_id=text(row, "txHash"),
            network=text(row, "chainName"),
        ),
    )


_MOVE_STATUS = {"3": "failed", "6": "failed", "10": "ok", "11": "failed"}


def transfer(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A move between spot and contracts: side 1 to spot, 2 to contracts (ccxt leaves the amount
    scaled)."""
    code = desk.asset(row, "currency")
    to_spot = one_of(desk, row, "side", {"1": True, "2": False})
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "linkKey"),
            kind=TransferKind.INTERNAL,
            time=desk.time(row, "createTime"),
            asset=code,
            quantity=_scaled(desk, row, "amountEv", code).copy_abs(),
            status=_MOVE_STATUS.get(text_or_empty(row, "status"), "pending"),
            from_wallet="futures" if to_spot else "spot",
            to_wallet="spot" if to_spot else "futures",
        ),
    )


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert; only successful ones (status 10) happened."""
    if not happened(desk, row, "status", "10", at="createTime"):
        return ()
    source, target = desk.asset(row, "fromCurrency"), desk.asset(row, "toCurrency")
    return (
        translate_moves.swap_fill(
            desk.origin,
            fill_id=required_text(desk.origin, row, "linkKey"),
            time=desk.time(row, "createTime"),
            given=(source, _scaled(desk, row, "fromAmountEv", source)),
            got=(target, _scaled(desk, row, "toAmountEv", target)),
        ),
    )


# --- wallets --------------------------------------------------------------------------------------


def contracts_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """One settle currency; newer accounts state real values (Rv), older ones scaled
    integers (Ev)."""
    account = dig_or_none(response, "data.account")
    code = str(client.safe_currency_code(account["currency"]))
    if account.get("accountBalanceRv") is not None:
        return {
            code: {
                "free": None,
                "used": account.get("totalUsedBalanceRv"),
                "total": account["accountBalanceRv"],
            }
        }
    scale = -scale_of(client, code)
    total, used = (
        EXACT.scaleb(to_amount(str(account[name])), scale)
        for name in ("accountBalanceEv", "totalUsedBalanceEv")
    )
    return {code: {"free": None, "used": to_text(used), "total": to_text(total)}}
