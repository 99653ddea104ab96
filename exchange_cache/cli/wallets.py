"""The states of wallets for ``balances`` and ``status``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.data_types import DataType
from exchange_cache.value.freshness import Freshness, verdicts
from exchange_cache.value.wallets import WalletStatus, wallet_statuses

if TYPE_CHECKING:
    from exchange_cache.cache.reading import CacheReading
    from exchange_cache.cli.configured import Account


def statuses_of(repository: CacheReading, accounts: Iterable[Account]) -> tuple[WalletStatus, ...]:
    """The wallets of these accounts.

    For exchanges under the generic policy only requested wallets are known.
    """
    chosen = tuple(accounts)
    names = [account.name for account in chosen]
    with repository.snapshot():
        known, held = repository.progress.statuses(names), repository.mirror.held(names)
    found: list[WalletStatus] = []
    for account in chosen:
        offered, asked = account.wallets
        found += wallet_statuses(account.name, offered, asked, known, held)
    return tuple(found)


def lost_parts(
    app: App, repository: CacheReading, accounts: Sequence[str], data_type: DataType
) -> tuple[Freshness, ...]:
    """The verdicts of accounts (default: all configured) with an unreadable part of this type."""
    names = tuple(accounts) or app.configured.names
    found = verdicts(
        repository.progress.statuses(names),
        accounts=names,
        ttl=app.configured.ttl,
        now=app.now(),
    )
    return tuple(one for one in found if one.data_type is data_type and one.lost)
