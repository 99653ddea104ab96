"""Two accounts with one key are one account, and would count everything twice: refused before
anything is sent.

References are compared as they are written, values as they resolve, in memory only; an account that
is not opened is known by the fingerprint that its last run left in the cache, and resolved only to
confirm a match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from exchange_cache.cli.app import App
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.secrets import Credentials, resolve
from exchange_cache.config.sources import CCXT_NAMES, PUBLIC, KeyringSecret
from exchange_cache.errors import ConfigError, SecretUnavailable
from exchange_cache.exchanges import family_of
from exchange_cache.sync import identity

#: The credentials that name an account at its exchange. Others may be equal without meaning the
#: same account: people choose one passphrase for all their keys, and one key pair may be registered
#: under several api keys.
NAMING = ("api_key", "wallet_address")


def credentials_of(app: App, account: AccountSettings) -> Credentials:
    """An account's secrets, read once more than needed by nobody: what the comparison read is used
    by the connection."""
    known = app.resolved.pop(account.name, None)
    return resolve(account, app.paths, app.env) if known is None else known


def refuse_shared_keys(app: App, chosen: Sequence[AccountSettings]) -> None:
    """ConfigError when one of the accounts that are about to be opened has the key of another one,
    opened or not.

    Both have a finding from then on, since what is cached of them counts twice already.
    """
    accounts = _counted(app)
    for account in chosen:
        if _neighbours(account, accounts):
            _note(app, account)
    for account in chosen:
        for other in _neighbours(account, accounts):
            if _written_alike(account, other) or (
                _look_alike(app, account, other) and _share_a_value(app, account, other)
            ):
                error = _same_key(app, account, other)
                for one in (account, other):
                    identity.add_finding(
                        app.repository(), one.name, error.message, error.hint, app.now()
                    )
                raise error


def refuse_known_key(app: App, new: AccountSettings) -> None:
    """ConfigError when an account that is about to be added has the key of one that exists."""
    for other in _neighbours(new, app.settings.accounts):
        if _written_alike(new, other) or _share_a_value(app, new, other):
            error = _same_key(app, other, new)
            error.hint = f"give {new.name} a key of its own, or go on with {other.name}"
            raise error


def note_key(app: App, account: AccountSettings, credentials: Credentials) -> None:
    """Leave the fingerprint of the key that an account is opened with."""
    repository, now = app.repository(), app.now()
    salt, family = identity.salt_of(repository, now), family_of(account.exchange)
    marks = [identity.fingerprint(salt, family, *pair) for pair in sorted(_named(credentials))]
    if marks:
        identity.remember_key(repository, account.name, " ".join(marks), now)


def _neighbours(
    account: AccountSettings, accounts: Iterable[AccountSettings]
) -> list[AccountSettings]:
    """The other accounts of the same exchange."""
    family = family_of(account.exchange)
    return [
        one for one in accounts if one.name != account.name and family_of(one.exchange) == family
    ]


def _counted(app: App) -> list[AccountSettings]:
    """The accounts that are in the totals: the enabled ones, and disabled ones of which something
    is cached."""
    cached = {one.account for one in app.repository().mirror.balances()}
    return [one for one in app.settings.accounts if one.enabled or one.name in cached]


def _written_alike(one: AccountSettings, two: AccountSettings) -> bool:
    """Whether a reference is the same: a file, variable or command holds one key. A keyring has an
    entry per account."""
    pairs = ((one.credentials.get(name), two.credentials.get(name)) for name in NAMING)
    return any(
        source is not None and not isinstance(source, KeyringSecret) and source == other
        for source, other in pairs
    )


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


def _share_a_value(app: App, one: AccountSettings, two: AccountSettings) -> bool:
    return bool(_values(app, one) & _values(app, two))


def _values(app: App, account: AccountSettings) -> frozenset[tuple[str, str]]:
    """What names the account at its exchange, as it resolves now; empty when that cannot be
    read."""
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
    """The error, the accounts in the order of config.toml and one that is not in it last."""
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
