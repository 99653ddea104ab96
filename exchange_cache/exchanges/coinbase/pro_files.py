"""The files of Coinbase Pro, the only source of its history: fills and account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exchange_cache.adapter.meanings import UNKNOWN, Meaning
from exchange_cache.exchanges.file_records import Ids, fee, moved, spot_fill
from exchange_cache.exchanges.file_rows import cell, market_side, moment, needed, number, required
from exchange_cache.money import EXACT
from exchange_cache.records import DataType, Side, TransferKind
from exchange_cache.statements.table import (
    Checkpoint,
    FileContext,
    Found,
    LeftOut,
    Row,
    Stated,
    Table,
    Zone,
)

#: What the account's file calls its rows, besides those of trades.
_WORDS = {
    "deposit": Meaning(kind=TransferKind.INTERNAL, inside="pro", outside="spot"),
    "withdrawal": Meaning(kind=TransferKind.INTERNAL, inside="pro", outside="spot"),
    "rebate": Meaning(kind=TransferKind.REWARD),
}
_TRADED = frozenset({"match", "fee"})


def fills(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Fills of Coinbase Pro; the fee is in the quote."""
    for row in rows:
        base, quote = (context.names.asset(part) for part in needed(row, "product").split("-"))
        quantity, price = required(row, "size"), required(row, "price")
        if not quantity:
            yield LeftOut(line=row.line, reason="fills nothing")
            continue
        charged = number(row, "fee")
        total = required(row, "total").copy_abs()
        side = market_side(row, needed(row, "side"))
        record = spot_fill(
            context,
            fill_id=f"pro {needed(row, 'product')} {needed(row, 'trade id')}",
            time=moment(row, "created at", context.zone),
            side=side,
            base=base,
            quote=quote,
            quantity=quantity,
            cost=EXACT.subtract(total, charged) if side is Side.BUY else EXACT.add(total, charged),
            price=price,
            fees=fee(quote, charged),
        )
        yield Stated(lines=(row.line,), record=record, exact=False)


def account(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """The ledger of one asset after the other, with running balances. Its trades are in the file of
    fills."""
    ids = Ids()
    for row in rows:
        time = moment(row, "time", context.zone)
        asset = context.names.asset(needed(row, "amount/balance unit"))
        amount = required(row, "amount")
        yield Checkpoint(
            line=row.line,
            chain="pro",
            asset=asset,
            time=time,
            change=amount,
            after=required(row, "balance"),
        )
        word = needed(row, "type").lower()
        if word in _TRADED:
            yield LeftOut(line=row.line, reason="a trade, which the file of fills has")
            continue
        meaning = _WORDS.get(word, UNKNOWN)
        record = moved(
            context,
            "pro-account",
            transfer_id=cell(row, "transfer id") or ids.of(time, word, asset, amount),
            meaning=meaning,
            time=time,
            asset=asset,
            amount=amount,
            word=needed(row, "type"),
            wallet="pro",
            reference=cell(row, "transfer id") or None,
        )
        yield Stated(lines=(row.line,), record=record, exact=False)


_PAGE = "Coinbase Pro > Statements (closed; files that were downloaded before)"
TABLES = (
    Table(
        exchange="coinbase",
        name="Coinbase Pro fills",
        edition="2018",
        columns=(
            *("portfolio", "trade id", "product", "side", "created at", "size", "size unit"),
            *("price", "fee", "total", "price/fee/total unit"),
        ),
        zone=Zone.UTC,
        covers=(DataType.FILLS,),
        read=fills,
        page=_PAGE,
        source="BittyTax conv/parsers/coinbase_pro.py",
    ),
    Table(
        exchange="coinbase",
        name="Coinbase Pro account",
        edition="2018",
        columns=(
            *("portfolio", "type", "time", "amount", "balance", "amount/balance unit"),
            *("transfer id", "trade id", "order id"),
        ),
        zone=Zone.UTC,
        covers=(DataType.TRANSFERS,),
        read=account,
        page=_PAGE,
        source="BittyTax conv/parsers/coinbase_pro.py",
    ),
)
