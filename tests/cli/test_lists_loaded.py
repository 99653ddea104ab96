"""What a list, ``status``, a help text or a completion loads and reads is part of how fast it
prints. Counted, not timed."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache import reader
from exchange_cache.cache.codecs import FILLS
from exchange_cache.cache.revision_models import VERSIONS, Change, Version, VersionRow, row_key
from exchange_cache.cache.streams import StreamKey
from exchange_cache.cli.main import COMMANDS, _run
from exchange_cache.records import DataType
from tests.builders import NOW, fill
from tests.cli.stored_home import StoredHome
from tests.cli.test_prepared import SOON, app_at, prepare, stored

_LOADED = """
import json, sys
from exchange_cache.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as stop:
    print(stop.code, json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
NETWORK = {"ccxt", "requests", "urllib3", "aiohttp", "asyncio", "socket", "http.client", "ssl"}
#: What no list needs: the database library, the network, the settings, exchanges, other formats.
HEAVY = {
    *("peewee", "playhouse", "logging", "tomllib", *NETWORK),
    *("exchange_cache.cache.repository", "exchange_cache.cache.models"),
    *("exchange_cache.config.settings", "exchange_cache.exchanges", "exchange_cache.adapter"),
    *("exchange_cache.value.reading", "exchange_cache.cost", "exchange_cache.portfolio"),
}
#: Formats and what they print with.
FORMATS: dict[str, set[str]] = {
    "table": set(),
    "json": set(),
    "csv": {"csv"},
    "plain": {"tabulate"},
}
LISTS = {
    "balances": 60,
    "positions": 60,
    "orders --limit 50": 62,
    "fills --limit 50": 56,
    "transfers --limit 50": 56,
    "prices": 55,
    "status": 69,
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> StoredHome:
    home = stored(tmp_path_factory.mktemp("loaded") / "home")
    prepare(home)
    return home


def loaded(home: StoredHome, *words: str, **env: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, *words],
        env={
            "EXCACHE_HOME": str(home.folder),
            "HOME": str(home.folder),
            "LANG": "C.UTF-8",
            "PATH": "",
            **env,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    code, _, names = done.stderr.partition(" ")
    assert code == "0"
    return set(json.loads(names))


def own(names: set[str]) -> list[str]:
    return sorted(name for name in names if name.startswith("exchange_cache"))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("words", LISTS)
def test_a_list_loads_only_what_it_reads_and_prints_with(
    home: StoredHome, words: str, form: str
) -> None:
    names = loaded(home, *words.split(), "--format", form)
    printing = {"rich", "tabulate", "csv"} & names
    theirs = {"socket", "csv"} if form == "plain" else set()  # loaded by tabulate in some Pythons
    assert ((HEAVY - theirs) & names, printing - theirs) == (set(), FORMATS[form])
    assert len(own(names)) <= LISTS[words], own(names)


def test_status_loads_no_more_where_an_exchange_amended_a_row(tmp_path: Path) -> None:
    home = stored(tmp_path / "home")
    prepare(home)
    gone = fill("1", time=NOW)
    was = Version(
        row=row_key(gone),
        what=Change.VANISHED,
        former=FILLS.encode(gone, seen_ms=0, served_by=None),
        seen_at=NOW,
        replaced_at=datetime.now(UTC),
    )
    with closing(home.repository()) as repository:
        repository._database.run(VersionRow.insert(**VERSIONS.encode(was)))
    names = loaded(home, "status", "--json")
    assert "exchange_cache.cache.afterwards" in names
    assert HEAVY & names == set()
    assert len(own(names)) <= LISTS["status"] + 10, own(names)


def test_colour_loads_rich_and_nothing_else(home: StoredHome) -> None:
    names = loaded(home, "fills", FORCE_COLOR="1")
    assert "rich" in names
    assert HEAVY & names <= {"logging"}  # rich's own


@pytest.mark.parametrize("words", [*COMMANDS, "account add", "db check", "cron install"])
def test_a_help_text_loads_its_command_alone(home: StoredHome, words: str) -> None:
    names = loaded(home, *words.split(), "--help")
    more = {
        "rich",
        "exchange_cache.records",
        "exchange_cache.findings",
        "exchange_cache.cache.codec",
    }
    assert (HEAVY | more) & names == set()
    assert len(own(names)) <= 30, own(names)


@pytest.mark.parametrize("words", ["--help", "--version"])
def test_the_program_itself_loads_no_command(home: StoredHome, words: str) -> None:
    names = own(loaded(home, words))
    assert len(names) <= 14, names


@pytest.mark.parametrize(
    ("typed", "most"),
    [("fil", 18), ("fills --li", 25), ("fills --account m", 25), ("fills --symbol B", 25)],
)
def test_a_completion_loads_the_command_alone(home: StoredHome, typed: str, most: int) -> None:
    names = loaded(
        home,
        _EXCACHE_COMPLETE="zsh_complete",
        COMP_WORDS=f"excache {typed}",
        COMP_CWORD=str(len(typed.split())),
    )
    assert (HEAVY - {"tomllib"}) & names == set()
    assert "tomllib" not in names or "--account" in typed
    assert len(own(names)) <= most, own(names)


def test_loading_is_not_searched_for_garbage(home: StoredHome) -> None:
    program = (
        "import gc, sys\nfrom exchange_cache.cli.main import main\ntry:\n    main(['fills'])\n"
        "except SystemExit:\n    print(gc.get_stats()[0]['collections'], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"EXCACHE_HOME": str(home.folder), "HOME": str(home.folder), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stderr) < 40


# --- what is read ---------------------------------------------------------------------------------


def read(home: StoredHome, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, int, int]:
    """How many statements a command sends, how many rows they return, and in how many steps of
    SQLite's virtual machine."""
    statements: list[str] = []
    rows = steps = 0
    connect = sqlite3.connect

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    class Counted(sqlite3.Connection):
        def execute(self, *arguments: Any) -> Any:
            nonlocal rows
            found = super().execute(*arguments).fetchall()
            rows += len(found)

            class Answer:
                fetchall = staticmethod(lambda: found)
                fetchone = staticmethod(lambda: found[0] if found else None)

            return Answer

    def counting(*arguments: Any, **more: Any) -> sqlite3.Connection:
        opened = connect(*arguments, factory=Counted, **more)
        opened.set_trace_callback(statements.append)
        opened.set_progress_handler(count, 1)
        return opened

    with monkeypatch.context() as patch:
        patch.setattr(reader.sqlite3, "connect", counting)
        assert _run(app_at(home, SOON), [*words]) == 0
    return len(statements), rows, steps


@pytest.mark.parametrize(
    ("words", "most"),
    [
        ("balances", 10),
        ("positions", 6),
        ("orders --limit 50", 8),  # none here: whether they were fetched
        ("fills --limit 50", 6),
        ("fills --limit 50 --json", 7),  # whether files were imported
        ("transfers --limit 50", 6),
        ("transfers --limit 50 --json", 7),
        ("prices", 6),
        ("status", 19),
        ("status --json", 19),
    ],
)
def test_a_list_is_a_few_statements(
    home: StoredHome, monkeypatch: pytest.MonkeyPatch, words: str, most: int
) -> None:
    statements, rows, _ = read(home, monkeypatch, *words.split())
    assert 0 < statements <= most
    assert rows < 120


def test_lists_and_status_are_flat_in_the_length_of_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At first two fills, then 3,000: as many statements, rows and steps as for 60."""
    home = stored(tmp_path / "home")
    found = []
    for number in (60, 3000):
        with closing(home.repository()) as repository:
            key = StreamKey(account="main", data_type=DataType.FILLS, scope="stored 0")
            page = [fill(f"{one:05}", time=NOW - timedelta(hours=one)) for one in range(number)]
            repository.ledger.save_page(repository.ledger.state(key), page, NOW)
        prepare(home)
        found.append(
            {
                words: read(home, monkeypatch, *words.split())
                for words in ("fills --limit 50", "fills --limit 50 --account main", "status")
            }
        )
    for words, (statements, rows, steps) in found[1].items():
        before = found[0][words]
        assert (statements, rows) == before[:2]
        assert steps <= before[2] * 1.1, words


def test_a_read_changes_no_file(home: StoredHome) -> None:
    def state() -> dict[str, bytes]:
        return {
            one.name: one.read_bytes()
            for one in home.folder.iterdir()
            if not one.name.endswith("-shm")
        }

    before = state()
    for words in LISTS:
        loaded(home, *words.split())
    assert state() == before
    assert os.access(home.folder / "cache.sqlite3", os.W_OK)
