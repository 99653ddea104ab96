"""Bybit's files: the transaction log of the unified account, changes of the funding account, and
spot trades.

``Change`` is what a row of the log changed: the cash flow, the funding and the fee, which is
negative where it was paid in one edition and positive in another. The arithmetic of the row decides
it. ``Wallet Balance`` runs by currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC

from exchange_cache.adapter.meanings import UNKNOWN, part_in
from exchange_cache.exchanges.bybit import words
from exchange_cache.exchanges.bybit.log_files import log
from exchange_cache.exchanges.file_records import (
    Ids,
    every,
    fee,
    market_in,
    moved,
    spot_fill,
    unknown_market,
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
from exchange_cache.records import DataType, Fee, Side
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

_FUNDING = every(words.FUNDING)
#: Words of amounts that left the account, where the file gives them no sign.
_OUTWARD = ("withdraw", "transfer out", "transfer_out", "transferout", "subscription", "purchase")


# --- the funding account --------------------------------------------------------------------------


def asset_changes(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Changes of the funding account. Its rows have no id: the API makes one of its figures."""
    new = "QTY" in context.columns
    at = column(context, "Date & Time(UTC*)" if new else "Time(UTC*)")
    ids = Ids()
    for row in rows:
        time = moment(row, at, context.zone)
        asset = context.names.asset(needed(row, "Coin"))
        raw = ": ".join(part for part in (needed(row, "Type"), cell(row, "Description")) if part)
        amount = required(row, "QTY" if new else "Amount")
        if amount > 0 and any(part in raw.lower() for part in _OUTWARD):
            amount = -amount
        after = required(row, "Account Balance" if new else "Wallet Balance")
        yield Checkpoint(
            line=row.line, chain="funding", asset=asset, time=time, change=amount, after=after
        )
        if not amount:
            yield LeftOut(line=row.line, reason="changes no balance")
            continue
        known = part_in(_FUNDING, raw)
        record = moved(
            context,
            "funding-ledger",
            transfer_id=ids.of(time, asset, amount, after),
            meaning=UNKNOWN if known is None else _FUNDING[known],
            time=time,
            asset=asset,
            amount=amount,
            word=raw,
            wallet="funding",
        )
        yield Stated(lines=(row.line,), record=record, exact=False)


# --- spot trades ----------------------------------------------------------------------------------


def spot(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Spot trades by the id of their execution. Where no column names the fee's asset, it is what
    was received: the base of a buy, the quote of a sale."""
    at = column(context, "Timestamp (UTC*)")
    for row in rows:
        market = market_in(context, "spot", needed(row, "Spot Pairs"), "spot")
        if market is None:
            yield unknown_market(row.line, needed(row, "Spot Pairs"))
            continue
        side = market_side(row, needed(row, "Direction"))
        base, quote = str(market["base"]), str(market["quote"])
        quantity, price = required(row, "Filled Quantity"), required(row, "Filled Price")
        if not quantity:
            yield LeftOut(line=row.line, reason="fills nothing")
            continue
        record = spot_fill(
            context,
            fill_id=needed(row, "Transaction ID"),
            time=moment(row, at, UTC),
            side=side,
            base=base,
            quote=quote,
            quantity=quantity,
            cost=EXACT.multiply(quantity, price),
            price=price,
            fees=_spot_fee(row, context, base if side is Side.BUY else quote),
        )
        yield Stated(lines=(row.line,), record=record, exact=True)


def _spot_fee(row: Row, context: FileContext, received: str) -> tuple[Fee, ...]:
    named = cell(row, "feeCoin")
    stated = cell(row, "ExecFeeV2")
    if stated and number(row, "ExecFeeV2") != ZERO and not named:
        raise refused(row, "a fee without its asset")
    if stated:
        return fee(context.names.asset(named), number(row, "ExecFeeV2")) if named else ()
    return fee(context.names.asset(named) if named else received, number(row, "Fees"))


# --- tables ---------------------------------------------------------------------------------------

_LOGGED = (
    *("Currency", "Contract", "Type", "Direction", "Quantity", "Position", "Filled Price"),
    *("Funding", "Fee Paid", "Cash Flow", "Change", "Wallet Balance"),
)
_SPOT = (
    *("Spot Pairs", "Order Type", "Direction", "Filled Value", "Filled Price"),
    *("Filled Quantity", "Fees", "Transaction ID", "Order No.", "Timestamp (UTC*)"),
)
_PAGE = (
    "Orders > Unified Trading Order > Transaction Log > Export (bybit.com/user/assets/exportOrder)"
)
#: As cryptact's guide to Bybit's exports states; nothing was found that reaches further.
_REACH = "exports reach back 2 years"
_FUNDED = ("funding-ledger", "deposits", "internal-deposits", "withdrawals", "moves")
_LOG = Table(
    exchange="bybit",
    name="unified transaction log",
    edition="2026",
    columns=(*_LOGGED, "Uid", "Action", "Time(UTC*)"),
    zone=Zone.UTC,
    newest_first=True,
    covers=(DataType.FILLS, DataType.TRANSFERS),
    wallets=("unified",),
    scopes=(
        *("spot", "linear", "inverse", "option", "moves", "log-rest"),
        *(f"log-{word.lower()}" for word in words.APART),
    ),
    read=log,
    page=_PAGE,
    reach=_REACH,
    source="header and sample lines of an export of 2026 (public importer), balances checked",
)
TABLES = (
    _LOG,
    replace(
        _LOG,
        edition="2025",
        columns=(*_LOGGED, "Action", "OrderId", "TradeId", "Time"),
        source="header of an export of 2025 (public importer)",
    ),
    replace(
        _LOG,
        edition="2022",
        columns=(*_LOGGED, "Time", "Fee Rate", "Trade ID", "Order ID"),
        source="BittyTax conv/parsers/bybit.py (AssetChangeDetails)",
    ),
    Table(
        exchange="bybit",
        name="funding account changes",
        edition="2026",
        columns=("Date & Time(UTC*)", "Coin", "QTY", "Type", "Account Balance", "Description"),
        optional=("Uid",),
        zone=Zone.UTC,
        newest_first=True,
        covers=(DataType.TRANSFERS,),
        wallets=("funding",),
        scopes=_FUNDED,
        read=asset_changes,
        page="Assets > Funding Account > History > Export, Funding Account",
        reach=_REACH,
        source="header of an export of 2026 (public importer); BittyTax conv/parsers/bybit.py",
    ),
    Table(
        exchange="bybit",
        name="funding account changes",
        edition="2022",
        columns=("Type", "Coin", "Amount", "Wallet Balance", "Time(UTC*)"),
        optional=("Uid",),
        zone=Zone.UTC,
        newest_first=True,
        covers=(DataType.TRANSFERS,),
        wallets=("funding",),
        scopes=_FUNDED,
        read=asset_changes,
        page="Assets > Funding Account > History > Export, Funding Account",
        reach=_REACH,
        source="BittyTax conv/parsers/bybit.py",
    ),
    Table(
        exchange="bybit",
        name="spot trades",
        edition="2026",
        columns=(*_SPOT, "feeCoin", "ExecFeeV2"),
        optional=("Uid",),
        zone=Zone.UTC,
        newest_first=True,
        covers=(DataType.FILLS,),
        wallets=("unified",),
        scopes=("spot",),
        read=spot,
        rank=1,  # to the minute in the newer edition
        page="Orders > Unified Trading Order > Trade History > Export",
        reach=_REACH,
        source="header and sample line of an export of 2026 (public importer)",
    ),
    Table(
        exchange="bybit",
        name="spot trades",
        edition="2024",
        columns=_SPOT,
        optional=("Uid",),
        zone=Zone.UTC,
        newest_first=True,
        covers=(DataType.FILLS,),
        wallets=("unified",),
        scopes=("spot",),
        read=spot,
        rank=1,
        page="Orders > Unified Trading Order > Trade History > Export",
        reach=_REACH,
        source="BittyTax conv/parsers/bybit.py: Transaction ID is the execution's id",
    ),
)
