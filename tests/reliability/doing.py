"""What is disturbed: commands that write, each with the home that it begins with, and what such a
home holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from exchange_cache.simulator.dialects.kraken import Kraken
from tests.cache.fixtures import FOLDER
from tests.cache.test_upgrading import released
from tests.e2e.test_kills import ledger
from tests.reliability import shim
from tests.reliability.frame import CRASH, INVENTED, LOST, MESSAGE, cut
from tests.reliability.ground import START
from tests.reliability.odd import downloaded
from tests.reliability.small import balances_of, small

#: Files that hold nothing of the user: locks, journals of SQLite, notes of reads.
_PASSING = (
    "-wal",
    "-shm",
    ".lock",
    ".reads",
    ".log",
    "-journal",
    ".before-migration",
)
_CACHE = "cache.sqlite3"
State = dict[str, tuple[object, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A command; `codes_again`: those of the same command after one that was killed, which may have
    done its work."""

    words: tuple[str, ...]
    make: Callable[[str, Path], None]
    stdin: str = ""
    codes_again: Collection[int] = (0,)
    at: datetime = START

    def made(self, exchange: str, folder: Path) -> Path:
        """The home that it begins with."""
        self.before_again(exchange)
        self.make(exchange, folder)
        return folder

    def run(self, home: Path, fault: shim.Fault, limit: int | None = None) -> shim.Ended:
        words = [word.format(home=home) for word in self.words]
        return shim.run(home, words, self.at, fault, limit, self.stdin)

    def before_again(self, exchange: str) -> None:
        """The clock stands, so a nonce is never larger than that of the process before."""
        for dialect in small(exchange).simulator.dialects.values():
            if isinstance(dialect, Kraken):
                dialect.forget_nonces()


def _home(exchange: str, folder: Path, *, synced: bool = True) -> None:
    small(exchange).home(folder, synced=synced)


def _first(exchange: str, folder: Path) -> None:
    _home(exchange, folder, synced=False)


def _old(exchange: str, folder: Path) -> None:
    """A cache of an old release in the place of this one's."""
    _home(exchange, folder, synced=False)
    version = "0_2_0" if exchange == "kraken" else "0_5_0"
    released(FOLDER / f"released_{version}.json.gz", folder / _CACHE)


def _with_file(exchange: str, folder: Path) -> None:
    """A file that a user downloaded, one level above what is watched."""
    _home(exchange, folder)
    _, text = max(downloaded(exchange).items(), key=lambda item: len(item[1]))
    (folder / "statement.csv").write_bytes(text.encode("utf-8", "surrogateescape"))


@cache
def _doings() -> dict[str, Doing]:
    account = ("account", "add", "extra", "-e", "bitvavo", "--no-check")
    return {
        "first": Doing(words=("sync",), make=_first),
        "increment": Doing(words=("sync",), make=_home),
        "reload": Doing(words=("reload", "--force"), make=_home),
        "migration": Doing(words=("db", "migrate"), make=_old),
        "backup": Doing(
            words=("db", "backup", "{home}/backup.sqlite3"), make=_home, codes_again=(0, 2)
        ),
        "import": Doing(words=("import", "{home}/statement.csv"), make=_with_file),
        "add": Doing(words=account, make=_home, stdin="a-key\na-secret\n", codes_again=(0, 2, 78)),
        "rename": Doing(
            words=("account", "rename", "{account}", "other"), make=_home, codes_again=(0, 2, 78)
        ),
        "remove": Doing(
            words=("account", "remove", "{account}", "--force"), make=_home, codes_again=(0, 2, 78)
        ),
    }


NAMES = ("first", "increment", "reload", "migration", "backup", "import", "add", "rename", "remove")


def doing(exchange: str, name: str) -> Doing:
    """The command for an exchange's account."""
    found = _doings()[name]
    words = tuple(word.replace("{account}", exchange) for word in found.words)
    return Doing(
        words=words, make=found.make, stdin=found.stdin, codes_again=found.codes_again, at=found.at
    )


def state_of(home: Path) -> State:
    """What a home holds: rows, balances, configuration and files."""
    found: State = {"config": ((home / "config.toml").read_text(),)}
    for name in (_CACHE, "backup.sqlite3"):
        if (home / name).exists():
            found |= {f"{name} {table}": tuple(rows) for table, rows in ledger(home / name).items()}
            balances = balances_of(home) if name == _CACHE else {}
            found[f"{name} balances"] = tuple(sorted(balances.items()))
    found["files"] = tuple(
        sorted(
            str(file.relative_to(home))
            for file in home.rglob("*")
            if file.is_file() and not file.name.endswith(_PASSING)
        )
    )
    return found


def well(home: Path, one: Doing, before: State, whole: State) -> Iterator[str]:
    """Right after a fault: reading works, and every row is one of before or of afterwards."""
    read = shim.run(home, ["portfolio", "--no-refresh", "--json"], one.at, shim.Fault())
    if "a bug in excache" in read.err:
        yield f"{CRASH}: portfolio: {cut(read.err)}"
    elif read.code not in (0, 66, 75) and "[accounts." in (home / "config.toml").read_text():
        yield f"{MESSAGE}: portfolio: exit code {read.code}: {cut(read.err)}"
    if not (home / _CACHE).exists():
        return
    with closing(sqlite3.connect(home / _CACHE)) as cache_file:
        if cache_file.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            yield f"{LOST}: the cache is damaged"
            return
        tables = cache_file.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    now = state_of(home) if tables != (0,) else {}
    for key in now:
        if "exchange_" in key:
            yield from _rows(key, now[key], before.get(key, ()), whole.get(key, ()))


def _rows(
    key: str, now: tuple[object, ...], before: tuple[object, ...], whole: tuple[object, ...]
) -> Iterator[str]:
    lost = [row for row in before if row in whole and row not in now]
    invented = [row for row in now if row not in before and row not in whole]
    if lost:
        yield f"{LOST}: {len(lost)} rows of {key}: {cut(repr(lost[0]), 100)}"
    if invented:
        yield f"{INVENTED}: {len(invented)} rows of {key}: {cut(repr(invented[0]), 100)}"
