"""Adds accounts to config.toml and removes them, without changing any other byte of it.

The file belongs to the user: a block is appended or cut out, the result is parsed and compared with
the intended one, and only then it replaces the file atomically. Secrets go to files (mode 0600 from
the start) or to the keyring, never into config.toml or an argument of a program.
"""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from exchange_cache.config.account_text import account_block, appended, without
from exchange_cache.config.accounts import NAME_PATTERN, NAME_RULE, AccountSettings, read_accounts
from exchange_cache.config.document import parse_toml, read_file
from exchange_cache.config.faults import faults_error, meant, suggestion
from exchange_cache.config.keyring_store import Keyring, SystemKeyring
from exchange_cache.config.paths import Paths
from exchange_cache.config.private_files import replace_private
from exchange_cache.config.settings import parse_settings
from exchange_cache.config.sources import (
    CCXT_NAMES,
    NO_PRIVATE_KEY,
    PRIVATE_KEYS,
    Hidden,
    PlainSecret,
    shape_problem,
)
from exchange_cache.config.stored_secrets import (
    RemovedAccount,
    Store,
    delete_secrets,
    new_places,
    own_places,
    store_secrets,
    stored_sources,
)
from exchange_cache.config.toml_values import to_toml
from exchange_cache.config.unfinished import finish, finish_all, noted
from exchange_cache.errors import ConfigError, DiskFull, UsageError
from exchange_cache.machine import cure


def add_account(
    paths: Paths,
    account: AccountSettings,
    *,
    exchange_ids: Callable[[], Collection[str]],
    store: Store = Store.FILE,
    keyring: Keyring | None = None,
) -> AccountSettings:
    """Write an account into config.toml and store its PlainSecret credentials; returns the account
    as configured.

    UsageError for an invalid name, exchange or value; ConfigError if config.toml has faults or
    cannot be written. After any error nothing has changed.
    """
    ring = keyring or SystemKeyring()
    tidy(paths, ring)
    before = read_config(paths)
    _refuse_faults(before, paths)
    _refuse_names(before, account, paths, exchange_ids())
    _refuse_values(account)
    stored = replace(account, credentials=stored_sources(account, store))
    block = account_block(stored)
    _refuse_block(block, stored.name)
    after = Hidden(appended(before.reveal(), block))
    expected = _merged(read_data(before, paths), tomllib.loads(block, parse_float=Decimal))
    expect(
        after, paths, expected, f"the account {stored.name} cannot be added to {paths.config_file}"
    )
    paths.ensure_config_dir()
    finish(paths, account.name, ring)
    with noted(paths, account.name, **new_places(paths, account, store, ring)):
        undo = store_secrets(paths, account, store, ring)
        try:
            write_config(paths, before, after)
        except BaseException:
            undo()
            raise
    return stored


def remove_account(paths: Paths, name: str, *, keyring: Keyring | None = None) -> RemovedAccount:
    """Cut an account's tables out of config.toml, then delete the secrets that ``add_account``
    stored for it.

    UsageError if there is no such account; other faults of the file do not matter here.
    """
    ring = keyring or SystemKeyring()
    tidy(paths, ring)
    before = read_config(paths)
    data = read_data(before, paths)
    accounts = data.get("accounts", {})
    name = _account_meant(accounts, name)
    after = Hidden(without(before.reveal(), name))
    rest = {key: table for key, table in accounts.items() if key != name}
    expect(
        after,
        paths,
        data | {"accounts": rest},
        f"the account {name} cannot be cut out of {paths.config_file}",
    )
    with noted(paths, name, **own_places(name, accounts[name])):
        write_config(paths, before, after)
        return delete_secrets(paths, name, accounts[name], ring)


def tidy(paths: Paths, keyring: Keyring | None = None) -> None:
    """Finish what killed edits left, before another one; where config.toml cannot be read, nothing
    is certain, and that edit states why."""
    source = read_file(paths.config_file)
    data = None if isinstance(source, tuple) else parse_toml(source, paths.config_file)
    if isinstance(data, dict):
        finish_all(paths, keyring or SystemKeyring(), data.get("accounts", {}))


def account_meant(paths: Paths, name: str) -> str:
    """The account of config.toml that a name means; UsageError with the nearest one."""
    return _account_meant(read_data(read_config(paths), paths).get("accounts", {}), name)


def _account_meant(accounts: object, name: str) -> str:
    return meant(name, tuple(accounts) if isinstance(accounts, dict) else (), "account")


# --- checking -------------------------------------------------------------------------------------


def read_config(paths: Paths) -> Hidden:
    source = read_file(paths.config_file)
    if isinstance(source, tuple):
        raise faults_error(source)
    return source


def read_data(source: Hidden, paths: Paths) -> dict[str, Any]:
    data = parse_toml(source, paths.config_file)
    if isinstance(data, str):
        raise ConfigError(data)
    return data


def _refuse_faults(source: Hidden, paths: Paths) -> None:
    settings, faults = parse_settings(source, paths)
    if settings is None:
        raise faults_error(faults)


def _refuse_names(
    source: Hidden, account: AccountSettings, paths: Paths, exchanges: Collection[str]
) -> None:
    _refuse_name(read_data(source, paths), account.name)
    if account.exchange not in exchanges:
        near = suggestion(account.exchange, exchanges)
        raise UsageError(
            f"there is no exchange {to_toml(account.exchange)}"
            + (f"; {near}" if near.startswith("did") else "")
        )


def refuse_name(paths: Paths, name: str) -> None:
    """UsageError for what cannot be the name of a new account."""
    _refuse_name(read_data(read_config(paths), paths), name)


def _refuse_name(data: Mapping[str, Any], name: str) -> None:
    if NAME_PATTERN.fullmatch(name) is None:
        raise UsageError(f"the account name {to_toml(name)} {NAME_RULE}")
    taken = {known.lower(): known for known in data.get("accounts", {})}
    if name.lower() in taken:
        there = taken[name.lower()]
        raise UsageError(
            f"there is already an account {there}",
            hint=f"choose another name, or first: excache account remove {there}",
        )


def _refuse_values(account: AccountSettings) -> None:
    if not account.credentials and not account.by_hand:
        raise UsageError("an account needs credentials, such as an api_key and a secret")
    for credential, source in account.credentials.items():
        if credential in PRIVATE_KEYS:
            raise UsageError(f"{credential} {NO_PRIVATE_KEY}", account=account.name)
        if credential not in CCXT_NAMES:
            raise UsageError(
                f"there is no credential {to_toml(credential)};"
                f" {suggestion(credential, tuple(CCXT_NAMES))}"
            )
        problem = (
            shape_problem(credential, source.value.reveal())
            if isinstance(source, PlainSecret)
            else None
        )
        if problem is not None:
            raise UsageError(f"{credential} {problem}", account=account.name)


def expect(source: Hidden, paths: Paths, expected: Mapping[str, Any], failure: str) -> None:
    """Check every edit: the new text must mean exactly what was intended."""
    found = parse_toml(source, paths.config_file)
    if isinstance(found, str) or {"accounts": {}} | found != expected:
        raise ConfigError(
            f"{failure}: its accounts are written in an unusual way",
            hint=f"edit it by hand: {shlex.quote(str(paths.config_file))}",
        )


def _refuse_block(block: str, name: str) -> None:
    """Apply the checks that loading config.toml will apply to the account."""
    _, faults = read_accounts(
        tomllib.loads(block, parse_float=Decimal)["accounts"], allow_plain=False
    )
    if faults:
        raise UsageError(
            "; ".join(fault.what.removeprefix(f"accounts.{name}.") for fault in faults),
            account=name,
        )


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return old | {"accounts": old.get("accounts", {}) | new["accounts"]}


def write_config(paths: Paths, before: Hidden, after: Hidden) -> None:
    if read_file(paths.config_file) != before:
        raise ConfigError(
            f"another program has changed {paths.config_file} meanwhile", hint="try again"
        )
    try:
        replace_private(paths.config_file, after)
    except OSError as exc:
        raise DiskFull.named(exc, paths.config_file) or ConfigError(
            f"{paths.config_file} cannot be written: {exc.strerror}",
            hint=cure(exc, f"ls -ld {shlex.quote(str(paths.config_dir))}"),
        ) from exc
