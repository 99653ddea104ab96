"""The form of our own: fills, transfers, and balances at a date, as CSV.

A row of the type ``balance`` states what the account holds of an asset at that time. What the rows
above it in the file do not add up to becomes an adjustment, whose cost is unknown. What a purchase
costs beyond what the account holds of the quote was paid from outside: a deposit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.money import EXACT, ZERO, published
from exchange_cache.records import DataType, Fee, Fill, Side, Transfer, TransferKind
from exchange_cache.statements import figures
from exchange_cache.statements.table import FileContext, Found, Row, Stated, Table, Zone

COLUMNS = ("time", "type", "asset", "quantity")
OPTIONAL = ("quote", "price", "cost", "fee", "fee_asset", "id", "note")
_TRADES = {"buy": Side.BUY, "sell": Side.SELL}
#: Type -> kind, and the sign of what the wallet's quantity changes by.
_MOVES = {
    "deposit": (TransferKind.DEPOSIT, 1),
    "withdrawal": (TransferKind.WITHDRAWAL, -1),
    "reward": (TransferKind.REWARD, 1),
    "airdrop": (TransferKind.AIRDROP, 1),
    "interest": (TransferKind.INTEREST, 1),
    "fee": (TransferKind.FEE, -1),
    "adjustment": (TransferKind.ADJUSTMENT, 1),
}
TYPES = (*_TRADES, *_MOVES, "balance")

TEMPLATE = """\
time,type,asset,quantity,quote,cost,fee,fee_asset,id,note
2021-03-04 10:00:00,buy,BTC,0.5,EUR,20500,12.50,EUR,,bought over the counter
2022-01-15 08:30:00,withdrawal,BTC,0.1,,,0.0002,BTC,,sent to a friend
2023-06-01 00:00:00,reward,ETH,0.01,,,,,,staking
2024-01-01 00:00:00,balance,BTC,0.3998,,,,,,what the wallet holds at that time
"""


def read(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Fills and transfers, oldest first."""
    held: dict[str, Decimal] = defaultdict(lambda: ZERO)
    before: datetime | None = None
    for row in rows:
        moment = figures.moment(row, "time", context.zone)
        if before is not None and moment < before:
            raise figures.refused(row, "is older than the row above it: put the oldest row first")
        before = moment
        exact = bool(figures.cell(row, "id"))
        record = _record(row, moment, context, held)
        paid = _paid(record, held) if isinstance(record, Fill) else None
        for one in (paid, record):
            if one is not None:
                _count(one, held)
                yield Stated(lines=(row.line,), record=one, exact=exact)


def _paid(fill: Fill, held: dict[str, Decimal]) -> Transfer | None:
    """What of a purchase the account did not hold: it was paid from outside."""
    if fill.side is Side.SELL:
        return None
    charged = sum((fee.amount for fee in fill.fees if fee.asset == fill.quote), ZERO)
    missing = EXACT.subtract(EXACT.add(fill.cost, charged), held[fill.quote])
    if missing <= 0:
        return None
    return Transfer(
        account=fill.account,
        scope="manual",
        transfer_id=f"{fill.fill_id}-paid",
        kind=TransferKind.DEPOSIT,
        time=fill.time - timedelta(milliseconds=1),
        asset=fill.quote,
        quantity=missing,
        word="paid from outside",
    )


def _record(
    row: Row, moment: datetime, context: FileContext, held: dict[str, Decimal]
) -> Fill | Transfer | None:
    word = figures.required(row, "type").lower()
    asset = figures.required(row, "asset").upper()
    quantity = figures.amount(row, "quantity")
    if quantity < 0 and word != "adjustment":
        raise figures.refused(row, "'quantity' is negative; the type states the direction")
    if word == "balance":
        rest = EXACT.subtract(quantity, held[asset])
        return _move(row, moment, context, TransferKind.ADJUSTMENT, asset, rest) if rest else None
    if word in _TRADES:
        return _fill(row, moment, context, _TRADES[word], asset, quantity)
    if word not in _MOVES:
        known = ", ".join(TYPES)
        raise figures.refused(row, f"'type' is {word[:30]!r}, not one of {known}")
    kind, sign = _MOVES[word]
    signed = -quantity if kind is TransferKind.FEE and sign < 0 else quantity
    return _move(row, moment, context, kind, asset, signed)


def _fee(row: Row, asset: str) -> Fee | None:
    paid = figures.amount_or_none(row, "fee")
    if not paid:
        return None
    return Fee(asset=figures.cell(row, "fee_asset").upper() or asset, amount=paid)


def _fill(
    row: Row,
    moment: datetime,
    context: FileContext,
    side: Side,
    asset: str,
    quantity: Decimal,
) -> Fill:
    quote = figures.required(row, "quote").upper()
    cost, price = figures.amount_or_none(row, "cost"), figures.amount_or_none(row, "price")
    if not quantity or (cost is None and price is None):
        raise figures.refused(row, "a trade needs a quantity, and its 'cost' or its 'price'")
    cost = EXACT.multiply(price or ZERO, quantity) if cost is None else cost
    fee = _fee(row, quote)
    return Fill(
        account=context.account,
        category="spot",
        symbol=f"{asset}/{quote}",
        fill_id=_id(row),
        order_id=None,
        time=moment,
        side=side,
        base=asset,
        quote=quote,
        quantity=quantity,
        price=published(EXACT.divide(cost, quantity)) if price is None else price,
        cost=cost,
        fees=() if fee is None else (fee,),
    )


def _move(
    row: Row,
    moment: datetime,
    context: FileContext,
    kind: TransferKind,
    asset: str,
    quantity: Decimal,
) -> Transfer:
    return Transfer(
        account=context.account,
        scope="manual",
        transfer_id=_id(row),
        kind=kind,
        time=moment,
        asset=asset,
        quantity=quantity,
        fee=_fee(row, asset),
        word=figures.required(row, "type").lower(),
        reference=figures.cell(row, "note") or None,
    )


def _id(row: Row) -> str:
    return f"manual-{figures.cell(row, 'id') or row.line}"


def _count(record: Fill | Transfer, held: dict[str, Decimal]) -> None:
    """Add what a row changes to what the rows before it add up to."""
    fees = record.fees if isinstance(record, Fill) else (record.fee,) if record.fee else ()
    if isinstance(record, Fill):
        sign = 1 if record.side is Side.BUY else -1
        held[record.base] += sign * record.quantity
        held[record.quote] -= sign * record.cost
    else:
        sign = -1 if record.kind is TransferKind.WITHDRAWAL else 1
        held[record.asset] += sign * record.quantity
    for fee in fees:
        held[fee.asset] -= fee.amount


TABLES = (
    Table(
        exchange="manual",
        name="form",
        edition="1",
        columns=COLUMNS,
        optional=OPTIONAL,
        zone=Zone.UTC,
        covers=(DataType.FILLS, DataType.TRANSFERS),
        read=read,
        page="excache import template",
        source="docs/past.md",
    ),
)
