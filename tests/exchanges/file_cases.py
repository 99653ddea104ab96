"""Files as rows, for tests of readers: a small stand-in for the engine that opens them, and what
the records of a file change."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache

from exchange_cache.adapter.statement_desks import SessionDesks
from exchange_cache.clock import SetClock
from exchange_cache.records import Fill, Order, Side, Transfer, TransferKind
from exchange_cache.statements.table import (
    Checkpoint,
    FileContext,
    Found,
    LeftOut,
    Row,
    Stated,
    Table,
)
from tests.exchanges.builders import open_stubbed

LATER = datetime(2027, 1, 1, tzinfo=UTC)
UTC8 = timezone(timedelta(hours=8))
ASSETS = (
    *("BTC", "ETH", "BNB", "USDT", "USDC", "EUR", "USD", "GBP", "SOL", "XRP", "DOGE", "DAG"),
    *("KCS", "SATS", "1000SATS", "1INCH", "1MBABYDOGE", "FDUSD", "BUSD", "BETH", "ALGO", "ATOM"),
    *("XLM", "DAI", "LUNA", "LDO", "TRX"),
)
QUOTES = ("USDT", "USDC", "FDUSD", "BUSD", "EUR", "USD", "BTC", "ETH", "BNB", "KCS")


class KnownNames:
    """The names of an exchange whose assets are ASSETS."""

    def __init__(self, renamed: dict[str, str] | None = None) -> None:
        self.renamed = renamed or {}

    def asset(self, code: str) -> str:
        return self.renamed.get(code, code)

    def split(self, glued: str) -> tuple[str, str] | None:
        found = [(glued[: -len(end)], end) for end in QUOTES if glued.endswith(end)]
        found = [pair for pair in found if pair[0] in ASSETS]
        return found[0] if len(found) == 1 else None

    def amount(self, glued: str) -> tuple[Decimal, str] | None:
        text = glued.replace(",", "").replace(" ", "")
        for asset in sorted(ASSETS, key=len, reverse=True):
            if text.endswith(asset) and text[: -len(asset)].replace(".", "").lstrip("-").isdigit():
                return Decimal(text[: -len(asset)]), asset
        return None


@cache
def desks(exchange: str) -> SessionDesks:
    """The desks of an exchange's policy, on the markets of the tests and without a connection."""
    adapter = open_stubbed(exchange, "http://127.0.0.1:9", clock=SetClock(LATER))
    adapter._session.markets.take_as_current()
    return SessionDesks(adapter._session)


def opened(text: str) -> tuple[tuple[str, ...], tuple[str, ...], Iterator[tuple[int, list[str]]]]:
    """The preamble, the header and the numbered rows of a file. The header is the first line that
    is not shorter than any row."""
    lines = text.lstrip("\ufeff").strip("\n").replace("\r\n", "\n").split("\n")
    parsed = [next(csv.reader([line])) if line else [] for line in lines]
    width = max(len(cells) for cells in parsed)
    at = next(
        n
        for n, cells in enumerate(parsed)
        if len(cells) >= width - 1 and sum(map(bool, cells)) >= 4
    )
    header: list[str] = []
    for name in parsed[at]:
        seen = sum(1 for before in header if before.split("#")[0] == name.strip())
        header.append(name.strip() if not seen else f"{name.strip()}#{seen + 1}")
    rest = ((n + 1, cells) for n, cells in enumerate(parsed) if n > at and any(cells))
    return tuple(lines[:at]), tuple(header), rest


def recognises(table: Table, header: Sequence[str]) -> bool:
    """Whether a table has this header: all of its columns are there, and no unknown one."""
    patterns = (*table.columns, *table.optional)
    return all(
        any(fnmatchcase(name, column) for name in header) for column in table.columns
    ) and all(not name or any(fnmatchcase(name, p) for p in patterns) for name in header)


def read(
    tables: Iterable[Table],
    text: str,
    *,
    zone: tzinfo = UTC,
    file_name: str = "file.csv",
    names: KnownNames | None = None,
    account: str = "main",
    history: str = "",
) -> list[Found]:
    """What the one table that recognises a file finds in it."""
    preamble, header, rows = opened(text)
    fitting = [table for table in tables if recognises(table, header)]
    assert len(fitting) == 1, [(table.name, table.edition) for table in fitting]
    table = fitting[0]
    context = FileContext(
        account=account,
        file_name=file_name,
        preamble=preamble,
        columns=header,
        zone=table.fixed or zone,
        names=names or KnownNames(),
        desk=desks(table.exchange),
        history=history,
    )
    made = (Row(line=n, cells=dict(zip(header, cells, strict=False))) for n, cells in rows)
    return list(table.read(made, context))


def records(found: Iterable[Found]) -> list[Fill | Transfer]:
    """The fills and transfers of a file."""
    return [
        one.record for one in found if isinstance(one, Stated) and not isinstance(one.record, Order)
    ]


def left_out(found: Iterable[Found]) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in found if isinstance(one, LeftOut)]


def checkpoints(found: Iterable[Found]) -> list[Checkpoint]:
    return [one for one in found if isinstance(one, Checkpoint)]


INWARD = {TransferKind.DEPOSIT, TransferKind.LOAN}
OUTWARD = {TransferKind.WITHDRAWAL, TransferKind.REPAYMENT}


def changes(
    found: Iterable[Found], inside: Iterable[str] = (), realised: bool = True
) -> dict[str, Decimal]:
    """What the records change, summed by asset. A move counts where it enters or leaves one of the
    wallets ``inside``."""
    wallets = set(inside)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for record in records(found):
        if isinstance(record, Transfer):
            _add_transfer(sums, record, wallets)
        elif record.settle is not None:
            sums[record.settle] += record.realised_pnl or 0
        else:
            sign = 1 if record.side is Side.BUY else -1
            sums[record.base] += sign * record.quantity
            sums[record.quote] -= sign * record.cost
        for fee in record.fees if isinstance(record, Fill) else ():
            sums[fee.asset] -= fee.amount
    return {asset: total for asset, total in sums.items() if total}


def _add_transfer(sums: dict[str, Decimal], record: Transfer, wallets: set[str]) -> None:
    if record.status != "ok":
        return
    if record.fee is not None:
        sums[record.fee.asset] -= record.fee.amount
    if record.kind is TransferKind.INTERNAL:
        entered = record.to_wallet in wallets
        left = record.from_wallet in wallets
        sums[record.asset] += record.quantity * (int(entered) - int(left))
    elif record.kind in OUTWARD:
        sums[record.asset] -= record.quantity
    else:
        sums[record.asset] += record.quantity


def summed(rows: Iterable[tuple[str, str]]) -> dict[str, Decimal]:
    """Changes that a test states by hand, by asset."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for asset, amount in rows:
        sums[asset] += Decimal(amount)
    return {asset: total for asset, total in sums.items() if total}
