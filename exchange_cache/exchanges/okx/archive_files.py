"""OKX's archives: the bills of the trading account by quarter, as the API's own rows.

``bills-history-archive`` has the fields of ``bills-archive`` but ``type``, ``from``, ``to`` and
``notes``; a fill's row is made of the bills of its two legs. ``ts`` is milliseconds in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from exchange_cache.adapter import translate
from exchange_cache.clock import from_ms
from exchange_cache.errors import MarketUnidentified
from exchange_cache.exchanges.file_records import Ids, Part, market_in, swapped, unknown_market
from exchange_cache.exchanges.file_rows import cell, needed, number, refused, required
from exchange_cache.exchanges.okx import rows as api
from exchange_cache.exchanges.okx.file_words import CONVERTED, SUBTYPES, TRADES, side_of_subtype
from exchange_cache.exchanges.okx.words import BILLS
from exchange_cache.money import EXACT, to_text
from exchange_cache.records import DataType, Side, Transfer
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

_SCOPES = {"1": "moves", "7": "interest", "8": "funding"}
_FILLS = {
    "SPOT": "spot",
    "MARGIN": "margin",
    "SWAP": "swap",
    "FUTURES": "futures",
    "OPTION": "option",
}
#: Legs of one trade are next to each other; one that waits longer has no counterpart.
_NEAR = 8


def archive(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Bills by their API's id, fills by that of their trade."""
    waiting: dict[tuple[str, str], Row] = {}
    converts: list[Row] = []
    ids = Ids()
    for row in rows:
        yield _running(row, context)
        kind = SUBTYPES.get(cell(row, "subType"))
        if converts and (kind not in CONVERTED or _ms(row) != _ms(converts[0])):
            yield from _convert(converts, context, ids)
            converts = []
        if kind in CONVERTED:
            converts.append(row)
        elif kind not in TRADES:
            yield from _bill(row, context, kind)
        elif cell(row, "instType") not in {"SPOT", "MARGIN"}:
            yield from _fill([row], row, context)
        else:
            key = (needed(row, "instId"), cell(row, "tradeId") or needed(row, "billId"))
            other = waiting.pop(key, None)
            if other is None:
                waiting[key] = row
            else:
                yield from _fill([other, row], _base_leg([other, row], context), context)
            if len(waiting) > _NEAR:
                yield _alone(waiting.pop(next(iter(waiting))))
    if converts:
        yield from _convert(converts, context, ids)
    for row in waiting.values():
        yield _alone(row)


def _convert(legs: list[Row], context: FileContext, ids: Ids) -> Iterator[Found]:
    """Converts and sweeps, which the API lists with other ids."""
    for kind, made in CONVERTED.items():
        parts = [
            Part(
                line=row.line,
                asset=context.names.asset(needed(row, "ccy")),
                change=required(row, "balChg"),
            )
            for row in legs
            if SUBTYPES[cell(row, "subType")] == kind
        ]
        if parts:
            time = from_ms(_ms(legs[0]))
            yield from swapped(
                context, "bills-rest", parts=parts, time=time, ids=ids, kind=made, word=kind
            )


def _alone(row: Row) -> LeftOut:
    return LeftOut(line=row.line, reason="the other leg of its trade is missing", unknown=True)


def _running(row: Row, context: FileContext) -> Checkpoint:
    return Checkpoint(
        line=row.line,
        chain="trading",
        asset=context.names.asset(needed(row, "ccy")),
        time=from_ms(_ms(row)),
        change=required(row, "balChg"),
        after=required(row, "bal"),
    )


def _ms(row: Row) -> int:
    text = needed(row, "ts")
    if not text.isdigit():
        raise refused(row, f"ts: {text!r} is no time in milliseconds")
    return int(text)


def _bill(row: Row, context: FileContext, kind: str | None) -> Iterator[Found]:
    """The record that the policy's parser makes of the API's row. A subtype that is in no table is
    kept unclassified under its number."""
    if not number(row, "balChg"):
        yield LeftOut(line=row.line, reason="changes no balance")
        return
    assert context.desk is not None
    desk: Any = context.desk(DataType.TRANSFERS, _SCOPES.get(kind or "", "bills-rest"))
    word = kind if kind in BILLS else f"subtype {cell(row, 'subType') or '?'}"
    instrument = cell(row, "instId")
    if instrument and market_in(context, "swap", instrument, "linear") is None:
        yield unknown_market(row.line, instrument)
        return
    made = api.bill({**row.cells, "type": word, **_ends(kind, row)}, desk)
    for record in made:
        assert isinstance(record, Transfer)
        yield Stated(lines=(row.line,), record=record, exact=True)
    assert made  # neither a trade nor a convert


def _ends(kind: str | None, row: Row) -> dict[str, str]:
    """The trading account's own end of a move; the archive does not name the other."""
    if kind != "1":
        return {}
    return {"to": "18"} if number(row, "balChg") > 0 else {"from": "18"}


def _base_leg(legs: list[Row], context: FileContext) -> Row:
    base = context.names.asset(needed(legs[0], "instId").partition("-")[0])
    found = [row for row in legs if context.names.asset(needed(row, "ccy")) == base]
    if len(found) != 1:
        raise refused(legs[-1], "two legs of a trade in one asset")
    return found[0]


def _fill(legs: list[Row], own: Row, context: FileContext) -> Iterator[Found]:
    """The fill that ``fills-history`` would state: the fee is that of the leg that was charged."""
    assert context.desk is not None
    side = side_of_subtype(cell(own, "subType"))
    if len(legs) > 1:
        side = (
            Side.BUY
            if EXACT.subtract(number(own, "balChg"), number(own, "fee")) > 0
            else (Side.SELL)
        )
    if side is None:
        yield LeftOut(
            line=own.line, reason=f"subtype {cell(own, 'subType')} states no side", unknown=True
        )
        return
    desk: Any = context.desk(DataType.FILLS, _FILLS[needed(own, "instType")])
    charged = next((row for row in legs if number(row, "fee")), own)
    raw = {
        "instType": needed(own, "instType"),
        "instId": needed(own, "instId"),
        "tradeId": cell(own, "tradeId") or needed(own, "billId"),
        "ordId": cell(own, "ordId"),
        "billId": needed(own, "billId"),
        "fillPx": needed(own, "px"),
        "fillSz": to_text(required(own, "sz").copy_abs()),
        "side": str(side),
        "execType": cell(own, "execType"),
        "feeCcy": needed(charged, "ccy"),
        "fee": cell(charged, "fee") or "0",
        "fillPnl": cell(own, "pnl"),
        "ts": str(_ms(own)),
        "fillTime": cell(own, "fillTime") or str(_ms(own)),
    }
    try:
        market = desk.market_by_id(raw["instId"], desk.stream.category, raw)
    except MarketUnidentified:
        yield unknown_market(own.line, raw["instId"])
        return
    parsed, stated = desk.parsed_trade(raw, market)
    record = translate.fill(desk.origin, parsed, stated, market)
    yield Stated(
        lines=tuple(row.line for row in legs),
        record=record,
        exact=bool(cell(own, "tradeId")),
        books_fees=True,
    )


#: The histories that bills of the trading account contain.
SCOPES = (*_FILLS.values(), *_SCOPES.values(), "bills-rest")
TABLE = Table(
    exchange="okx",
    name="trading account bills by quarter",
    edition="2024",
    columns=(
        *("instType", "billId", "subType", "ts", "balChg", "bal", "sz", "px", "ccy", "pnl"),
        *("fee", "instId", "ordId", "execType", "tradeId"),
    ),
    optional=(
        *("posBalChg", "posBal", "mgnMode", "interest", "tag", "fillTime", "clOrdId"),
        *("fillIdxPx", "fillMarkPx", "fillPxVol", "fillPxUsd", "fillMarkVol", "fillFwdPx"),
        *("type", "from", "to", "notes", "earnAmt", "earnApr"),
    ),
    zone=Zone.UTC,
    newest_first=True,
    covers=(DataType.FILLS, DataType.TRANSFERS),
    wallets=("trading",),
    scopes=SCOPES,
    read=archive,
    page="made by OKX's API: account/bills-history-archive",
    ordered=True,
    source=(
        "https://www.okx.com/docs-v5/en/"
        "#trading-account-rest-api-get-bills-details-since-2021 (fields)"
    ),
)
