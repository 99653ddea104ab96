"""Converts transfers to events: moves between own accounts, receipts with their stated cost,
withdrawals, income, fees, loans, subscriptions.

``events`` explains the decisions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from exchange_cache.ledger.events import (
    DEPOSIT,
    EXPENSE,
    INCOME,
    LENT,
    MOVE,
    SUBSCRIBED,
    TRADE,
    UNREAD,
    WITHDRAWAL,
    LedgerEvent,
    Leg,
    StatedBasis,
    cash_leg,
    digest_of,
    event_order,
)
from exchange_cache.ledger.income import COSTLESS, INCOME_KINDS, VALUED, income_note, income_rate
from exchange_cache.ledger.pairing import Pair, Pairing, has_happened
from exchange_cache.ledger.rates import Rate, Rates
from exchange_cache.ledger.subscriptions import Subscription, subscriptions
from exchange_cache.ledger.treatments import RECEIPTS, RECEIVED, Treatment, treatment
from exchange_cache.ledger.unread import departs, wallet_of
from exchange_cache.money import ZERO, rounded, to_text
from exchange_cache.records import LOAN, MARGIN_WALLETS, Fee, Transfer, TransferKind

_CHARGED = MARGIN_WALLETS | {LOAN}
#: A loan takes effect before its order: exchanges do not document which of the two they log first.
_LENT_BEFORE = timedelta(minutes=1)


def transfer_events(
    transfers: Iterable[Transfer],
    pairing: Pairing,
    stated: Sequence[StatedBasis],
    rates: Rates,
    cash: Collection[str],
    income: str = VALUED,
) -> tuple[list[LedgerEvent], tuple[StatedBasis, ...]]:
    """The events, and the statements that match nothing.

    A statement without an account matches nothing if no account received that many units without a
    price: where they were held is unknown.
    """
    receipts = _receipts(transfers, pairing)
    known = {one.key: _receipt_rate(one, rates, cash, income) for one in receipts}
    applied, left = _allocate(stated, [one for one in receipts if known[one.key] is None])
    events = [_move_event(pair, rates.reporting_asset) for pair in pairing.pairs]
    for one in receipts:
        note = income_note(one, known[one.key], rates, income)
        events.append(_receipt_event(one, known[one.key], applied.get(one.key, ()), note))
    events += [_stated_event(one, one.account) for one in left if one.account is not None]
    events += [_withdrawal_event(transfer) for transfer in pairing.withdrawals]
    unique = {transfer.key: transfer for transfer in transfers if transfer.status == "ok"}
    events += [
        event for transfer in unique.values() for event in _other_events(transfer, rates, income)
    ]
    events += [_subscription_event(one, rates) for one in subscriptions(unique.values())]
    return events, tuple(statement for statement in left if statement.account is None)


def stated_accounts(stated: Iterable[StatedBasis]) -> frozenset[str]:
    """The accounts at which units are stated: an asset event happens to them without any row."""
    return frozenset(one.account for one in stated if one.account is not None)


def _move_event(pair: Pair, reporting_asset: str) -> LedgerEvent:
    left, arrived = pair.withdrawal, pair.deposit
    moved = min(pair.sent, arrived.quantity)
    fees = _fee_legs(left.fee, burnt=pair.sent - moved, asset=left.asset)
    fees += tuple(
        leg._replace(there=True) for leg in _fee_legs(arrived.fee, burnt=ZERO, asset=arrived.asset)
    )
    more = arrived.quantity - moved
    legs = (Leg(left.asset, moved, None, MOVE), *fees)
    if more:
        value = more if left.asset == reporting_asset else None
        legs += (Leg(left.asset, more, value, DEPOSIT, reason="deposit", there=True),)
    time = min(left.time, arrived.time)
    return LedgerEvent(
        time=time,
        kind="move",
        account=left.account,
        symbol=None,
        source_id=left.transfer_id,
        legs=legs,
        order=event_order(time, 2, left.account, left.scope, left.transfer_id),
        digest=digest_of(
            "move",
            left.account,
            f"{left.transfer_id}>{arrived.account}/{arrived.transfer_id}",
            time,
            legs,
        ),
        subject=left.asset,
        fees=tuple(fee for fee in (left.fee, arrived.fee) if fee is not None),
        to_account=arrived.account,
        note=f"{left.account} -> {arrived.account}, paired by {pair.by}",
    )


def _fee_legs(fee: Fee | None, *, burnt: Decimal, asset: str) -> tuple[Leg, ...]:
    """The fee besides the quantity of a transfer, and the units lost in transit."""
    legs: tuple[Leg, ...] = ()
    if fee is not None and fee.amount:
        legs += (
            Leg(fee.asset, -fee.amount, None, EXPENSE, at_cost=fee.amount > 0, reason="rebate"),
        )
    if burnt:
        legs += (Leg(asset, -burnt, None, EXPENSE, at_cost=True),)
    return legs


def _withdrawal_event(transfer: Transfer) -> LedgerEvent:
    legs = (
        Leg(transfer.asset, -transfer.quantity, None, WITHDRAWAL, at_cost=True),
        *_fee_legs(transfer.fee, burnt=ZERO, asset=transfer.asset),
    )
    return _transfer_event(transfer, "withdrawal", 3, tuple(leg for leg in legs if leg.quantity))


def _transfer_event(
    transfer: Transfer, kind: str, rank: int, legs: tuple[Leg, ...], note: str = ""
) -> LedgerEvent:
    return LedgerEvent(
        time=transfer.time,
        kind=kind,
        account=transfer.account,
        symbol=transfer.symbol,
        source_id=transfer.transfer_id,
        legs=legs,
        order=event_order(
            transfer.time, rank, transfer.account, transfer.scope, transfer.transfer_id
        ),
        digest=digest_of(
            kind, transfer.account, f"{transfer.scope}/{transfer.transfer_id}", transfer.time, legs
        ),
        subject=transfer.asset,
        fees=() if transfer.fee is None else (transfer.fee,),
        note=note,
    )


def _other_events(transfer: Transfer, rates: Rates, income: str) -> Iterator[LedgerEvent]:
    """The event of a transfer that is neither a receipt, a withdrawal nor a subscription, if it
    changes anything."""
    kind, quantity = transfer.kind, transfer.quantity
    fee = _fee_legs(transfer.fee, burnt=ZERO, asset=transfer.asset)
    treated = treatment(kind, quantity)
    if kind is TransferKind.LOAN:
        yield _loan_event(transfer)
        if fee:
            yield _transfer_event(transfer, "fee", 3, fee)
    elif kind is TransferKind.REPAYMENT:
        leg = Leg(transfer.asset, -quantity, None, LENT)
        yield _transfer_event(transfer, "repay", 3, (leg, *fee))
    elif departs(transfer) is not None:
        yield _unread_event(transfer, fee)
    elif kind is TransferKind.INTERNAL and fee:
        yield _transfer_event(transfer, "fee", 3, fee)
    elif treated is not None and not (quantity >= 0 and kind in RECEIPTS):
        if income == COSTLESS and treated.flow == INCOME:
            treated = replace(treated, valued=False, at_cost=True)
        legs = (_treated_leg(transfer, treated, rates),) if quantity else ()
        yield _transfer_event(transfer, str(kind), 0 if quantity > 0 else 3, (*legs, *fee))


def _treated_leg(transfer: Transfer, treated: Treatment, rates: Rates) -> Leg:
    """The change that a table decides; interest and fees of a wallet that lends raise its debt."""
    leg = Leg(transfer.asset, transfer.quantity, None, treated.flow)
    if treated.valued:
        leg = cash_leg(transfer.asset, transfer.quantity, treated.flow, transfer.time, rates)
    paid = transfer.quantity < 0
    return leg._replace(
        at_cost=leg.at_cost or (paid and treated.at_cost),
        lends=paid and treated.flow == EXPENSE and transfer.from_wallet in _CHARGED,
    )


def _unread_event(transfer: Transfer, fee: tuple[Leg, ...]) -> LedgerEvent:
    """A move to or from a wallet that is not read: the units are set aside, or return."""
    leaves = departs(transfer)
    quantity = -transfer.quantity if leaves else transfer.quantity
    leg = Leg(transfer.asset, quantity, None, UNREAD, reason="unread")
    note = f"{'to' if leaves else 'from'} {wallet_of(transfer)}, a wallet that is not read"
    return _transfer_event(transfer, "move", 3 if leaves else 0, (leg, *fee), note)


def _loan_event(transfer: Transfer) -> LedgerEvent:
    """Units borrowed: nothing that is owned changes, so it may count before its row. What it cost
    is paid with the row, as an event of its own."""
    leg = Leg(transfer.asset, transfer.quantity, None, LENT)
    order = event_order(
        transfer.time - _LENT_BEFORE, 0, transfer.account, transfer.scope, transfer.transfer_id
    )
    return replace(_transfer_event(transfer, "borrow", 0, (leg,)), order=order, fees=())


def _subscription_event(found: Subscription, rates: Rates) -> LedgerEvent:
    """What was given for what was allotted, at its value; else units set aside, or returned."""
    first, kind = found.rows[0], str(TransferKind.SUBSCRIPTION)
    if not found.is_complete:
        changes = {**{asset: -given for asset, given in found.given.items()}, **found.allotted}
        legs = tuple(
            Leg(asset, quantity, None, SUBSCRIBED, reason=kind)
            for asset, quantity in changes.items()
        )
        note = "given for an allotment that is not known yet" if found.given else ""
        return _transfer_event(first, kind, 3 if found.given else 0, legs + _all_fees(found), note)
    worth = _worth(found, rates)
    legs = tuple(
        Leg(asset, -given, worth.get(asset), TRADE) for asset, given in found.given.items()
    )
    legs += tuple(
        Leg(asset, allotted, worth.get(asset), TRADE, reason="no_rate")
        for asset, allotted in found.allotted.items()
    )
    event = _transfer_event(first, kind, 1, legs + _all_fees(found))
    flags = () if worth else ("no_rate",)
    return replace(event, subject=next(iter(found.allotted)), flags=flags)


def _all_fees(found: Subscription) -> tuple[Leg, ...]:
    return tuple(
        leg for row in found.rows for leg in _fee_legs(row.fee, burnt=ZERO, asset=row.asset)
    )


def _worth(found: Subscription, rates: Rates) -> dict[str, Decimal]:
    """The value of each asset given and of the one allotted, by the market value of those given,
    else of the one allotted; empty if it is unknown, or if several are allotted."""
    if len(found.allotted) > 1:
        return {}
    ((new, allotted),) = found.allotted.items()
    at = found.rows[0].time
    values = {asset: rates.value(asset, given, at) for asset, given in found.given.items()}
    known = {asset: value for asset, value in values.items() if value is not None}
    if len(known) == len(values):
        return {**known, new: sum(known.values(), ZERO)}
    value = rates.value(new, allotted, at) if len(values) == 1 else None
    return {} if value is None else {new: value, **dict.fromkeys(values, value)}


def _receipts(transfers: Iterable[Transfer], pairing: Pairing) -> list[Transfer]:
    """Unpaired deposits, rewards and other income, oldest first."""
    income = {
        t.key: t for t in transfers if t.kind in RECEIPTS and has_happened(t) and t.quantity > 0
    }
    return sorted((*pairing.deposits, *income.values()), key=lambda one: (one.time, one.key))


def _receipt_rate(
    transfer: Transfer, rates: Rates, cash: Collection[str], income: str
) -> Rate | None:
    """What one unit of a receipt costs; None if that is unknown."""
    treated = RECEIVED.get(transfer.kind)
    known = transfer.asset == rates.reporting_asset or (
        transfer.kind is TransferKind.DEPOSIT and transfer.asset in cash
    )
    if transfer.kind in INCOME_KINDS:
        return income_rate(transfer, rates, income)
    if known or (treated is not None and treated.valued):
        return rates.rate(transfer.asset, transfer.time)
    return None


_Applied = dict[tuple[str, str, str], tuple[StatedBasis, ...]]


def _allocate(
    stated: Sequence[StatedBasis], receipts: list[Transfer]
) -> tuple[_Applied, list[StatedBasis]]:
    """Assign statements to the receipts nearest in time; also returns the remaining statements."""
    open_quantity = {transfer.key: transfer.quantity for transfer in receipts}
    applied: _Applied = {}
    left: list[StatedBasis] = []
    for statement in sorted(
        stated, key=lambda one: (one.at, one.asset, one.account or "", one.quantity, one.price)
    ):
        fitting = [
            t
            for t in receipts
            if t.asset == statement.asset and statement.account in (None, t.account)
        ]
        rest = statement.quantity
        for transfer in sorted(fitting, key=lambda t: (abs(t.time - statement.at), t.key)):
            part = min(rest, open_quantity[transfer.key])
            if part > 0:
                open_quantity[transfer.key] -= part
                rest -= part
                before = applied.get(transfer.key, ())
                applied[transfer.key] = (*before, replace(statement, quantity=part))
        if rest > 0:
            left.append(replace(statement, quantity=rest))
    return applied, left


def _receipt_event(
    transfer: Transfer, rate: Rate | None, stated: tuple[StatedBasis, ...], note: str = ""
) -> LedgerEvent:
    kind = str(transfer.kind)
    treated = RECEIVED.get(transfer.kind)
    flow = DEPOSIT if treated is None else treated.flow
    rest = transfer.quantity - sum((one.quantity for one in stated), ZERO)
    legs = tuple(
        Leg(transfer.asset, one.quantity, rounded(one.quantity * one.price), DEPOSIT)
        for one in stated
    )
    if rest > 0 and rate is None:
        legs += (Leg(transfer.asset, rest, None, flow, reason=kind),)
    elif rest > 0 and rate is not None:
        value = rounded(rest * rate.value)
        legs += (Leg(transfer.asset, rest, value, flow, reason=kind, resolution=rate.resolution),)
    legs += _fee_legs(transfer.fee, burnt=ZERO, asset=transfer.asset)
    costs = ", ".join(f"{to_text(one.quantity)} at {to_text(one.price)}" for one in stated)
    return _transfer_event(transfer, kind, 0, legs, f"cost as stated: {costs}" if costs else note)


def _stated_event(statement: StatedBasis, account: str) -> LedgerEvent:
    """Units that no record shows; the user states when and at which price they were acquired."""
    value = rounded(statement.quantity * statement.price)
    legs = (Leg(statement.asset, statement.quantity, value, DEPOSIT),)
    source = f"stated/{to_text(statement.quantity)}@{to_text(statement.price)}"
    return LedgerEvent(
        time=statement.at,
        kind="stated",
        account=account,
        symbol=None,
        source_id=source,
        legs=legs,
        order=event_order(statement.at, 0, account, "stated", source),
        digest=digest_of("stated", account, source, statement.at, legs),
        subject=statement.asset,
        price=statement.price,
        note="opening quantity as stated",
    )
