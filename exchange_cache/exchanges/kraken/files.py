"""Kraken's files: ledgers.csv, which is complete, and trades.csv.

A row becomes the row that the API serves, and the policy's own parsers read it. The ids are those
of the API: ``txid`` of a ledger row is the id of its entry, and ``refid`` of the rows of a trade is
the txid of the trade. ``balance`` runs per asset and wallet.

Sources: https://support.kraken.com/articles/360001169383-how-to-interpret-ledger-history-fields;
https://docs.kraken.com/api-reference/account-data/add-export; BittyTax/BittyTax
src/bittytax/conv/parsers/kraken.py (editions, rows without txid, reversals).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.adapter.rows import Desk
from exchange_cache.booked import BookedFees
from exchange_cache.clock import to_ms
from exchange_cache.errors import MarketUnidentified
from exchange_cache.exchanges.kraken import rows as api
from exchange_cache.money import EXACT, ZERO, published
from exchange_cache.records import DataType, Fee, Fill, Order, Side, Transfer, TransferKind
from exchange_cache.statements import figures
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

#: The legs of one event are written within this time of each other.
_TOGETHER = timedelta(seconds=10)
#: What trades without a position state as the position's id.
_NO_POSITION = "TKH2SE-M7IF5-CFI7LT"
_NO_ID = "a pending or failed copy, which has no txid"
_ALONE = "one leg of a trade whose other legs are not in the file"

Entry = tuple[Row, dict[str, Any]]


def _desk(context: FileContext, data_type: DataType, scope: str) -> Desk:
    assert context.desk is not None
    desk: Desk = context.desk(data_type, scope)
    return desk


def _seconds(moment: datetime) -> str:
    ms = to_ms(moment)
    return f"{ms // 1000}.{ms % 1000:03d}"


# --- ledgers --------------------------------------------------------------------------------------


def read_ledgers(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Deposits, withdrawals, rewards, converts and trades; a checkpoint for each row's balance."""
    desk = _desk(context, DataType.TRANSFERS, "ledger")
    waiting: dict[str, list[Entry]] = {}
    for row in rows:
        if not figures.cell(row, "txid"):
            yield LeftOut(line=row.line, reason=_NO_ID)
            continue
        moment = figures.moment(row, "time", context.zone)
        entry = _entry(row, moment)
        yield from _checkpoint(row, entry, desk)
        if not api.LEGS.is_leg(entry):
            yield from _alone([(row, entry)], desk)
            continue
        for refid in [name for name, legs in waiting.items() if _is_past(legs, moment)]:
            yield from _together(waiting.pop(refid), desk)
        waiting.setdefault(str(entry["refid"]), []).append((row, entry))
    for legs in waiting.values():
        yield from _together(legs, desk)


def _entry(row: Row, moment: datetime) -> dict[str, Any]:
    """The row as ``Ledgers`` serves it."""
    return {
        "id": figures.required(row, "txid"),
        "refid": figures.required(row, "refid"),
        "time": _seconds(moment),
        "moment": moment,
        "type": figures.required(row, "type"),
        "subtype": figures.cell(row, "subtype"),
        "aclass": figures.cell(row, "aclass"),
        "asset": figures.required(row, "asset"),
        "amount": figures.amount(row, "amount"),
        "fee": figures.amount_or_none(row, "fee") or ZERO,
        "balance": figures.cell(row, "balance"),
    }


def _checkpoint(row: Row, entry: Mapping[str, Any], desk: Desk) -> Iterator[Checkpoint]:
    """The balance after a row, by wallet; staked units have balances of their own."""
    after = figures.amount_or_none(row, "balance")
    if after is None:
        return
    code = desk.code(entry["asset"])
    asset = api.asset_of(code)
    change = entry["amount"]
    if _charged_in(row, desk) in {None, asset}:
        change = EXACT.subtract(change, entry["fee"])
    wallet = figures.cell(row, "wallet") or "spot"
    yield Checkpoint(
        line=row.line,
        chain=wallet if code == asset else f"{wallet} {code}",
        asset=asset,
        time=entry["moment"],
        change=change,
        after=after,
    )


def _charged_in(row: Row, desk: Desk) -> str | None:
    """The asset of the fee where a column names it."""
    code = figures.cell(row, "feecurrency")
    return api.asset_of(desk.code(code)) if code else None


def _is_past(legs: list[Entry], moment: datetime) -> bool:
    last: datetime = legs[-1][1]["moment"]
    return abs(moment - last) > _TOGETHER


def _together(legs: list[Entry], desk: Desk) -> Iterator[Found]:
    """What the rows of one ``refid`` state together."""
    entries = [entry for _, entry in legs]
    made = api.LEGS.make(entries, desk)
    if made is None:
        yield from _alone(legs, desk)
        return
    lines = tuple(row.line for row, _ in legs)
    for record in made:
        if isinstance(record, BookedFees):
            traded = _traded(record, legs, desk)
            if traded is None:
                yield from _sides(legs, desk)
            else:
                yield Stated(lines=lines, record=traded, exact=True, books_fees=True)
        elif not isinstance(record, Order):
            yield Stated(lines=lines, record=record, exact=True)


def _traded(booked: BookedFees, legs: list[Entry], desk: Desk) -> Fill | None:
    """The trade that its legs state: the amounts are exact, the price follows from them. None
    where more than two assets moved."""
    moved: dict[str, Decimal] = {}
    for _, entry in legs:
        asset = api.asset_of(desk.asset(entry, "asset"))
        moved[asset] = EXACT.add(moved.get(asset, ZERO), entry["amount"])
    ends = [(asset, amount) for asset, amount in moved.items() if amount]
    if len(ends) != 2 or ends[0][1] * ends[1][1] > 0:
        return None
    (base, quantity), (quote, cost) = _as_listed(desk, ends)
    return Fill(
        account=booked.account,
        category="spot",
        symbol=f"{base}/{quote}",
        fill_id=booked.fill_id,
        order_id=None,
        time=booked.time,
        side=Side.BUY if quantity > 0 else Side.SELL,
        base=base,
        quote=quote,
        quantity=abs(quantity),
        price=published(EXACT.divide(abs(cost), abs(quantity))),
        cost=abs(cost),
        fees=booked.fees,
    )


def _as_listed(desk: Desk, ends: list[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """Base and quote as the exchange lists the pair; of an unlisted one, the asset in which more
    pairs are quoted is the quote."""
    markets = desk.client.markets or {}
    one, other = ends
    if f"{one[0]}/{other[0]}" in markets:
        return [one, other]
    if f"{other[0]}/{one[0]}" in markets:
        return [other, one]
    quoted = [str(market["quote"]) for market in markets.values()]
    return [one, other] if quoted.count(one[0]) < quoted.count(other[0]) else [other, one]


def _alone(legs: list[Entry], desk: Desk) -> Iterator[Found]:
    """What each row states by itself."""
    for row, entry in legs:
        records = desk.records(entry)
        if not records:
            yield LeftOut(line=row.line, reason=_ALONE, unknown=True)
        for record in records:
            if isinstance(record, Transfer):
                yield Stated(lines=(row.line,), record=_charged(record, row, desk), exact=True)


def _charged(record: Transfer, row: Row, desk: Desk) -> Transfer:
    """The transfer with its fee in the asset that a column names."""
    asset = _charged_in(row, desk)
    if record.fee is None or asset is None:
        return record
    return replace(record, fee=Fee(asset=asset, amount=record.fee.amount))


def _sides(legs: list[Entry], desk: Desk) -> Iterator[Found]:
    """A trade of more than two assets: what each leg moved, since its price cannot be known."""
    for row, entry in legs:
        asset = api.asset_of(desk.asset(entry, "asset"))
        fee = entry["fee"]
        record = desk.transfer(
            entry,
            transfer_id=str(entry["id"]),
            kind=TransferKind.SUBSCRIPTION,
            time=desk.time(entry, "time", "s"),
            asset=asset,
            quantity=entry["amount"],
            fee=Fee(asset=asset, amount=fee) if fee else None,
            word=str(entry["type"]),
            reference=str(entry["refid"]),
        )
        yield Stated(lines=(row.line,), record=record, exact=True)


# --- trades ---------------------------------------------------------------------------------------


def read_trades(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Trades as ``TradesHistory`` serves them; those with a position move no assets."""
    desk = _desk(context, DataType.FILLS, "spot")
    for row in rows:
        entry = _trade(row, figures.moment(row, "time", context.zone))
        try:  # newer files write XBT/EUR, which is no id of a pair
            entry["pair"] = desk.market_by_id(entry["pair"], "spot")["id"]
            records = desk.records(entry)
        except MarketUnidentified:
            pair = figures.cell(row, "pair")
            yield LeftOut(line=row.line, reason=f"its pair {pair} is not listed", unknown=True)
            continue
        for record in records:
            if isinstance(record, Fill):
                yield Stated(lines=(row.line,), record=record, exact=True)


def _trade(row: Row, moment: datetime) -> dict[str, Any]:
    def plain(name: str) -> str:
        return format(figures.amount_or_none(row, name) or ZERO, "f")

    position = figures.cell(row, "posttxid") or figures.cell(row, "postxid")
    status = figures.cell(row, "posstatuscode") or figures.cell(row, "posstatus")
    misc = figures.cell(row, "misc")
    if (position and position != _NO_POSITION) or status:
        misc = ",".join(part for part in (misc, "initiating") if part)
    return {
        "id": figures.required(row, "txid"),
        "ordertxid": figures.cell(row, "ordertxid"),
        "postxid": position,
        "pair": figures.required(row, "pair"),
        "time": _seconds(moment),
        "type": figures.required(row, "type"),
        "ordertype": figures.cell(row, "ordertype"),
        "price": plain("price"),
        "cost": plain("cost"),
        "fee": plain("fee"),
        "vol": plain("vol"),
        "margin": plain("margin"),
        "misc": misc,
    }


# --- tables ---------------------------------------------------------------------------------------

_PAGE = "kraken.com, History, Export"
_SOURCE = "support.kraken.com/articles/360001169383; docs.kraken.com (add-export)"
_LEDGER = (
    "txid",
    "refid",
    "time",
    "type",
    "subtype",
    "aclass",
    "asset",
    "amount",
    "fee",
    "balance",
)
_TRADE = (
    *("txid", "ordertxid", "pair", "time", "type", "ordertype", "price", "cost", "fee", "vol"),
    *("margin", "misc", "ledgers"),
)
_POSITION = ("cprice", "ccost", "cfee", "cvol", "cmargin", "net", "trades")


def _table(name: str, edition: str, columns: tuple[str, ...], optional: tuple[str, ...]) -> Table:
    ledger = name == "ledgers"
    return Table(
        exchange="kraken",
        name=name,
        edition=edition,
        columns=columns,
        optional=optional,
        zone=Zone.UTC,
        covers=(DataType.FILLS, DataType.TRANSFERS) if ledger else (DataType.FILLS,),
        wallets=("spot",),
        scopes=("spot", "ledger") if ledger else ("spot",),
        read=read_ledgers if ledger else read_trades,
        page=f"{_PAGE}: {name.capitalize()}",
        source=_SOURCE,
        rank=1 if ledger else 0,
    )


TABLES = (
    _table(
        "ledgers",
        "2026",
        (*_LEDGER, "subclass", "wallet", "amountusd", "feeusd", "balanceusd", "feecurrency"),
        (),
    ),
    _table("ledgers", "2024", (*_LEDGER, "wallet"), ("subclass", "amountusd")),
    _table("ledgers", "2019", _LEDGER, ()),
    _table(
        "trades",
        "2026",
        (*_TRADE, "posttxid", "posstatuscode", *_POSITION, "aclass"),
        ("subclass",),
    ),
    _table("trades", "2022", (*_TRADE, "postxid", "posstatus", *_POSITION), ()),
    _table("trades", "2017", _TRADE, ()),
)
