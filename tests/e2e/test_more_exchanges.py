"""OKX, Coinbase and KuCoin against the venue's books: every balance, and every fill that is served
since the day asked from."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from exchange_cache.cache.filter import Filter
from exchange_cache.clock import to_ms
from exchange_cache.records import FillKind
from tests.e2e.world import World


@pytest.mark.parametrize("exchange", ["okx", "coinbase", "kucoin"])
def test_balances_and_served_fills_equal_the_books(
    make_world: Callable[..., World], exchange: str
) -> None:
    world = make_world(accounts={exchange: exchange}, history_days=120)
    done = world.run("sync")
    assert (done.code, done.err) == (0, "")
    truth = world.truth(exchange)
    balances: dict[str, Decimal] = {}
    for item in world.repository().mirror.balances([exchange]):
        balances[item.code] = balances.get(item.code, Decimal(0)) + item.total
    books: dict[str, Decimal] = {}
    for wallet in truth["balances_by_code"].values():
        for code, total in wallet.items():
            books[code] = books.get(code, Decimal(0)) + Decimal(total)
    assert {code: total for code, total in balances.items() if total} == {
        code: total for code, total in books.items() if total
    }

    cached = {
        (row.category, row.symbol, row.fill_id)
        for row in world.repository().ledger.fills(Filter(accounts=[exchange]))
        if row.kind is FillKind.TRADE
    }
    served = {
        (kind, symbol, str(name))
        for kind, symbols in truth["fills_served"].items()
        for symbol, names in symbols.items()
        for name in names
    }
    asked_ms = to_ms(world.clock.now()) - 119 * 86_400_000
    recent = {
        (kind, symbol, str(name))
        for kind, symbols in truth["fills"].items()
        for symbol, rows in symbols.items()
        for name, time_ms in rows
        if time_ms >= asked_ms
    }
    assert recent & served, "the world must hold fills to find"
    assert recent & served <= cached <= served
