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
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

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
    families = [family_of(exchange) for exchange in exchanges.values()]
    alone = families.count(family_of(port.policy.exchange)) < 2
    question = port.policy.key_question
    stated = question is not None and question.names_user
    return stated and not alone and not _asked_already(repository, port.account)


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


def same_user(
    repository: ExchangeCacheRepository, account: str, accounts: Sequence[str]
) -> tuple[str, ...]:
    """The other accounts for which the exchange names the same user."""
    kept = repository.progress.values_of(_USER)
    own = _user(kept.get(account))
    return tuple(
        other for other in accounts if own and other != account and _user(kept.get(other)) == own
    )


def same_user_words(others: Sequence[str]) -> str:
    return (
        f"the exchange names the same user for {', '.join(others)}: these accounts are one, so"
        " everything in them counts twice"
    )


def identity_findings(
    repository: ExchangeCacheRepository, account: str, accounts: Sequence[str], now: datetime
) -> Iterator[StoredFinding]:
    """The finding for an account whose user another account also has."""
    others = same_user(repository, account, accounts)
    if others:
        yield StoredFinding(
            account=account,
            code="same_user",
            scope=IDENTITY,
            asset="",
            message=same_user_words(others),
            hint=f"excache account remove {account}",
            since=now,
        )


def _user(known: object) -> str | None:
    found = known.get("user") if isinstance(known, dict) else None
    return found if isinstance(found, str) else None
