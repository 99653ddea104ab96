"""What was closed, lot by lot: the cost states played again with a journal, window by window."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import to_ms
from exchange_cache.cost.basis import Method
from exchange_cache.cost.journal import Entry
from exchange_cache.sync.costs import CostSettings, ledger_of

#: A state to begin with is older than the first entry by so much: a loan takes effect before its
#: order.
_EARLIER = timedelta(hours=1)


def is_pooled(
    repository: ExchangeCacheRepository,
    settings: CostSettings,
    accounts: Collection[str],
    *,
    per_account: bool,
) -> bool:
    """Whether lots are those of one book over all accounts, as the portfolio counts if these are
    all accounts that have events."""
    known = ledger_of(repository, settings).timeline.accounts
    return not per_account and set(known) <= set(accounts)


def closed_lots(
    repository: ExchangeCacheRepository,
    settings: CostSettings,
    *,
    accounts: Collection[str],
    pooled: bool,
    asset: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Entry]:
    """Every closed lot and other result of these accounts, oldest first, of which one window at a
    time is in memory.

    The lots are those of one book over all accounts, or of the books of the accounts. A range is
    played from the newest stored state before it; without an end, dust that is left is written off
    as in every answer.
    """
    only = None if asset is None else settings.assets.related((asset,))
    ledger = ledger_of(repository, settings, only=only)
    windows = ledger.windows(
        (Method(settings.method),),
        after_ms=0 if since is None else max(0, to_ms(since - _EARLIER)),
        journal=True,
    )

    def is_chosen(entry: Entry) -> bool:
        early = since is not None and entry.closed_at < since
        late = until is not None and entry.closed_at >= until
        known = entry.account in accounts and asset in (None, entry.asset)
        return known and not early and not late

    for player in windows:
        entries = player.fold.drained(pooled=pooled)
        yield from filter(is_chosen, entries)
        if until is not None and entries and entries[-1].closed_at >= until:
            return
    ledger.bases(player)
    yield from filter(is_chosen, player.fold.drained(pooled=pooled))
