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
import re
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from exchange_cache.adapter.policy import KEY, RawRows
from exchange_cache.errors import ExcacheError, RateLimited
from exchange_cache.exchanges import policy_for
from exchange_cache.exchanges.bitstamp import NOT_CURRENCIES
from exchange_cache.render.formats import FORMATS
from tests.cli.test_unreadable import TABLES, insert_row
from tests.exchanges import cases as documented
from tests.exchanges.canned import ABSENT, canned_adapter, nodes, spoilt
from tests.reliability.frame import (
    CODE,
    CRASH,
    DOCUMENTED,
    INVENTED,
    LOST,
    Case,
    Joined,
    Product,
    Verdict,
    cut,
)
from tests.reliability.ground import EXCHANGES
from tests.reliability.odd import GONE, ODD, changed_text, columns, downloaded, read_file
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
        _adapter.cache_clear()  # it would wait
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
    one = documented.documented()[case[1]]
    body = _body(one)
    path, old = chance.choice(_nodes(case[1]))
    gone = chance.random() < 0.5
    value = chance.choice(GONE if gone else ODD)
    if value is ABSENT and not isinstance(path[-1], str):
        value = None
    if value == "\ud800":
        raise _Same("the client replaces half of a pair of surrogates")
    if repr(value) == repr(old):
        raise _Same(UNCHANGED)
    gone = gone and not (isinstance(old, list | dict) and value in ([], {}))  # says: nothing
    gone = gone and not (value is ABSENT and _may_be_absent(one, path))
    gone = gone and not (value is None and _may_be_null(case[1], path))
    made = _records(_with(one, spoilt(body, path, value)))
    if gone and len(made) < len(_good(case[1])):
        shown = "absent" if value is ABSENT else repr(value)
        place = ".".join(map(str, path))
        return [f"{LOST}: {documented.named(one)} {place} = {shown}: {len(made)} records"]
    named = _OF_NOTHING.search(repr(made)) if gone else None
    if named and not _OF_NOTHING.search(repr(_good(case[1]))):
        place = ".".join(map(str, path))
        return [f"{INVENTED}: {documented.named(one)} {place} = {value!r}: {named[0]}"]
    return []


#: What Python writes for nothing, in the place of a text of the exchange.
_OF_NOTHING = re.compile(r"\w+='(?:None|True|\[\]|\{\}|\[None\])'", re.IGNORECASE)


def _may_be_absent(one: documented.Case, path: Sequence[Any]) -> bool:
    """Whether a place is an entry of a mapping by name, or one that its policy calls optional: an
    answer without it is as well-formed, and nothing in it shows that it is untrue."""
    if isinstance(one, documented.WalletCase):
        wallet = next(w for w in policy_for(one.exchange).wallets if w.name == one.wallet)
        return any(_fits(place, path) for rule in wallet.rows for place in _optional(rule))
    by_currency = (one.exchange, documented.named(one)) == ("bitstamp", "transfers-transactions")
    return by_currency and path[-1] not in NOT_CURRENCIES


def _optional(rule: RawRows) -> Iterator[list[str]]:
    """The places of a rule that may be absent: those with a question mark, and entries by name."""
    parts = rule.path.split(".")
    plain = [part.removesuffix("?") for part in parts]
    yield from (plain[: at + 1] for at, part in enumerate(parts) if part.endswith("?"))
    if rule.name == KEY:
        yield plain


def _fits(place: Sequence[str], path: Sequence[Any]) -> bool:
    return len(place) == len(path) and all(
        fnmatchcase(str(name), part) for name, part in zip(path, place, strict=True)
    )


def _may_be_null(name: str, path: Sequence[Any]) -> bool:
    """Whether null says that there is nothing: it stands in the same field of another row, or the
    policy states that the exchange writes it for an empty list."""
    one = documented.documented()[name]
    if any(value is None and _shape(other) == _shape(path) for other, value in _nodes(name)):
        return True
    if not isinstance(one, documented.ListCase):
        return False
    calls = getattr(policy_for(one.exchange), one.what)
    place = ".".join(map(str, path))
    return any(
        call.null_is_empty and call.rows == place for call in calls if call.category == one.category
    )


def _shape(path: Sequence[Any]) -> list[Any]:
    """A path whose numbers of rows are alike; a number behind one is a column."""
    before = [None, *path]
    return [
        "*" if isinstance(part, int) and not isinstance(before[at], int) else part
        for at, part in enumerate(path)
    ]


@cache
def _nodes(name: str) -> list[tuple[Any, Any]]:
    """The places of a documented answer, and what is there."""
    return [(path, value) for path, value in nodes(_body(documented.documented()[name])) if path]


def _body(one: documented.Case) -> Any:
    return one.rows if isinstance(one, documented.HistoryCase) else one.answer


def _with(one: documented.Case, body: Any) -> documented.Case:
    if isinstance(one, documented.HistoryCase):
        return replace(one, rows=body)
    return replace(one, answer=body)


@cache
def _good(name: str) -> list[Any]:
    return _records(documented.documented()[name])


def _records(one: documented.Case) -> list[Any]:
    with patch.object(documented, "canned_adapter", _player):
        return documented.read(one)


@cache
def _adapter(exchange: str) -> Any:
    return canned_adapter(exchange)


def _player(exchange: str) -> Any:
    """One adapter for all cases of an exchange."""
    return _adapter(exchange)


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
        return done.rowcount > 0


_FAMILIES = {"translation": _translation, "file": _file, "screen": _screen}
