"""Notes which secrets an edit of config.toml is about, so that the next one can finish what a
killed process began.

An edit stores or deletes secrets and replaces config.toml, which cannot be one step. Its note is
there in between. Where it is left behind, secrets that it names and no account uses are deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from exchange_cache.config.accounts import NAME_PATTERN
from exchange_cache.config.keyring_store import Keyring, entry_name
from exchange_cache.config.paths import Paths
from exchange_cache.config.private_files import Problem, create_private, read_private
from exchange_cache.config.sources import CCXT_NAMES, Hidden, secret_file
from exchange_cache.errors import ConfigError, DiskFull, SecretUnavailable
from exchange_cache.machine import cure


def note_of(paths: Paths, account: str) -> Path:
    """The note of an account, beside config.toml."""
    return paths.config_dir / f".{account}.unfinished"


@contextmanager
def noted(
    paths: Paths, account: str, *, files: Collection[str] = (), entries: Collection[str] = ()
) -> Iterator[None]:
    """Keep a note for the time of the block: the account's credentials in ``files`` and in
    ``entries`` of the keyring. An error in the block undoes what it did, so the note goes then
    too."""
    if NAME_PATTERN.fullmatch(account) is None or not (files or entries):
        yield
        return
    note = note_of(paths, account)
    text = json.dumps({"files": sorted(files), "entries": sorted(entries), "pid": os.getpid()})
    try:
        note.unlink(missing_ok=True)
        create_private(note, Hidden(text))
    except OSError as error:
        raise DiskFull.named(error, note) or ConfigError(
            f"{note} cannot be written: {error.strerror}",
            hint=cure(error, f"check the owner and mode of {paths.config_dir}"),
        ) from error
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def finish_all(paths: Paths, keyring: Keyring, named: Container[str]) -> None:
    """Finish every edit whose process has ended. The notes of the ``named``, the accounts that
    config.toml has, are void. A note that cannot be read stays for the edit of its account."""
    for note in sorted(paths.config_dir.glob(".*.unfinished")):
        account = note.name.removeprefix(".").removesuffix(".unfinished")
        found = read_private(note)
        if NAME_PATTERN.fullmatch(account) is None or isinstance(found, Problem):
            continue
        if _goes_on(found.reveal()):
            continue
        if account in named:
            note.unlink(missing_ok=True)
        else:
            with suppress(SecretUnavailable):  # what is not deleted stays noted
                finish(paths, account, keyring)


def finish(paths: Paths, account: str, keyring: Keyring) -> None:
    """Delete the secrets that a killed edit left for an account that config.toml does not have."""
    note = note_of(paths, account)
    if not note.exists():
        return
    found = read_private(note)
    if isinstance(found, Problem):
        raise ConfigError(found.what, account=account, hint=found.cure)
    files, entries = _parsed(found.reveal())
    for credential in files:
        (paths.config_dir / secret_file(account, credential)).unlink(missing_ok=True)
    for credential in entries:
        if keyring.get(entry_name(account, credential)) is not None:
            keyring.delete(entry_name(account, credential))
    note.unlink(missing_ok=True)


def _goes_on(text: str) -> bool:
    """Whether the process that wrote a note runs still."""
    try:
        pid = json.loads(text).get("pid")
    except ValueError:
        return False
    if not isinstance(pid, int) or pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _parsed(text: str) -> tuple[list[str], list[str]]:
    """The credentials of a note; none of half a note, which was killed before it did anything."""
    try:
        read = json.loads(text)
    except ValueError:
        return [], []
    files, entries = (
        [name for name in read[kind] if name in CCXT_NAMES] for kind in ("files", "entries")
    )
    return files, entries
