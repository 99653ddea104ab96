"""Whatever an exchange writes, nothing of it that a terminal obeys reaches one: every command,
every format, piped and on a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from exchange_cache.errors import ExchangeFault
from exchange_cache.export.formats import EXPORTS
from exchange_cache.render.formats import FORMATS
from exchange_cache.simulator.server import running_simulator
from exchange_cache.simulator.wire import Request, Response
from exchange_cache.visible import LONGEST
from tests.cli.test_help import ALL
from tests.e2e.world import Result, World

#: Sets the title, clears the screen, colours (8-bit CSI), returns the carriage, reverses the
#: writing, and marks up as rich would.
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\u202elive\u2066\u200b[red]mark[/red]"
LONG = HOSTILE + "x" * 10_000
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]")
#: What the program itself sends to a terminal: looks, and how its live displays move about.
OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?(?:25|1049)[hl]|\x1b\[(?:[0-9]*[AKGH]|2K|2J|H)|\r")

#: Every command that shows what exchanges wrote, as it is asked here, and its formats.
SHOWING: dict[str, tuple[str, ...]] = {
    "portfolio --no-refresh": FORMATS,
    "portfolio --no-refresh --by wallet": FORMATS,
    "balances": FORMATS,
    "positions": FORMATS,
    "orders": FORMATS,
    "fills": FORMATS,
    "transfers": FORMATS,
    "prices": FORMATS,
    "status": FORMATS,
    "status --coverage": ("table", "plain", "markdown"),
    "stats": (*FORMATS, "prometheus"),
    "explain BTC": FORMATS,
    "pnl": FORMATS,
    "gains --cost-method fifo": FORMATS,
    "diff --since 1d": FORMATS,
    "history": FORMATS,
    "basis list": FORMATS,
    "assets": FORMATS,
    "import list": FORMATS,
    "account list": FORMATS,
    "account check kraken": FORMATS,
    "reload --force": FORMATS,
    "sync": ("",),
    "db check": ("",),
    **{f"export {form}": ("",) for form in EXPORTS},
}
#: They show nothing of an exchange: names and places of the user.
OTHERS = {
    "account add",
    "account remove",
    "account rename",
    "account record",
    "basis set",
    "basis remove",
    "cron install",
    "cron remove",
    "cron show",
    "db backup",
    "db migrate",
    "db path",
    "db copy",
    "db grants",
    "demo",
    "help",
    "import template",
}
#: What is asked of hostile files in a test of its own.
OF_FILES = {"import files", "import undo"}
CASES = [(words, form) for words, forms in SHOWING.items() for form in forms]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A synced account of an exchange that writes such text into asset codes, transaction ids and
    errors."""
    with running_simulator(
        seed=1, fills=100, limit_scale=1000, accounts={"kraken": "kraken"}
    ) as simulator:
        kraken = simulator.dialects["kraken"]
        honest = kraken.handle

        def handle(request: Request) -> Response:
            response = honest(request)
            if request.path.endswith(("WithdrawStatus", "OpenOrders")):
                return Response(body={"error": [f"EGeneral:Internal error:{LONG}"]})
            if request.path.endswith("BalanceEx"):
                response.body["result"][HOSTILE] = {"balance": "1.5", "hold_trade": "0"}
            if request.path.endswith("DepositStatus"):
                for row in response.body["result"].get("deposits", ()):
                    row.update(txid=HOSTILE, info=HOSTILE)
            return response

        kraken.handle = handle  # type: ignore[method-assign]
        world = World.create(
            simulator, tmp_path_factory.mktemp("hostile") / "home", history_days=90
        )
        done = world.run("sync")
        assert done.code == 1
        assert_harmless(done.err)
        yield world


def assert_harmless(shown: str) -> None:
    assert UNSAFE.search(shown.replace("\r\n", "\n")) is None, ascii(shown[:3000])


def on_a_terminal(world: World, *words: str, stop_at: str = "") -> str:
    """All that a command writes, on a terminal of 140 columns; with ``stop_at`` it is interrupted
    once that was written."""
    master, slave = pty.openpty()
    env = {**world.env, "COLUMNS": "140", "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-m", "exchange_cache", *words],
        env=env,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    pieces, end = [], time.monotonic() + 120
    while time.monotonic() < end and select.select([master], [], [], 120)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        pieces.append(piece)
        if stop_at and stop_at.encode() in b"".join(pieces):
            process.send_signal(signal.SIGINT)
            stop_at = ""
    os.close(master)
    process.wait(timeout=60)
    return b"".join(pieces).decode()


def test_every_command_is_listed_here() -> None:
    leaves = {
        " ".join(name)
        for name, found in ALL.items()
        if not isinstance(found, click.Group) or found.invoke_without_command
    }
    asked = {words.split(" --")[0] for words in SHOWING}
    shown = {
        name
        for name in leaves
        if any(words == name or words.startswith(f"{name} ") for words in asked)
    }
    assert leaves - shown - OTHERS - OF_FILES - {"excache", ""} == set()


@pytest.mark.parametrize(("words", "form"), CASES)
def test_nothing_that_a_terminal_obeys_is_written_to_a_pipe(
    hostile: World, words: str, form: str
) -> None:
    done = hostile.run(*words.split(), *(("--format", form) if form else ()))
    assert "a bug in excache" not in done.err and done.code in {0, 1}, done
    assert_harmless(done.out)
    assert_harmless(done.err)
    if form == "json":
        json.loads(done.out)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("words", SHOWING)
def test_nothing_that_a_terminal_obeys_is_written_to_a_terminal(hostile: World, words: str) -> None:
    shown = on_a_terminal(hostile, *words.split())
    assert "\x1b]" not in shown and "\x07" not in shown and "Traceback" not in shown
    assert_harmless(OWN.sub("", shown))


def test_a_watched_portfolio_shows_the_code_of_what_it_would_obey(hostile: World) -> None:
    words = ("portfolio", "--watch", "--all", "--no-refresh")
    shown = on_a_terminal(hostile, *words, stop_at="OWNED\\x07")
    assert "\\x1b]0;OWNED\\x07" in shown
    assert_harmless(OWN.sub("", shown))


def test_an_asset_code_is_shown_with_its_codes_and_exact_in_json(hostile: World) -> None:
    shown = hostile.run("balances").out
    assert "\\x1b]0;OWNED\\x07\\x1b[2J\\x9b31M" in shown and "[RED]MARK[/RED]" in shown
    rows = hostile.run("balances", "--json").json()["rows"]
    assert HOSTILE.upper() in {row["asset"] for row in rows}


def test_the_text_of_an_error_is_short(hostile: World) -> None:
    done: Result = hostile.run("sync")
    assert done.code == 1
    assert "\\x1b]0;owned\\x07" in done.err
    assert all(len(line) < LONGEST + 200 for line in done.err.splitlines())
    statuses = hostile.run("status", "--json").json()["rows"]
    errors = [row["error"] for row in statuses if row["error"]]
    assert errors and all("\x1b" not in text and len(text) < LONGEST + 200 for text in errors)
    assert len(ExchangeFault(LONG).message) == LONGEST and ExchangeFault(LONG).message.endswith("…")


#: The header of Kraken's ledgers, and a row of them with hostile text in one place.
LEDGERS = '"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"'
ROW = '"{id}","{id}","2026-01-01 12:00:00","{type}","","currency","{asset}","{number}",0,1'
HONEST = {"id": "L1", "type": "deposit", "asset": "ADA", "number": "1"}
HOSTILE_FILES = {
    "header": f'"{HOSTILE}",b\n1,2\n',
    **{
        name: f"{LEDGERS}\n{ROW.format(**{**HONEST, name: HOSTILE})}\n"
        for name in ("id", "type", "asset", "number")
    },
}


@pytest.mark.parametrize("where", HOSTILE_FILES)
def test_nothing_that_a_terminal_obeys_is_written_of_a_file(
    hostile: World, tmp_path: Path, where: str
) -> None:
    file = tmp_path / f"{HOSTILE[:20]}.csv"
    file.write_text(HOSTILE_FILES[where], encoding="utf-8", newline="")
    imported = hostile.run("import", str(file), "--account", "kraken")
    asked = [imported, hostile.run("import", "list"), hostile.run("import", "list", "--json")]
    asked += [hostile.run("import", "undo", str(row["id"])) for row in asked[-1].json()["rows"]]
    assert len(asked) == (4 if imported.code == 0 else 3)
    for done in asked:
        assert "a bug in excache" not in done.err and done.code in {0, 65}, done
        assert_harmless(done.out)
        assert_harmless(done.err)
