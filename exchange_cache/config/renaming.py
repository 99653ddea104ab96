"""Renames an account in config.toml, with the secrets that excache stores for it, and changes no
other byte."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from exchange_cache.config.account_text import renamed
from exchange_cache.config.accounts import NAME_PATTERN, NAME_RULE
from exchange_cache.config.editing import expect, read_config, read_data, tidy, write_config
from exchange_cache.config.faults import suggestion
from exchange_cache.config.keyring_store import Keyring, SystemKeyring
from exchange_cache.config.paths import Paths
from exchange_cache.config.sources import CCXT_NAMES, Hidden, secret_file
from exchange_cache.config.stored_secrets import (
    copied_places,
    copy_secrets,
    delete_secrets,
    own_places,
)
from exchange_cache.config.toml_values import to_toml
from exchange_cache.config.unfinished import finish, noted
from exchange_cache.errors import UsageError


@contextmanager
def renamed_account(
    paths: Paths, old: str, new: str, *, keyring: Keyring | None = None
) -> Iterator[None]:
    """Rename an account for the time of the block, and for good once the block ends well; an error
    in it restores config.toml and the secrets.

    UsageError for an unknown or a taken name; ConfigError if config.toml cannot be changed.
    """
    ring = keyring or SystemKeyring()
    tidy(paths, ring)
    before = read_config(paths)
    data = read_data(before, paths)
    accounts = data.get("accounts", {})
    refuse_name(tuple(accounts), old, new)
    after = Hidden(renamed(before.reveal(), old, new))
    own = _with_files(accounts[old], old, new)
    rest = {name: table for name, table in accounts.items() if name != old}
    expected = data | {"accounts": rest | {new: own}}
    expect(after, paths, expected, f"the account {old} cannot be renamed in {paths.config_file}")
    finish(paths, new, ring)
    with (
        noted(paths, old, **own_places(old, accounts[old])),
        noted(paths, new, **copied_places(paths, old, new, accounts[old], ring)),
    ):
        undo = copy_secrets(paths, old, new, accounts[old], ring)
        try:
            write_config(paths, before, after)
            try:
                yield
            except BaseException:
                write_config(paths, after, before)
                raise
        except BaseException:
            undo()
            raise
        delete_secrets(paths, old, accounts[old], ring)


def refuse_name(accounts: tuple[str, ...], old: str, new: str) -> None:
    """UsageError if ``old`` is no account of config.toml, or ``new`` cannot be its name."""
    if old not in accounts:
        near = f"; {suggestion(old, accounts)}" if accounts else ""
        raise UsageError(f"there is no account {to_toml(old)}{near}")
    if NAME_PATTERN.fullmatch(new) is None:
        raise UsageError(f"the account name {to_toml(new)} {NAME_RULE}")
    taken = [name for name in accounts if name.lower() == new.lower()]
    if taken and (old == new or taken != [old]):
        raise UsageError(f"there is already an account {taken[0]}", hint="choose another name")


def _with_files(table: dict[str, object], old: str, new: str) -> dict[str, object]:
    """The account's table with the names of its secret files as they will be."""
    return {
        key: {"file": secret_file(new, key)}
        if key in CCXT_NAMES and value == {"file": secret_file(old, key)}
        else value
        for key, value in table.items()
    }
