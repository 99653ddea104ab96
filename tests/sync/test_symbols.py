"""The symbols of a stream, from what an account holds, traded and was sent."""

from __future__ import annotations

from exchange_cache.adapter.policy import IdPaging, WalletPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import SetClock
from exchange_cache.records import DataType
from exchange_cache.sync.opened import Opened
from exchange_cache.sync.symbols import Symbols
from tests.builders import NOW, balance, fill
from tests.sync.fake_port import FakeExchange, market, policy, stream

BY_ID = IdPaging(param="fromId", step=1, start="0", whole_history=True)
SPOT = stream(needs_symbol=True, paging=BY_ID)
MARGIN = stream(scope="margin", category="margin", needs_symbol=True, paging=BY_ID, wallet="margin")
LINEAR = stream(scope="linear", category="linear", needs_symbol=True, paging=BY_ID)
LISTED = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "ADA/USDT")


def symbols(
    repository: ExchangeCacheRepository, clock: SetClock, configured: tuple[str, ...] = ()
) -> Symbols:
    port = FakeExchange(
        policy(
            SPOT,
            MARGIN,
            LINEAR,
            wallets=(WalletPolicy(name="spot"), WalletPolicy(name="margin")),
            discovery_quotes=("USDT",),
        )
    )
    port.listed = {name: market(name, margin=True) for name in LISTED} | {
        "BTC/USDT:USDT": market("BTC/USDT:USDT")
    }
    return Symbols(port, repository, Opened(port, repository, clock), configured)


def traded(repository: ExchangeCacheRepository, symbol: str) -> None:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot", symbol=symbol)
    repository.ledger.save_page(StreamState(key=key), [fill(symbol=symbol)], NOW)


def test_what_was_traded_held_and_configured_comes_first(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    traded(repository, "BTC/USDT")
    repository.mirror.replace_balances("main", "spot", (balance("2", "ETH"),))
    found = symbols(repository, clock, ("SOL/USDT", "BTC/USDT:USDT")).candidates(SPOT, ())
    assert found.active == (("SOL/USDT", "configured"), ("BTC/USDT", "traded"))
    assert (found.likely, found.rest) == ((("ETH/USDT", "held"),), ("ADA/USDT",))


def test_a_symbol_that_another_history_named_belongs_to_its_own_category_listed_or_not(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    ended = ("GONE/USDT:USDT", "BTC/USDT:USDT-260615")
    others = ("GONE/USDT", "GONE/USD:GONE", "BTC/USDT:USDT-260615-60000-C")
    made, named = symbols(repository, clock), ("BTC/USDT:USDT", *ended, *others)
    assert made.candidates(LINEAR, named).active == (
        ("BTC/USDT:USDT", "traded"),
        ("BTC/USDT:USDT-260615", "traded"),
        ("GONE/USDT:USDT", "traded"),
    )
    assert made.candidates(SPOT, named).active == ()


def test_a_margin_wallet_leads_to_its_own_symbols_only(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    traded(repository, "BTC/USDT")
    repository.mirror.replace_balances("main", "margin", (balance("2", "ETH", wallet="margin"),))
    found = symbols(repository, clock).candidates(MARGIN, ())
    assert (found.active, found.likely) == ((), (("ETH/USDT", "held"),))
