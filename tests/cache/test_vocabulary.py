"""The words of the cache: those of its small tables, then those of the ledger."""

from __future__ import annotations

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.records import DataType
from tests.builders import NOW, balance, fill, position, price, transfer


def filled(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances("main", "spot", [balance(asset="ETH")])
    repository.mirror.replace_prices("main", "spot", [price("BTC/USDT")])
    repository.mirror.replace_positions("main", "linear", [position(symbol="SOL/USDC:USDC")])
    for data_type, row in (
        (DataType.FILLS, fill("1", symbol="ADA/EUR")),
        (DataType.FILLS, fill("2", symbol="ADA/EUR")),
        (DataType.FILLS, fill("3", symbol="DOT/EUR")),
        (DataType.TRANSFERS, transfer(asset="XRP")),
    ):
        key = StreamKey(account="main", data_type=data_type, scope=str(row))
        repository.ledger.save_page(repository.ledger.state(key), [row], NOW)


def test_assets_of_the_small_tables_come_before_those_of_the_ledger(
    repository: ExchangeCacheRepository,
) -> None:
    filled(repository)
    small, ledger = repository.vocabulary.assets()
    assert small == {"ETH", "BTC", "USDT", "USDC"}
    assert {"ADA", "DOT", "EUR", "XRP", "SOL"} <= ledger


def test_symbols_of_the_small_tables_come_before_those_of_the_ledger(
    repository: ExchangeCacheRepository,
) -> None:
    filled(repository)
    small, ledger = repository.vocabulary.symbols()
    assert small == {"BTC/USDT", "SOL/USDC:USDC"}
    assert ledger == {"ADA/EUR", "DOT/EUR"}


def test_an_empty_cache_knows_no_word(repository: ExchangeCacheRepository) -> None:
    assert [*repository.vocabulary.assets(), *repository.vocabulary.symbols()] == [frozenset()] * 4


def test_the_symbols_of_fills_are_found_without_a_pass_over_all_rows(
    repository: ExchangeCacheRepository,
) -> None:
    from exchange_cache.cache.vocabulary import _TRADED

    plan = repository._database.select(f"EXPLAIN QUERY PLAN {_TRADED}", ())
    steps = [str(step[3]) for step in plan if "exchange_fills" in str(step[3])]
    assert steps
    assert all("USING COVERING INDEX" in step for step in steps), steps
