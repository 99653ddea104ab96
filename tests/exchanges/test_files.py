"""The tables of all exchanges: each is recognised, and states where users find it."""

from __future__ import annotations

import pytest

from exchange_cache.exchanges import policy_for
from exchange_cache.exchanges.files import WITH_FILES, reads, tables
from exchange_cache.statements.table import Table, Zone


def named(table: Table) -> str:
    return f"{table.exchange}-{table.name}-{table.edition}"


@pytest.mark.parametrize("exchange", WITH_FILES)
def test_the_tables_of_an_exchange_are_in_its_place(exchange: str) -> None:
    assert tables(exchange)
    assert {table.exchange for table in tables(exchange)} == {exchange}


@pytest.mark.parametrize("table", tables(), ids=named)
def test_a_table_states_what_the_user_needs(table: Table) -> None:
    assert table.page
    assert table.source
    assert table.covers
    assert table.scopes or table.wallets
    assert (table.fixed is not None) == (table.zone is Zone.FIXED)


@pytest.mark.parametrize("table", tables(), ids=named)
def test_a_table_covers_histories_of_the_policy(table: Table) -> None:
    known = {(one.data_type, one.scope) for one in policy_for(table.exchange).streams}
    scopes = table.scopes or table.wallets
    for data_type in table.covers:
        assert any((data_type, scope) in known for scope in scopes), data_type


def test_no_two_tables_have_one_header() -> None:
    headers = [(frozenset(one.columns), one.exchange) for one in tables()]
    assert len(headers) == len(set(headers))


def test_a_regional_edition_has_the_tables_of_its_family() -> None:
    assert tables("krakenfutures") == tables("kraken")
    assert tables("gemini") == ()
    assert reads(tables("kraken")[0], "kraken")
    assert not reads(tables("kraken")[0], "gemini")
