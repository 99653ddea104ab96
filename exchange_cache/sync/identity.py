"""Whether two accounts are one at the exchange: fingerprints of keys and users, and the finding for
one user with two keys.

The cache stores no key, but an HMAC-SHA256 with a random salt, which is in the same cache,
truncated to 64 bits. The public part of an API key is random (well over 100 bits), so it cannot be
guessed from the cache, nor computed from a truncated hash; a wallet address is public. A user
number has few digits and can be found by trial, but it reveals less than the balances in the same
file (mode 0600). Secrets, passphrases and private keys never reach this module.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import StoredFinding
from exchange_cache.exchanges import family_of

#: The scope of the findings about one account under two names.
IDENTITY = "identity"
_EVERYBODY = ""
_SALT = "identity_salt"
_KEY = "key_fingerprint"
_USER = "exchange_user"


def salt_of(repository: ExchangeCacheRepository, now: datetime) -> bytes:
    """The random salt of this cache, made when it is first needed."""
    known = repository.progress.recalled(_EVERYBODY, _SALT)
    if not isinstance(known, str):
        known = secrets.token_hex(32)
        repository.progress.remember(_EVERYBODY, {_SALT: known}, now)
    return bytes.fromhex(known)


def fingerprint(salt: bytes, *parts: str) -> str:
    """64 bits that distinguish two identities and reveal neither."""
    return hmac.new(salt, "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:16]


def remember_key(
    repository: ExchangeCacheRepository, account: str, mark: str, now: datetime
) -> None:
    """Store the fingerprint of the key with which an account was last opened."""
    repository.progress.remember(account, {_KEY: mark}, now)


def known_key(repository: ExchangeCacheRepository, account: str) -> str | None:
    """The fingerprint of the key with which an account was last opened."""
    known = repository.progress.recalled(account, _KEY)
    return known if isinstance(known, str) else None


def known_keys(repository: ExchangeCacheRepository) -> dict[str, str]:
    """Those of all accounts."""
    known = repository.progress.values_of(_KEY).items()
    return {account: mark for account, mark in known if isinstance(mark, str)}


def add_finding(
    repository: ExchangeCacheRepository, account: str, message: str, hint: str | None, now: datetime
) -> None:
    """Add a finding about a shared key to those of an account; the next sync that is not refused
    removes it."""
    new = StoredFinding(
        account=account,
        code="same_key",
        scope=IDENTITY,
        asset="",
        message=message,
        hint=hint,
        since=now,
    )
    kept = [one for one in repository.derived.findings([account]) if one.code != new.code]
    repository.derived.replace_findings(account, [*kept, new], now)


# --- users ----------------------------------------------------------------------------------------


def needs_user(
    repository: ExchangeCacheRepository, port: ExchangePort, exchanges: Mapping[str, str]
) -> bool:
    """Whether the user of an account's present key is to be requested: once per key, where the
    exchange states it and another account may have it."""
    question = port.policy.key_question
    if question is None or not question.names_user:
        return False
    family = family_of(port.policy.exchange)
    of_family = (one for one in exchanges.values() if family_of(one) == family)
    several = len(tuple(islice(of_family, 2))) > 1
    return several and not _asked_already(repository, port.account)


def _asked_already(repository: ExchangeCacheRepository, account: str) -> bool:
    known = repository.progress.recalled(account, _USER)
    return isinstance(known, dict) and known.get("key") == known_key(repository, account)


def remember_user(
    repository: ExchangeCacheRepository,
    account: str,
    exchange: str,
    user_id: str | None,
    now: datetime,
) -> None:
    """Store the user that the exchange states for an account's present key (None: it states
    none)."""
    mark = (
        None
        if user_id is None
        else fingerprint(salt_of(repository, now), family_of(exchange), "user", user_id)
    )
    repository.progress.remember(
        account, {_USER: {"key": known_key(repository, account), "user": mark}}, now
    )


def users_of(repository: ExchangeCacheRepository) -> dict[str, str]:
    """The users of all accounts of which the exchange names one."""
    known = {account: _user(one) for account, one in repository.progress.values_of(_USER).items()}
    return {account: user for account, user in known.items() if user}


def same_users(users: Mapping[str, str], accounts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each account, the others for which the exchange names the same user."""
    groups: dict[str, list[str]] = {}
    for account in accounts:
        if account in users:
            groups.setdefault(users[account], []).append(account)
    return {
        account: tuple(one for one in group if one != account)
        for group in groups.values()
        if len(group) > 1
        for account in group
    }


def same_user_words(others: Sequence[str]) -> str:
    return (
        f"the exchange names the same user for {', '.join(others)}: these accounts are one, so"
        " everything in them counts twice"
    )


def identity_findings(
    repository: ExchangeCacheRepository, accounts: Iterable[str], now: datetime
) -> dict[str, StoredFinding]:
    """The finding for each account whose user another account also has."""
    return {
        account: StoredFinding(
            account=account,
            code="same_user",
            scope=IDENTITY,
            asset="",
            message=same_user_words(others),
            hint=f"excache account remove {account}",
            since=now,
        )
        for account, others in same_users(users_of(repository), accounts).items()
    }


def _user(known: object) -> str | None:
    found = known.get("user") if isinstance(known, dict) else None
    return found if isinstance(found, str) else None
