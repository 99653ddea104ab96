from __future__ import annotations

from contextlib import closing

import pytest

from exchange_cache.cache.postgres import batches
from exchange_cache.cache.postgres.opening import open_server
from exchange_cache.cache.server import Server
from tests.cache.postgres.counting import sent
from tests.postgres import Cluster

TYPES = {"account": "text", "at_ms": "bigint"}
MEMORY = "INSERT INTO exchange_memory VALUES (?, ?, ?, ?)"
RATE = (
    "INSERT INTO asset_rates (asset, quote, at_ms, value, route, resolution_s, fetched_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)


def test_rows_become_an_array_for_each_column() -> None:
    sql = 'INSERT INTO "rates" ("account", "at_ms") VALUES (?, ?) ON CONFLICT DO NOTHING'
    assert batches.table_of(sql) == "rates"
    assert batches.insert_of_all(sql, TYPES) == (
        'INSERT INTO "rates" ("account", "at_ms") SELECT * FROM unnest(?::text[], ?::bigint[])'
        " ON CONFLICT DO NOTHING"
    )
    assert batches.insert_of_all("INSERT INTO rates VALUES (?, ?)", TYPES) == (
        'INSERT INTO "rates" ("account", "at_ms") SELECT * FROM unnest(?::text[], ?::bigint[])'
    )
    assert batches.columns_of([("a", True), ("b", 2), ("c", None)]) == [
        '{"a","b","c"}',
        "{1,2,NULL}",
    ]
    texts = [
        ("a", 'say "b"', "c\\d", "NULL", "{,}", "e\0", 1.5, b"f", "g"),
        ("",) * 6 + (2, b"", None),
    ]
    assert batches.columns_of(texts) == [
        '{"a",""}',
        '{"say \\"b\\"",""}',
        '{"c\\\\d",""}',
        '{"NULL",""}',
        '{"{,}",""}',
        '{"e\ufffd",""}',
        "{1.5,2}",
        [b"f", b""],
        '{"g",NULL}',
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO rates VALUES (?, 1)",
        "INSERT INTO rates VALUES (?) ON CONFLICT (account) DO UPDATE SET at_ms = 1",
        "INSERT INTO rates SELECT ?",
        "UPDATE rates SET at_ms = ?",
    ],
)
def test_other_statements_are_executed_row_by_row(sql: str) -> None:
    assert batches.table_of(sql) is None


@pytest.mark.long
def test_rows_of_every_kind_come_back_and_known_ones_are_not_counted(server: Server) -> None:
    odd = [
        '"quoted", {braced}',
        "NULL",
        "",
        "back\\slash",
        "ü 漢 🜚",
        "'",
        "a\nb",
        "{}",
        "0",
        "a\ufffdb",
    ]
    rows = [(text, "key", None if number % 2 else text, number) for number, text in enumerate(odd)]
    database = open_server(server)
    assert database is not None
    with closing(database):
        with database.write():
            database.run_all(MEMORY, [(*row[:2], str(row[2]), row[3]) for row in rows])
        found = database.select("SELECT * FROM exchange_memory ORDER BY updated_ms", ())
        assert found == [(*row[:2], str(row[2]), row[3]) for row in rows]
        rates = [
            ("BTC", "USDT", at, None if at % 2 else "0.1", "[]", 3600, 1)
            for at in (*range(9), 3, 3)
        ]
        with database.write():
            database.run_all(RATE, rates)
        columns = "asset, quote, at_ms, value, route, resolution_s, fetched_ms"
        found = database.select(f"SELECT {columns} FROM asset_rates ORDER BY at_ms", ())
        assert found == rates[:9]


@pytest.mark.long
@pytest.mark.parametrize("number", [10, 1000])
def test_any_number_of_rows_is_one_statement(server: Server, cluster: Cluster, number: int) -> None:
    def store() -> None:
        database = open_server(server)
        assert database is not None
        with closing(database), database.write():
            database.run_all(MEMORY, [(str(one), "key", "", 1) for one in range(number)])

    found = sent(cluster, server.url, store)
    assert len([one for one in found if 'INSERT INTO "exchange_memory"' in one.statement]) == 1


@pytest.mark.long
@pytest.mark.parametrize("number", [1, batches.LEAST - 1, batches.LEAST])
def test_nul_is_stored_as_a_mark_however_many_rows_there_are(server: Server, number: int) -> None:
    database = open_server(server)
    assert database is not None
    with closing(database), database.write():
        database.run_all(MEMORY, [(f"{one}", "\0", "a\0b", 1) for one in range(number)])
        database.execute("UPDATE exchange_memory SET value = value || ?", ("\0",))
        found = database.select("SELECT DISTINCT key, value FROM exchange_memory", ())
    assert found == [("\ufffd", "a\ufffdb\ufffd")]
