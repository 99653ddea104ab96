"""Reads the averages that exchanges report, and the ledger with which ``cost.reported_averages``
compares them, from the cache."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.cost.reported_averages import AverageCheck, StoredHistory, check_averages
from exchange_cache.ledger.rates import RateLookup
from exchange_cache.money import to_text, to_text_or_none
from exchange_cache.records import Balance, DataType, Fill, Transfer
from exchange_cache.sync.movement import ROUND

#: The scope of spot trades in every policy.
_SPOT = "spot"
#: Accounts with more fills are compared once a day: the comparison reads all of them.
MANY_FILLS = 20_000
#: Where the memory of an account keeps when its averages were last compared.
COMPARED = "averages_compared"
_MILLISECOND = timedelta(milliseconds=1)


def average_checks(
    repository: ExchangeCacheRepository,
    rates: RateLookup,
    reporting_asset: str,
    *,
    accounts: Sequence[str] | None = None,
    asset: str | None = None,
) -> tuple[AverageCheck, ...]:
    """Every average that an exchange reports, next to the same figure from stored fills; ``asset``
    and ``accounts`` select some."""
    reporting = [
        item
        for item in repository.mirror.balances(accounts)
        if item.told_averages and asset in (None, item.asset)
    ]
    if not reporting:
        return ()
    names = sorted({item.account for item in reporting})
    rows = repository.ledger_rows()
    transfers: list[Transfer] = []
    for name in names:
        assets = sorted({item.asset for item in reporting if item.account == name})
        transfers += rows.moved_of(name, assets)

    def fills(balance: Balance, from_moment: datetime) -> Iterator[Fill]:
        return rows.spot_of(balance.account, balance.asset, from_moment)

    since = {name: _stored_since(repository, name, reporting) for name in names}
    history = StoredHistory(fills=fills, transfers=transfers, since=since)
    return check_averages(reporting, history, reporting_asset=reporting_asset, rates=rates)


def waiting_accounts(repository: ExchangeCacheRepository, now: datetime) -> frozenset[str]:
    """The accounts with many fills whose averages were compared within a day."""
    reporting = {one.account for one in repository.mirror.balances() if one.told_averages}
    return frozenset(
        account
        for account in reporting
        if _was_compared(repository.progress.memory(account).get(COMPARED), to_ms(now))
        and repository.ledger.has_more_fills(account, MANY_FILLS)
    )


def note_compared(
    repository: ExchangeCacheRepository, checks: Iterable[AverageCheck], now: datetime
) -> None:
    """Note that the averages of these accounts were compared with all fills."""
    for account in {one.account for one in checks}:
        repository.progress.remember(account, {COMPARED: to_ms(now)}, now)


def _was_compared(kept: object, now_ms: int) -> bool:
    return isinstance(kept, int) and 0 <= now_ms - kept < ROUND // _MILLISECOND


def reported_figures(repository: ExchangeCacheRepository) -> list[list[str | None]]:
    """The averages that exchanges report, in a form to compare: equal figures are equal lists."""
    return [
        [
            item.account,
            item.wallet,
            item.code,
            one.name,
            to_text(one.price),
            to_text_or_none(one.quantity),
        ]
        for item in repository.mirror.balances()
        for one in item.told_averages
    ]


def _stored_since(
    repository: ExchangeCacheRepository,
    account: str,
    reporting: Sequence[Balance],
) -> datetime | None:
    """Since when all spot fills are stored; None when they are stored from the account's beginning.

    None means that the stored deposits, which must cover all the time that counts, show no earlier
    activity.
    """
    states = repository.ledger.states(account)
    spot = [
        item.covered
        for item in states
        if item.key.data_type is DataType.FILLS and item.key.scope == _SPOT and item.covered
    ]
    begin = max((ranges.spans[-1].start_ms for ranges in spot), default=None)
    counted = min(
        (
            to_ms(one.counts_from)
            for item in reporting
            for one in item.told_averages
            if one.counts_from
        ),
        default=0,
    )
    deposits = [
        item.covered for item in states if item.key.data_type is DataType.TRANSFERS and item.covered
    ]
    reaches = any(ranges.spans[-1].start_ms <= counted for ranges in deposits)
    first = repository.ledger_rows().first_time(account)
    if begin is None or (reaches and first is not None and first >= begin):
        return None
    return from_ms(begin)
