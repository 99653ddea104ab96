"""Figures that earlier versions read wrongly out of right rows: corrected where they are stored, or
read again where the row alone does not tell.

- What an exchange's policy corrects (``ExchangePolicy.corrected``).
- Fees that are booked in another asset than the list of fills states: the ledger around the fills
  is read again (``StreamPolicy.books_fees``).
- The close of a delivered contract was not read as a fill: the day of its expiry is read again.
- Interest was stored as a fee or a reward, where a history holds nothing else.
- Orders of inverse contracts had a cost in the base, where the exchange states it so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repairing import FaultyRow
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import to_ms
from exchange_cache.cost.derivatives import has_expired
from exchange_cache.kinds import TransferKind
from exchange_cache.ledger.results import expires_on, exposures
from exchange_cache.money import EXACT
from exchange_cache.records import DataType, Fill, FillKind, Order
from exchange_cache.sync.repair_scene import (
    DAY_MS,
    EVERYBODY,
    HOUR_MS,
    Scene,
    counted,
    request_again,
)

#: The accounts whose figures were corrected.
CORRECTED = "repairs_of_figures"


def misread_figures(scene: Scene) -> str | None:
    """Figures that were read wrongly, once for every account."""
    found = scene.repository.progress.memory(EVERYBODY).get(CORRECTED)
    known = frozenset(found) if isinstance(found, list) else frozenset[str]()
    new = [account for account in scene.accounts if account not in known]
    if not new:
        return None
    parts = [part for account in new for part in _account(scene, account)]
    scene.repository.progress.remember(EVERYBODY, {CORRECTED: sorted({*known, *new})}, scene.now)
    return "; ".join(parts) or None


def mark_right(repository: ExchangeCacheRepository, account: str, now: datetime) -> None:
    """Note that nothing of an account was read wrongly, before its first rows are stored."""
    if account in repository.progress.accounts() or repository.ledger.states(account):
        return
    found = repository.progress.memory(EVERYBODY).get(CORRECTED)
    known = found if isinstance(found, list) else []
    repository.progress.remember(EVERYBODY, {CORRECTED: sorted({*known, account})}, now)


def _account(scene: Scene, account: str) -> Iterator[str]:
    from exchange_cache.exchanges import MODULES, policy_for

    fills = scene.repository.ledger.fills(Filter(accounts=[account]))
    exchange = scene.exchange_of(account) or ""
    policy = policy_for(exchange) if exchange in MODULES else None
    right = None if policy is None else policy.corrected
    wrong: list[Fill | Order] = [
        made for one in fills if right is not None and (made := right(one)) != one
    ]
    orders = scene.repository.ledger.orders(Filter(accounts=[account]))
    wrong += _costs(orders, fills)
    if wrong:
        scene.store.restate(wrong)
        yield f"{account}: {counted(len(wrong), 'row', 'rows')} with a wrong figure, corrected"
    interest = 0 if policy is None else _interest(scene, account, policy)
    if interest:
        stored = counted(interest, "row", "rows")
        yield f"{account}: {stored} of interest stored as a fee or a reward, corrected"
    open_still = [_expiry_row(account, symbol) for symbol in sorted(_not_closed(fills, scene.now))]
    if open_still:
        request_again(scene, open_still, around_ms=DAY_MS)
        yield f"{account}: fills are fetched again around the expiry of contracts left open"
    trades = [fill for fill in fills if fill.kind is FillKind.TRADE and fill.fees]
    ledgers = [] if policy is None else [one.scope for one in policy.streams if one.books_fees]
    if trades and ledgers:
        rows = [_ledger_row(fill, scope) for fill in trades for scope in ledgers]
        request_again(scene, rows, around_ms=HOUR_MS)
        yield f"{account}: the ledger is fetched again for the fees of trades"


def _interest(scene: Scene, account: str, policy: ExchangePolicy) -> int:
    """Correct the kind of rows of the histories that hold interest only; how many those are."""
    scopes = [
        one.scope
        for one in policy.streams
        if one.transfer_kind is TransferKind.INTEREST and not one.meanings
    ]
    wrong = (TransferKind.FEE, TransferKind.REWARD)
    return sum(
        scene.store.rename_kinds(account, scope, wrong, TransferKind.INTEREST) for scope in scopes
    )


def _not_closed(fills: Iterable[Fill], now: datetime) -> set[str]:
    """The dated contracts that expired days ago, and of which the fills leave something open."""
    contracts = [one for one in fills if one.is_derivative and expires_on(one.symbol)]
    left = {fill.symbol: exposure for fill, exposure, _ in exposures(contracts)}
    return {
        symbol
        for symbol, exposure in left.items()
        if any(side.size for side in exposure.sides.values())
        and has_expired(symbol, now - timedelta(days=2))
    }


def _expiry_row(account: str, symbol: str) -> FaultyRow:
    """The fill that may have closed a contract on the day of its expiry."""
    day = expires_on(symbol)
    assert day is not None
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return FaultyRow(
        data_type=DataType.FILLS, rowid=0, account=account, place=symbol, at_ms=to_ms(at)
    )


def _ledger_row(fill: Fill, scope: str) -> FaultyRow:
    """The rows of a ledger that belong to a trade."""
    return FaultyRow(
        data_type=DataType.TRANSFERS,
        rowid=0,
        account=fill.account,
        place=scope,
        at_ms=to_ms(fill.time),
    )


def _costs(orders: Iterable[Order], fills: Iterable[Fill]) -> Iterator[Order]:
    """Orders of inverse contracts with another cost than their contracts in quote; what a contract
    is worth is known from the fills of its symbol."""
    sizes = {fill.symbol: fill.contract_size for fill in fills if fill.category == "inverse"}
    for order in orders:
        size = sizes.get(order.symbol)
        if order.category != "inverse" or not order.filled or order.cost is None or size is None:
            continue
        cost = EXACT.multiply(order.filled, size)
        if cost != order.cost:
            yield replace(order, cost=cost)
