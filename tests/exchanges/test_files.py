"""The tables of all exchanges: each names histories and wallets that its policy has."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_cache.exchanges import policy_for
from exchange_cache.exchanges.files import reads, tables
from exchange_cache.statements.reading import recognise
from exchange_cache.statements.table import Table, Zone
from tests.statements.files import written

TABLES = tables()


@pytest.mark.parametrize(
    "table", TABLES, ids=lambda table: f"{table.exchange} {table.name} {table.edition}"
)
def test_a_table_covers_histories_and_wallets_of_its_policy(table: Table) -> None:
    policy = policy_for(table.exchange)
    scopes = {stream.scope for stream in policy.streams if stream.data_type in table.covers}
    assert set(table.scopes) <= scopes
    assert set(table.wallets) <= {wallet.name for wallet in policy.wallets}
    assert table.page and table.source
    assert (table.fixed is not None) == (table.zone is Zone.FIXED)


def test_no_two_tables_of_an_exchange_have_the_same_header() -> None:
    headers = [(table.exchange, frozenset(table.columns)) for table in TABLES]
    assert len(set(headers)) == len(headers)


def test_no_two_editions_have_one_name() -> None:
    names = [(table.exchange, table.name, table.edition) for table in TABLES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "table", TABLES, ids=lambda table: f"{table.exchange} {table.name} {table.edition}"
)
@pytest.mark.parametrize("full", [False, True], ids=["needed", "all"])
def test_a_header_is_recognised_as_its_own_table(table: Table, full: bool, tmp_path: Path) -> None:
    names = (*table.columns, *(table.optional if full else ()))
    header = ",".join(name.replace("*", "+08:00").removesuffix("#2") for name in names if name)
    found = recognise(written(tmp_path, f"{header}\n{',' * (len(names) - 1)}\n"), TABLES)
    assert (found.table.name, found.table.edition) == (table.name, table.edition)


def test_a_regional_edition_has_the_tables_of_its_family() -> None:
    assert tables("binanceus") == tables("binance")
    assert tables("krakenfutures") == ()  # an exchange of its own
    assert reads(tables("kraken")[0], "kraken")
    assert not reads(tables("kraken")[0], "gemini")
