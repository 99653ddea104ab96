"""OKX's files: bills of the trading and of the funding account, and its archives by quarter.

``id`` is the ``billId`` of the API. A trade is a row for each leg; the trade's own id stands in the
archives alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exchange_cache.adapter.meanings import UNKNOWN
from exchange_cache.exchanges.file_records import every, moved
from exchange_cache.exchanges.file_rows import moment, needed, required
from exchange_cache.exchanges.okx import archive_files, words
from exchange_cache.exchanges.okx.file_words import FUNDING
from exchange_cache.exchanges.okx.trading_files import trading
from exchange_cache.money import EXACT
from exchange_cache.records import DataType
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
#: Funding bills that the API lists under another id: deposits, withdrawals and moves.
_LISTED_APART = frozenset(word for word, meaning in words.FUNDING.items() if meaning.elsewhere)


def funding(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Bills of the funding account. Deposits, withdrawals and moves have other ids in the API's own
    lists; a fee is what the balance changed by besides the amount."""
    for row in rows:
        time = moment(row, "Time", context.zone)
        asset = context.names.asset(needed(row, "Symbol"))
        before, after = required(row, "Before Balance"), required(row, "After Balance")
        change = EXACT.subtract(after, before)
        yield Checkpoint(
            line=row.line, chain="funding", asset=asset, time=time, change=change, after=after
        )
        amount = required(row, "Amount")
        if not amount and not change:
            yield LeftOut(line=row.line, reason="changes no balance")
            continue
        raw = needed(row, "Type")
        kind = FUNDING.get(" ".join(raw.lower().split()))
        amount = amount.copy_abs().copy_negate() if change < 0 else amount
        record = moved(
            context,
            "funding-ledger",
            transfer_id=needed(row, "id"),
            meaning=UNKNOWN if kind is None else _FUNDING[kind],
            time=time,
            asset=asset,
            amount=amount,
            charged=EXACT.subtract(amount, change),
            word=raw if kind is None else kind,
            wallet="funding",
        )
        yield Stated(lines=(row.line,), record=record, exact=kind not in _LISTED_APART)


# --- tables ---------------------------------------------------------------------------------------

_PAGE = "Assets > Report center (https://www.okx.com/balance/report-center)"
_TRADED = (DataType.FILLS, DataType.TRANSFERS)
_SEEN = (
    "header and sample lines of 2026 (public importers); id = billId: BittyTax conv/parsers/okx.py"
)

TABLES = (
    Table(
        exchange="okx",
        name="trading account bills",
        edition="2025",
        columns=(
            *("id", "Order id", "Time", "Trade Type", "Symbol", "Action", "Amount"),
            *("Trading Unit", "Filled Price", "PnL", "Fee", "Fee Unit", "Position Change"),
            *("Position Balance", "Balance Change", "Balance", "Balance Unit"),
        ),
        zone=Zone.PREAMBLE,
        newest_first=True,
        covers=_TRADED,
        wallets=("trading",),
        scopes=archive_files.SCOPES,
        read=trading,
        page=_PAGE,
        source=_SEEN,
        rank=1,  # to the second, where archives have milliseconds
    ),
    Table(
        exchange="okx",
        name="trading account bills",
        edition="2021",
        columns=(
            *("id", "Order id", "Time", "Trade Type", "Instrument", "Type", "Amount", "Unit"),
            *("PL", "Fee", "Position Change", "Position Balance", "Balance Change", "Balance"),
            "Unit#2",
        ),
        optional=("Filled Price",),
        zone=Zone.UNKNOWN,
        newest_first=True,
        covers=_TRADED,
        wallets=("trading",),
        scopes=archive_files.SCOPES,
        read=trading,
        page=_PAGE,
        source="BittyTax conv/parsers/okx.py",
        rank=1,
    ),
    Table(
        exchange="okx",
        name="funding account bills",
        edition="2025",
        columns=("id", "Time", "Type", "Amount", "Before Balance", "After Balance", "Symbol"),
        optional=("Fee", ""),
        zone=Zone.PREAMBLE,
        newest_first=True,
        covers=(DataType.TRANSFERS,),
        wallets=("funding",),
        scopes=("funding-ledger", "deposits", "withdrawals"),
        read=funding,
        page=_PAGE,
        source=_SEEN,
    ),
    archive_files.TABLE,
)
