"""A bad day, in full: nothing that is written anywhere holds a secret or a key, except the key
files themselves."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from exchange_cache.cli import running
from exchange_cache.cli.app import App
from tests.e2e.world import Result, World

TYPED_KEY = "TYPEDKEY0123456789typedkey"
TYPED_SECRET = "dHlwZWQtc2VjcmV0LXRoYXQtbm9ib2R5LW1heS1zZWU="
WRONG_KEY = "WRONGKEYwrongkeyWRONGKEY"
WRONG_SECRET = "d3Jvbmctc2VjcmV0LXRoYXQtbm9ib2R5LW1heS1zZWU="
MALFORMED_SECRET = "malformed secret, not in base64 !!"


class Watch:
    """Reads the command lines of all processes again and again, as any user of the machine can."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.is_set():
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
                except OSError:
                    continue
                if "exchange_cache" in words:
                    self.seen.add(words)
            time.sleep(0.02)


@pytest.mark.long
def test_no_secret_is_ever_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    config = world.home / "config.toml"
    config.write_text(f"retries = 0\n{config.read_text()}")
    account = world.simulator.venue.account("kraken")
    secrets = [
        str(account.api_key),
        str(account.secret),
        TYPED_KEY,
        TYPED_SECRET,
        WRONG_KEY,
        WRONG_SECRET,
        MALFORMED_SECRET,
    ]
    key, secret = world.home / "kraken.key", world.home / "kraken.secret"
    written: list[str] = []

    def note(done: Result) -> Result:
        written.extend((done.out, done.err))
        return done

    with Watch() as watch:
        for kind in ("html200", "truncated", "bad_key", "503"):
            world.simulator.fault("kraken", "Balance", 1000, kind)
            note(world.run("sync", "--only", "balances"))
            note(world.run("account", "check", "kraken"))
            world.simulator.faults.clear()
        for wrong_key, wrong_secret in (
            (WRONG_KEY, WRONG_SECRET),
            (str(account.api_key), WRONG_SECRET),
            (WRONG_KEY, MALFORMED_SECRET),
        ):
            key.write_text(wrong_key + "\n")
            secret.write_text(wrong_secret + "\n")
            assert note(world.process("sync", env={"PYTHONVERBOSE": ""})).code == 77
            note(world.run("reload", "--force"))
            note(world.run("account", "check"))
            _injected_bug(world, monkeypatch, note, f"{wrong_key} {wrong_secret}")
        added = note(
            world.process(
                "account",
                "add",
                "typed",
                "-e",
                "kraken",
                "--no-check",
                stdin=f"{TYPED_KEY}\n{TYPED_SECRET}\n",
            )
        )
        assert added.code == 0, added.err
        for words in (
            ("account", "list"),
            ("account", "list", "--json"),
            ("sync",),
            ("status", "--json"),
            ("portfolio", "--json"),
        ):
            note(world.run(*words, *(("--no-refresh",) if words[0] == "portfolio" else ())))
        kept = {key, secret, *(world.home / "secrets").rglob("*")}
        _nothing_in(world.home, kept, secrets)
        assert note(world.process("account", "remove", "typed", "--force")).code == 0
        assert not [file for file in (world.home / "secrets").rglob("*") if file.is_file()]
    assert any("account add typed" in words for words in watch.seen)
    for each in secrets:
        for form in {each, quote(each, safe="")}:
            assert not [text for text in [*written, *watch.seen] if form in text]
    _nothing_in(world.home, {key, secret}, secrets)


def _injected_bug(
    world: World, monkeypatch: pytest.MonkeyPatch, note: object, secrets: str
) -> None:
    """A bug whose message holds the secrets: the worst that a traceback can meet."""

    def broken(app: App, *_: object, **__: object) -> None:
        app.secrets.update(secrets.split(" ", 1))
        raise RuntimeError(f"while signing with {secrets}")

    with monkeypatch.context() as patch:
        patch.setattr(running, "synchronizer", broken)
        done = world.run("sync")
    assert done.code == 1
    assert callable(note)
    note(done)


def _nothing_in(home: Path, kept: set[Path], secrets: list[str]) -> None:
    files = [file for file in home.rglob("*") if file.is_file() and file not in kept]
    assert {"cache.sqlite3", "config.toml", "excache.log"} <= {file.name for file in files}
    for file in files:
        content = file.read_bytes()
        assert not [each for each in secrets if each.encode() in content], file


# --- bugs -----------------------------------------------------------------------------------------


def test_a_bug_is_one_line_and_its_traceback_is_in_a_private_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("no such thing")

    monkeypatch.setattr(running, "synchronizer", broken)
    done = world.run("sync")
    log = world.home / "excache.log"
    assert (done.code, done.out) == (1, "")
    assert (
        done.err.splitlines()[0]
        == "excache: a bug in excache, not in what you did: KeyError: 'no such thing'"
    )
    assert str(log) in done.err
    assert "Traceback" not in done.err
    assert log.stat().st_mode & 0o777 == 0o600
    assert "Traceback (most recent call last)" in log.read_text()
    assert "KeyError: 'no such thing'" in log.read_text()
    assert world.run("portfolio", "--no-refresh").code == 0


def test_a_bug_where_nothing_can_be_written_still_has_its_line(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("no such thing")

    monkeypatch.setattr(running, "synchronizer", broken)
    (world.home / "excache.log").mkdir()
    done = world.run("sync")
    assert done.code == 1
    assert "could not be written" in done.err


def test_secrets_are_not_taken_from_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "exchange_cache", "account", "add", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "--secret" not in done and "--api-key" not in done


def test_stored_secrets_are_private_from_their_first_moment(world: World) -> None:
    shutil.rmtree(world.home / "secrets", ignore_errors=True)
    done = world.process(
        "account",
        "add",
        "typed",
        "-e",
        "kraken",
        "--no-check",
        stdin=f"{TYPED_KEY}\n{TYPED_SECRET}\n",
    )
    assert done.code == 0, done.err
    files = [file for file in (world.home / "secrets").rglob("*") if file.is_file()]
    assert files
    assert all(file.stat().st_mode & 0o077 == 0 for file in [*files, world.home / "secrets"])


def test_an_account_needs_every_credential_on_standard_input(world: World) -> None:
    done = world.process(
        "account", "add", "typed", "-e", "kraken", "--no-check", stdin=f"{TYPED_KEY}\n"
    )
    assert done.code == 2
    assert "no secret on standard input" in done.err
    assert "[accounts.typed]" not in (world.home / "config.toml").read_text()
