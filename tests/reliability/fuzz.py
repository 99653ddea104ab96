"""Answers, files and stored cells with odd values, in this process.

- `translation`: the documented answers of every history, wallet and list of every policy. One node
  is replaced. The engine makes records or raises an error of ours; where what was there is gone or
  of another type, it does not make fewer records in silence.
- `file`: the downloads of six simulated exchanges. One change of a cell, line, header or byte: the
  importer reads it or refuses it, and no row vanishes.
- `screen`: one cell of a stored cache. Commands print, in every format and width, or state what is
  wrong; never a traceback.
"""

from __future__ import annotations

import copy
import json
import random
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from exchange_cache.errors import ExcacheError, RateLimited
from exchange_cache.render.formats import FORMATS
from tests.cli.test_unreadable import TABLES, insert_row
from tests.exchanges import cases as documented, nothing_there
from tests.reliability.frame import (
    CODE,
    CRASH,
    DOCUMENTED,
    LOST,
    Case,
    Joined,
    Product,
    Verdict,
    cut,
)
from tests.reliability.ground import EXCHANGES
from tests.reliability.odd import ODD, changed_text, columns, downloaded, read_file
from tests.reliability.small import small

NAME = "fuzz"
SAYS = (
    "odd values in the documented answers of every history, wallet and list of every policy, in "
    "the files of six exchanges, and in stored cells under every command that prints"
)
SHARE = 4
UNCHANGED = "the odd value is what was there before"
COMMANDS = (
    "portfolio --no-refresh",
    "portfolio --no-refresh --by wallet",
    "balances",
    "positions",
    "orders",
    "fills",
    "transfers",
    "prices",
    "status",
    "pnl",
    "history",
    "explain BTC",
    "db check",
)
_NO_FORMAT = frozenset({"db check"})


@cache
def cases() -> Sequence[Case]:
    return Joined(
        Product(("translation",), list(documented.documented()), range(10_000)),
        Product(("file",), EXCHANGES, range(100_000)),
        Product(("screen",), columns(), COMMANDS, range(100)),
    )


def run(case: Case, folder: Path) -> Verdict:
    chance = random.Random(",".join(case))
    try:
        wrong = _FAMILIES[case[0]](case, chance, folder)
    except _Same as same:
        return Verdict(skipped=str(same))
    except RateLimited:
        nothing_there.adapter.cache_clear()  # it would wait
        wrong = []
    except ExcacheError:
        wrong = []  # in words
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        wrong = [f"{CRASH}: {type(error).__name__}: {cut(str(error))}"]
    return Verdict(wrong=tuple(wrong))


class _Same(Exception):
    """The odd value changes nothing, or has no place."""


# --- answers --------------------------------------------------------------------------------------


def _translation(case: Case, chance: random.Random, folder: Path) -> list[str]:
    path, old = chance.choice(nothing_there.places(case[1]))
    gone = chance.random() < 0.5
    value = chance.choice(nothing_there.GONE if gone else ODD)
    if value == "\ud800":
        raise _Same("the client replaces half of a pair of surrogates")
    if not nothing_there.fits(path, old, value):
        raise _Same(UNCHANGED)
    if not gone:
        nothing_there.records(case[1], path, value)
        return []
    found = nothing_there.wrong(case[1], path, old, value)
    return [found] if found else []


# --- files ----------------------------------------------------------------------------------------


def _file(case: Case, chance: random.Random, folder: Path) -> list[str]:
    texts = downloaded(case[1])
    name = chance.choice(sorted(texts))
    before = _before(case[1], name)
    text, rows = changed_text(texts[name], chance)
    if text == texts[name]:
        raise _Same(UNCHANGED)
    found = read_file(case[1], folder, name, text)
    if found < before - rows:
        return [f"{LOST}: {name}: {found} of {before} rows, {rows} were taken away"]
    return []


@cache
def _before(exchange: str, name: str) -> int:
    """How many rows the importer reads of a file as it was downloaded."""
    with tempfile.TemporaryDirectory(prefix="excache-torture-") as folder:
        return read_file(exchange, Path(folder), name, downloaded(exchange)[name])


# --- stored cells ---------------------------------------------------------------------------------


def _screen(case: Case, chance: random.Random, folder: Path) -> list[str]:
    _, column, command, _ = case
    table, _, name = column.partition(".")
    world = small("kraken").home(folder / "home", synced=True)
    value = chance.choice([v for v in ODD if isinstance(v, str | int | float) or v is None])
    if not _put(world.home / "cache.sqlite3", table, name, value, chance):
        raise _Same("SQLite does not take the value for that column")
    words = command.split(" ")
    form = chance.choice(list(FORMATS)) if command not in _NO_FORMAT else ""
    done = world.run(
        *words,
        *(["--format", form] if form else []),
        env={"COLUMNS": str(chance.choice((20, 80, 140)))},
    )
    where = f"{column} = {cut(ascii(value), 40)}, {command} {form}"
    if "a bug in excache" in done.err:
        return [f"{CRASH}: {where}: {cut(done.err)}"]
    if done.code not in DOCUMENTED:
        return [f"{CODE}: {done.code}: {where}"]
    if form == "json" and done.code == 0:
        json.loads(copy.copy(done.out))
    return []


def _put(cache_file: Path, table: str, name: str, value: Any, chance: random.Random) -> bool:
    """Whether SQLite takes the value for one row of a table (all, where rows have no number)."""
    with closing(sqlite3.connect(cache_file)) as stored, stored:
        count = stored.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        if not count and table in TABLES:
            insert_row(stored, table)
        at = chance.randrange(max(1, count))
        one = f"rowid = (SELECT rowid FROM {table} LIMIT 1 OFFSET {at})"
        try:
            try:
                done = stored.execute(f"UPDATE {table} SET {name} = ? WHERE {one}", (value,))
            except sqlite3.OperationalError:
                done = stored.execute(f"UPDATE {table} SET {name} = ?", (value,))
        except (sqlite3.IntegrityError, OverflowError, UnicodeEncodeError):
            return False
        except sqlite3.OperationalError as error:
            if "malformed JSON" in str(error):  # an index or a trigger reads the column
                return False
            raise
        return done.rowcount > 0


_FAMILIES = {"translation": _translation, "file": _file, "screen": _screen}
