"""The values that a shell completes: accounts, assets and symbols of the cache, read by sqlite3
alone.

Every query reads as many rows as there are answers, at any number of fills and orders.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

ACCOUNTS = "SELECT DISTINCT account FROM exchange_sync_status ORDER BY 1"

ASSETS = """
SELECT asset FROM exchange_balances UNION SELECT code FROM exchange_balances
UNION SELECT asset FROM exchange_cost_basis UNION SELECT settle_asset FROM exchange_positions
ORDER BY 1
"""

SYMBOLS = "SELECT DISTINCT symbol FROM exchange_positions ORDER BY 1"
PRICED = "SELECT DISTINCT symbol FROM exchange_prices ORDER BY 1"

CODES = "SELECT DISTINCT code FROM exchange_findings ORDER BY 1"
IMPORTED = "SELECT id FROM imported_files ORDER BY 1"
STATED = "SELECT id FROM stated_basis ORDER BY 1"

#: Tables with many rows of each symbol, and the columns of an index that ends with the symbol.
_MANY = (
    ("exchange_fills", ("symbol",)),
    ("exchange_orders", ("account", "category", "symbol")),
)


def values(cache: Path, query: str) -> list[str]:
    """The answers of one of these queries (of symbols: also those of fills and orders); none
    without a cache that can be read now."""
    try:
        address = f"file:{quote(str(cache))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=0.2)) as connection:
            found = [str(value) for (value,) in connection.execute(query)]
            if query is SYMBOLS:
                many = (_steps(connection, table, columns) for table, columns in _MANY)
                found = sorted({*found, *(symbol for each in many for symbol in each)})
            return found
    except sqlite3.Error:
        return []  # a shell that completes can show no error; the command itself reports it


def _steps(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], fixed: Sequence[str] = ()
) -> Iterator[str]:
    """The values of the last column, from each to the next one by the index."""
    column = columns[len(fixed)]
    where = "".join(f" AND {name} = ?" for name in columns[: len(fixed)])
    query = f"SELECT min({column}) FROM {table} WHERE {column} > ?{where}"
    value = ""
    while True:
        (value,) = connection.execute(query, (value, *fixed)).fetchone()
        if value is None:
            return
        if column == columns[-1]:
            yield value
        else:
            yield from _steps(connection, table, columns, (*fixed, value))
