"""The system's keyring: its entries, and what to do without it."""

import sys
from types import MappingProxyType

import pytest

from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.keyring_store import SystemKeyring
from exchange_cache.config.secrets import resolve
from exchange_cache.config.sources import (
    Hidden,
    KeyringSecret,
)
from exchange_cache.errors import SecretUnavailable

SECRET = "hunter2-Tr0ub4dor"


def account(**credentials):
    return AccountSettings(name="main", exchange="okx", credentials=MappingProxyType(credentials))


def refused(*args, **kwargs):
    with pytest.raises(SecretUnavailable) as caught:
        resolve(*args, **kwargs)
    return caught.value


def test_an_absent_entry_is_named_with_the_command_that_makes_it(paths, keyring):
    error = refused(account(secret=KeyringSecret()), paths, {}, keyring=keyring)
    assert (str(error), error.hint) == (
        "main: secret: the keyring has no entry main.secret",
        "keyring set excache main.secret",
    )


def test_without_the_keyring_library_the_hint_installs_it(paths, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setitem(sys.modules, "keyring.errors", None)
    error = refused(account(secret=KeyringSecret()), paths, {})
    assert (str(error), error.hint) == (
        "main: secret: the keyring library is not installed",
        "pip install 'excache[keyring]'",
    )


def test_without_a_keyring_behind_the_library_other_sources_are_offered(paths, monkeypatch):
    keyring = pytest.importorskip("keyring")
    from keyring.backends.fail import Keyring as NoKeyring

    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    try:
        error = refused(account(secret=KeyringSecret()), paths, {})
    finally:
        keyring.set_keyring(before)
    assert str(error) == "main: secret: the keyring refused (NoKeyringError)"
    assert (
        error.hint
        == "no keyring is available here (usual under cron and on servers); use { file = … } or {"
        " command = … } instead"
    )


def test_the_system_keyring_is_asked_under_the_service_excache(monkeypatch):
    keyring = pytest.importorskip("keyring")
    stored = {}
    monkeypatch.setattr(
        keyring,
        "set_password",
        lambda service, entry, secret: stored.update({(service, entry): secret}),
    )
    monkeypatch.setattr(
        keyring, "get_password", lambda service, entry: stored.get((service, entry))
    )
    monkeypatch.setattr(
        keyring, "delete_password", lambda service, entry: stored.pop((service, entry))
    )
    system = SystemKeyring()
    system.put("main.secret", Hidden(SECRET))
    assert stored == {("excache", "main.secret"): SECRET}
    assert system.get("main.secret") == Hidden(SECRET)
    system.delete("main.secret")
    assert system.get("main.secret") is None
