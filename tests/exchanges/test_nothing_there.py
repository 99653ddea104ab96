"""Every place of every documented answer, with each value that leaves nothing of it: the engine
says so, or makes as many records, none with a text that is Python's word for nothing."""

from __future__ import annotations

import pytest

from exchange_cache.errors import BadResponse, ExcacheError, RateLimited
from tests.exchanges import cases, nothing_there


def _named(exchange: str, what: str) -> list[str]:
    every = cases.documented().items()
    return [name for name, one in every if (one.exchange, cases.named(one)) == (exchange, what)]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("kucoin-13", (0, "direction")),
        ("okx-16", (0, "side")),
        *((name, (0, "direction")) for name in _named("binance", "transfers-dividends")),
        *((name, (0, "ioDirection")) for name in _named("bybit", "transfers-funding-ledger")),
        *((name, (0, "direction")) for name in _named("deribit", "transfers-transfers")),
        ("phemex-1", (0, "side")),
        ("phemex-8", (0, "side")),
        *((name, (0, "posMode")) for name in _named("bitget", "fills-usdt-futures")),
        *((name, (0, "posMode")) for name in _named("bitget", "orders-usdt-futures")),
        ("hyperliquid-2", (2, "delta", "toPerp")),
        ("hyperliquid-2", (17, "delta", "isDeposit")),
    ],
    ids=str,
)
def test_no_direction_is_guessed(name: str, path: tuple[int | str, ...]) -> None:
    assert path in dict(nothing_there.places(name))
    with pytest.raises(BadResponse, match=str(path[-1])):
        nothing_there.records(name, path, "sideways")


@pytest.mark.sampled(40)
@pytest.mark.parametrize("name", cases.documented())
def test_nothing_is_lost_or_invented_in_silence(name: str) -> None:
    wrong = []
    for path, old in nothing_there.places(name):
        for value in nothing_there.GONE:
            if not nothing_there.fits(path, old, value):
                continue
            try:
                wrong.append(nothing_there.wrong(name, path, old, value))
            except RateLimited:
                nothing_there.adapter.cache_clear()  # it would wait
            except ExcacheError:
                pass  # in words
    assert [found for found in wrong if found] == []
