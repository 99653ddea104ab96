"""The fills of a cache as a journal that hledger and ledger read: each is one transaction, with its
cost and its fees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.records import Fill, Side


def write(cache: Path, journal: Path, asset: str = "USDT") -> dict[str, Decimal]:
    """Write the journal with today's prices; what it holds of each asset at the end."""
    held: dict[str, Decimal] = defaultdict(Decimal)
    with closing(ExchangeCacheRepository.open(cache)) as repository:
        fills = [one for one in repository.ledger.fills() if one.category == "spot"]
        prices = [one for one in repository.mirror.prices() if one.quote == asset and one.last]
    with journal.open("w", encoding="utf-8") as file:
        for price in prices:
            print(f'P {price.fetched_at:%Y-%m-%d} "{price.base}" {price.last} "{asset}"', file=file)
        for fill in sorted(fills, key=lambda one: one.time):
            print(*_transaction(fill, held), sep="\n", file=file)
    return dict(held)


def _transaction(fill: Fill, held: dict[str, Decimal]) -> Iterator[str]:
    sign = 1 if fill.side is Side.BUY else -1
    cost = fill.cost if fill.cost is not None else fill.price * fill.quantity
    held[fill.base] += sign * fill.quantity
    held[fill.quote] -= sign * cost
    yield f"\n{fill.time:%Y-%m-%d} {fill.side} {fill.fill_id}"
    quantity = f'{sign * fill.quantity:f} "{fill.base}"'
    yield f'  assets:{fill.account}  {quantity} @@ {cost:f} "{fill.quote}"'
    yield f'  assets:{fill.account}  {-sign * cost:f} "{fill.quote}"'
    for fee in fill.fees or ():
        held[fee.asset] -= fee.amount
        yield f'  expenses:fees  {fee.amount:f} "{fee.asset}"'
        yield f'  assets:{fill.account}  {-fee.amount:f} "{fee.asset}"'
