"""What the keys of the accounts may do besides reading: asked once a day, kept in the cache, and a
finding.

The same answer names the user of the key (``sync.identity``), so both come from one request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from exchange_cache.adapter.key_rights import KeyRights
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import StoredFinding
from exchange_cache.clock import Clock, from_ms, is_ahead, to_ms
from exchange_cache.data_types import KEY_RIGHTS
from exchange_cache.errors import ExchangeFault
from exchange_cache.sync.identity import known_key, needs_user, remember_user
from exchange_cache.sync.side_by_side import side_by_side

#: The scope of the findings about what a key may do.
SCOPE = "key"
#: Rights of a key may change at the exchange, so they are asked again after so long.
AGAIN = timedelta(days=1)
_RIGHTS = "key_rights"


def ask_keys(
    repository: ExchangeCacheRepository,
    ports: Sequence[ExchangePort],
    exchanges: Mapping[str, str],
    clock: Clock,
) -> tuple[str, ...]:
    """Ask about the keys whose rights or users are due; notes on failures, and on a key that was
    not known to do more than read."""
    notes: list[str] = []
    users = {port.account: needs_user(repository, port, exchanges) for port in ports}
    asked = [
        port for port in ports if users[port.account] or _due(repository, port.account, clock.now())
    ]
    for port, found in zip(asked, side_by_side(_stated, asked), strict=True):
        if isinstance(found, ExchangeFault):  # a later run asks again
            rights, user = KeyRights(), users[port.account]
            notes += [f"{port.account}: the user of its key is unknown: {found.message}"] * user
        else:
            rights = found
            remember_user(
                repository, port.account, port.policy.exchange, rights.user_id, clock.now()
            )
        notes += remember_rights(repository, port.account, rights, clock.now())
    return tuple(notes)


def _stated(port: ExchangePort) -> KeyRights | ExchangeFault:
    try:
        return port.key_rights()
    except ExchangeFault as error:
        return error


def remember_rights(
    repository: ExchangeCacheRepository, account: str, rights: KeyRights, now: datetime
) -> Iterator[str]:
    """Store what an account's present key may do; yields the sentence if that is news."""
    before = rights_of(repository, account)
    flags = (("trade", rights.can_trade), ("withdraw", rights.can_withdraw))
    more = tuple(word for word, granted in flags if granted)
    stated = any(granted is not None for _, granted in flags)
    kept = more if stated else before  # an answer without rights changes nothing that is known
    memory = {
        "key": known_key(repository, account),
        "more": list(kept),
        "asked_ms": to_ms(now),
    }
    repository.progress.remember(account, {_RIGHTS: memory}, now)
    if set(kept) - set(before):
        yield f"{account}: {words_of(kept)}; {CURE}"


def rights_of(repository: ExchangeCacheRepository, account: str) -> tuple[str, ...]:
    """What an account's present key is known to do besides reading: trade, withdraw."""
    known = repository.progress.recalled(account, _RIGHTS)
    if not isinstance(known, dict) or known.get("key") != known_key(repository, account):
        return ()
    return tuple(word for word in ("trade", "withdraw") if word in known.get("more", ()))


CURE = "excache only reads; make a read-only key at the exchange and replace this one"


def words_of(rights: Sequence[str]) -> str:
    """What a key may do, loud enough to be seen."""
    return f"this key may {' and '.join(right.upper() for right in rights)}"


def rights_findings(
    repository: ExchangeCacheRepository, account: str, now: datetime
) -> Iterator[StoredFinding]:
    """The finding for an account whose key may do more than read."""
    rights = rights_of(repository, account)
    if rights:
        yield StoredFinding(
            account=account,
            code=KEY_RIGHTS,
            scope=SCOPE,
            asset="",
            message=words_of(rights),
            hint=CURE,
            since=now,
        )


def _due(repository: ExchangeCacheRepository, account: str, now: datetime) -> bool:
    """Whether the rights of the present key are unknown, or known for too long."""
    known = repository.progress.recalled(account, _RIGHTS)
    if not isinstance(known, dict) or known.get("key") != known_key(repository, account):
        return True
    asked = from_ms(int(known.get("asked_ms", 0)))
    return is_ahead(asked, now) or now - asked >= AGAIN
