"""Writes entries as rows of Koinly's universal CSV.

Amounts are without fees: what Koinly calls a fee leaves the account besides the amount sent, and is
not in the amount received. A rebate, and each fee after the first, is a row of its own. Koinly has
no columns for costs: it derives them itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from exchange_cache.export.accounts import INSIDE
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
#: Transfers, whose charges are fees of theirs.
_TRANSFERS = frozenset({"deposit", "withdrawal", "move"})
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
    """What an entry moved: units that had to be opened, what was exchanged, then the rest."""
    inside = [one for one in entry.changes if one.place.aside in ("", *INSIDE)]
    for one in inside:
        if one.opened:
            yield _Row(received=Fee(asset=one.place.asset, amount=one.opened))
    moved = [one for one in inside if _amount(one)]
    traded = [one for one in moved if one.flow == le.TRADE]
    if len(traded) == 2 and _amount(traded[0]) * _amount(traded[1]) < 0:
        yield from _trade(entry, traded)  # its fees are in the other changes
    elif entry.event.carry is not None and len(moved) == 2:
        yield _exchange(moved)
    elif entry.event.kind in _TRANSFERS:
        yield from _transfer(entry, moved)
    else:
        yield from (_single(one, _label(entry, one)) for one in moved)


def _amount(change: Change) -> Decimal:
    """What an account received (negative: gave), without what settles units opened before."""
    return change.units - change.owed


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
    given, got = sorted(changes, key=_amount)
    return _Row(
        sent=_single(given, "").sent,
        received=_single(got, "").received,
        label="" if given.flow == le.TRADE else "swap",
    )


def _transfer(entry: Entry, moved: list[Change]) -> Iterator[_Row]:
    """What a transfer moved, at each end, beside what it was charged there."""
    charged: dict[str, Fee] = {}
    rows: dict[str, _Row] = {}
    for one in moved:
        row, account = _single(one, _label(entry, one)), one.place.account
        known = charged.get(account)
        if one.flow != le.EXPENSE or row.sent is None or account not in rows:
            if account in rows:
                yield rows.pop(account)
            rows[account] = row
        elif known is None or known.asset == row.sent.asset:
            total = row.sent.amount + (ZERO if known is None else known.amount)
            charged[account] = replace(row.sent, amount=total)
        else:
            yield row
    yield from (replace(row, fee=charged.get(account)) for account, row in rows.items())


def _single(change: Change, label: str) -> _Row:
    amount = Fee(asset=change.place.asset, amount=abs(_amount(change)))
    if _amount(change) < 0:
        return _Row(sent=amount, label=label)
    return _Row(received=amount, label=label)


def _label(entry: Entry, change: Change) -> str:
    if change.flow == le.MOVE and entry.event.carry is None:
        return ""
    found = _KINDS.get((change.flow, entry.event.kind)) or _LABELS.get(change.flow, ("", ""))
    return found[_amount(change) < 0]
