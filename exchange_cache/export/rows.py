"""Writes entries as CSV and as JSON lines: every change with its units, cost and results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from exchange_cache.export.entries import Balance, Change, Entry, Head, Item
from exchange_cache.export.texts import fee_text, iso
from exchange_cache.money import to_text, to_text_or_none
from exchange_cache.visible import json_safe

#: The version of both formats: a column or key that changes raises it, a new one does not.
SCHEMA = 1

COLUMNS = (
    *("row", "time", "kind", "account", "part", "asset", "quantity", "flow", "cost", "worth"),
    *("gain", "unexplained", "written_off", "units", "owed", "opened", "settled", "lent"),
    *("symbol", "id", "price", "fees", "to_account", "tx_id", "flags", "note"),
)


def csv_rows(head: Head, items: Iterable[Item]) -> Iterator[Sequence[object]]:
    """A row for each change, balance and price; an entry without any change has one, too."""
    for item in items:
        found = _of_changes(item) if isinstance(item, Entry) else [_of_end(item)]
        for values in found:
            yield [values.get(name) for name in COLUMNS]


def _of_changes(entry: Entry) -> list[dict[str, object]]:
    event = entry.event
    about = {
        "row": "change",
        **_about(entry),
        "fees": fee_text(event.fees),
        "flags": " ".join(event.flags),
    }
    return [{**about, **_of_change(one)} for one in entry.changes] or [about]


def json_lines(head: Head, items: Iterable[Item]) -> Iterator[str]:
    """A line for the head, then one for each entry, balance and price."""
    yield _json(
        {
            "row": "head",
            "schema": SCHEMA,
            "reporting_asset": head.reporting_asset,
            "method": head.method,
            "accounts": [{"account": name, "exchange": where} for name, where in head.accounts],
            "asset": head.asset,
            "since": None if head.since is None else iso(head.since),
            "until": None if head.until is None else iso(head.until),
        }
    )
    for item in items:
        yield _json(_of_entry(item) if isinstance(item, Entry) else _of_end(item))


def _of_entry(entry: Entry) -> dict[str, object]:
    fees = [{"asset": fee.asset, "amount": to_text(fee.amount)} for fee in entry.event.fees]
    return {
        "row": "entry",
        **_about(entry),
        "fees": fees,
        "flags": list(entry.event.flags),
        "changes": [_of_change(one) for one in entry.changes],
    }


def _about(entry: Entry) -> dict[str, object]:
    event = entry.event
    return {
        "time": iso(event.time),
        "kind": event.kind,
        "account": event.account,
        "to_account": event.to_account,
        "symbol": event.symbol,
        "id": event.source_id or None,
        "price": to_text_or_none(event.price),
        "tx_id": entry.tx_id,
        "note": event.note or None,
    }


def _of_change(change: Change) -> dict[str, object]:
    """``quantity``: what the leg changed in all; ``units`` and ``cost``: what is held and what it
    cost, less what is owed and its proceeds."""
    return {
        "account": change.place.account,
        "part": change.place.aside or None,
        "asset": change.place.asset,
        "quantity": to_text(change.quantity),
        "flow": change.flow,
        "cost": to_text(change.cost - change.proceeds),
        "worth": to_text_or_none(change.worth),
        "gain": to_text(change.gain),
        "unexplained": to_text(change.unexplained),
        "written_off": to_text(change.written_off),
        "units": to_text(change.units),
        "owed": to_text(change.owed),
        "opened": to_text(change.opened),
        "settled": to_text(change.settled),
        "lent": to_text(change.lent),
    }


def _of_end(item: Item) -> dict[str, object]:
    if isinstance(item, Balance):
        held = item.held
        return {
            "row": "balance" if item.reported else "events_balance",
            "time": iso(item.at),
            "account": item.place.account,
            "part": item.place.aside or None,
            "asset": item.place.asset,
            "quantity": to_text(item.quantity),
            "units": to_text(held.units),
            "owed": to_text(held.owed),
            "cost": to_text(held.cost - held.proceeds),
        }
    assert not isinstance(item, Entry)
    return {
        "row": "price",
        "time": iso(item.at),
        "asset": item.asset,
        "price": to_text(item.price),
    }


def _json(values: Mapping[str, object]) -> str:
    return json_safe(json.dumps(values, ensure_ascii=False, separators=(",", ":")))
