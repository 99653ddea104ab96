"""Bybit's raw rows: executions of unified accounts and of those from before, the ledgers of its
wallets, converts, deposits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.paging import RowsMissing, rows_of
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, required_number, required_text, text
from exchange_cache.errors import BadResponse
from exchange_cache.exchanges.verbs import (
    amount_or_zero,
    column,
    ids,
    owing,
)
from exchange_cache.money import EXACT, ZERO, to_amount
from exchange_cache.records import LOAN, TransferKind

_NOT_TRADES = frozenset({"Funding", "Settle"})


def execution(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An execution (v5/execution/list), which also lists funding: that comes through the
    transaction log.

    The cost is quantity x price: ``execValue`` is shown with eight decimals, the wallet is debited
    with all of them. Taxes that some countries charge stand in ``extraFees``; whether ``execFee``
    contains them is not documented, so the fee is not known then.
    """
    if row.get("execType") in _NOT_TRADES:
        return ()
    market = desk.market_by_id(required_text(desk.origin, row, "symbol"), desk.stream.category)
    trade, stated = desk.parsed_trade(row, market)
    currency = text(row, "feeCurrency")
    if currency is not None:
        trade |= {"fees": [{"cost": row.get("execFee"), "currency": desk.code(currency)}]}
    fill = translate.fill(desk.origin, trade, {**stated, "cost": None}, market)
    return (
        fill if row.get("extraFees") in (None, "", "[]", []) else replace(fill, fees_known=False),
    )


def pre_upgrade(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An execution of the classic account; it had no transaction log, so funding is told here:
    ``execFee`` is what was paid.

    Source: https://bybit-exchange.github.io/docs/v5/pre-upgrade/execution
    """
    if row.get("execType") != "Funding":
        return execution(row, desk)
    market = desk.market_by_id(required_text(desk.origin, row, "symbol"), desk.stream.category)
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "execId"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "execTime"),
            asset=str(market["settle"]),
            quantity=required_number(desk.origin, row, "execFee").copy_negate(),
            symbol=str(market["symbol"]),
        ),
    )


_LOG = {
    "SETTLEMENT": TransferKind.FUNDING,
    "INTEREST": TransferKind.FEE,
    "AIRDROP": TransferKind.REWARD,
    "BONUS": TransferKind.REWARD,
    "FEE_REFUND": TransferKind.REWARD,
    "BORROW": TransferKind.INTERNAL,
    "REPAY": TransferKind.INTERNAL,
}

#: From where and to where: loans are moves, and interest "occurred due to borrowing"
#: (docs/v5/enum).
_LOANS = {"BORROW": (LOAN, "unified"), "REPAY": ("unified", LOAN), "INTEREST": (LOAN, None)}


def log(row: Row, desk: Desk) -> tuple[Record, ...]:
    """The unified account's ledger (v5/account/transaction-log); ``change`` is the signed effect on
    the wallet."""
    amount = required_number(desk.origin, row, "change")
    word = required_text(desk.origin, row, "type")
    kind = _LOG.get(word, TransferKind.OTHER)
    left, came = _LOANS.get(word, (None, None))
    if kind is TransferKind.REWARD and amount < 0:
        kind = TransferKind.OTHER
    symbol, category = text(row, "symbol"), text(row, "category") or desk.stream.category
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=kind,
            time=desk.time(row, "transactionTime"),
            asset=desk.asset(row, "currency"),
            quantity=amount.copy_abs() if kind is TransferKind.INTERNAL else amount,
            symbol=None if symbol is None else str(desk.market_by_id(symbol, category)["symbol"]),
            from_wallet=left,
            to_wallet=came,
        ),
    )


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert (v5/asset/exchange/query-convert-history); only successful ones happened."""
    if str(row.get("exchangeStatus", "success")).lower() != "success":
        return ()
    return (translate_moves.conversion(desk.origin, desk.client.parse_conversion(row)),)


_RECEIVED = {"1": "pending", "2": "ok", "3": "failed"}


def internal_deposit(row: Row, desk: Desk) -> tuple[Record, ...]:
    """What another Bybit user sent, off the chain (v5/asset/deposit/query-internal-record); its
    time is in seconds."""
    told = required_text(desk.origin, row, "status")
    if told not in _RECEIVED:
        raise desk.origin.bad(f"has a status that is not documented: {told!r}", row)
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=TransferKind.DEPOSIT,
            time=desk.time(row, "createdTime", "s"),
            asset=desk.asset(row, "coin"),
            quantity=required_number(desk.origin, row, "amount"),
            status=_RECEIVED[told],
            tx_id=text(row, "txID"),
        ),
    )


def funding_record(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the funding account's ledger (v5/asset/fundinghistory), of the types that no other
    list tells; it has no id.

    The types are not documented beyond the example (Earn), so only those that are known for what
    they are count: deposits, withdrawals, moves and converts come through lists of their own.
    """
    incoming = required_text(desk.origin, row, "ioDirection") == "I"
    kind = _funding_kind(row, incoming)
    if kind is None:
        return ()
    amount = required_number(desk.origin, row, "txnAmt").copy_abs()
    return (
        desk.transfer(
            row,
            transfer_id=ids(
                desk, row, "currency", "createTime", "ioDirection", "txnAmt", "afterAmt"
            ),
            kind=kind,
            time=desk.time(row, "createTime", "s"),
            asset=desk.asset(row, "currency"),
            quantity=amount.copy_negate() if kind is TransferKind.OTHER else amount,
        ),
    )


def _funding_kind(row: Row, incoming: bool) -> TransferKind | None:
    word = str(row.get("showBusiTypeEn")).strip().lower()
    if word == "fiat":
        return TransferKind.DEPOSIT if incoming else TransferKind.WITHDRAWAL
    told = f"{row.get('description')} {row.get('descriptionEn')}".lower()
    if word == "airdrop" or (word == "earn" and "interest" in told):
        return TransferKind.REWARD if incoming else TransferKind.OTHER
    return None


# --- wallets --------------------------------------------------------------------------------------


def earn_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    return column(client, response, "result.list", "coin", "amount")


def unified_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """The unified account: ``walletBalance`` less ``spotBorrow``, without the unrealised result.

    Since September 2025 ``walletBalance`` includes what spot margin trading and manual borrowing
    lent ("Old walletBalance = New walletBalance - spotBorrow"; equity = walletBalance - spotBorrow
    + unrealisedPnl + option value). Losses of contracts that became a debt are in
    ``walletBalance`` itself, which they make negative. ``borrowAmount`` is the sum of both kinds
    of debt, and spot liabilities include the interest on them, so ``accruedInterest`` is not
    subtracted again. Answers from before have no ``spotBorrow``. ``availableToWithdraw`` is
    deprecated: what orders and positions bind is used, the rest free.

    Sources: https://bybit-exchange.github.io/docs/v5/account/wallet-balance; Bybit's help centre,
    Manual Borrow in UTA Loan.
    """
    try:
        coins = [
            row for account in rows_of(response, "result.list") for row in rows_of(account, "coin?")
        ]
    except RowsMissing as error:
        raise BadResponse(f"{client.id}: {error}") from error
    return {str(client.safe_currency_code(row["coin"])): _coin(row) for row in coins}


def _coin(row: Mapping[str, Any]) -> dict[str, Any]:
    held, used = to_amount(str(row["walletBalance"])), ZERO
    for name in ("locked", "totalPositionIM", "totalOrderIM"):
        used = EXACT.add(used, amount_or_zero(row, name))
    total = EXACT.subtract(held, amount_or_zero(row, "spotBorrow"))
    return owing(total, EXACT.subtract(held, used), used, amount_or_zero(row, "borrowAmount"))
