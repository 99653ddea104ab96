"""Transfers as events: moves between own accounts, arrivals with what the user says of their cost,
departures, income.

The decisions are told in ``ledger_events``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
    Rates,
    StatedBasis,
    cash_leg,
    digest_of,
    event_order,
)
from exchange_cache.ledger.pairing import Pair, Pairing, has_happened
from exchange_cache.money import ZERO, rounded, to_text
from exchange_cache.records import LOAN, MARGIN_WALLETS, Fee, Transfer, TransferKind

_CHARGED = MARGIN_WALLETS | {LOAN}
#: A loan counts from before the order it is for: which of the two is logged first is not
#: documented.
_LENT_BEFORE = timedelta(minutes=1)


def move_events(pairs: Iterable[Pair], reporting_asset: str) -> Iterator[LedgerEvent]:
    for pair in pairs:
        left, arrived = pair.withdrawal, pair.deposit
        moved = min(pair.sent, arrived.quantity)
        fees = _fee_legs(left.fee, burnt=pair.sent - moved, asset=left.asset)
        fees += tuple(
            leg._replace(there=True)
            for leg in _fee_legs(arrived.fee, burnt=ZERO, asset=arrived.asset)
        )
        more = arrived.quantity - moved
        legs = (Leg(left.asset, moved, None, MOVE), *fees)
        if more:
            value = more if left.asset == reporting_asset else None
            legs += (Leg(left.asset, more, value, DEPOSIT, reason="deposit", there=True),)
        time = min(left.time, arrived.time)
        yield LedgerEvent(
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
    """The fee besides the quantity of a transfer, and what was lost on the way."""
    legs: tuple[Leg, ...] = ()
    if fee is not None and fee.amount:
        legs += (
            Leg(fee.asset, -fee.amount, None, EXPENSE, at_cost=fee.amount > 0, reason="rebate"),
        )
    if burnt:
        legs += (Leg(asset, -burnt, None, EXPENSE, at_cost=True),)
    return legs


def withdrawal_event(transfer: Transfer) -> LedgerEvent:
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


def other_events(transfers: Iterable[Transfer], rates: Rates) -> Iterator[LedgerEvent]:
    """What is neither a deposit nor a withdrawal nor (a reward that may have a stated basis) an
    arrival."""
    unique = {transfer.key: transfer for transfer in transfers if transfer.status == "ok"}
    for transfer in unique.values():
        kind, quantity = transfer.kind, transfer.quantity
        fee = _fee_legs(transfer.fee, burnt=ZERO, asset=transfer.asset)
        if kind is TransferKind.INTERNAL and LOAN in (transfer.from_wallet, transfer.to_wallet):
            yield _loan_event(transfer)
        elif kind is TransferKind.INTERNAL and fee:
            yield _transfer_event(transfer, "fee", 3, fee)
        elif kind is TransferKind.FUNDING:
            leg = cash_leg(transfer.asset, quantity, FUNDING, transfer.time, rates)
            yield _transfer_event(
                transfer, "funding", 0 if quantity > 0 else 3, (*((leg,) if quantity else ()), *fee)
            )
        elif kind is TransferKind.FEE:
            paid = quantity < 0
            leg = cash_leg(transfer.asset, quantity, EXPENSE, transfer.time, rates)
            leg = leg._replace(at_cost=paid, lends=paid and transfer.from_wallet in _CHARGED)
            yield _transfer_event(
                transfer, "fee", 3 if paid else 0, (*((leg,) if quantity else ()), *fee)
            )
        elif kind is TransferKind.OTHER and quantity < 0:
            yield _transfer_event(
                transfer,
                "other",
                3,
                (Leg(transfer.asset, quantity, None, WITHDRAWAL, at_cost=True), *fee),
            )


def _loan_event(transfer: Transfer) -> LedgerEvent:
    """Borrowed, or paid back: nothing that is owned comes or goes."""
    borrows = transfer.from_wallet == LOAN
    leg = Leg(transfer.asset, transfer.quantity if borrows else -transfer.quantity, None, LENT)
    kind, rank = ("borrow", 0) if borrows else ("repay", 3)
    time = transfer.time - _LENT_BEFORE if borrows else transfer.time
    order = event_order(time, rank, transfer.account, transfer.scope, transfer.transfer_id)
    return replace(_transfer_event(transfer, kind, rank, (leg,)), order=order)


def arrival_events(
    transfers: Iterable[Transfer],
    pairing: Pairing,
    stated: Sequence[StatedBasis],
    rates: Rates,
    cash: Collection[str],
) -> Iterator[LedgerEvent]:
    """Deposits, rewards and other income, with what the user has said about their cost, and the
    rest of what was said."""
    coming, values, told, left = _told(transfers, pairing, stated, rates, cash)
    for transfer in coming:
        yield _arrival_event(transfer, values[transfer.key], told.get(transfer.key, ()))
    yield from (_stated_event(statement) for statement in left if statement.account is not None)


def unplaced(
    transfers: Iterable[Transfer],
    pairing: Pairing,
    stated: Sequence[StatedBasis],
    rates: Rates,
    cash: Collection[str],
) -> tuple[StatedBasis, ...]:
    """What was said, without an account, of more units than arrived anywhere without a price:
    nobody can tell where they were."""
    return tuple(
        statement
        for statement in _told(transfers, pairing, stated, rates, cash)[3]
        if statement.account is None
    )


_Key = tuple[str, str, str]
_Told = tuple[
    list[Transfer],
    dict[_Key, Decimal | None],
    Mapping[_Key, tuple[StatedBasis, ...]],
    list[StatedBasis],
]


def _told(
    transfers: Iterable[Transfer],
    pairing: Pairing,
    stated: Sequence[StatedBasis],
    rates: Rates,
    cash: Collection[str],
) -> _Told:
    """All arrivals, their values, what was said of those that have none, and what was said beyond
    them."""
    kinds = (TransferKind.REWARD, TransferKind.OTHER)
    income = {t.key: t for t in transfers if t.kind in kinds and has_happened(t) and t.quantity > 0}
    coming = sorted(
        (*pairing.deposits, *income.values()), key=lambda transfer: (transfer.time, transfer.key)
    )
    values = {transfer.key: _arrival_value(transfer, rates, cash) for transfer in coming}
    unpriced = [transfer for transfer in coming if values[transfer.key] is None]
    told, left = _allocate(stated, unpriced)
    return coming, values, told, left


def _arrival_value(transfer: Transfer, rates: Rates, cash: Collection[str]) -> Decimal | None:
    known = transfer.asset == rates.reporting_asset or (
        transfer.kind is TransferKind.DEPOSIT and transfer.asset in cash
    )
    if known or transfer.kind is TransferKind.REWARD:
        return rates.value(transfer.asset, transfer.quantity, transfer.time)
    return None


def _allocate(
    stated: Sequence[StatedBasis], arrivals: list[Transfer]
) -> tuple[Mapping[tuple[str, str, str], tuple[StatedBasis, ...]], list[StatedBasis]]:
    """Give each statement to the arrivals of its asset nearest to its time; what finds none is
    handed back."""
    open_quantity = {transfer.key: transfer.quantity for transfer in arrivals}
    told: dict[tuple[str, str, str], tuple[StatedBasis, ...]] = {}
    left: list[StatedBasis] = []
    for statement in sorted(
        stated, key=lambda one: (one.at, one.asset, one.account or "", one.quantity, one.price)
    ):
        fitting = [
            t
            for t in arrivals
            if t.asset == statement.asset and statement.account in (None, t.account)
        ]
        rest = statement.quantity
        for transfer in sorted(fitting, key=lambda t: (abs(t.time - statement.at), t.key)):
            part = min(rest, open_quantity[transfer.key])
            if part > 0:
                open_quantity[transfer.key] -= part
                rest -= part
                told[transfer.key] = (
                    *told.get(transfer.key, ()),
                    replace(statement, quantity=part),
                )
        if rest > 0:
            left.append(replace(statement, quantity=rest))
    return told, left


def _arrival_event(
    transfer: Transfer, value: Decimal | None, told: tuple[StatedBasis, ...]
) -> LedgerEvent:
    kind = str(transfer.kind)
    flow = INCOME if transfer.kind is TransferKind.REWARD else DEPOSIT
    rest = transfer.quantity - sum((statement.quantity for statement in told), ZERO)
    legs = tuple(
        Leg(transfer.asset, one.quantity, rounded(one.quantity * one.price), DEPOSIT)
        for one in told
    )
    if rest > 0:
        legs += (Leg(transfer.asset, rest, value, flow, reason=kind),)
    note = (
        ""
        if not told
        else "cost as stated: "
        + ", ".join(f"{to_text(one.quantity)} at {to_text(one.price)}" for one in told)
    )
    return _transfer_event(
        transfer, kind, 0, (*legs, *_fee_legs(transfer.fee, burnt=ZERO, asset=transfer.asset)), note
    )


def _stated_event(statement: StatedBasis) -> LedgerEvent:
    """Units that no record shows arriving, of which the user says when and at which price they
    came."""
    account = statement.account or ""
    legs = (
        Leg(
            statement.asset,
            statement.quantity,
            rounded(statement.quantity * statement.price),
            DEPOSIT,
        ),
    )
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
