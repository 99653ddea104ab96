"""Accounts without an API: what they hold follows from the rows that files state of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.ledger.replay import flows
from exchange_cache.money import ZERO
from exchange_cache.records import Balance, DataType
from exchange_cache.value.freshness import SyncStatus

#: The exchange of accounts whose rows the user writes, and their only wallet.
MANUAL = "manual"


def note_accounts(
    repository: ExchangeCacheRepository, accounts: Iterable[str], now: datetime
) -> None:
    """Note that no request can refresh these accounts, so that none is due."""
    for account in accounts:
        known = {one.data_type for one in repository.progress.statuses([account]) if not one.part}
        for data_type in set(DataType) - known:
            repository.progress.record(
                SyncStatus(
                    account=account,
                    data_type=data_type,
                    attempted_at=now,
                    succeeded_at=now,
                    state="not_offered",
                )
            )


def derive_balances(repository: ExchangeCacheRepository, account: str, now: datetime) -> None:
    """Hold what the rows of an account add up to."""
    only = Filter(accounts=(account,))
    held: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for flow in flows(repository.ledger.fills(only), repository.ledger.transfers(only)):
        held[flow.asset] += flow.quantity
    balances = [
        Balance(
            account=account,
            wallet=MANUAL,
            code=asset,
            asset=asset,
            free=quantity,
            used=ZERO,
            total=quantity,
            fetched_at=now,
        )
        for asset, quantity in sorted(held.items())
        if quantity
    ]
    repository.mirror.replace_balances(account, MANUAL, balances)
    note_accounts(repository, [account], now)
