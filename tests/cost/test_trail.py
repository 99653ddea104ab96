"""The events that concern an asset: counted once, and chained into a digest."""

from __future__ import annotations

import hashlib
from datetime import datetime

from exchange_cache.cost.trail import Trail, pooled_digest
from exchange_cache.ledger.events import LedgerEvent
from tests.cost.builders import at


def event(line: bytes, time: datetime) -> LedgerEvent:
    return LedgerEvent(
        time=time,
        kind="buy",
        account="main",
        symbol=None,
        source_id="",
        legs=(),
        order=(),
        digest=line,
        subject="BTC",
    )


def test_an_event_with_several_legs_counts_once() -> None:
    trail = Trail()
    first, second = event(b"one", at(1)), event(b"two", at(2))
    for each, order in ((first, 7), (first, 7), (second, 8)):
        trail.record(each, order)
    assert (trail.events, trail.first, trail.last) == (2, at(1), at(2))
    one, two = (int(hashlib.sha256(line).hexdigest(), 16) for line in (b"one", b"two"))
    assert trail.digest == (one + two) % 2**256


def test_a_pool_has_the_digests_of_its_accounts() -> None:
    pool = Trail(pooled=True)
    pool.record(event(b"one", at(1)), 1)
    assert (pool.events, pool.digest) == (1, 0)
    one, two = bytes(31) + b"\x01", bytes(31) + b"\x02"
    assert pooled_digest([1]) == one
    assert pooled_digest([1, 2]) == hashlib.sha256(one + two).digest()


def test_flags_are_counted() -> None:
    trail = Trail()
    trail.flag(("no_rate", "fee_missing"))
    trail.flag(("no_rate",))
    assert trail.flags == {"no_rate": 2, "fee_missing": 1}
