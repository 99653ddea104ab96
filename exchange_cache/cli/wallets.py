"""The states of wallets for ``balances`` and ``status``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.errors import ConfigError
from exchange_cache.records import DataType
from exchange_cache.value.freshness import Freshness, verdicts
from exchange_cache.value.wallets import WalletStatus, wallet_statuses


def statuses_of(
    repository: ExchangeCacheRepository, accounts: Iterable[AccountSettings]
) -> tuple[WalletStatus, ...]:
    """The wallets of these accounts.

    For exchanges under the generic policy only requested wallets are known.
    """
    chosen = tuple(accounts)
    names = [account.name for account in chosen]
    with repository.snapshot():
        known, balances = repository.progress.statuses(names), repository.mirror.balances(names)
    found: list[WalletStatus] = []
    for account in chosen:
        offered, asked = _wallets(account)
        found += wallet_statuses(account.name, offered, asked, known, balances)
    return tuple(found)


def lost_parts(
    app: App, repository: ExchangeCacheRepository, accounts: Sequence[str], data_type: DataType
) -> tuple[Freshness, ...]:
    """The verdicts of accounts (default: all configured) with an unreadable part of this type."""
    names = tuple(accounts) or tuple(account.name for account in app.settings.accounts)
    found = verdicts(
        repository.progress.statuses(names),
        accounts=names,
        ttl=dict(app.settings.ttl),
        now=app.now(),
    )
    return tuple(one for one in found if one.data_type is data_type and one.lost)


def _wallets(account: AccountSettings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    from exchange_cache.exchanges import MODULES, narrowed, policy_for

    if account.exchange not in MODULES:
        return (), ()
    policy = policy_for(account.exchange)
    offered = tuple(wallet.name for wallet in policy.wallets)
    try:
        return offered, tuple(
            wallet.name for wallet in narrowed(policy, account.wallets, account.name).wallets
        )
    except ConfigError:
        return offered, offered  # the next sync refuses a wallet that does not exist
