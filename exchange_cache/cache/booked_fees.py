"""The fees of fills that ledgers book otherwise than the lists of fills state.

Both are read by themselves, in any order and again and again. So a booking is kept until its fill
is stored, and as long as it differs from what the list of fills states, which would otherwise
return with every page. Where both agree nothing is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from exchange_cache.booked import BookedFees
from exchange_cache.cache.codec import Codec, Row
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import FROM_FILE
from exchange_cache.cache.ledger_models import FILLS, FillRow
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.table import selected, table
from exchange_cache.money import ZERO
from exchange_cache.records import Fee, Fill

BOOKED = Codec(BookedFees)
BookedFeesRow = table("booked_fees", BOOKED, key=("account", "fill_id"))

#: Far more than a ledger and a list of fills differ in their times of one trade.
_AROUND_MS = 3_600_000
_BATCH = 500


def in_place(database: CacheDatabase, rows: Sequence[Row]) -> list[Row]:
    """Rows of fills with the fees that their ledger books, where it differs."""
    if not _any(database, {row["account"] for row in rows}):
        return list(rows)
    booked = _booked(database, [(row["account"], row["fill_id"]) for row in rows])
    return [_with(row, booked.get((row["account"], row["fill_id"]))) for row in rows]


def _any(database: CacheDatabase, accounts: Collection[str]) -> bool:
    """Whether anything is booked for one of these accounts, as few exchanges do."""
    query = BookedFeesRow.select(BookedFeesRow.account)
    query = query.where(BookedFeesRow.account.in_(accounts))
    return bool(database.rows(query.limit(1)))


def book(database: CacheDatabase, found: Iterable[BookedFees]) -> int:
    """Give the stored fills these fees, inside the caller's transaction; how many changed."""
    items = {item.key: item for item in found}
    if not items:
        return 0
    stored = _fills(database, items)
    agreed = {_key(fill) for fill in stored if _sums(fill.fees) == _sums(items[_key(fill)].fees)}
    kept = _booked(database, list(items))
    new = [BOOKED.encode(item) for key, item in items.items() if key not in agreed | kept.keys()]
    changed = [BOOKED.encode(item) for key, item in items.items() if key in kept]
    insert_many(database, BookedFeesRow, [*new, *changed], "replace")
    differing = [fill for fill in stored if _key(fill) not in agreed]
    for fill in differing:
        fees = BOOKED.encode(items[_key(fill)])["fees"]
        database.run(FillRow.update(fees=fees, fees_known=True).where(*_is(fill)))
    return len(differing)


def _key(fill: Fill) -> tuple[str, str]:
    return fill.account, fill.fill_id


def _is(fill: Fill) -> tuple[Any, ...]:
    return (
        FillRow.account == fill.account,
        FillRow.category == fill.category,
        FillRow.symbol == fill.symbol,
        FillRow.fill_id == fill.fill_id,
    )


def _with(row: Row, booked: BookedFees | None) -> Row:
    if booked is None:
        return row
    return {**row, "fees": BOOKED.encode(booked)["fees"], "fees_known": True}


def _sums(fees: Iterable[Fee]) -> Mapping[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for fee in fees:
        sums[fee.asset] += fee.amount
    return {asset: amount for asset, amount in sums.items() if amount}


def _fills(database: CacheDatabase, items: Mapping[tuple[str, str], BookedFees]) -> list[Fill]:
    """The stored fills of bookings, found by their times: their ids alone have no index. What
    files state is charged when it is merged, so that a booking stays for it."""
    times = sorted(BOOKED.encode(item)["time_ms"] for item in items.values())
    query = selected(FillRow, FILLS).where(
        FillRow.account.in_({account for account, _ in items}),
        FillRow.time_ms.between(times[0] - _AROUND_MS, times[-1] + _AROUND_MS),
        FillRow.served_by.is_null() | ~FillRow.served_by.startswith(FROM_FILE),
    )
    return [fill for fill in FILLS.read(database.rows(query)) if _key(fill) in items]


def _booked(
    database: CacheDatabase, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], BookedFees]:
    ids: dict[str, list[str]] = defaultdict(list)
    for account, fill_id in keys:
        ids[account].append(fill_id)
    found: dict[tuple[str, str], BookedFees] = {}
    for account, own in ids.items():
        for start in range(0, len(own), _BATCH):
            query = selected(BookedFeesRow, BOOKED).where(
                BookedFeesRow.account == account,
                BookedFeesRow.fill_id.in_(own[start : start + _BATCH]),
            )
            found |= {item.key: item for item in BOOKED.read(database.rows(query))}
    return found
