"""What of a ledger takes more than one row to know: compared with what it was, because no row shows
alone that it changed."""

from __future__ import annotations

import json
from collections.abc import Iterator

from exchange_cache.cache.cost_late import Link, link
from exchange_cache.clock import to_ms
from exchange_cache.ledger.timeline import Timeline, began, codes_of
from exchange_cache.records import Transfer


def links_of(timeline: Timeline) -> Iterator[Link]:
    """What takes more than one row to know, and when its event happened."""
    for pair in timeline.pairing.pairs:
        rows = (pair.withdrawal, pair.deposit)
        codes = {code for one in rows for code in _codes(one)}
        text = f"pair by {pair.by} {json.dumps([*map(_end_of, rows)])}"
        yield link(text, to_ms(began(pair)), codes)
        # The later of its rows is an event of its own where they are no pair.
        yield link(f"end of {text}", max(to_ms(one.time) for one in rows), codes)
    for carry in timeline.carries:
        yield Link(f"carry {carry!r}", to_ms(carry.time), None)
    for (account, event), since in timeline.replaced().items():
        yield Link(f"reads {account} {event.sentence} {since}", to_ms(since), None)
    for row, kind in timeline.moved_between():
        text = json.dumps([*row.key, str(kind)])
        yield link(f"between {text}", to_ms(row.time), _codes(row))
    for one in timeline.subscribed:
        yield link(f"subscribed {one.digest.decode()}", to_ms(one.time), codes_of(one))
    for receipt in timeline.stated_events:
        yield link(f"stated {receipt.digest.decode()}", to_ms(receipt.time), codes_of(receipt))
    yield from convert_links(timeline)


def _codes(row: Transfer) -> tuple[str, ...]:
    return (row.asset,) if row.fee is None else (row.asset, row.fee.asset)


def _end_of(row: Transfer) -> list[str]:
    """One end of a pair, with all that its event depends on."""
    return [*row.key, str(to_ms(row.time)), row.asset, str(row.quantity), repr(row.fee)]


def convert_links(timeline: Timeline) -> Iterator[Link]:
    """Each convert of several rows, which is one event at the first of them."""
    for halves in timeline.halves:
        rows = [
            f"{one.fill_id} {one.side} {one.base} {one.quote} {one.quantity} {one.price} {one.cost}"
            f" {to_ms(one.time)} {one.fees_known} {one.kind} {one.fees}"
            for one in sorted(halves, key=lambda one: one.key)
        ]
        first = halves[0]
        codes = {code for one in halves for code in (one.base, one.quote)}
        codes |= {fee.asset for one in halves for fee in one.fees}
        place = f"{first.account} {first.category} {first.order_id}"
        at_ms = min(to_ms(one.time) for one in halves)
        yield link(f"convert {place}: {'; '.join(rows)}", at_ms, codes)
