"""What moved when: fills and transfers as changes of each account's holdings, without cost.

Applied backwards to known balances, they give the holdings at an earlier moment; between two
moments, they explain why the holdings differ. Unlike in the events of the cost basis, a transfer
between own accounts is removed and added at two different times, because in between no exchange
holds it. Pure.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext

from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.bookings import Carry, recognise
from exchange_cache.ledger.converts import moving_fills
from exchange_cache.ledger.pairing import has_happened, pair_transfers
from exchange_cache.ledger.results import realised_by_fill
from exchange_cache.ledger.subscriptions import subscriptions
from exchange_cache.ledger.treatments import Cause as Cause, treatment
from exchange_cache.ledger.unread import departs
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Fee, Fill, Side, Transfer, TransferKind

Place = tuple[str, str]  # account, asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A change of one asset at one account, worth its price at ``priced_at``.

    ``worth``: the asset and the number of its units that one unit is worth then, where that is not
    the asset itself: what an asset event takes is worth what it gives.
    """

    account: str
    asset: str
    time: datetime
    quantity: Decimal
    cause: Cause
    priced_at: datetime
    worth: tuple[str, Decimal] | None = None


def flows(
    fills: Iterable[Fill],
    transfers: Iterable[Transfer],
    assets: AssetEvents | None = None,
    results: Mapping[tuple[str, str, str, str], Decimal] | None = None,
) -> tuple[Flow, ...]:
    """All changes, oldest first; repeated records count once.

    ``results``: what the fills of derivatives realised, by key; without them pass all these fills:
    their results depend on each other. ``assets``: with events, pass the whole history, since an
    event that is not booked changes all that was held.
    """
    rows = recognise(assets or AssetEvents(), fills, transfers)
    unique = moving_fills(rows.fills)
    with localcontext(EXACT):
        if results is None:
            results = realised_by_fill([fill for fill in unique.values() if fill.is_derivative])
        found = [
            flow
            for fill in unique.values()
            for flow in _fill_flows(fill, results.get(fill.key, ZERO))
        ]
        found += _transfer_flows(rows.transfers)
        found += _carried(rows.carries, found)
        return tuple(
            sorted(
                (flow for flow in found if flow.quantity),
                key=lambda flow: (flow.time, flow.account, flow.asset),
            )
        )


def _carried(carries: Iterable[Carry], found: Iterable[Flow]) -> list[Flow]:
    """What asset events change: the booked units, else all that the changes before them add up
    to."""
    changes = deque(sorted(found, key=lambda flow: flow.time))
    held: dict[Place, Decimal] = defaultdict(lambda: ZERO)
    made: list[Flow] = []
    for carry in sorted(carries, key=lambda carry: (carry.time, carry.is_booked)):
        while changes and changes[0].time < carry.time:
            flow = changes.popleft()
            held[flow.account, flow.asset] += flow.quantity
        for flow in _carry_flows(carry, held[carry.account, carry.event.old]):
            held[flow.account, flow.asset] += flow.quantity
            made.append(flow)
    return made


def _carry_flows(carry: Carry, held: Decimal) -> Iterator[Flow]:
    event, factor = carry.event, carry.event.factor
    given = held if carry.given is None else carry.given
    received = given * factor if carry.received is None else carry.received
    if event.cost_share is not None:
        given = ZERO
    made = Flow(
        account=carry.account,
        asset=event.new,
        time=carry.time,
        quantity=received,
        cause=Cause.MOVES,
        priced_at=carry.time,
    )
    yield made
    yield replace(made, asset=event.old, quantity=-given, worth=(event.new, factor))


def _fill_flows(fill: Fill, result: Decimal) -> Iterator[Flow]:
    if fill.is_derivative:
        yield _flow(fill, fill.settle or fill.quote, result, Cause.TRADES)
    else:
        sign = 1 if fill.side is Side.BUY else -1
        yield _flow(fill, fill.base, sign * fill.quantity, Cause.TRADES)
        yield _flow(fill, fill.quote, -sign * fill.cost, Cause.TRADES)
    for fee in fill.fees:
        yield _flow(fill, fee.asset, -fee.amount, Cause.FEES)


def _transfer_flows(transfers: tuple[Transfer, ...]) -> Iterator[Flow]:
    pairing = pair_transfers(transfers)
    for pair in pairing.pairs:
        left, arrived = pair.withdrawal, pair.deposit
        yield _flow(left, left.asset, -pair.sent, Cause.MOVES)
        yield _flow(arrived, arrived.asset, arrived.quantity, Cause.MOVES, priced_at=left.time)
        yield from _fee_flows(left)
        yield from _fee_flows(arrived)
    for transfer in pairing.deposits:
        yield _flow(transfer, transfer.asset, transfer.quantity, Cause.DEPOSITS)
        yield from _fee_flows(transfer)
    for transfer in pairing.withdrawals:
        yield _flow(transfer, transfer.asset, -transfer.quantity, Cause.WITHDRAWALS)
        yield from _fee_flows(transfer)
    unique = {one.key: one for one in transfers if has_happened(one)}
    for transfer in unique.values():
        treated = treatment(transfer.kind, transfer.quantity)
        if treated is not None:
            yield _flow(transfer, transfer.asset, transfer.quantity, treated.cause)
        if treated is not None or transfer.kind in _WITHIN:
            yield from _fee_flows(transfer)
        leaves = departs(transfer)
        if leaves is not None:
            sign = -1 if leaves else 1
            yield _flow(transfer, transfer.asset, sign * transfer.quantity, Cause.UNREAD)
    for found in subscriptions(unique.values()):
        cause = Cause.TRADES if found.is_complete else Cause.SUBSCRIBED
        for transfer in found.rows:
            yield _flow(transfer, transfer.asset, transfer.quantity, cause)
            yield from _fee_flows(transfer)


#: Kinds that change nothing that an account owns, except by their fees.
_WITHIN = {TransferKind.INTERNAL, TransferKind.LOAN, TransferKind.REPAYMENT}


def _fee_flows(transfer: Transfer) -> Iterator[Flow]:
    fee: Fee | None = transfer.fee
    if fee is not None:
        yield _flow(transfer, fee.asset, -fee.amount, Cause.FEES)


def _flow(
    source: Fill | Transfer,
    asset: str,
    quantity: Decimal,
    cause: Cause,
    *,
    priced_at: datetime | None = None,
) -> Flow:
    return Flow(
        account=source.account,
        asset=asset,
        time=source.time,
        quantity=quantity,
        cause=cause,
        priced_at=source.time if priced_at is None else priced_at,
    )
