"""Odd values, odd changes of files, and what they are tried on."""

from __future__ import annotations

import io
import random
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.exchanges.files import tables
from exchange_cache.simulator.downloads import downloads
from exchange_cache.statements.opening import sources
from exchange_cache.statements.reading import Reading, context_of, recognise
from exchange_cache.statements.table import FileContext
from tests.exchanges.builders import open_stubbed
from tests.reliability.ground import make_ground

ODD: tuple[Any, ...] = (
    *(None, True, False, [], {}, [[]], {"a": None}, "", " ", "?", "-", "null", "None", "NaN"),
    *("Infinity", "-Infinity", "1e999", "1e-999", "-0", "+1", "1_000", "1,5", "0x10", "٣", "½"),
    *(0, -1, 1, 2**53 + 1, 2**63, 2**64, 10**30, 10**400, -(10**30), 0.1, 1e308, 1e-320, -0.0),
    *("9" * 400, "0." + "0" * 300 + "1", "1" + "0" * 60, "-" + "9" * 60),
    *("\x00", "\x1b]0;x\x07", "\u202e", "\ud800", "a\nb", "a\tb", "\u200b", "𝔸", "x" * 5_000),
    *("BTC", "btc", "USD", "BTC/USDT", "../..", "__proto__", "<b>", "[red]x[/red]", "%s%n"),
    *("1970-01-01", "9999-12-31T23:59:59Z", "2026-02-30", "1700000000", 1_700_000_000),
    *(1_700_000_000_000_000, "buy", "SELL", "canceled", "open", "closed", "trade", "transfer"),
)
#: Bytes and pieces that turn up in files by mistake.
_PIECES = (
    '"',
    "'",
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "\x00",
    "\ufeff",
    "=1+1",
    "é",
    "1,234.5",
    "--",
    "",
)


@cache
def columns() -> list[str]:
    """`table.column` of all tables of the newest schema."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "cache.sqlite3"
        ExchangeCacheRepository.open(place).close()
        with closing(sqlite3.connect(place)) as cache_file:
            sql = (
                "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c"
                " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1"
            )
            return [name for (name,) in cache_file.execute(sql)]


@cache
def downloaded(exchange: str) -> dict[str, str]:
    """The files that a user downloads from a small simulated account."""
    venue = make_ground(exchange, rounds=6).venue
    account = next(one for one in venue.accounts() if one.exchange == exchange)
    found = {}
    for one in downloads(venue, account):
        if one.name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(one.body)) as packed:
                found.update({name: packed.read(name) for name in packed.namelist()})
        else:
            found[one.name] = one.body
    return {
        name: body.decode("utf-8", "surrogateescape")
        for name, body in found.items()
        if name.endswith(".csv")
    }


@cache
def _names(exchange: str) -> Any:
    clock = SetClock(datetime(2027, 1, 1, tzinfo=UTC))
    adapter = open_stubbed(exchange, "http://127.0.0.1:9", clock=clock)
    adapter._session.markets.take_as_current()
    return adapter.for_statements()


def read_file(exchange: str, folder: Path, name: str, text: str) -> int:
    """How many rows the importer reads, with those that it leaves out in words."""
    path = folder / name.rpartition("/")[2]
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    (source,) = sources(path)
    known = recognise(source, tables(exchange))
    names, desk = _names(exchange)
    base = FileContext(
        account="main",
        file_name=source.name,
        preamble=(),
        columns=(),
        zone=UTC,
        names=names,
        desk=desk,
    )
    reading = Reading(known)
    for _ in reading.found(context_of(known, base, UTC)):
        pass
    return reading.count


def changed_text(text: str, chance: random.Random) -> tuple[str, int]:
    """The file with one change, and how many rows that took away at most."""
    return chance.choice(_CHANGES)(text, chance)


Change = Callable[[str, random.Random], tuple[str, int]]


def _cell(text: str, chance: random.Random) -> tuple[str, int]:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    cells = lines[at].split(",")
    odd = [value for value in ODD if isinstance(value, str | int) and "\n" not in str(value)]
    cells[chance.randrange(len(cells))] = str(chance.choice(odd))
    lines[at] = ",".join(cells)
    return "\n".join(lines), 1


def _piece(text: str, chance: random.Random) -> tuple[str, int]:
    """A quote, put there or taken away, may join all lines behind it; a line end makes two of one,
    and without it two are one."""
    at = chance.randrange(len(text))
    taken, piece = chance.choice((0, 0, 1, 3)), chance.choice(_PIECES)
    joins = '"' in piece + text[at : at + taken]
    lines = text.count("\n", at) + 1 if joins else 2
    return text[:at] + piece + text[at + taken :], lines


def _cut(text: str, chance: random.Random) -> tuple[str, int]:
    at = chance.randrange(len(text))
    return text[:at], text.count("\n", at) + 1


def _line_gone(text: str, chance: random.Random) -> tuple[str, int]:
    lines = text.split("\n")
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines), 1


def _line_twice(text: str, chance: random.Random) -> tuple[str, int]:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    return "\n".join([*lines[:at], lines[at], *lines[at:]]), 0


def _shuffled(text: str, chance: random.Random) -> tuple[str, int]:
    lines = text.rstrip("\n").split("\n")
    wide = max(line.count(",") for line in lines)
    head = next(at for at, line in enumerate(lines) if line.count(",") == wide)
    rest = lines[head + 1 :]
    chance.shuffle(rest)
    return "\n".join([*lines[: head + 1], *rest]), 0


def _ends(text: str, chance: random.Random) -> tuple[str, int]:
    return text.replace("\r\n", "\n").replace("\n", chance.choice(("\r\n", "\r", "\n\n"))), 0


_CHANGES: tuple[Change, ...] = (
    _cell,
    _cell,
    _piece,
    _cut,
    _line_gone,
    _line_twice,
    _shuffled,
    _ends,
)
