"""Bybit's raw rows: executions (also from before the upgrade), ledgers, converts, deposits."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.meanings import part_in
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.values import Row, required_number, required_text, text
from exchange_cache.exchanges.verbs import booked, happened, ids, market_of, one_of
from exchange_cache.records import TransferKind

_RECEIVED = {"1": "pending", "2": "ok", "3": "failed"}


def execution(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An execution (v5/execution/list); funding, which is listed too, is read from the transaction
    log. A delivery (Delivery of contracts in USDC, Settle of inverse ones) closes the position.

    The cost is quantity x price: ``execValue`` shows eight decimals, but the wallet is debited with
    all of them. ``extraFees`` has the taxes of some countries; whether ``execFee`` contains them is
    not documented, so the fee is then unknown.
    """
    if row.get("execType") == "Funding":
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
    word = required_text(desk.origin, row, "type")
    if row.get("category") is None:  # empty where a row is of no market
        raise desk.origin.bad("has no category", row)
    category = text(row, "category") or desk.stream.category
    narrower = f"{word} {category}"
    made = booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "id"),
        word=narrower if narrower in desk.stream.meanings else word,
        time=desk.time(row, "transactionTime"),
        asset=desk.asset(row, "currency"),
        amount=required_number(desk.origin, row, "change"),
        market_id=text(row, "symbol"),
        category=category,
        reference=text(row, "orderId"),
    )
    return tuple(replace(transfer, word=word) for transfer in made)


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert (v5/asset/exchange/query-convert-history); only successful ones happened."""
    if not happened(desk, row, "exchangeStatus", "success", at="createdAt", optional=True):
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
    has no id. Its type and its description together say what it is."""
    business = required_text(desk.origin, row, "showBusiTypeEn")
    said, key = (text(row, name) or "" for name in ("descriptionEn", "description"))
    words = f"{business}: {said or key}"
    amount = required_number(desk.origin, row, "txnAmt").copy_abs()
    incoming = one_of(desk, row, "ioDirection", {"i": True, "o": False})
    made = booked(
        desk,
        row,
        transfer_id=ids(desk, row, "currency", "createTime", "ioDirection", "txnAmt", "afterAmt"),
        word=part_in(desk.stream.meanings, f"{words} {key}") or words,
        time=desk.time(row, "createTime", "s"),
        asset=desk.asset(row, "currency"),
        amount=amount if incoming else amount.copy_negate(),
    )
    return tuple(replace(transfer, word=" ".join(words.split())) for transfer in made)
