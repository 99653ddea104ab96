"""KuCoin's files: fills, the history of an account, deposits, withdrawals, converts and earnings.

No row has an id of the API but that of its order. Older files are in UTC+8 without stating it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from exchange_cache.adapter.meanings import UNKNOWN, Meaning, part_in
from exchange_cache.exchanges.file_records import (
    Ids,
    Part,
    every,
    fee,
    moved,
    named_direction,
    swapped,
)
from exchange_cache.exchanges.file_rows import (
    cell,
    column,
    moment,
    moments,
    needed,
    number,
    refused,
    required,
)
from exchange_cache.exchanges.kucoin import fill_files, position_files, words
from exchange_cache.records import DataType, FillKind, Transfer, TransferKind
from exchange_cache.statements.table import FileContext, Found, LeftOut, Row, Stated, Table, Zone

_LEDGER = every(words.LEDGER)
#: Accounts of the files by the names of wallets.
_WALLETS = {
    "mainaccount": "main",
    "funding account": "main",
    "tradeaccount": "trade",
    "trading account": "trade",
    "tradehfaccount": "trade_hf",
    "marginaccount": "margin",
    "cross margin": "margin",
    "isolatedaccount": "margin-isolated",
    "isolated margin": "margin-isolated",
}
_IN, _OUT = ("deposit", "in"), ("withdrawal", "withdraw", "out")
_DONE = frozenset({"success", "successful", "completed", "complete"})


def wallet_of(row: Row) -> str:
    """The wallet that a row is of."""
    name = " ".join(cell(row, "Account Type").lower().split())
    return _WALLETS.get(name, name or "main")


# --- the history of an account --------------------------------------------------------------------


def account(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Everything that changed an account. ``Side`` says in or out, ``Remark`` why; a row without a
    remark is a deposit or a withdrawal. The file of fills has the trades."""
    at, ids = column(context, "Time(UTC*)"), Ids()
    for time, held in moments(rows, lambda row: moment(row, at, context.zone)):
        converts: list[Part] = []
        for row in held:
            amount = _signed(row)
            asset = context.names.asset(needed(row, "Currency"))
            meaning = _meaning(row)
            if not amount:
                yield LeftOut(line=row.line, reason="changes no balance")
            elif meaning.kind is FillKind.CONVERT:
                converts.append(Part(line=row.line, asset=asset, change=amount))
            elif isinstance(meaning.kind, FillKind):
                reason = "a trade, which the file of filled orders has"
                yield LeftOut(line=row.line, reason=reason)
            else:
                yield _entry(row, context, meaning, time, asset, amount, ids)
        if converts:
            yield from swapped(
                context, "ledger", parts=converts, time=time, ids=ids, word="convert"
            )


def _signed(row: Row) -> Decimal:
    side = needed(row, "Side").lower()
    if side not in {*_IN, *_OUT}:
        raise refused(row, f"'Side' is {side!r}, neither in nor out")
    amount = required(row, "Amount").copy_abs()
    return amount if side in _IN else -amount


def _meaning(row: Row) -> Meaning:
    remark = _word(row)
    if not remark:
        return Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL)
    found = remark if remark in _LEDGER else part_in(_LEDGER, remark)
    return UNKNOWN if found is None else _LEDGER[found]


def _word(row: Row) -> str:
    return " ".join(cell(row, "Remark").lower().replace("_", " ").split())


def _entry(
    row: Row,
    context: FileContext,
    meaning: Meaning,
    time: datetime,
    asset: str,
    amount: Decimal,
    ids: Ids,
) -> Found:
    charged = number(row, "Fee").copy_abs()
    word = cell(row, "Remark") or needed(row, "Side")
    record = moved(
        context,
        "ledger",
        transfer_id=ids.of(time, wallet_of(row), word, asset, amount),
        meaning=meaning,
        time=time,
        asset=asset,
        amount=amount,
        charged=charged,
        word=word,
        wallet=wallet_of(row),
    )
    return Stated(lines=(row.line,), record=record, exact=False)


# --- deposits and withdrawals ---------------------------------------------------------------------


def transfers(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Deposits or withdrawals: the column of the address says which, else the name of the file."""
    at, ids = column(context, "Time(UTC*)"), Ids()
    kind = _direction(context)
    for row in rows:
        status = needed(row, "Status").lower()
        if status not in _DONE:
            yield LeftOut(line=row.line, reason=f"its status is {status}")
            continue
        time, asset = moment(row, at, context.zone), context.names.asset(needed(row, "Coin"))
        amount = required(row, "Amount").copy_abs()
        charged = fee(asset, number(row, "Fee").copy_abs())
        tx_id = cell(row, "Hash") or None
        record = Transfer(
            account=context.account,
            scope=f"{kind}s",
            transfer_id=tx_id or ids.of(time, kind, asset, amount),
            kind=kind,
            time=time,
            asset=asset,
            quantity=amount,
            fee=charged[0] if charged else None,
            tx_id=tx_id,
            network=cell(row, "Transfer Network") or None,
        )
        yield Stated(lines=(row.line,), record=record, exact=False)


def _direction(context: FileContext) -> TransferKind:
    found = named_direction(" ".join(context.columns)) or named_direction(context.file_name)
    if found is None:
        raise refused(
            Row(line=1, cells={}),
            "neither a column nor the name of the file says whether these are deposits or"
            " withdrawals",
        )
    return found


# --- converts and earnings ------------------------------------------------------------------------


def converts(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Converts; the amounts name their assets."""
    at, ids = column(context, "Time of Update(UTC*)"), Ids()
    for row in rows:
        status = needed(row, "Status").lower()
        if status not in _DONE:
            yield LeftOut(line=row.line, reason=f"its status is {status}")
            continue
        (sold, given), (bought, got) = (_glued(row, name, context) for name in ("Sell", "Buy"))
        parts = [
            Part(line=row.line, asset=given, change=-sold),
            Part(line=row.line, asset=got, change=bought),
        ]
        for one in swapped(
            context,
            "converts",
            parts=parts,
            time=moment(row, at, context.zone),
            ids=ids,
            word="convert",
        ):
            assert isinstance(one, Stated)
            yield replace(one, lines=(row.line,))


def _glued(row: Row, name: str, context: FileContext) -> tuple[Decimal, str]:
    found = context.names.amount(needed(row, name))
    if found is None:
        raise refused(row, f"{name!r} is {needed(row, name)!r}, not an amount of a known asset")
    return found[0].copy_abs(), found[1]


def earnings(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """What products of Earn paid."""
    at, ids = column(context, "Time(UTC*)"), Ids()
    for row in rows:
        time, asset = moment(row, at, context.zone), needed(row, "Earnings Coin")
        amount = required(row, "Amount")
        if not amount:
            yield LeftOut(line=row.line, reason="pays nothing")
            continue
        record = moved(
            context,
            "earn-profits",
            transfer_id=ids.of(time, cell(row, "Order ID"), asset, amount),
            meaning=Meaning(kind=TransferKind.REWARD),
            time=time,
            asset=context.names.asset(asset),
            amount=amount,
            charged=number(row, "Fee").copy_abs(),
            word=cell(row, "Earnings Type") or "Earn",
            reference=cell(row, "Order ID") or None,
        )
        yield Stated(lines=(row.line,), record=record, exact=False)


# --- tables ---------------------------------------------------------------------------------------

_SOURCE = "BittyTax conv/parsers/kucoin.py, rotki data_import/importers/kucoin.py"
_PAGE = "KuCoin Data & Report Service (https://www.kucoin.com/support/44932890985625)"
_USER = ("UID", "Account Type")
_MOVES = Table(
    exchange="kucoin",
    name="deposits",
    edition="2022",
    columns=(
        *(*_USER, "Time(UTC*)", "Coin", "Amount", "Fee", "Transfer Network", "Status", "Remarks"),
        "Deposit Address",
    ),
    optional=("Hash",),
    zone=Zone.HEADER,
    covers=(DataType.TRANSFERS,),
    wallets=("main",),
    scopes=("deposits",),
    read=transfers,
    page=_PAGE,
    source=_SOURCE,
)
_WITHDRAWN = tuple(name for name in _MOVES.columns if name != "Deposit Address")
TABLES = (
    *fill_files.TABLES,
    position_files.TABLE,
    Table(
        exchange="kucoin",
        name="account history",
        edition="2022",
        columns=(*_USER, "Currency", "Side", "Amount", "Fee", "Time(UTC*)", "Remark"),
        optional=("Type",),
        zone=Zone.HEADER,
        covers=(DataType.TRANSFERS,),
        wallets=("main", "trade", "trade_hf", "margin", "margin-isolated"),
        scopes=("ledger", "deposits", "withdrawals"),
        read=account,
        page=_PAGE,
        source=f"header and sample line of an export of 2026 (public importer); {_SOURCE}",
    ),
    _MOVES,
    replace(
        _MOVES,
        name="withdrawals",
        columns=(*_WITHDRAWN, "Withdrawal Address/Account"),
        scopes=("withdrawals",),
    ),
    replace(
        _MOVES,
        name="deposits or withdrawals",
        edition="2021",
        columns=_WITHDRAWN,
        scopes=("deposits", "withdrawals"),
    ),
    Table(
        exchange="kucoin",
        name="converts",
        edition="2023",
        columns=(
            *(*_USER, "Payment Account", "Sell", "Buy", "Price", "Tax"),
            *("Time of Update(UTC*)", "Status"),
        ),
        zone=Zone.HEADER,
        covers=(DataType.FILLS,),
        wallets=("main", "trade"),
        scopes=("converts",),
        read=converts,
        page=_PAGE,
        source=_SOURCE,
    ),
    Table(
        exchange="kucoin",
        name="earnings",
        edition="2023",
        columns=(
            *(*_USER, "Order ID", "Time(UTC*)", "Staked Coin", "Product Type", "Product Name"),
            *("Earnings Coin", "Earnings Type", "Remarks", "Amount", "Amount（USDT）", "Fee"),
        ),
        zone=Zone.HEADER,
        covers=(DataType.TRANSFERS,),
        wallets=("earn",),
        read=earnings,
        page=_PAGE,
        source=_SOURCE,
    ),
)
