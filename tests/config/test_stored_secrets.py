"""Secrets that excache stores: all or none, never over another, and only its own are deleted."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.paths import Paths
from exchange_cache.config.sources import EnvSecret, FileSecret, KeyringSecret, plain
from exchange_cache.config.stored_secrets import (
    RemovedAccount,
    Store,
    delete_secrets,
    store_secrets,
    stored_sources,
)
from exchange_cache.errors import ConfigError, SecretUnavailable
from tests.config.conftest import MemoryKeyring

ACCOUNT = AccountSettings(
    name="main",
    exchange="okx",
    credentials=MappingProxyType(
        {
            "api_key": plain("the-key"),
            "secret": plain("hunter2"),
            "password": EnvSecret("PASSWORD"),
            "wallet_address": plain("0xabc"),
        }
    ),
)


def test_secrets_become_files_and_the_rest_stays(paths: Paths, keyring: MemoryKeyring) -> None:
    undo = store_secrets(paths, ACCOUNT, Store.FILE, keyring)
    files = {file.name: file.read_text() for file in paths.secrets_dir.iterdir()}
    assert files == {"main.api_key": "the-key", "main.secret": "hunter2"}
    assert stored_sources(ACCOUNT, Store.FILE) == {
        "api_key": FileSecret("secrets/main.api_key"),
        "secret": FileSecret("secrets/main.secret"),
        "password": EnvSecret("PASSWORD"),
        "wallet_address": plain("0xabc"),
    }
    undo()
    assert list(paths.secrets_dir.iterdir()) == []


def test_secrets_become_entries_of_the_keyring(paths: Paths, keyring: MemoryKeyring) -> None:
    undo = store_secrets(paths, ACCOUNT, Store.KEYRING, keyring)
    assert {name: value.reveal() for name, value in keyring.entries.items()} == {
        "main.api_key": "the-key",
        "main.secret": "hunter2",
    }
    assert stored_sources(ACCOUNT, Store.KEYRING)["secret"] == KeyringSecret()
    undo()
    assert keyring.entries == {}


def test_an_existing_file_stays_and_nothing_else_is_stored(
    paths: Paths, keyring: MemoryKeyring
) -> None:
    paths.secrets_dir.mkdir(parents=True)
    (paths.secrets_dir / "main.secret").write_text("other")
    with pytest.raises(ConfigError, match="already exists and is not overwritten"):
        store_secrets(paths, ACCOUNT, Store.FILE, keyring)
    assert [file.name for file in paths.secrets_dir.iterdir()] == ["main.secret"]
    assert (paths.secrets_dir / "main.secret").read_text() == "other"


def test_a_keyring_that_fails_half_way_keeps_nothing(
    paths: Paths, broken_keyring: MemoryKeyring
) -> None:
    with pytest.raises(SecretUnavailable):
        store_secrets(paths, ACCOUNT, Store.KEYRING, broken_keyring)
    assert broken_keyring.entries == {}


def test_only_what_excache_stored_is_deleted(paths: Paths, keyring: MemoryKeyring) -> None:
    store_secrets(paths, ACCOUNT, Store.FILE, keyring)
    own = paths.config_dir / "own.key"
    own.write_text("x")
    table = {
        "api_key": {"file": "secrets/main.api_key"},
        "secret": {"file": "own.key"},
        "uid": {"keyring": True},
        "odd": {"file": "secrets/main.odd"},
        "password": {"env": "PASSWORD"},
    }
    assert delete_secrets(paths, "main", table, keyring) == RemovedAccount(
        name="main",
        deleted=(f"{paths.config_dir}/secrets/main.api_key", "keyring entry main.uid"),
        kept=(str(own),),
    )
    assert own.exists()
    assert [file.name for file in paths.secrets_dir.iterdir()] == ["main.secret"]
    assert delete_secrets(paths, "main", "no table", keyring) == RemovedAccount(name="main")
