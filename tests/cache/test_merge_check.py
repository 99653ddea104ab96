"""The comparison of the ledger with the files that it holds rows of."""

from __future__ import annotations

from exchange_cache.cache.repository import ExchangeCacheRepository
from tests.builders import at, fill, transfer

from .importing import ledger, served, stored


def test_a_ledger_that_follows_from_files_and_api_has_nothing_misplaced(
    repository: ExchangeCacheRepository,
) -> None:
    stored(repository, [fill("T1", time=at(1)), fill("T2", time=at(2)), transfer("L1", time=at(3))])
    served(repository, fill("T2", time=at(2)))
    before = ledger(repository)
    assert repository.imports.misplaced("main") == 0
    assert ledger(repository) == before


def test_a_row_that_somebody_changed_or_deleted_is_found(
    repository: ExchangeCacheRepository,
) -> None:
    stored(repository, [fill("T1", time=at(1)), fill("T2", time=at(2))])
    with repository._database.write():
        repository._database.peewee.execute_sql(
            "UPDATE exchange_fills SET quantity = '7' WHERE time_ms = "
            "(SELECT min(time_ms) FROM exchange_fills)"
        )
    assert repository.imports.misplaced("main") == 2  # the right one is missing, the other is wrong
    with repository._database.write():
        repository._database.peewee.execute_sql("DELETE FROM exchange_fills")
    assert repository.imports.misplaced("main") == 2
