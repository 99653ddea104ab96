"""Converts transfers to events: moves between own accounts, receipts with their stated cost,
withdrawals, income, fees, loans.

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
    FUNDING,
    INCOME,
    LENT,
    MOVE,
    WITHDRAWAL,
    LedgerEvent,
    Leg,
    StatedBasis,
    cash_leg,
    digest_of,
    event_order,
)
from exchange_cache.ledger.income import INCOME_KINDS, VALUED, income_note, income_rate
from exchange_cache.ledger.pairing import Pair, Pairing, has_happened
from exchange_cache.ledger.rates import Rate, Rates
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
    events += [event for transfer in unique.values() for event in _other_events(transfer, rates)]
    return events, tuple(statement for statement in left if statement.account is None)


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


def _other_events(transfer: Transfer, rates: Rates) -> Iterator[LedgerEvent]:
    """The event of a transfer that is neither a receipt nor a withdrawal, if it changes
    anything."""
    kind, quantity = transfer.kind, transfer.quantity
    fee = _fee_legs(transfer.fee, burnt=ZERO, asset=transfer.asset)
    if kind is TransferKind.INTERNAL and LOAN in (transfer.from_wallet, transfer.to_wallet):
        yield _loan_event(transfer)
    elif kind is TransferKind.INTERNAL and fee:
        yield _transfer_event(transfer, "fee", 3, fee)
    elif kind is TransferKind.FUNDING:
        leg = cash_leg(transfer.asset, quantity, FUNDING, transfer.time, rates)
        rank = 0 if quantity > 0 else 3
        yield _transfer_event(transfer, "funding", rank, (*((leg,) if quantity else ()), *fee))
    elif kind is TransferKind.FEE:
        paid = quantity < 0
        leg = cash_leg(transfer.asset, quantity, EXPENSE, transfer.time, rates)
        leg = leg._replace(at_cost=paid, lends=paid and transfer.from_wallet in _CHARGED)
        rank = 3 if paid else 0
        yield _transfer_event(transfer, "fee", rank, (*((leg,) if quantity else ()), *fee))
    elif kind is TransferKind.UNCLASSIFIED and quantity < 0:
        leg = Leg(transfer.asset, quantity, None, WITHDRAWAL, at_cost=True)
        yield _transfer_event(transfer, "other", 3, (leg, *fee))


def _loan_event(transfer: Transfer) -> LedgerEvent:
    """Units borrowed or paid back: nothing that is owned changes."""
    borrows = transfer.from_wallet == LOAN
    leg = Leg(transfer.asset, transfer.quantity if borrows else -transfer.quantity, None, LENT)
    kind, rank = ("borrow", 0) if borrows else ("repay", 3)
    time = transfer.time - _LENT_BEFORE if borrows else transfer.time
    order = event_order(time, rank, transfer.account, transfer.scope, transfer.transfer_id)
    return replace(_transfer_event(transfer, kind, rank, (leg,)), order=order)


def _receipts(transfers: Iterable[Transfer], pairing: Pairing) -> list[Transfer]:
    """Unpaired deposits, rewards and other income, oldest first."""
    kinds = {*INCOME_KINDS, TransferKind.UNCLASSIFIED}
    income = {t.key: t for t in transfers if t.kind in kinds and has_happened(t) and t.quantity > 0}
    return sorted((*pairing.deposits, *income.values()), key=lambda one: (one.time, one.key))


def _receipt_rate(
    transfer: Transfer, rates: Rates, cash: Collection[str], income: str
) -> Rate | None:
    """What one unit of a receipt costs; None if that is unknown."""
    known = transfer.asset == rates.reporting_asset or (
        transfer.kind is TransferKind.DEPOSIT and transfer.asset in cash
    )
    if transfer.kind in INCOME_KINDS:
        return income_rate(transfer, rates, income)
    if known:
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
    flow = INCOME if transfer.kind in INCOME_KINDS else DEPOSIT
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
