"""The transaction log of Bybit's unified account as a file: a row for each currency that an event
changed, in editions with and without the ids of trades."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from exchange_cache.adapter.meanings import UNKNOWN, Meaning
from exchange_cache.exchanges.bybit import words
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
from exchange_cache.exchanges.file_rows import (
    cell,
    column,
    instant,
    moments,
    needed,
    number,
    refused,
    required,
)
from exchange_cache.exchanges.verbs import fill_of
from exchange_cache.money import EXACT, to_text
from exchange_cache.records import DataType, Fee, FillKind, Side, TransferKind
from exchange_cache.statements.table import (
    Checkpoint,
    FileContext,
    Found,
    LeftOut,
    Row,
    Stated,
)

#: Wallets are debited with more digits than the file shows.
_ROUNDED = Decimal("1e-8")
_OPTION = re.compile(r"[A-Z0-9]+-\d{1,2}[A-Z]{3}\d{2}-[\d.]+-[CP](-[A-Z]+)?")
_INVERSE = re.compile(r"USD([FGHJKMNQUVXZ]\d{2})?")
#: Contracts in USDC, and dated ones.
_LINEAR = re.compile(r"[A-Z0-9]+(PERP|-\d{1,2}[A-Z]{3}\d{2})")


def _folded(word: str) -> str:
    return word.lower().replace("_", "").replace(" ", "")


#: The log's words, and those of the editions before unified accounts.
_WORDS: dict[str, Meaning] = {
    **every(words.LOG, _folded),
    "funding": Meaning(kind=TransferKind.FUNDING),
    "deposit": Meaning(kind=TransferKind.DEPOSIT),
    "withdraw": Meaning(kind=TransferKind.WITHDRAWAL),
    "exchangein": Meaning(kind=FillKind.CONVERT),
    "exchangeout": Meaning(kind=FillKind.CONVERT),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leg:
    """A row of a trade: the asset, what was exchanged or realised, and what was charged."""

    row: Row
    asset: str
    flow: Decimal
    charged: Decimal


def log(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Trades of one contract and direction in one second are paired by their amounts."""
    at, ids = column(context, "Time*"), Ids()
    for time, held in moments(rows, lambda row: instant(row, at, context.zone)):
        trades: dict[tuple[str, str, str], list[_Leg]] = {}
        converts: list[Part] = []
        for row in held:
            asset = context.names.asset(needed(row, "Currency"))
            change = required(row, "Change")
            yield Checkpoint(
                line=row.line,
                chain="unified",
                asset=asset,
                time=time,
                change=change,
                after=required(row, "Wallet Balance"),
            )
            kind = _meaning(row).kind
            if kind is FillKind.CONVERT:
                converts.append(Part(line=row.line, asset=asset, change=change))
            elif isinstance(kind, FillKind):
                leg = _leg(row, asset, change)
                key = (needed(row, "Contract"), cell(row, "Direction"), _trade_id(row))
                trades.setdefault(key, []).append(leg)
            elif change:
                yield _moved(row, context, asset, change, time, ids)
            else:
                yield LeftOut(line=row.line, reason="changes no balance")
        for (contract, direction, _), legs in trades.items():
            yield from _traded(contract, direction, legs, context, time, ids)
        if converts:
            yield from swapped(
                context, "log-rest", parts=converts, time=time, ids=ids, word="CONVERT"
            )


def _meaning(row: Row) -> Meaning:
    word = _folded(needed(row, "Type"))
    if word == "delivery" and _OPTION.fullmatch(cell(row, "Contract")):
        word = _folded("DELIVERY option")
    return _WORDS.get(word, UNKNOWN)


def _trade_id(row: Row) -> str:
    return cell(row, "TradeId") or cell(row, "Trade ID")


def _moved(
    row: Row, context: FileContext, asset: str, change: Decimal, time: datetime, ids: Ids
) -> Found:
    word = needed(row, "Type")
    contract = cell(row, "Contract")
    record = moved(
        context,
        f"log-{word.lower().replace('_', '-')}" if word in words.APART else "log-rest",
        transfer_id=ids.of(time, word, contract, asset, change),
        meaning=_meaning(row),
        time=time,
        asset=asset,
        amount=change,
        word=word,
        wallet="unified",
        symbol=_symbol(contract, asset, context) if contract else None,
    )
    return Stated(lines=(row.line,), record=record, exact=False)


def _symbol(contract: str, asset: str, context: FileContext) -> str | None:
    category = _category(contract, asset)
    market = market_in(context, category, contract, category)
    return None if market is None else str(market["symbol"])


def _category(contract: str, asset: str) -> str:
    """What kind of contract settles in this asset."""
    if _OPTION.fullmatch(contract):
        return "option"
    rest = contract.removeprefix(asset)
    return "inverse" if rest != contract and _INVERSE.fullmatch(rest) else "linear"


# --- trades ---------------------------------------------------------------------------------------


def _leg(row: Row, asset: str, change: Decimal) -> _Leg:
    """The fee is what the change differs by from cash flow and funding; where it is not, by its
    size, what the row states as the fee, StatementRefused."""
    flow, funding, stated = (number(row, name) for name in ("Cash Flow", "Funding", "Fee Paid"))
    for effect in (funding, -funding):
        charged = EXACT.subtract(EXACT.add(flow, effect), change)
        if abs(charged.copy_abs() - stated.copy_abs()) <= _ROUNDED:
            return _Leg(row=row, asset=asset, flow=EXACT.add(flow, effect), charged=charged)
    raise refused(row, "Change is not Cash Flow, Funding and Fee Paid together")


def _traded(
    contract: str,
    direction: str,
    legs: list[_Leg],
    context: FileContext,
    time: datetime,
    ids: Ids,
) -> Iterator[Found]:
    """Trades of one market. A leg in the base, or one whose cash flow is its own quantity (the API
    counts each leg in its currency) or what the trade was worth, is of a spot trade; any other one
    is the result of a contract."""
    spot = [leg for leg in legs if _is_spot(contract, leg, context)]
    for leg in legs:
        if leg not in spot:
            yield _contract(contract, direction, leg, context, time, ids)
    pairs, rest = _pairs(spot, contract)
    for group in (*pairs, *([rest] if rest else [])):
        yield from _spot(contract, group, context, time, ids)


def _is_spot(contract: str, leg: _Leg, context: FileContext) -> bool:
    raw = needed(leg.row, "Currency")
    if cell(leg.row, "Action") in {"OPEN", "CLOSE"} or _LINEAR.fullmatch(contract):
        return False
    if _OPTION.fullmatch(contract) or _category(contract, raw) == "inverse":
        return False
    if contract.startswith(raw) and not contract.endswith(raw):
        return True
    quantity = number(leg.row, "Quantity").copy_abs()
    worth = EXACT.multiply(quantity, number(leg.row, "Filled Price"))
    near = max(_ROUNDED, EXACT.multiply(worth, _ROUNDED))
    flow = leg.flow.copy_abs()
    return bool(flow) and (flow == quantity or abs(worth - flow) <= near)


def _pairs(legs: list[_Leg], contract: str) -> tuple[list[list[_Leg]], list[_Leg]]:
    """Pairs of a leg in the base and the one in the quote that is worth as much at its price."""
    bases = [leg for leg in legs if contract.startswith(needed(leg.row, "Currency"))]
    quotes = [leg for leg in legs if leg not in bases]
    pairs = []
    for base in bases:
        worth = EXACT.multiply(base.flow, number(base.row, "Filled Price"))
        near = max(_ROUNDED, EXACT.multiply(worth.copy_abs(), _ROUNDED))
        fitting = [leg for leg in quotes if abs(EXACT.add(leg.flow, worth)) <= near]
        if len(bases) == len(quotes) == 1:
            fitting = quotes
        if fitting:
            pairs.append([base, fitting[0]])
            quotes = [leg for leg in quotes if leg is not fitting[0]]
    paired = {leg.row.line for pair in pairs for leg in pair}
    return pairs, [leg for leg in legs if leg.row.line not in paired]


def _spot(
    contract: str, legs: list[_Leg], context: FileContext, time: datetime, ids: Ids
) -> Iterator[Found]:
    fees = tuple(
        part
        for asset, paid in net((leg.asset, leg.charged) for leg in legs).items()
        for part in fee(asset, paid)
    )
    sums = net((leg.asset, leg.flow) for leg in legs)
    if exchanged(sums) is None:
        parts = [Part(line=leg.row.line, asset=leg.asset, change=leg.flow) for leg in legs]
        yield from swapped(
            context, "log-rest", parts=parts, time=time, ids=ids, fees=fees, word="TRADE"
        )
        return
    bases = [leg.asset for leg in legs if contract.startswith(needed(leg.row, "Currency"))]
    if not bases:
        raise refused(legs[0].row, f"Contract: {contract!r} begins with no Currency of its rows")
    base = bases[0]
    quote = next(asset for asset in sums if asset != base)
    trade_id = _trade_id(legs[0].row)
    record = spot_fill(
        context,
        fill_id=trade_id or ids.of(time, contract, sums[base], sums[quote]),
        order_id=cell(legs[0].row, "OrderId") or cell(legs[0].row, "Order ID") or None,
        time=time,
        side=Side.BUY if sums[base] > 0 else Side.SELL,
        base=base,
        quote=quote,
        quantity=sums[base].copy_abs(),
        cost=sums[quote].copy_abs(),
        fees=fees,
    )
    yield Stated(
        lines=tuple(leg.row.line for leg in legs),
        record=record,
        exact=bool(trade_id),
        books_fees=True,
    )


def _contract(
    contract: str, direction: str, leg: _Leg, context: FileContext, time: datetime, ids: Ids
) -> Found:
    """A trade of a contract: its cash flow is the result."""
    category = _category(contract, needed(leg.row, "Currency"))
    market = market_in(context, category, contract, category)
    if market is None or context.desk is None:
        return unknown_market(leg.row.line, contract)
    quantity, price = required(leg.row, "Quantity").copy_abs(), required(leg.row, "Filled Price")
    trade_id = _trade_id(leg.row)
    charged: tuple[Fee, ...] = fee(leg.asset, leg.charged)
    record = fill_of(
        context.desk(DataType.FILLS, category),
        {},
        market,
        fill_id=trade_id or ids.of(time, contract, direction, quantity, price, leg.flow),
        order_id=cell(leg.row, "OrderId") or cell(leg.row, "Order ID") or None,
        time=time,
        side=_direction(leg.row, direction),
        price=to_text(price),
        amount=to_text(quantity),
        charges=[(part.asset, to_text(part.amount)) for part in charged],
        realised=to_text(leg.flow),
    )
    return Stated(lines=(leg.row.line,), record=record, exact=bool(trade_id), books_fees=True)


def _direction(row: Row, direction: str) -> str:
    """Buy or sell; the edition of 2022 names the side that is opened or closed."""
    word = direction.lower()
    if word in {"buy", "open long", "close short"}:
        return "buy"
    if word in {"sell", "open short", "close long"}:
        return "sell"
    raise refused(row, f"Direction: {direction!r} is neither a buy nor a sale")
