"""Two accounts with one key are one account, and would count everything twice: refused before anything is sent.

References are compared as they are written, values as they resolve, in memory only; an account that is not opened is known by the
fingerprint that its last run left in the cache, and resolved only to confirm a match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from exchange_cache.cli.app import App
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.secrets import Credentials, resolve
from exchange_cache.config.sources import CCXT_NAMES, PUBLIC, KeyringSecret
from exchange_cache.errors import ConfigError, SecretUnavailable
from exchange_cache.exchange.faults import exchange_family
from exchange_cache.sync import identity

#: The credentials that name an account at its exchange. Others may be equal without meaning the same account: people choose one
#: passphrase for all their keys, and one key pair may be registered under several api keys.
NAMING = ("api_key", "wallet_address")


def credentials_of(app: App, account: AccountSettings) -> Credentials:
    """An account's secrets, read once more than needed by nobody: what the comparison read is used by the connection."""
    known = app.resolved.pop(account.name, None)
    return resolve(account, app.paths, app.env) if known is None else known


def refuse_shared_keys(app: App, chosen: Sequence[AccountSettings]) -> None:
    """ConfigError when one of the accounts that are about to be opened has the key of another one, opened or not."""
    for account in chosen:
        others = _neighbours(account, app.settings.accounts)
        _refuse_written(account, others)
        if others:
            _note(app, account)
    for account in chosen:
        for other in _neighbours(account, app.settings.accounts):
            if _look_alike(app, account, other) and _values(app, account) & _values(app, other):
                _refuse(app, account, other)


def refuse_known_key(app: App, new: AccountSettings) -> None:
    """ConfigError when an account that is about to be added has the key of one that exists."""
    others = [one for one in _neighbours(new, app.settings.accounts) if one.name != new.name]
    _refuse_written(new, others)
    own = _values(app, new) if others else frozenset()
    for other in others:
        if own & _values(app, other):
            raise _same_key(other, new)


def note_key(app: App, account: AccountSettings, credentials: Credentials) -> None:
    """Leave the fingerprint of the key that an account is opened with."""
    repository, now = app.repository(), app.now()
    salt, family = identity.salt_of(repository, now), exchange_family(account.exchange)
    marks = [identity.fingerprint(salt, family, *pair) for pair in sorted(_named(credentials))]
    if marks:
        identity.remember_key(repository, account.name, " ".join(marks), now)


def _neighbours(account: AccountSettings, accounts: Iterable[AccountSettings]) -> list[AccountSettings]:
    """The other accounts of the same exchange, disabled ones included: what they hold is counted."""
    family = exchange_family(account.exchange)
    return [one for one in accounts if one.name != account.name and exchange_family(one.exchange) == family]


def _refuse_written(account: AccountSettings, others: Iterable[AccountSettings]) -> None:
    """Compare the references: the same file, variable or command holds the same key. A keyring has an entry per account."""
    for other in others:
        for name in NAMING:
            source = account.credentials.get(name)
            if source is not None and not isinstance(source, KeyringSecret) and source == other.credentials.get(name):
                raise _same_key(other, account)


def _note(app: App, account: AccountSettings) -> None:
    try:
        found = app.resolved[account.name] = resolve(account, app.paths, app.env)
    except SecretUnavailable:
        return  # opening the account reports it
    note_key(app, account, found)


def _look_alike(app: App, account: AccountSettings, other: AccountSettings) -> bool:
    """Whether the fingerprints of two accounts have one key in common."""
    repository = app.repository()
    one, two = (identity.known_key(repository, name) or "" for name in (account.name, other.name))
    return bool(set(one.split()) & set(two.split()))


def _values(app: App, account: AccountSettings) -> frozenset[tuple[str, str]]:
    """What names the account at its exchange, as it resolves now; empty when that cannot be read."""
    known = app.resolved.get(account.name)
    if known is None:
        own = {name: source for name, source in account.credentials.items() if name in NAMING}
        try:
            known = resolve(replace(account, credentials=own), app.paths, app.env)
        except SecretUnavailable:
            return frozenset()
    return _named(known)


def _named(credentials: Credentials) -> frozenset[tuple[str, str]]:
    return frozenset(_pairs(credentials.reveal()))


def _pairs(revealed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in NAMING:
        value = revealed.get(CCXT_NAMES[name], "").strip()
        if value:
            yield name, value.casefold() if name in PUBLIC else value


def _refuse(app: App, account: AccountSettings, other: AccountSettings) -> None:
    order = [one.name for one in app.settings.accounts]
    raise _same_key(*sorted((account, other), key=lambda one: order.index(one.name)))


def _same_key(first: AccountSettings, second: AccountSettings) -> ConfigError:
    return ConfigError(
        f"the accounts {first.name} and {second.name} have the same key at {first.exchange}: they are one account, and "
        "everything in it would count twice; nothing was sent",
        hint=f"remove one of them (excache account remove {second.name}), or give {second.name} a key of its own",
    )
