"""Builds files as users have them, and opens them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from decimal import Decimal
from pathlib import Path

from exchange_cache.records import DataType
from exchange_cache.statements.opening import Source, sources
from exchange_cache.statements.table import FileContext, Found, LeftOut, Row, Table, Zone


class NoNames:
    """Nothing is known of the exchange."""

    def asset(self, code: str) -> str:
        return code

    def split(self, glued: str) -> tuple[str, str] | None:
        return None

    def amount(self, glued: str) -> tuple[Decimal, str] | None:
        return None


def written(folder: Path, text: str | bytes, name: str = "file.csv") -> Source:
    """A file with this text, opened."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (found,) = sources(path)
    return found


def context(name: str = "file.csv") -> FileContext:
    return FileContext(
        account="main", file_name=name, preamble=(), columns=(), zone=UTC, names=NoNames()
    )


def lines_of(rows: Iterable[Row], _context: FileContext) -> Iterator[Found]:
    """A reader that states the cells of each row."""
    for row in rows:
        yield LeftOut(line=row.line, reason="|".join(row.cells.values()))


def table(
    *columns: str, name: str = "ledger", optional: tuple[str, ...] = (), zone: Zone = Zone.UTC
) -> Table:
    return Table(
        exchange="x",
        name=name,
        edition="2026",
        columns=columns,
        optional=optional,
        zone=zone,
        covers=(DataType.TRANSFERS,),
        read=lines_of,
        page="History",
        source="none",
    )
