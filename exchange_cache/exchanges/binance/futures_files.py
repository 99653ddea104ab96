"""Binance's files of futures: trades by the API's ids, and the transactions, which state the same
trades as their results and fees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from exchange_cache.adapter.meanings import UNKNOWN
from exchange_cache.exchanges.binance import words
from exchange_cache.exchanges.file_records import Ids, every, market_in, moved, unknown_market
from exchange_cache.exchanges.file_rows import (
    cell,
    market_side,
    moment,
    needed,
    number,
    refused,
    required,
)
from exchange_cache.exchanges.verbs import fill_of
from exchange_cache.money import EXACT, to_text
from exchange_cache.records import DataType, FillKind, TransferKind
from exchange_cache.statements.figures import figure
from exchange_cache.statements.table import FileContext, Found, LeftOut, Row, Stated

_INCOME = every(words.INCOME["linear"])
_LIQUIDITY = {"true": "maker", "false": "taker"}
#: The column of times in the edition that a program which orders such files reads. Fees that were
#: paid are negative there.
_BY_PROGRAM = "Time(UTC)"
#: Income that trades state too; where a file of transactions is alone, it is the result of them.
_TRADED = {"REALIZED_PNL": TransferKind.SETTLEMENT, "COMMISSION": TransferKind.FEE}


def trades(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Trades of futures. Ids are those of ``userTrades``; the fee is glued to its asset."""
    signs, time = _Signs(), "Time"
    if _BY_PROGRAM in context.columns:
        signs, time = _Signs(paid=-1), _BY_PROGRAM
    for row in rows:
        market_id = needed(row, "Symbol")
        category = "inverse" if "USD_" in market_id else "linear"
        market = market_in(context, category, market_id, category)
        if market is None or context.desk is None:
            yield unknown_market(row.line, market_id)
            continue
        desk = context.desk(DataType.FILLS, category)
        record = fill_of(
            desk,
            {},
            market,
            fill_id=cell(row, "Trade ID") or needed(row, "Trade Id"),
            order_id=cell(row, "Order ID") or cell(row, "Order Id") or None,
            time=moment(row, time, context.zone),
            side=str(market_side(row, needed(row, "Side"))),
            price=to_text(required(row, "Price")),
            amount=to_text(required(row, "Quantity").copy_abs()),
            charges=[signs.charge(row, *_glued(row, context))],
            liquidity=_LIQUIDITY.get(cell(row, "Maker").lower()),
            realised=to_text(number(row, "Realized Profit")),
        )
        yield Stated(lines=(row.line,), record=record, exact=True)


class _Signs:
    """The sign of fees in one file: a taker pays, and an edition has a usual sign until then."""

    def __init__(self, paid: int = 1) -> None:
        self._paid = paid
        self._is_sure = self._was_used = False

    def charge(self, row: Row, asset: str, amount: Decimal) -> tuple[str, str]:
        """The fee with its asset, positive where it was paid."""
        if amount and not self._is_sure and cell(row, "Maker").lower() == "false":
            found = 1 if amount > 0 else -1
            if found != self._paid and self._was_used:
                raise refused(row, "'Fee' of a taker has the sign of the rebates above")
            self._paid, self._is_sure = found, True
        self._was_used = self._was_used or bool(amount)
        return asset, to_text(EXACT.multiply(amount, Decimal(self._paid)))


def _glued(row: Row, context: FileContext) -> tuple[str, Decimal]:
    """The asset of a fee and the figure, with or without a blank between them."""
    glued = needed(row, "Fee")
    text, _, code = glued.partition(" ")
    found = context.names.amount(glued) if not code else None
    if found is not None:
        return found[1], found[0]
    if not code:
        raise refused(row, f"'Fee': {glued!r} names no known asset")
    amount = figure(row, "Fee", text)
    if amount is None:
        raise refused(row, f"'Fee': {glued!r} has no figure")
    return context.names.asset(code), amount


def transactions(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Income of USD-M or of COIN-M futures. Moves between wallets have another id in the API's
    list. A row without a symbol is of the contracts of the row before it, or of those that the file
    was ordered for."""
    ids, category = Ids(), "inverse" if context.history == "inverse-income" else "linear"
    for row in rows:
        time: datetime = moment(row, "Date(UTC)", context.zone)
        amount = required(row, "Amount")
        market_id, event = cell(row, "Symbol"), cell(row, "Transaction ID")
        if market_id and not context.history:
            category = "inverse" if "USD_" in market_id else "linear"
        if not amount:
            yield LeftOut(line=row.line, reason="changes no balance")
            continue
        word = needed(row, "type").upper()
        meaning = _INCOME.get(word, UNKNOWN)
        if isinstance(meaning.kind, FillKind) and word in _TRADED:
            meaning = replace(meaning, kind=_TRADED[word])
        market = market_in(context, category, market_id, category) if market_id else None
        asset = context.names.asset(needed(row, "Asset"))
        parts = [part for part in (word, event, market_id) if part]
        record = moved(
            context,
            f"{category}-income",
            transfer_id=":".join(parts) if event else ids.of(time, word, market_id, asset, amount),
            meaning=meaning,
            time=time,
            asset=asset,
            amount=amount,
            word=word,
            wallet=category,
            reference=event or None,
            symbol=str(market["symbol"]) if market else None,
        )
        listed = words.INCOME[category].get(word, UNKNOWN)
        own = not listed.elsewhere and not isinstance(listed.kind, FillKind)
        yield Stated(
            lines=(row.line,),
            record=record,
            exact=bool(event) and own,
            histories=(f"transfers/{category}-income",),
        )
