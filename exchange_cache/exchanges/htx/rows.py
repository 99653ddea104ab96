"""HTX's raw rows: linear fills whose fee ccxt turns around, funding, and the spot ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from exchange_cache.adapter import translate
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.adapter.translate_moves import status as unified_status
from exchange_cache.exchanges.verbs import (
    PairSide,
    fill_of,
    ids,
    listed,
    market_of,
    netted,
    signed,
)
from exchange_cache.money import ZERO, to_amount
from exchange_cache.records import Fee, TransferKind


def linear_fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A fill of the v5 contract interface; its ``trade_fee`` is positive when paid (older
    interfaces: negative).

    The fee is told in USDT whatever ``fee_currency`` it was deducted in (which may be several, with
    commas between).
    """
    fee, market = text(row, "trade_fee"), market_of(desk, row, "contract_code")
    return (
        fill_of(
            desk,
            row,
            market,
            fill_id=required_text(desk.origin, row, "id"),
            order_id=text(row, "order_id"),
            time=desk.time(row, "created_time"),
            side=required_text(desk.origin, row, "side"),
            price=row.get("trade_price"),
            amount=row.get("trade_volume"),
            charges=None if fee is None else [(str(market["settle"]), fee)],
            liquidity=str(row["role"]).lower() if row.get("role") else None,
            realised=row.get("profit"),
        ),
    )


def linear_order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order of the v5 contract interface: its ``order_id`` is what fills refer to, its ``id`` is
    the row's."""
    market = market_of(desk, row, "contract_code")
    told = {key: value for key, value in row.items() if key != "id"}
    return (translate.order(desk.origin, *desk.parsed_order(told, market), market),)


def move(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A deposit or withdrawal; read without ccxt, which needs the names of all networks for it.
    ``fee`` is beside the amount."""
    asset, fee = desk.asset(row, "currency"), number(desk.origin, row, "fee")
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=desk.stream.transfer_kind or TransferKind.OTHER,
            time=desk.time(row, "created-at"),
            asset=asset,
            quantity=required_number(desk.origin, row, "amount").copy_abs(),
            fee=Fee(asset=asset, amount=fee.copy_abs()) if fee else None,
            status=unified_status(desk.client.parse_transaction_status(text(row, "state"))),
            tx_id=text(row, "tx-hash"),
            network=text(row, "chain"),
        ),
    )


def funding(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A funding payment (bill types 30: received, 31: paid)."""
    amount = required_number(desk.origin, row, "amount")
    unified = "created_time" in row
    return (
        signed(
            desk,
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "created_time" if unified else "ts"),
            asset=desk.asset(row, "currency" if unified else "asset"),
            amount=-amount.copy_abs() if str(row.get("type")) == "31" else amount,
            symbol=str(market_of(desk, row, "contract_code")["symbol"]),
        ),
    )


_LEDGER = {
    "interest": TransferKind.FEE,
    "rebate": TransferKind.REWARD,
    "transfer": TransferKind.INTERNAL,
    "credit": TransferKind.OTHER,
    "exchange": TransferKind.OTHER,
    "other-types": TransferKind.OTHER,
}

#: How ``transferType`` begins where the other end is no wallet of this account.
_STRANGERS = ("master-", "sub-", "agency-")


def ledger(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of a spot account's ledger, of the types that no other list tells. Its ``transactId``
    may be 0 in every row."""
    word = required_text(desk.origin, row, "transactType")
    if word not in _LEDGER:
        return ()
    stranger = word == "transfer" and str(row.get("transferType")).startswith(_STRANGERS)
    own = text(row, "transactId")
    return (
        signed(
            desk,
            row,
            transfer_id=own
            if own not in {None, "0"}
            else ids(desk, row, "accountId", "transactTime", "currency", "transactAmt"),
            kind=TransferKind.OTHER if stranger else _LEDGER[word],
            time=desk.time(row, "transactTime"),
            asset=desk.asset(row, "currency"),
            amount=required_number(desk.origin, row, "transactAmt"),
        ),
    )


# --- wallets --------------------------------------------------------------------------------------


def cross_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """Cross margin: a row per coin and type; loans and interest are negative."""
    return _rows(client, listed(response, "data.list"))


def isolated_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """Isolated margin: a list per pair."""
    return _rows(
        client, [row for pair in listed(response, "data") for row in pair.get("list") or ()]
    )


def _rows(client: Any, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return netted(client, (found for found in map(side_wallet, rows) if found is not None))


def inverse_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """Coin-margined accounts: ``margin_balance`` holds the unrealised result."""
    return {
        str(client.safe_currency_code(row["symbol"])): {
            "free": str(row.get("margin_available"))
            if row.get("margin_available") is not None
            else None,
            "used": None,
            "total": str(row["margin_balance"]),
        }
        for row in listed(response, "data")
    }


_COLUMNS = {"trade": "free", "frozen": "used", "loan": "debt", "interest": "debt"}


def side_wallet(row: Mapping[str, Any]) -> PairSide | None:
    """A row of a margin account, one figure of one coin: a loan and its interest are below zero.

    None for rows that are limits. Sources: https://www.htx.com/en-us/opend/newApiPages (GET
    /v1/margin/accounts/balance, /v1/cross-margin/accounts/balance) and their examples in ccxt.
    """
    column = _COLUMNS.get(str(row.get("type")))
    if column is None:
        return None
    amount = to_amount(str(row["balance"]))
    figures = {"free": ZERO, "used": ZERO, "debt": ZERO} | {
        column: amount.copy_negate() if column == "debt" else amount
    }
    return PairSide(str(row["currency"]), **figures)
