"""Reads the first sheet of an xlsx file as CSV, by openpyxl (the extra ``xlsx``).

A sheet states numbers as binary floats. One with more digits than a float holds is refused, since
its last digits are gone; texts are taken as they stand.
"""

from __future__ import annotations

import csv
import io
import zlib
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

from exchange_cache.errors import StatementRefused
from exchange_cache.money import to_text

#: A float holds so many decimal digits exactly.
_DIGITS = 15
#: What openpyxl raises for a damaged file. SyntaxError: of its XML.
_DAMAGED = (OSError, LookupError, ValueError, TypeError, SyntaxError, BadZipFile, zlib.error)


def as_csv(source: Path | BinaryIO, name: str) -> bytes:
    """The first sheet as CSV in UTF-8; formulas and lost digits are refused by cell."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise StatementRefused(
            "is an xlsx file, and openpyxl is not installed",
            file=name,
            hint="pip install 'excache[xlsx]', or download the file as CSV",
        ) from error
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    try:
        with closing(load_workbook(source, read_only=True, data_only=False)) as book:
            for line, row in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
                writer.writerow([_text(cell, name, line) for cell in row])
    except _DAMAGED as error:
        raise StatementRefused(
            f"is no xlsx file that can be read: {error}",
            file=name,
            hint="download the file as CSV",
        ) from error
    return out.getvalue().encode()


def _text(cell: Any, name: str, line: int) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, int | float):
        stated = Decimal(repr(cell))
        if len(stated.as_tuple().digits) > _DIGITS:
            raise StatementRefused(
                f"the figure {stated} has more digits than a spreadsheet keeps",
                file=name,
                line=line,
                hint="download the file as CSV",
            )
        return to_text(stated)
    if isinstance(cell, str) and cell.startswith("="):
        raise StatementRefused(f"the formula {cell[:20]!r}, not a figure", file=name, line=line)
    return str(cell)
