"""What an export reads of the cache: the events of all time, and what is known at their end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, localcontext

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cost.basis import Method
from exchange_cache.cost.unrealised import unrealised_inside
from exchange_cache.export.books import Books
from exchange_cache.export.entries import Item, Price
from exchange_cache.export.stream import End, Reported, Selection, items
from exchange_cache.ledger.events import LedgerEvent
from exchange_cache.ledger.timeline import Timeline
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Balance
from exchange_cache.sync.costs import CostSettings, ledger_of


def exported(
    repository: ExchangeCacheRepository,
    settings: CostSettings,
    selection: Selection,
    *,
    named: Callable[[Iterable[Balance]], tuple[Balance, ...]],
    prices: Callable[[], tuple[Price, ...]],
) -> Iterator[Item]:
    """Everything to export. ``named``: balances by the assets that their accounts mean;
    ``prices``: those of the end. An end before now has neither balances nor prices."""
    ledger = ledger_of(repository, settings)
    books = Books(Method(settings.method), settings.reporting_asset, ledger.inputs.dust)

    def end() -> End:
        if selection.until is not None:
            return End()
        reported = _reported(repository, named, settings.accounts)
        complete = {account for account, _ in reported}
        return End(reported=reported, complete=complete, prices=prices())

    yield from items(ledger.events(), books, selection, end, _tx_ids(ledger.timeline))


def _tx_ids(timeline: Timeline) -> Callable[[LedgerEvent], str | None]:
    """The transaction on its chain that a deposit, a withdrawal or a move is."""
    pairing = timeline.pairing
    pairs = ((pair.withdrawal, pair.deposit) for pair in pairing.pairs)
    known = {
        (one.account, one.transfer_id): one.tx_id
        for one in (*pairing.deposits, *pairing.withdrawals)
        if one.tx_id
    }
    for left, arrived in pairs:
        found = left.tx_id or arrived.tx_id
        if found:
            known[left.account, left.transfer_id] = found

    def tx_id(event: LedgerEvent) -> str | None:
        moves = event.kind in {"deposit", "withdrawal", "move"}
        return known.get((event.account, event.source_id)) if moves else None

    return tx_id


def _reported(
    repository: ExchangeCacheRepository,
    named: Callable[[Iterable[Balance]], tuple[Balance, ...]],
    accounts: Collection[str],
) -> dict[tuple[str, str], Reported]:
    balances = named(repository.mirror.balances(accounts))
    inside = unrealised_inside(repository.mirror.positions(accounts), balances).by_place
    sums: dict[tuple[str, str], Decimal] = {}
    times: dict[tuple[str, str], datetime] = {}
    with localcontext(EXACT):
        for one in balances:
            place = (one.account, one.asset)
            sums[place] = sums.get(place, ZERO) + one.total
            moment = one.as_of or one.fetched_at
            times[place] = max(moment, times.get(place, datetime(1970, 1, 1, tzinfo=UTC)))
    return {
        place: Reported(quantity=total, at=times[place], unrealised=inside.get(place, ZERO))
        for place, total in sums.items()
    }
