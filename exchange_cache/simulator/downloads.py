"""The files that a user downloads from the pages of the simulated exchanges: the whole story of an
account, in each exchange's own spelling.

Each exchange's module states the traps of its files; they are written from what is publicly known
of real exports, not from what a reader needs.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from exchange_cache.simulator.venue import Account, Venue

T = TypeVar("T")
_DIALECTS = "exchange_cache.simulator.dialects"
_MODULES = {
    "binance": f"{_DIALECTS}.binance.downloads",
    "bybit": f"{_DIALECTS}.bybit_downloads",
    "coinbase": f"{_DIALECTS}.coinbase_downloads",
    "kraken": f"{_DIALECTS}.kraken.downloads",
    "kucoin": f"{_DIALECTS}.kucoin_downloads",
    "okx": f"{_DIALECTS}.okx.downloads",
}
_OTHERS = _MODULES | {
    "binance": f"{_DIALECTS}.binance.other_downloads",
    "bybit": f"{_DIALECTS}.bybit_other_downloads",
    "coinbase": f"{_DIALECTS}.coinbase_other_downloads",
    "kraken": f"{_DIALECTS}.kraken.other_downloads",
    "kucoin": f"{_DIALECTS}.kucoin_other_downloads",
}
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Download:
    """A file as the browser saves it."""

    name: str
    body: bytes


def downloads(venue: Venue, account: Account) -> Iterator[Download]:
    """The files of one account."""
    if account.exchange in _MODULES:
        yield from import_module(_MODULES[account.exchange]).downloads(venue, account)


def other_downloads(venue: Venue, account: Account) -> Iterator[Download]:
    """The files of other tables and of earlier editions: they state what those of ``downloads`` do,
    or a part of it."""
    if account.exchange in _OTHERS:
        yield from import_module(_OTHERS[account.exchange]).other_downloads(venue, account)


def write_downloads(folder: Path, venue: Venue) -> list[Path]:
    """Write the files of every account into a folder named after it; the files written."""
    written = []
    for account in venue.accounts():
        place = folder / account.name
        for one in downloads(venue, account):
            place.mkdir(parents=True, exist_ok=True)
            (place / one.name).write_bytes(one.body)
            written.append(place / one.name)
    return written


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    preamble: Sequence[str] = (),
    bom: bool = False,
    ending: str = "\n",
) -> bytes:
    """A CSV file. Rows are sequences, since a column may occur twice."""
    text = io.StringIO()
    text.writelines(f"{line}{ending}" for line in preamble)
    writer = csv.writer(text, lineterminator=ending)
    writer.writerow(columns)
    writer.writerows(rows)
    return (_BOM if bom else b"") + text.getvalue().encode()


def moment(ms: int, hours: float = 0, pattern: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A time in a zone so many hours east of Greenwich, to the second."""
    return datetime.fromtimestamp(ms // 1000, timezone(timedelta(hours=hours))).strftime(pattern)


def by_year(rows: Iterable[T], time_ms: Callable[[T], int]) -> dict[int, list[T]]:
    """Rows by the year in UTC: exports have a longest range."""
    years: dict[int, list[T]] = {}
    for row in rows:
        year = datetime.fromtimestamp(time_ms(row) / 1000, UTC).year
        years.setdefault(year, []).append(row)
    return years


def plain(value: Decimal) -> str:
    """A number without an exponent and without zeros at its end."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
