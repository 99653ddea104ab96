"""Binance's files of spot trades, converts, deposits, withdrawals and fiat: none has the ids of
trades; withdrawals and fiat orders have those of the chain and of the order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from exchange_cache.exchanges.file_records import (
    Ids,
    Part,
    fee,
    named_direction,
    spot_fill,
    swapped,
)
from exchange_cache.exchanges.file_rows import (
    cell,
    column,
    market_side,
    moment,
    needed,
    number,
    refused,
    required,
)
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import DataType, Fee, FillKind, Transfer, TransferKind
from exchange_cache.statements.table import FileContext, Found, LeftOut, Row, Stated, Table, Zone

_DONE = frozenset({"completed", "successful", "finished", "success"})

# --- trades ---------------------------------------------------------------------------------------


def trades(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Spot trades. The new edition glues amounts to their assets, the old one names the fee's."""
    glued = "Executed" in context.columns
    pair = "Pair" if glued else "Market"
    ids = Ids()
    for row in rows:
        found = context.names.split(needed(row, pair))
        if found is None:
            reason = f"{needed(row, pair)!r} is in no list of markets"
            yield LeftOut(line=row.line, reason=reason, unknown=True)
            continue
        base, quote = found
        if glued:
            quantity, cost = (_of(row, name, context)[0] for name in ("Executed", "Amount"))
            charged, asset = _of(row, "Fee", context) if cell(row, "Fee") else (ZERO, "")
            price = required(row, "Price")
        else:
            quantity, cost = required(row, "Amount"), required(row, "Total")
            charged, price = number(row, "Fee"), required(row, "Price")
            asset = context.names.asset(cell(row, "Fee Coin")) if charged else ""
        time = moment(row, "Date(UTC)", context.zone)
        side = market_side(row, needed(row, "Side" if glued else "Type"))
        record = spot_fill(
            context,
            fill_id=ids.of(time, base, quote, side, quantity, cost, charged),
            time=time,
            side=side,
            base=base,
            quote=quote,
            quantity=quantity,
            cost=cost,
            price=price,
            fees=fee(asset, charged),
        )
        yield Stated(lines=(row.line,), record=record, exact=False)


def _of(row: Row, name: str, context: FileContext) -> tuple[Decimal, str]:
    """A glued amount, whose asset may begin with a digit, and its asset."""
    found = context.names.amount(needed(row, name))
    if found is None:
        raise refused(row, f"{name!r} is {needed(row, name)!r}, not an amount of a known asset")
    return found[0].copy_abs(), found[1]


def converts(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Converts that were successful."""
    at = "Date" if "Date" in context.columns else column(context, "Date(UTC*)")
    ids = Ids()
    for row in rows:
        status = needed(row, "Status").lower()
        if status not in _DONE:
            yield LeftOut(line=row.line, reason=f"its status is {status}")
            continue
        (sold, given), (bought, got) = (_of(row, name, context) for name in ("Sell", "Buy"))
        parts = [
            Part(line=row.line, asset=given, change=-sold),
            Part(line=row.line, asset=got, change=bought),
        ]
        time = moment(row, at, context.zone)
        for one in swapped(
            context, "converts", parts=parts, time=time, ids=ids, kind=FillKind.CONVERT
        ):
            assert isinstance(one, Stated)
            yield replace(one, lines=(row.line,))


# --- deposits, withdrawals and fiat ---------------------------------------------------------------


def transfers(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Deposits or withdrawals on a chain; the fee of a withdrawal is on top of its amount. The name
    of the file says which they are, else the present header, where only withdrawals have a fee."""
    at, ids = column(context, "Date(UTC*)"), Ids()
    kind = _direction(context)
    for row in rows:
        status = needed(row, "Status").lower()
        if status not in _DONE:
            yield LeftOut(line=row.line, reason=f"its status is {status}")
            continue
        time, asset = moment(row, at, context.zone), context.names.asset(needed(row, "Coin"))
        amount, tx_id = required(row, "Amount").copy_abs(), cell(row, "TXID")
        charged = number(row, "Fee") or number(row, "TransactionFee")
        if kind is TransferKind.DEPOSIT:
            charged = ZERO
        record = Transfer(
            account=context.account,
            scope=f"{kind}s",
            transfer_id=ids.of(time, tx_id, asset, amount),
            kind=kind,
            time=time,
            asset=asset,
            quantity=amount,
            fee=Fee(asset=asset, amount=charged) if charged else None,
            tx_id=tx_id or None,
            network=cell(row, "Network") or None,
        )
        yield Stated(lines=(row.line,), record=record, exact=False)


def fiat(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Bank transfers by the id of their order. The indicated amount is before the fee."""
    at = column(context, "Date(UTC*)")
    kind = _direction(context)
    for row in rows:
        status = needed(row, "Status").lower()
        if status not in _DONE:
            yield LeftOut(line=row.line, reason=f"its status is {status}")
            continue
        asset = context.names.asset(needed(row, "Coin"))
        gross = number(row, "Indicated Amount") or required(row, "Amount")
        charged = number(row, "Fee").copy_abs()
        record = Transfer(
            account=context.account,
            scope=f"fiat-{kind}s",
            transfer_id=needed(row, "Order ID"),
            kind=kind,
            time=moment(row, at, context.zone),
            asset=asset,
            quantity=gross.copy_abs()
            if kind is TransferKind.DEPOSIT
            else EXACT.subtract(gross.copy_abs(), charged),
            fee=Fee(asset=asset, amount=charged) if charged else None,
        )
        yield Stated(lines=(row.line,), record=record, exact=False)


def _direction(context: FileContext) -> TransferKind:
    found = named_direction(context.file_name)
    if found is None and "Date(UTC+0)" in context.columns:
        return TransferKind.WITHDRAWAL if "Fee" in context.columns else TransferKind.DEPOSIT
    if found is None:
        raise refused(
            Row(line=1, cells={}),
            "the name of the file does not say whether these are deposits or withdrawals",
            "name the file deposits.csv or withdrawals.csv",
        )
    return found


# --- tables ---------------------------------------------------------------------------------------

_PUBLIC = "BittyTax conv/parsers/binance.py"
_TRADES = Table(
    exchange="binance",
    name="spot trades",
    edition="2021",
    columns=("Date(UTC)", "Pair", "Side", "Price", "Executed", "Amount", "Fee"),
    zone=Zone.UTC,
    covers=(DataType.FILLS,),
    wallets=("spot",),
    scopes=("spot",),
    read=trades,
    page="Orders > Spot Order > Trade History > Export",
    source=_PUBLIC,
    rank=1,
)
_MOVES = Table(
    exchange="binance",
    name="withdrawals",
    edition="2024",
    columns=("Date(UTC+0)", "Coin", "Network", "Amount", "Fee", "Address", "TXID", "Status"),
    zone=Zone.UTC,
    covers=(DataType.TRANSFERS,),
    wallets=("spot",),
    scopes=("withdrawals",),
    read=transfers,
    page="Wallet > Transaction History > Withdraw > Export",
    source=_PUBLIC,
    rank=1,
)
_CONVERT = ("Date", "Pair", "Type", "Sell", "Buy", "Price", "Inverse Price", "Date Updated")
TABLES = (
    _TRADES,
    replace(
        _TRADES,
        edition="2019",
        columns=("Date(UTC)", "Market", "Type", "Price", "Amount", "Total", "Fee", "Fee Coin"),
    ),
    Table(
        exchange="binance",
        name="converts",
        edition="2022",
        columns=(*_CONVERT, "Status"),
        optional=("Wallet",),
        zone=Zone.UTC,
        covers=(DataType.FILLS,),
        wallets=("spot", "funding"),
        scopes=("converts",),
        read=converts,
        page="Orders > Convert History > Export",
        source=_PUBLIC,
        rank=1,
    ),
    _MOVES,
    replace(
        _MOVES,
        name="deposits",
        columns=tuple(name for name in _MOVES.columns if name != "Fee"),
        scopes=("deposits",),
        page="Wallet > Transaction History > Deposit > Export",
    ),
    replace(
        _MOVES,
        name="deposits or withdrawals",
        edition="2021",
        columns=(
            *("Date(UTC)", "Coin", "Network", "Amount", "TransactionFee", "Address", "TXID"),
            *("SourceAddress", "PaymentID", "Status"),
        ),
        scopes=("deposits", "withdrawals"),
        page="Wallet > Transaction History > Export",
    ),
    Table(
        exchange="binance",
        name="fiat deposits or withdrawals",
        edition="2022",
        columns=(
            *("Date(UTC*)", "Coin", "Amount", "Status", "Payment Method", "Indicated Amount"),
            *("Fee", "Order ID"),
        ),
        zone=Zone.HEADER,
        covers=(DataType.TRANSFERS,),
        wallets=("spot",),
        scopes=("fiat-deposits", "fiat-withdrawals"),
        read=fiat,
        page="Orders > Fiat Order > Deposit or Withdraw > Export",
        source=_PUBLIC,
        rank=1,
    ),
)
