"""Bybit's raw rows: executions (also from before the upgrade), ledgers, converts, deposits."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.values import Row, required_number, required_text, text
from exchange_cache.exchanges.verbs import ids, market_of
from exchange_cache.records import LOAN, UNSIGNED_KINDS, TransferKind

_NOT_TRADES = frozenset({"Funding", "Settle"})

_LOG = {
    "SETTLEMENT": TransferKind.FUNDING,
    "INTEREST": TransferKind.FEE,
    "AIRDROP": TransferKind.REWARD,
    "BONUS": TransferKind.REWARD,
    "FEE_REFUND": TransferKind.REWARD,
    "BORROW": TransferKind.LOAN,
    "REPAY": TransferKind.REPAYMENT,
}

#: The ends of a loan, and of interest, which "occurred due to borrowing" (docs/v5/enum).
_LOANS = {"BORROW": (LOAN, "unified"), "REPAY": ("unified", LOAN), "INTEREST": (LOAN, None)}

_RECEIVED = {"1": "pending", "2": "ok", "3": "failed"}


def execution(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An execution (v5/execution/list); funding, which is listed too, is read from the transaction
    log.

    The cost is quantity x price: ``execValue`` shows eight decimals, but the wallet is debited with
    all of them. ``extraFees`` has the taxes of some countries; whether ``execFee`` contains them is
    not documented, so the fee is then unknown.
    """
    if row.get("execType") in _NOT_TRADES:
        return ()
    market = market_of(desk, row)
    trade, stated = desk.parsed_trade(row, market)
    currency = text(row, "feeCurrency")
    if currency is not None:
        trade |= {"fees": [{"cost": row.get("execFee"), "currency": desk.code(currency)}]}
    fill = translate.fill(desk.origin, trade, {**stated, "cost": None}, market)
    return (
        fill if row.get("extraFees") in (None, "", "[]", []) else replace(fill, fees_known=False),
    )


def pre_upgrade(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An execution of the classic account, which had no transaction log: the list also has funding,
    and ``execFee`` is the payment.

    Source: https://bybit-exchange.github.io/docs/v5/pre-upgrade/execution
    """
    if row.get("execType") != "Funding":
        return execution(row, desk)
    market = market_of(desk, row)
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


def log(row: Row, desk: Desk) -> tuple[Record, ...]:
    """The unified account's ledger (v5/account/transaction-log); ``change`` is the signed effect on
    the wallet."""
    amount = required_number(desk.origin, row, "change")
    word = required_text(desk.origin, row, "type")
    kind = _LOG.get(word, TransferKind.UNCLASSIFIED)
    source, target = _LOANS.get(word, (None, None))
    if kind is TransferKind.REWARD and amount < 0:
        kind = TransferKind.UNCLASSIFIED
    symbol, category = text(row, "symbol"), text(row, "category") or desk.stream.category
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=kind,
            time=desk.time(row, "transactionTime"),
            asset=desk.asset(row, "currency"),
            quantity=amount.copy_abs() if kind in UNSIGNED_KINDS else amount,
            symbol=None if symbol is None else str(desk.market_by_id(symbol, category)["symbol"]),
            from_wallet=source,
            to_wallet=target,
        ),
    )


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert (v5/asset/exchange/query-convert-history); only successful ones happened."""
    if str(row.get("exchangeStatus", "success")).lower() != "success":
        return ()
    return (translate_moves.conversion(desk.origin, desk.client.parse_conversion(row)),)


def internal_deposit(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A deposit from another Bybit user, off the chain (v5/asset/deposit/query-internal-record);
    its time is in seconds."""
    status = required_text(desk.origin, row, "status")
    if status not in _RECEIVED:
        raise desk.origin.bad(f"has an undocumented status: {status!r}", row)
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=TransferKind.DEPOSIT,
            time=desk.time(row, "createdTime", "s"),
            asset=desk.asset(row, "coin"),
            quantity=required_number(desk.origin, row, "amount"),
            status=_RECEIVED[status],
            tx_id=text(row, "txID"),
        ),
    )


def funding_record(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the funding account's ledger (v5/asset/fundinghistory) that is in no other list; it
    has no id.

    The types are not documented beyond the example (Earn), so only known ones count. Deposits,
    withdrawals, moves and converts have lists of their own.
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
            quantity=amount.copy_negate() if kind is TransferKind.UNCLASSIFIED else amount,
        ),
    )


def _funding_kind(row: Row, incoming: bool) -> TransferKind | None:
    word = str(row.get("showBusiTypeEn")).strip().lower()
    if word == "fiat":
        return TransferKind.DEPOSIT if incoming else TransferKind.WITHDRAWAL
    descriptions = f"{row.get('description')} {row.get('descriptionEn')}".lower()
    if word == "airdrop" or (word == "earn" and "interest" in descriptions):
        return TransferKind.REWARD if incoming else TransferKind.UNCLASSIFIED
    return None
