"""Secrets that excache itself stores for an account: as files next to config.toml, or in the
system's keyring.

It deletes only names that this module creates, and overwrites nothing.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from exchange_cache.config.accounts import NAME_PATTERN, AccountSettings
from exchange_cache.config.keyring_store import SERVICE, Keyring, entry_name
from exchange_cache.config.paths import Paths, make_private_folder
from exchange_cache.config.private_files import Problem, create_private, read_private, sync_folder
from exchange_cache.config.sources import (
    CCXT_NAMES,
    PUBLIC,
    FileSecret,
    Hidden,
    KeyringSecret,
    PlainSecret,
    SecretSource,
    secret_file,
)
from exchange_cache.errors import ConfigError, DiskFull, SecretUnavailable
from exchange_cache.machine import cure


class Store(StrEnum):
    """Where ``add_account`` stores the secrets it receives."""

    FILE = "file"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedAccount:
    """What happened to an account's secrets: those stored by excache are deleted, others stay."""

    name: str
    deleted: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def stored_sources(account: AccountSettings, store: Store) -> Mapping[str, SecretSource]:
    sources: dict[str, SecretSource] = {}
    for credential, source in account.credentials.items():
        if not isinstance(source, PlainSecret) or credential in PUBLIC:
            sources[credential] = source
        elif store is Store.KEYRING:
            sources[credential] = KeyringSecret()
        else:
            sources[credential] = FileSecret(secret_file(account.name, credential))
    return MappingProxyType(sources)


def new_places(
    paths: Paths, account: AccountSettings, store: Store, keyring: Keyring
) -> dict[str, list[str]]:
    """The credentials that ``store_secrets`` stores where nothing is yet, for :func:`noted`."""
    stored = [
        credential
        for credential, source in account.credentials.items()
        if isinstance(source, PlainSecret) and credential not in PUBLIC
    ]
    if store is Store.KEYRING:
        return {"entries": [one for one in stored if _is_no_entry(keyring, account.name, one)]}
    return {"files": [one for one in stored if _is_no_file(paths, account.name, one)]}


def _is_no_entry(keyring: Keyring, account: str, credential: str) -> bool:
    return keyring.get(entry_name(account, credential)) is None


def _is_no_file(paths: Paths, account: str, credential: str) -> bool:
    return not (paths.config_dir / secret_file(account, credential)).exists()


def own_places(account: str, table: object) -> dict[str, list[str]]:
    """The credentials of an account's table that excache stores, for :func:`noted`."""
    known = (
        [(key, value) for key, value in table.items() if key in CCXT_NAMES]
        if isinstance(table, dict)
        else []
    )
    return {
        "files": [key for key, value in known if value == {"file": secret_file(account, key)}],
        "entries": [key for key, value in known if value == {"keyring": True}],
    }


def copied_places(
    paths: Paths, old: str, new: str, table: object, keyring: Keyring
) -> dict[str, list[str]]:
    """The credentials that ``copy_secrets`` stores where nothing is yet, for :func:`noted`."""
    own = own_places(old, table)
    return {
        "files": [one for one in own["files"] if _is_no_file(paths, new, one)],
        "entries": [one for one in own["entries"] if _is_no_entry(keyring, new, one)],
    }


def store_secrets(
    paths: Paths, account: AccountSettings, store: Store, keyring: Keyring
) -> Callable[[], None]:
    """Store every secret, all or none; returns a function that deletes them again."""
    done: list[Callable[[], None]] = []
    try:
        for credential, source in account.credentials.items():
            if isinstance(source, PlainSecret) and credential not in PUBLIC:
                keep = _to_keyring if store is Store.KEYRING else _to_file
                done.append(keep(paths, account.name, credential, source.value, keyring))
    except BaseException:
        _undo(done)
        raise
    return lambda: _undo(done)


def _to_file(
    paths: Paths, account: str, credential: str, value: Hidden, _: Keyring
) -> Callable[[], None]:
    problem = make_private_folder(paths.secrets_dir)
    if problem is not None:
        raise ConfigError(
            f"the folder {paths.secrets_dir} {problem}",
            account=account,
            hint=f"ls -ld {shlex.quote(str(paths.secrets_dir))}",
        )
    file = paths.config_dir / secret_file(account, credential)
    failure, hint, full = "", "", None
    try:
        create_private(file, value)
        sync_folder(file.parent)
    except FileExistsError:
        failure, hint = (
            f"{file} already exists and is not overwritten",
            f"rm {shlex.quote(str(file))}",
        )
    except OSError as exc:
        full = DiskFull.named(exc, file, account=account)
        failure, hint = (
            f"{file} cannot be written: {exc.strerror}",
            cure(exc, f"ls -ld {shlex.quote(str(file.parent))}"),
        )
    if failure:
        raise full or ConfigError(failure, account=account, hint=hint)
    return file.unlink


def _to_keyring(
    paths: Paths, account: str, credential: str, value: Hidden, keyring: Keyring
) -> Callable[[], None]:
    entry = entry_name(account, credential)
    if keyring.get(entry) is not None:
        raise ConfigError(
            f"the keyring already has an entry {entry}, which is not overwritten",
            account=account,
            hint=f"keyring del {SERVICE} {entry}",
        )
    keyring.put(entry, value)
    return lambda: keyring.delete(entry)


def copy_secrets(
    paths: Paths, old: str, new: str, table: Mapping[str, object], keyring: Keyring
) -> Callable[[], None]:
    """Store what excache stores for an account under another name too, all or none; returns a
    function that deletes the copies."""
    held = _held(paths, old, table, keyring)
    done: list[Callable[[], None]] = []
    try:
        for credential, (store, value) in held.items():
            keep = _to_keyring if store is Store.KEYRING else _to_file
            done.append(keep(paths, new, credential, value, keyring))
    except BaseException:
        _undo(done)
        raise
    return lambda: _undo(done)


def _held(
    paths: Paths, account: str, table: Mapping[str, object], keyring: Keyring
) -> dict[str, tuple[Store, Hidden]]:
    """The secrets of an account that excache stores; ConfigError if one cannot be read."""
    found: dict[str, tuple[Store, Hidden]] = {}
    for credential, source in table.items():
        if credential not in CCXT_NAMES:
            continue
        if source == {"file": secret_file(account, credential)}:
            value = read_private(paths.config_dir / secret_file(account, credential))
            if isinstance(value, Problem):
                raise ConfigError(f"{credential}: {value.what}", account=account, hint=value.cure)
            found[credential] = (Store.FILE, value)
        elif source == {"keyring": True}:
            entry = keyring.get(entry_name(account, credential))
            if entry is None:
                raise ConfigError(
                    f"the keyring has no entry {entry_name(account, credential)}", account=account
                )
            found[credential] = (Store.KEYRING, entry)
    return found


def _undo(done: Sequence[Callable[[], None]]) -> None:
    for step in reversed(done):
        step()


def delete_secrets(paths: Paths, account: str, table: object, keyring: Keyring) -> RemovedAccount:
    """Delete what is stored under the exact names that ``add_account`` creates. The account may be
    faulty, so its raw table is read."""
    deleted: list[str] = []
    kept: list[str] = []
    for credential, source in table.items() if isinstance(table, dict) else ():
        if (
            credential not in CCXT_NAMES
            or not isinstance(source, dict)
            or NAME_PATTERN.fullmatch(account) is None
        ):
            continue
        name = secret_file(account, credential)
        if source == {"file": name}:
            place = str(paths.config_dir / name)
            (deleted if _deleted_file(paths.config_dir / name) else kept).append(place)
        elif source == {"keyring": True}:
            entry = entry_name(account, credential)
            (deleted if _deleted_entry(keyring, entry) else kept).append(f"keyring entry {entry}")
        elif isinstance(source.get("file"), str):
            kept.append(str(paths.beside_config(source["file"])))
    return RemovedAccount(name=account, deleted=tuple(deleted), kept=tuple(kept))


def _deleted_file(file: Path) -> bool:
    try:
        file.unlink()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _deleted_entry(keyring: Keyring, entry: str) -> bool:
    try:
        if keyring.get(entry) is not None:
            keyring.delete(entry)
    except SecretUnavailable:
        return False
    return True
