"""An edit of config.toml that is killed anywhere leaves nothing that blocks the next."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest

from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.editing import add_account, remove_account, tidy
from exchange_cache.config.paths import Paths
from exchange_cache.config.renaming import renamed_account
from exchange_cache.config.sources import Hidden, plain
from exchange_cache.config.stored_secrets import Store
from exchange_cache.config.unfinished import finish, note_of
from exchange_cache.errors import ConfigError, SecretUnavailable, UsageError
from tests.config.conftest import MemoryKeyring

#: What an edit does to files, as Python audits it.
EVENTS = {"open", "os.remove", "os.rename", "os.mkdir"}


def new(name: str = "main") -> AccountSettings:
    secrets = {"api_key": plain("the-key"), "secret": plain("hunter2")}
    return AccountSettings(name=name, exchange="binance", credentials=MappingProxyType(secrets))


def add(paths: Paths, name: str = "main", store: Store = Store.FILE) -> None:
    add_account(paths, new(name), exchange_ids=lambda: ["binance"], store=store)


def remove(paths: Paths, name: str = "main") -> None:
    remove_account(paths, name)


def rename(paths: Paths) -> None:
    with renamed_account(paths, "main", "other"):
        pass


def killed_at(number: int, folder: Path, edit: Callable[[], object]) -> bool:
    """Whether an edit in a process of its own was killed, at the n-th of its steps in a folder."""
    child = os.fork()
    if child == 0:
        seen = 0

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal seen
            if event in EVENTS and str(arguments[0]).startswith(str(folder)):
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        edit()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def files(paths: Paths) -> set[str]:
    return {
        str(file.relative_to(paths.config_dir))
        for file in paths.config_dir.rglob("*")
        if file.is_file()
    }


def names(paths: Paths) -> set[str]:
    text = paths.config_file.read_text() if paths.config_file.exists() else ""
    return {name for name in ("main", "other") if f"[accounts.{name}]" in text}


OWN = {"secrets/{}.api_key", "secrets/{}.secret"}


def secrets_of(name: str) -> set[str]:
    return {place.format(name) for place in OWN}


def test_an_add_that_is_killed_at_any_step_is_done_by_the_next(tmp_path: Path) -> None:
    number, before = 1, 0
    while True:
        home = tmp_path / str(number)
        paths = Paths(config_file=home / "config.toml", data_dir=home, state_dir=home)
        if not killed_at(number, home, partial(add, paths)):
            break
        if not names(paths):
            before += 1
            add(paths)
        add(paths, "other")
        left = files(paths)
        assert left == {"config.toml"} | secrets_of("main") | secrets_of("other"), number
        number += 1
    assert before > 5, "most kills come before config.toml has the account"


def test_a_removal_that_is_killed_at_any_step_does_not_block_an_add(tmp_path: Path) -> None:
    number, after = 1, 0
    while True:
        home = tmp_path / str(number)
        paths = Paths(config_file=home / "config.toml", data_dir=home, state_dir=home)
        add(paths)
        if not killed_at(number, home, partial(remove, paths)):
            break
        if names(paths):
            remove(paths)
        else:
            after += 1
        add(paths)
        assert files(paths) == {"config.toml"} | secrets_of("main"), number
        number += 1
    assert after >= 2, "some kills come between config.toml and the secrets"


def test_a_rename_that_is_killed_at_any_step_blocks_neither_name(tmp_path: Path) -> None:
    number = 1
    while True:
        home = tmp_path / str(number)
        paths = Paths(config_file=home / "config.toml", data_dir=home, state_dir=home)
        add(paths)
        if not killed_at(number, home, partial(rename, paths)):
            break
        if names(paths) == {"main"}:
            rename(paths)
        add(paths)
        assert names(paths) == {"main", "other"}, number
        left = files(paths)
        assert left == {"config.toml"} | secrets_of("main") | secrets_of("other"), number
        number += 1
    assert number > 10


def test_entries_of_the_keyring_are_finished_too(paths: Paths, keyring: MemoryKeyring) -> None:
    paths.config_dir.mkdir(parents=True)
    note_of(paths, "main").write_text('{"files": [], "entries": ["secret", "odd"]}')
    note_of(paths, "main").chmod(0o600)
    keyring.entries = {"main.secret": Hidden("x"), "main.api_key": Hidden("the user's")}
    finish(paths, "main", keyring)
    assert set(keyring.entries) == {"main.api_key"}
    assert not note_of(paths, "main").exists()


def test_the_same_edit_again_clears_what_a_killed_one_left(tmp_path: Path) -> None:
    """Also where it has nothing else to do, since the account is there, or is not."""
    for edit, prepared in ((add, False), (remove, True)):
        number, noted = 1, 0
        while True:
            home = tmp_path / f"{edit.__name__}-{number}"
            paths = Paths(config_file=home / "config.toml", data_dir=home, state_dir=home)
            if prepared:
                add(paths)
            if not killed_at(number, home, partial(edit, paths)):
                break
            noted += note_of(paths, "main").exists()
            with suppress(UsageError):
                edit(paths)
            assert files(paths) - secrets_of("main") <= {"config.toml"}, number
            assert (files(paths) >= secrets_of("main")) is bool(names(paths)), number
            number += 1
        assert noted > 1


def test_an_edit_that_goes_on_is_left_alone(
    paths: Paths, keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths.secrets_dir.mkdir(parents=True)
    (paths.secrets_dir / "main.secret").write_text("of another process")
    note = note_of(paths, "main")
    note.write_text(json.dumps({"files": ["secret"], "entries": [], "pid": os.getppid()}))
    note.chmod(0o600)
    tidy(paths, keyring)
    assert files(paths) == {"secrets/main.secret", ".main.unfinished"}

    def ended(pid: int, signal: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(os, "kill", ended)
    tidy(paths, keyring)
    assert files(paths) == set()


def test_a_keyring_that_is_not_there_stops_no_edit_of_another_account(paths: Paths) -> None:
    class Locked(MemoryKeyring):
        def get(self, entry: str) -> Hidden | None:
            raise SecretUnavailable("locked")

    paths.config_dir.mkdir(parents=True)
    note_of(paths, "main").write_text('{"files": [], "entries": ["secret"]}')
    note_of(paths, "main").chmod(0o600)
    tidy(paths, Locked())
    assert note_of(paths, "main").exists()


def test_half_a_note_deletes_nothing(paths: Paths, keyring: MemoryKeyring) -> None:
    paths.secrets_dir.mkdir(parents=True)
    (paths.secrets_dir / "main.secret").write_text("older")
    note_of(paths, "main").write_text('{"files": ["secr')
    note_of(paths, "main").chmod(0o600)
    finish(paths, "main", keyring)
    assert files(paths) == {"secrets/main.secret"}


def test_a_secret_that_was_there_before_a_killed_add_stays(tmp_path: Path) -> None:
    paths = Paths(config_file=tmp_path / "config.toml", data_dir=tmp_path, state_dir=tmp_path)
    paths.secrets_dir.mkdir(mode=0o700)
    (paths.secrets_dir / "main.secret").write_text("older")
    number = 1
    while killed_at(number, tmp_path, partial(_refused, paths)):
        _refused(paths)
        assert (paths.secrets_dir / "main.secret").read_text() == "older"
        number += 1
    assert files(paths) == {"secrets/main.secret"}


def _refused(paths: Paths) -> None:
    with pytest.raises(ConfigError, match="already exists and is not overwritten"):
        add(paths)
