"""The file of OKX's trading account: a row for each leg of a trade, with running balances.

``id`` is the ``billId`` of the API; the id of a trade is in no column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from exchange_cache.adapter.meanings import UNKNOWN, Meaning
from exchange_cache.exchanges.file_records import (
    Ids,
    Part,
    every,
    exchanged,
    fee,
    market_in,
    moved,
    net,
    spot_fill,
    swapped,
    unknown_market,
)
from exchange_cache.exchanges.file_rows import cell, moment, moments, needed, number, required
from exchange_cache.exchanges.okx import words
from exchange_cache.exchanges.okx.file_words import CONVERTED, TRADING, side_of_words
from exchange_cache.exchanges.verbs import fill_of
from exchange_cache.money import EXACT, to_text
from exchange_cache.records import DataType, Fee, Side, TransferKind
from exchange_cache.statements.table import (
    Checkpoint,
    FileContext,
    Found,
    LeftOut,
    Row,
    Stated,
)

_SCOPES = {"1": "moves", "7": "interest", "8": "funding"}
_BILLS = every(words.BILLS)
_CONTRACTS = {
    "swap": "swap",
    "perpetual": "swap",
    "futures": "futures",
    "option": "option",
}


def trading(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Bills of the trading account. ``Balance Change`` is net of the fee; a leg's asset is the unit
    of its balance, whatever its trading unit."""
    names, ids = _Names(context), Ids()
    for time, held in moments(rows, lambda row: moment(row, "Time", context.zone)):
        orders: dict[str, list[Row]] = {}
        converts: dict[str, list[Row]] = {}
        for row in held:
            yield _running(row, context, names, time)
            if _is_trade(row, names):
                orders.setdefault(f"{cell(row, 'Order id')} {cell(row, names.symbol)}", []).append(
                    row
                )
            elif _word(row, names) in CONVERTED:
                converts.setdefault(_word(row, names) or "", []).append(row)
            elif number(row, "Balance Change"):
                yield _bill(row, context, names, time)
            else:
                yield LeftOut(line=row.line, reason="changes no balance")
        for legs in orders.values():
            yield from _order(legs, context, names, time)
        for kind, legs in converts.items():
            parts = [
                Part(
                    line=row.line,
                    asset=_asset(row, context, names),
                    change=required(row, "Balance Change"),
                )
                for row in legs
            ]
            yield from swapped(
                context,
                "bills-rest",
                parts=parts,
                time=time,
                ids=ids,
                kind=CONVERTED[kind],
                word=kind,
            )


class _Names:
    """The columns of the edition: the present one, or the earlier one with two columns ``Unit``."""

    def __init__(self, context: FileContext) -> None:
        new = "Balance Unit" in context.columns
        self.symbol = "Symbol" if new else "Instrument"
        self.action = "Action" if new else "Type"
        self.pnl = "PnL" if new else "PL"
        self.unit = "Trading Unit" if new else "Unit"
        self.asset = "Balance Unit" if new else "Unit#2"
        self.fee_asset = "Fee Unit" if new else "Unit#2"


def _running(row: Row, context: FileContext, names: _Names, time: datetime) -> Checkpoint:
    return Checkpoint(
        line=row.line,
        chain="trading",
        asset=context.names.asset(needed(row, names.asset)),
        time=time,
        change=number(row, "Balance Change"),
        after=required(row, "Balance"),
    )


def _is_trade(row: Row, names: _Names) -> bool:
    words_of = f"{cell(row, 'Trade Type')} {cell(row, names.action)}"
    return (
        bool(cell(row, names.symbol))
        and _word(row, names) is None
        and bool(side_of_words(words_of))
    )


def _word(row: Row, names: _Names) -> str | None:
    """The API's type of a row that is no trade."""
    for name in (names.action, "Trade Type"):
        text = cell(row, name).lower()
        found = next((kind for part, kind in TRADING.items() if part in text), None)
        if found is not None:
            return found
    return None


def _bill(row: Row, context: FileContext, names: _Names, time: datetime) -> Found:
    """A row that is no trade, by the API's id. A fee is part of what it changed."""
    kind = _word(row, names)
    raw = " ".join(part for part in (cell(row, "Trade Type"), cell(row, names.action)) if part)
    record = moved(
        context,
        _SCOPES.get(kind or "", "bills-rest"),
        transfer_id=needed(row, "id"),
        meaning=UNKNOWN if kind is None else _BILLS[kind],
        time=time,
        asset=context.names.asset(needed(row, names.asset)),
        amount=required(row, "Balance Change"),
        word=raw if kind is None else kind,
        wallet="trading",
        symbol=_symbol(cell(row, names.symbol), context),
        reference=cell(row, "Order id") or None,
    )
    return Stated(lines=(row.line,), record=record, exact=True)


def _symbol(market_id: str, context: FileContext) -> str | None:
    market = market_in(context, "swap", market_id, "linear") if market_id else None
    return None if market is None else str(market["symbol"])


def _order(legs: list[Row], context: FileContext, names: _Names, time: datetime) -> Iterator[Found]:
    """The trades of one order in one second."""
    kind = cell(legs[0], "Trade Type").lower()
    contract = next((scope for word, scope in _CONTRACTS.items() if word in kind), None)
    market_id = needed(legs[0], names.symbol)
    if contract is None and market_id.count("-") == 1:
        yield from _spot(legs, context, names, time, "margin" if "margin" in kind else "spot")
        return
    for row in legs:
        yield _contract(row, context, names, time, contract or "swap")


def _spot(
    legs: list[Row], context: FileContext, names: _Names, time: datetime, category: str
) -> Iterator[Found]:
    """A fill for each pair of legs whose amounts are one trade at its price; otherwise one fill of
    their sums."""
    base, quote = (context.names.asset(part) for part in needed(legs[0], names.symbol).split("-"))
    made, rest = _pairs(legs, context, names, base)
    for group in (*made, *([rest] if rest else [])):
        gross = net((_asset(row, context, names), _gross(row, names)) for row in group)
        sides = exchanged(gross)
        if sides is None or set(gross) != {base, quote}:
            yield from (_bill(row, context, names, time) for row in group)
            continue
        buys = gross[base] > 0
        yield Stated(
            lines=tuple(row.line for row in group),
            record=spot_fill(
                context,
                fill_id=f"bill {needed(group[0], 'id')}",
                order_id=cell(group[0], "Order id") or None,
                time=time,
                side=Side.BUY if buys else Side.SELL,
                base=base,
                quote=quote,
                quantity=gross[base].copy_abs(),
                cost=gross[quote].copy_abs(),
                fees=_fees(group, context, names),
                category=category,
            ),
            exact=False,
            books_fees=True,
        )


def _pairs(
    legs: list[Row], context: FileContext, names: _Names, base: str
) -> tuple[list[list[Row]], list[Row]]:
    """Pairs of a leg in the base and one in the quote, and what is in none."""
    bases = [row for row in legs if _asset(row, context, names) == base]
    quotes = [row for row in legs if _asset(row, context, names) != base]
    if len(bases) == len(quotes) == 1:
        return [[bases[0], quotes[0]]], []
    made = []
    for one in bases:
        worth = EXACT.multiply(_gross(one, names).copy_abs(), number(one, "Filled Price"))
        fitting = [row for row in quotes if worth and _gross(row, names).copy_abs() == worth]
        if fitting:
            quotes.remove(fitting[0])
            made.append([one, fitting[0]])
    paired = {row.line for pair in made for row in pair}
    return made, [row for row in legs if row.line not in paired]


def _asset(row: Row, context: FileContext, names: _Names) -> str:
    return context.names.asset(needed(row, names.asset))


def _gross(row: Row, names: _Names) -> Decimal:
    """What a leg moved before the fee, which is negative where it was paid."""
    change, charged = required(row, "Balance Change"), number(row, "Fee")
    own = (cell(row, names.fee_asset) or cell(row, names.asset)) == cell(row, names.asset)
    return EXACT.subtract(change, charged) if own else change


def _fees(legs: Iterable[Row], context: FileContext, names: _Names) -> tuple[Fee, ...]:
    paid = net(
        (
            context.names.asset(cell(row, names.fee_asset) or needed(row, names.asset)),
            -number(row, "Fee"),
        )
        for row in legs
    )
    return tuple(part for asset, amount in paid.items() for part in fee(asset, amount))


def _contract(row: Row, context: FileContext, names: _Names, time: datetime, scope: str) -> Found:
    """A trade of a contract: its result and its fee are what the balance changed by."""
    market = market_in(context, scope, needed(row, names.symbol), "linear")
    if market is None or context.desk is None:
        return unknown_market(row.line, needed(row, names.symbol))
    if not number(row, "Filled Price"):
        return _unpriced(row, context, names, time, str(market["symbol"]))
    amount = required(row, "Amount").copy_abs()
    if "cont" not in cell(row, names.unit).lower():
        amount = EXACT.divide(amount, Decimal(str(market["contractSize"])))
    side = side_of_words(cell(row, names.action)) or side_of_words(cell(row, "Trade Type"))
    result = number(row, names.pnl)
    record = fill_of(
        context.desk(DataType.FILLS, scope),
        {},
        market,
        fill_id=f"bill {needed(row, 'id')}",
        order_id=cell(row, "Order id") or None,
        time=time,
        side=str(side),
        price=to_text(number(row, "Filled Price")),
        amount=to_text(amount),
        charges=[(part.asset, to_text(part.amount)) for part in _fees([row], context, names)],
        realised=to_text(result),
    )
    return Stated(lines=(row.line,), record=record, exact=False, books_fees=True)


def _unpriced(row: Row, context: FileContext, names: _Names, time: datetime, symbol: str) -> Found:
    """A trade of a contract at a price that the edition does not state: what it changed, which is
    its result less its fee."""
    change = required(row, "Balance Change")
    if not change:
        return LeftOut(line=row.line, reason="changes no balance")
    realised = bool(number(row, names.pnl))
    record = moved(
        context,
        "bills-rest",
        transfer_id=f"bill {needed(row, 'id')}",
        meaning=Meaning(kind=TransferKind.SETTLEMENT if realised else TransferKind.FEE),
        time=time,
        asset=_asset(row, context, names),
        amount=change,
        word=" ".join((cell(row, "Trade Type"), cell(row, names.action))),
        wallet="trading",
        symbol=symbol,
        reference=cell(row, "Order id") or None,
    )
    return Stated(lines=(row.line,), record=record, exact=False)
