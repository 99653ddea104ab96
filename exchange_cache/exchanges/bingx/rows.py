"""BingX's raw rows: fills with the sign of their commission, contract fills with their ids, and the
contract ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter import translate_moves
from exchange_cache.adapter.meanings import Meaning, classified, means
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
    booked,
    fill_of,
    ids,
    listed,
    market_of,
    summed,
)
from exchange_cache.money import EXACT
from exchange_cache.records import FillKind, TransferKind


def fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A spot fill; the commission is negative when paid (ccxt drops the sign and turns a rebate
    into a fee)."""
    commission, asset, maker = (
        number(desk.origin, row, "commission"),
        text(row, "commissionAsset"),
        row.get("isMaker"),
    )
    side = (
        {True: "buy", False: "sell"}.get(row["isBuyer"], "")
        if "isBuyer" in row
        else text_or_empty(row, "side").lower()
    )
    return (
        fill_of(
            desk,
            row,
            market_of(desk, row),
            fill_id=required_text(desk.origin, row, "id"),
            order_id=text(row, "orderId"),
            time=desk.time(row, "time"),
            side=side,
            price=row.get("price"),
            amount=row.get("qty"),
            cost=row.get("quoteQty"),
            charges=None
            if commission is None
            else [(desk.code(asset) if asset else None, str(EXACT.minus(commission)))],
            liquidity=None if maker is None else "maker" if maker else "taker",
        ),
    )


def contract_fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the fill history; the commission is negative when paid."""
    commission, asset = (
        number(desk.origin, row, "commission"),
        text(row, "commissionAsset") or text(row, "currency"),
    )
    when = "filledTm" if text(row, "filledTm") else "filledTime"
    return (
        fill_of(
            desk,
            row,
            market_of(desk, row),
            fill_id=required_text(desk.origin, row, "tradeId"),
            order_id=text(row, "orderId"),
            time=desk.time(row, when, "iso"),
            side=text_or_empty(row, "side").lower(),
            price=row.get("price"),
            amount=row.get("qty") or row.get("volume"),
            charges=None
            if commission is None
            else [(desk.code(asset) if asset else None, str(EXACT.minus(commission)))],
            liquidity=text(row, "role"),
            realised=row.get("realisedPNL"),
        ),
    )


def withdrawal(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A withdrawal; ccxt takes its transferType 0 (to an outside address) for a deposit, and its
    status with it."""
    cleaned = {key: value for key, value in row.items() if key != "transferType"}
    return (
        translate_moves.transaction(
            desk.origin, desk.client.parse_transaction(cleaned), TransferKind.WITHDRAWAL
        ),
    )


#: Types of the fund flow of contracts. ``GTD_PRICE`` is the price of a guaranteed stop.
#: https://bingx-api.github.io/docs/#/en-us/swapV2/account-api.html (fund flow)
INCOME: dict[str, Meaning] = {
    **means(FillKind.TRADE, "REALIZED_PNL", "TRADING_FEE"),
    **means(TransferKind.INTERNAL, "TRANSFER", elsewhere=True),
    **means(TransferKind.FUNDING, "FUNDING_FEE"),
    **means(TransferKind.INSURANCE, "INSURANCE_CLEAR"),
    **means(TransferKind.LIQUIDATION, "ADL"),
    **means(TransferKind.FEE, "GTD_PRICE"),
    **means(TransferKind.REWARD, "TRIAL_FUND", "AFFILIATE_REBATE"),
    **means(TransferKind.ADJUSTMENT, "SYSTEM_DEDUCTION"),
}


def income(row: Row, desk: Desk) -> tuple[Record, ...]:
    """The ledger of USDT-margined contracts; results, trading fees and moves have their own
    lists."""
    word = required_text(desk.origin, row, "incomeType")
    amount = required_number(desk.origin, row, "income")
    if not amount or classified(INCOME, word, amount) is None:
        return ()
    return booked(
        desk,
        row,
        transfer_id=ids(desk, row, "incomeType", "tranId", "symbol", "time"),
        word=word,
        time=desk.time(row, "time"),
        asset=desk.asset(row, "asset"),
        amount=amount,
        market_id=text(row, "symbol"),
        reference=text(row, "tranId"),
    )


# --- wallets --------------------------------------------------------------------------------------


def contracts_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """Contract accounts; an empty one is a row without an asset, or with empty texts as figures."""
    rows = [row for row in listed(response, "data") if row.get("asset") and row["balance"] != ""]
    held = summed(client, ((row["asset"], row["balance"]) for row in rows))
    free = {
        str(client.safe_currency_code(row["asset"])): row.get("availableMargin")
        or row.get("availableBalance")
        for row in rows
    }
    return {code: {**figures, "free": free.get(code)} for code, figures in held.items()}
