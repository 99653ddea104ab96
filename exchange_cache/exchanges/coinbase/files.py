"""Coinbase's transaction history as a file, in five editions, and the files of Coinbase Pro.

Columns of money are in the currency of the account, with its sign. What a trade paid stands in the
notes wherever that is another asset. ``ID`` is not known to be the id of the API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.adapter.meanings import UNKNOWN, Meaning
from exchange_cache.exchanges.coinbase import pro_files, words
from exchange_cache.exchanges.file_records import Ids, Part, fee, moved, spot_fill, swapped
from exchange_cache.exchanges.file_rows import cell, moment, needed, refused, required
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import DataType, FillKind, Side, TransferKind
from exchange_cache.statements.figures import figure
from exchange_cache.statements.table import FileContext, Found, LeftOut, Row, Stated, Table, Zone

_SCOPE = "transactions"
#: The two rows of one convert are at most this far apart.
_TOGETHER = timedelta(seconds=10)
#: A larger part of a trade is no fee: notes and columns do not fit each other then.
_LARGEST_FEE = Decimal("0.05")
#: How far an amount in the notes may be rounded.
_ROUNDED = Decimal("1e-6")
_MONEY = re.compile(r"[^\d.,+-]")
_AMOUNT = r"[^\d\s-]*(-?[\d,]*\.?\d+)"
_TRADED = re.compile(
    rf"(?:Bought|Sold) {_AMOUNT} (\S+) for {_AMOUNT} (\S+)(?: on (\S+) at {_AMOUNT} \S+)?"
)
_CONVERTED = re.compile(rf"Converted {_AMOUNT} (\S+) to {_AMOUNT} (\S+)")

#: Words of the file that differ from those of the API, with blanks as underscores.
_ALIASES = {
    "coinbase_earn": "earn_payout",
    "rewards_income": "earn_payout",
    "reward_income": "earn_payout",
    "staking_income": "staking_reward",
    "interest_payout": "interest",
    "card_spend": "cardspend",
    "card_buy_back": "cardbuyback",
    "subscription_rebates_(24_hours)": "subscription_rebate",
    "subscription_rebates": "subscription_rebate",
    "deposit": "fiat_deposit",
    "withdrawal": "fiat_withdrawal",
    "admin_debit": "clawback",
    "retail_staking_transfer": "staking_transfer",
    "retail_unstaking_transfer": "unstaking_transfer",
}
_MEANINGS = {
    **words.TRANSACTIONS,
    "donation": Meaning(kind=TransferKind.WITHDRAWAL),
    **dict.fromkeys(
        ("prime_deposit", "prime_withdrawal"),
        Meaning(kind=TransferKind.INTERNAL, inside="spot", outside="prime"),
    ),
}
_BUYS, _SELLS = {"buy", "advanced_trade_buy"}, {"sell", "advanced_trade_sell"}
#: What leaves the account, where the edition writes quantities without a sign.
_OUTWARD = frozenset(
    {
        *("send", "fiat_withdrawal", "exchange_deposit", "pro_deposit", "prime_deposit"),
        *("cardspend", "clawback", "donation", "subscription", "staking_transfer", "intx_deposit"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    row: Row
    time: datetime
    word: str
    asset: str
    quantity: Decimal  # signed


def transactions(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """One row for each event, two for a convert of the newer editions."""
    ids = Ids()
    waiting: list[_Entry] = []
    for row in rows:
        entry = _entry(row, context)
        late = [one for one in waiting if abs(one.time - entry.time) > _TOGETHER]
        for one in late:
            yield from _convert((one,), context, ids)
        waiting = [one for one in waiting if one not in late]
        if not entry.quantity:
            yield LeftOut(line=row.line, reason="moves nothing")
        elif entry.word in words.CONVERTS or entry.word == "convert":
            other = _other_half(entry, waiting)
            if other is None:
                waiting.append(entry)
            else:
                waiting.remove(other)
                yield from _convert((other, entry), context, ids)
        elif entry.word in _BUYS | _SELLS:
            yield from _trade(entry, context, ids)
        else:
            yield _moved(entry, context, ids)
    for one in waiting:
        yield from _convert((one,), context, ids)


def _entry(row: Row, context: FileContext) -> _Entry:
    raw = "_".join(needed(row, "Transaction Type").lower().split())
    raw = raw.replace("advance_trade", "advanced_trade")
    word = _ALIASES.get(raw, raw)
    quantity = required(row, "Quantity Transacted")
    asset = context.names.asset(needed(row, "Asset"))
    if "ID" not in context.columns and (
        word in _OUTWARD | _SELLS or _is_given(row, asset, context)
    ):
        quantity = -quantity.copy_abs()
    return _Entry(
        row=row,
        time=moment(row, "Timestamp", context.zone),
        word=word,
        asset=asset,
        quantity=quantity,
    )


def _is_given(row: Row, asset: str, context: FileContext) -> bool:
    """Whether the row is of the asset that a convert gave, by its notes."""
    noted = _CONVERTED.search(cell(row, "Notes"))
    return noted is not None and context.names.asset(noted[2]) == asset


def _id(entry: _Entry, ids: Ids) -> str:
    own = cell(entry.row, "ID")
    return own or ids.of(entry.time, entry.word, entry.asset, entry.quantity)


def _moved(entry: _Entry, context: FileContext, ids: Ids) -> Found:
    raw = entry.row.cells["Transaction Type"].strip()
    meaning = _MEANINGS.get(entry.word, UNKNOWN)
    record = moved(
        context,
        _SCOPE,
        transfer_id=_id(entry, ids),
        meaning=meaning,
        time=entry.time,
        asset=entry.asset,
        amount=entry.quantity,
        word=raw if meaning is UNKNOWN else entry.word,
        wallet="spot",
    )
    return Stated(lines=(entry.row.line,), record=record, exact=False)


# --- trades ---------------------------------------------------------------------------------------


def _trade(entry: _Entry, context: FileContext, ids: Ids) -> Iterator[Found]:
    """A buy or a sale, at what the notes say where that is not in the currency of the columns."""
    quantity, selling = entry.quantity.copy_abs(), entry.word in _SELLS
    currency = _currency(entry.row, context)
    subtotal, charged = _money(entry.row, context, "Subtotal"), _money(entry.row, context, "Fees")
    noted = _TRADED.search(cell(entry.row, "Notes"))
    quote, cost, paid, known = currency, subtotal, charged or ZERO, charged is not None
    other = noted is not None and context.names.asset(noted[4]) != currency
    if noted is not None and (other or noted[6] is not None):
        quote = context.names.asset(noted[4])
        cost, inside = _noted(entry.row, noted, quantity, selling=selling)
        if other or inside:
            paid, known = inside or ZERO, bool(inside) or not charged or noted[6] is None
    elif noted is not None and subtotal is None:
        cost = _figure(entry.row, noted[3])
    if cost is None or quote == entry.asset:
        yield _side(entry, context, ids)
        return
    simple = not entry.word.startswith("advanced")
    record = spot_fill(
        context,
        fill_id=_id(entry, ids),
        time=entry.time,
        side=Side.SELL if selling else Side.BUY,
        base=entry.asset,
        quote=quote,
        quantity=quantity,
        cost=cost,
        fees=fee(quote, paid),
        fees_known=known,
        kind=FillKind.FIAT if simple else FillKind.TRADE,
    )
    yield Stated(lines=(entry.row.line,), record=record, exact=False)


def _side(entry: _Entry, context: FileContext, ids: Ids) -> Found:
    """A trade whose price no column and no note states: the units are known, their cost is not."""
    record = moved(
        context,
        _SCOPE,
        transfer_id=_id(entry, ids),
        meaning=Meaning(kind=TransferKind.SUBSCRIPTION),
        time=entry.time,
        asset=entry.asset,
        amount=entry.quantity,
        word=entry.word,
    )
    return Stated(lines=(entry.row.line,), record=record, exact=False)


def _noted(
    row: Row, noted: re.Match[str], quantity: Decimal, *, selling: bool
) -> tuple[Decimal, Decimal | None]:
    """Cost and fee out of the notes. With a price, the cost is quantity times price, exactly, and
    what the amount differs by is the fee. Without one, the whole amount was paid or received."""
    amount = _figure(row, noted[3])
    if noted[6] is None:
        return amount, None
    gross = EXACT.multiply(quantity, _figure(row, noted[6]))
    paid = EXACT.subtract(gross, amount) if selling else EXACT.subtract(amount, gross)
    if ZERO < paid <= EXACT.multiply(gross, _LARGEST_FEE):
        return gross, paid
    near = abs(paid) <= EXACT.multiply(gross, _ROUNDED)
    return (gross if near else amount), None


def _currency(row: Row, context: FileContext) -> str:
    """The currency of the columns of money: in a column, or in the header of the first edition."""
    for name in ("Price Currency", "Spot Price Currency"):
        if name in context.columns:
            return needed(row, name)
    return _column(context, " Subtotal").split(" ")[0]


def _column(context: FileContext, ending: str) -> str:
    return next(name for name in context.columns if name.endswith(ending))


def _money(row: Row, context: FileContext, what: str) -> Decimal | None:
    """A figure of a column of money, without its currency's sign and without direction."""
    name = next(one for one in context.columns if one.startswith(what) or one.endswith(f" {what}"))
    text = _MONEY.sub("", cell(row, name))
    found = figure(row, name, text, grouped=True)
    return None if found is None else found.copy_abs()


def _figure(row: Row, text: str) -> Decimal:
    found = figure(row, "Notes", text, grouped=True)
    if found is None:
        raise refused(row, f"'Notes' states {text!r} as an amount")
    return found.copy_abs()


# --- converts -------------------------------------------------------------------------------------


def _other_half(entry: _Entry, waiting: Iterable[_Entry]) -> _Entry | None:
    """The row of the other asset of the same convert."""
    notes = cell(entry.row, "Notes")
    return next(
        (
            one
            for one in waiting
            if cell(one.row, "Notes") == notes
            and one.word == entry.word
            and one.asset != entry.asset
            and one.quantity * entry.quantity < 0
        ),
        None,
    )


def _convert(halves: tuple[_Entry, ...], context: FileContext, ids: Ids) -> Iterator[Found]:
    """A convert out of its two rows, or out of one and its notes."""
    parts = [Part(line=one.row.line, asset=one.asset, change=one.quantity) for one in halves]
    first = min(halves, key=lambda one: one.time)
    noted = _CONVERTED.search(cell(first.row, "Notes"))
    if len(halves) == 1 and noted is not None:
        given, got = context.names.asset(noted[2]), context.names.asset(noted[4])
        own = first.quantity.copy_abs()
        sold = own if first.asset == given else _figure(first.row, noted[1])
        bought = own if first.asset == got else _figure(first.row, noted[3])
        line = first.row.line
        parts = [
            Part(line=line, asset=given, change=-sold),
            Part(line=line, asset=got, change=bought),
        ]
    for one in swapped(
        context, _SCOPE, parts=parts, time=first.time, ids=ids, kind=FillKind.CONVERT, word="trade"
    ):
        assert isinstance(one, Stated)
        yield replace(one, lines=tuple(sorted({half.row.line for half in halves})))


# --- tables ---------------------------------------------------------------------------------------

_COLUMNS = ("Timestamp", "Transaction Type", "Asset", "Quantity Transacted", "Notes")
_PUBLIC = "BittyTax conv/parsers/coinbase.py"
_INCLUSIVE = ("Total (inclusive of fees and/or spread)", "Fees and/or Spread")
_V4 = Table(
    exchange="coinbase",
    name="transaction history",
    edition="v4 with IDs",
    columns=(
        *_COLUMNS,
        *("ID", "Price Currency", "Price at Transaction", "Subtotal"),
        *_INCLUSIVE,
    ),
    optional=("Sender Address", "Recipient Address"),
    zone=Zone.UTC,
    newest_first=True,
    covers=(DataType.FILLS, DataType.TRANSFERS),
    wallets=("spot",),
    scopes=("spot", "transactions"),
    read=transactions,
    page="Profile > Statements > Generate custom statement > CSV",
    source=f"header and sample line of an export of 2026 (public importer); {_PUBLIC}",
)


def _edition(name: str, *columns: str) -> Table:
    return replace(_V4, edition=name, columns=(*_COLUMNS, *columns), optional=(), source=_PUBLIC)


_SPOT = ("Spot Price Currency", "Spot Price at Transaction", "Subtotal")
TABLES = (
    _V4,
    _edition("v4", "Price Currency", "Price at Transaction", "Subtotal", *_INCLUSIVE),
    _edition("v3", *_SPOT, *_INCLUSIVE),
    _edition("v2", *_SPOT, "Total (inclusive of fees)", "Fees"),
    _edition(
        "v1",
        *("* Spot Price at Transaction", "* Subtotal", "* Total (inclusive of fees)", "* Fees"),
    ),
    *pro_files.TABLES,
)
