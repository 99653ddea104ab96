"""Writes entries as rows of Koinly's universal CSV.

Amounts are without fees: what Koinly calls a fee leaves the account besides the amount sent, and is
not in the amount received. A rebate, and each fee after the first, is a row of its own. Koinly has
no columns for costs: it derives them itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from exchange_cache.export.entries import Change, Entry, Head, Item
from exchange_cache.export.texts import caption
from exchange_cache.ledger import events as le
from exchange_cache.money import ZERO
from exchange_cache.records import Fee, TransferKind

COLUMNS = (
    *("Date", "Sent Amount", "Sent Currency", "Received Amount", "Received Currency"),
    *("Fee Amount", "Fee Currency", "Net Worth Amount", "Net Worth Currency"),
    *("Label", "Description", "TxHash"),
)
_PNL = "realized gain"
#: The label of what is received and of what is given, by its flow.
_LABELS = {
    le.INCOME: ("reward", "cost"),
    le.FUNDING: (_PNL, _PNL),
    le.DERIVATIVE: (_PNL, _PNL),
    le.EXPENSE: ("fee refund", "cost"),
    le.MOVE: ("swap", "swap"),  # of an asset event; a transfer has none
}
_KINDS = {
    (le.INCOME, str(TransferKind.AIRDROP)): ("airdrop", "cost"),
    (le.INCOME, str(TransferKind.INTEREST)): ("lending interest", "cost"),
    (le.EXPENSE, str(TransferKind.INTEREST)): ("fee refund", "loan fee"),
    (le.EXPENSE, "derivative"): ("fee refund", "margin fee"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """An amount sent, one received, or both."""

    sent: Fee | None = None
    received: Fee | None = None
    fee: Fee | None = None
    label: str = ""


def koinly_rows(head: Head, items: Iterable[Item]) -> Iterator[Sequence[object]]:
    """The rows below the header."""
    for item in items:
        if isinstance(item, Entry):
            for row in _rows(item):
                yield _fields(item, row)


def _fields(entry: Entry, row: _Row) -> Sequence[object]:
    amounts = [_pair(one) for one in (row.sent, row.received, row.fee)]
    event = entry.event
    note = f" ({event.note})" if event.note else ""
    text = f"{event.account}: {caption(entry)}{note}"
    time = event.time.strftime("%Y-%m-%d %H:%M:%S")
    return (time, *amounts[0], *amounts[1], *amounts[2], None, None, row.label, text, entry.tx_id)


def _pair(amount: Fee | None) -> tuple[object, object]:
    return (None, None) if amount is None else (amount.amount, amount.asset)


def _rows(entry: Entry) -> Iterator[_Row]:
    """What an entry moved: first what was exchanged, then the rest, each at its own account."""
    moved = [one for one in entry.changes if one.quantity and not one.place.aside]
    traded = [one for one in moved if one.flow == le.TRADE]
    if len(traded) == 2 and traded[0].quantity * traded[1].quantity < 0:
        yield from _trade(entry, traded)
        moved = [one for one in moved if one.flow not in {le.TRADE, le.FEE}]
    elif traded:
        yield from (_single(entry, one, "") for one in traded)
        moved = [one for one in moved if one.flow != le.TRADE]
    if entry.event.carry is not None and len(moved) == 2:
        yield _exchange(moved)
        return
    yield from _with_fees(entry, moved)
    ended = [one for one in entry.changes if one.flow in {"unexplained", "unrealised"}]
    yield from (_single(entry, one, "") for one in ended if one.place.aside)


def _trade(entry: Entry, traded: list[Change]) -> Iterator[_Row]:
    """A fill: the amounts before its fees, the first fee beside them, then the other ones."""
    row = _exchange(traded)
    assert row.sent is not None and row.received is not None
    fees = [fee for fee in entry.event.fees if fee.amount]
    held = {one.place.asset for one in entry.changes}
    fees = [fee for fee in fees if fee.asset in held]
    sent, received = row.sent, row.received
    for fee in fees:
        if fee.asset == sent.asset:
            sent = replace(sent, amount=sent.amount - fee.amount)
        elif fee.asset == received.asset:
            received = replace(received, amount=received.amount + fee.amount)
    charged = [fee for fee in fees if fee.amount > 0]
    first = charged[0] if charged else None
    yield replace(row, sent=sent, received=received, fee=first)
    yield from (_Row(sent=fee, label="cost") for fee in charged[1:])
    for fee in fees:
        if fee.amount < 0:
            yield _Row(received=replace(fee, amount=-fee.amount), label="fee refund")


def _exchange(changes: list[Change]) -> _Row:
    given, got = sorted(changes, key=lambda one: one.quantity)
    is_trade = given.flow == le.TRADE
    return _Row(
        sent=Fee(asset=given.place.asset, amount=-given.quantity),
        received=Fee(asset=got.place.asset, amount=got.quantity),
        label="" if is_trade else "swap",
    )


def _with_fees(entry: Entry, moved: list[Change]) -> Iterator[_Row]:
    """Each change as a row; the fee of a transfer beside what it moved."""
    kinds = {"deposit", "withdrawal", "move"}
    charged = [one for one in moved if one.flow == le.EXPENSE and one.quantity < 0]
    for one in moved:
        if one in charged and entry.event.kind in kinds:
            continue
        row = _single(entry, one, _label(entry, one))
        own = [each for each in charged if each.place.account == one.place.account]
        if entry.event.kind in kinds and own and one.flow != le.EXPENSE:
            total = -sum((each.quantity for each in own), ZERO)
            row = replace(row, fee=Fee(asset=own[0].place.asset, amount=total))
            charged = [each for each in charged if each not in own]
        yield row
    if entry.event.kind in kinds:
        yield from (_single(entry, one, "cost") for one in charged)


def _single(entry: Entry, change: Change, label: str) -> _Row:
    amount = Fee(asset=change.place.asset, amount=abs(change.quantity))
    if change.quantity < 0:
        return _Row(sent=amount, label=label)
    return _Row(received=amount, label=label)


def _label(entry: Entry, change: Change) -> str:
    kind = entry.event.kind
    if change.flow == le.MOVE and entry.event.carry is None:
        return ""
    found = _KINDS.get((change.flow, kind)) or _LABELS.get(change.flow, ("", ""))
    return found[change.quantity < 0]
