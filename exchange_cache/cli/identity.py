"""Refuses two accounts with one key before anything is sent: they would count everything twice.

References are compared as written and values as resolved, in memory only. An account that is not
opened is known by the fingerprint that its last run stored; it is resolved only to confirm a match.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from exchange_cache.cli.app import App
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.secrets import Credentials, resolve
from exchange_cache.config.sources import CCXT_NAMES, PUBLIC, KeyringSecret
from exchange_cache.errors import ConfigError, SecretUnavailable
from exchange_cache.exchanges import family_of
from exchange_cache.sync import identity

#: The credentials that identify an account at its exchange. Others may be equal in different
#: accounts: people use one passphrase for all keys, and one key pair may be registered under
#: several API keys.
NAMING = ("api_key", "wallet_address")


def credentials_of(app: App, account: AccountSettings) -> Credentials:
    """An account's secrets, resolved once: the connection reuses what the comparison read."""
    known = app.resolved.pop(account.name, None)
    return resolve(account, app.paths, app.env) if known is None else known


def refuse_shared_keys(app: App, chosen: Sequence[AccountSettings]) -> None:
    """ConfigError if an account to be opened shares its key with any other account.

    Both receive a finding, since their cached data already count twice. What accounts are known by
    is read once, so that thousands of them are compared in as many steps.
    """
    accounts = _counted(app)
    exchanges = {one.name: one.exchange for one in (*accounts, *chosen)}
    families = Counter(map(family_of, exchanges.values()))
    shared = [one for one in chosen if families[family_of(one.exchange)] > 1]
    if not shared:
        return
    _note(app, shared)
    marks = identity.known_keys(app.repository())
    alike = _by_mark(accounts, marks)
    for account in shared:
        for other in _alike(account, marks, alike):
            if _written_alike(account, other) or _share_a_value(app, account, other):
                error = _same_key(app, account, other)
                for one in (account, other):
                    identity.add_finding(
                        app.repository(), one.name, error.message, error.hint, app.now()
                    )
                raise error


def refuse_known_key(app: App, new: AccountSettings) -> None:
    """ConfigError if a new account has the key of an existing one."""
    for other in () if new.by_hand else _neighbours(new, app.settings.accounts):
        if _written_alike(new, other) or _share_a_value(app, new, other):
            error = _same_key(app, other, new)
            error.hint = f"give {new.name} a key of its own, or use {other.name}"
            raise error


def note_key(app: App, account: AccountSettings, credentials: Credentials) -> None:
    """Store the fingerprint of the key with which an account is opened."""
    repository, now = app.repository(), app.now()
    mark = _mark(identity.salt_of(repository, now), account, credentials)
    if mark:
        identity.remember_key(repository, account.name, mark, now)


def _mark(salt: bytes, account: AccountSettings, credentials: Credentials) -> str:
    """The fingerprints of the key; empty if it has none."""
    family = family_of(account.exchange)
    return " ".join(
        identity.fingerprint(salt, family, *pair) for pair in sorted(_named(credentials))
    )


#: What an account may be known by: a fingerprint, or a written reference.
Sign = tuple[str, str, object]


def _signs(account: AccountSettings, marks: Mapping[str, str]) -> set[Sign]:
    """What an account shares with each other account of its exchange that may have its key.

    A keyring has one entry per account, so equal references mean nothing there.
    """
    family = family_of(account.exchange)
    written = ((name, account.credentials.get(name)) for name in NAMING)
    return {
        *((family, "", mark) for mark in marks.get(account.name, "").split()),
        *(
            (family, name, source)
            for name, source in written
            if source is not None and not isinstance(source, KeyringSecret)
        ),
    }


def _by_mark(
    accounts: Sequence[AccountSettings], marks: Mapping[str, str]
) -> dict[Sign, list[tuple[int, AccountSettings]]]:
    """The accounts of each sign, with their number."""
    found: dict[Sign, list[tuple[int, AccountSettings]]] = {}
    for number, account in enumerate(accounts):
        for sign in _signs(account, marks):
            found.setdefault(sign, []).append((number, account))
    return found


def _alike(
    account: AccountSettings,
    marks: Mapping[str, str],
    alike: Mapping[Sign, list[tuple[int, AccountSettings]]],
) -> list[AccountSettings]:
    """The other accounts that share a sign with this one, in their order."""
    found = {
        number: one
        for sign in _signs(account, marks)
        for number, one in alike.get(sign, ())
        if one.name != account.name
    }
    return [found[number] for number in sorted(found)]


def _neighbours(
    account: AccountSettings, accounts: Iterable[AccountSettings]
) -> list[AccountSettings]:
    """The other accounts of the same exchange."""
    family = family_of(account.exchange)
    return [
        one for one in accounts if one.name != account.name and family_of(one.exchange) == family
    ]


def _counted(app: App) -> list[AccountSettings]:
    """The accounts in the totals: enabled ones, and disabled ones with cached balances."""
    cached = {one.account for one in app.repository().mirror.balances()}
    return [one for one in app.settings.accounts if one.enabled or one.name in cached]


def _written_alike(one: AccountSettings, two: AccountSettings) -> bool:
    """Whether both refer to the same file, variable or command.

    A keyring has one entry per account, so equal references mean nothing there.
    """
    pairs = ((one.credentials.get(name), two.credentials.get(name)) for name in NAMING)
    return any(
        source is not None and not isinstance(source, KeyringSecret) and source == other
        for source, other in pairs
    )


def _note(app: App, accounts: Sequence[AccountSettings]) -> None:
    """Resolve the keys of accounts, and store the fingerprints of those that are new."""
    repository, now = app.repository(), app.now()
    salt, known = identity.salt_of(repository, now), identity.known_keys(repository)
    for account in accounts:
        try:
            found = app.resolved[account.name] = resolve(account, app.paths, app.env)
        except SecretUnavailable:
            continue  # opening the account reports it
        mark = _mark(salt, account, found)
        if mark and mark != known.get(account.name):
            identity.remember_key(repository, account.name, mark, now)


def _share_a_value(app: App, one: AccountSettings, two: AccountSettings) -> bool:
    return bool(_values(app, one) & _values(app, two))


def _values(app: App, account: AccountSettings) -> frozenset[tuple[str, str]]:
    """What identifies the account at its exchange, resolved now; empty if that fails."""
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


def _same_key(app: App, *accounts: AccountSettings) -> ConfigError:
    """The error. Accounts are named in the order of config.toml, a new one last."""
    known = [one.name for one in app.settings.accounts]
    first, second = sorted(
        accounts, key=lambda one: known.index(one.name) if one.name in known else len(known)
    )
    return ConfigError(
        f"the accounts {first.name} and {second.name} have the same key at {first.exchange}: they"
        " are one account, and everything in it would count twice; nothing was sent",
        hint=(
            f"remove one of them (excache account remove {second.name}), or give {second.name} a"
            " key of its own"
        ),
    )
