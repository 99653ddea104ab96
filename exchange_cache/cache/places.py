"""The categories and symbols in which an account has fills or orders: a step in an index for each
of them, not a pass over all rows."""

from __future__ import annotations

from exchange_cache.cache.database import CacheDatabase

FILLS = "exchange_fills"
ORDERS = "exchange_orders"

#: Common table expressions; ``places`` ends with a row without a symbol for each category.
PLACES = """
categories (category) AS (
  SELECT min(category) FROM {table} WHERE account = :account
  UNION ALL
  SELECT (SELECT min(r.category) FROM {table} AS r
    WHERE r.account = :account AND r.category > categories.category)
  FROM categories WHERE category IS NOT NULL),
places (category, symbol) AS (
  SELECT category, (SELECT min(r.symbol) FROM {table} AS r
    WHERE r.account = :account AND r.category = categories.category)
  FROM categories WHERE category IS NOT NULL
  UNION ALL
  SELECT category, (SELECT min(r.symbol) FROM {table} AS r WHERE r.account = :account
    AND r.category = places.category AND r.symbol > places.symbol)
  FROM places WHERE symbol IS NOT NULL)
"""
#: Converts have no market that could be requested.
_TRADED = """
AND EXISTS (SELECT 1 FROM exchange_fills AS r WHERE r.account = :account
  AND r.category = places.category AND r.symbol = places.symbol AND r.kind = 'trade')
"""
_FIRST = """
JOIN exchange_fills AS f ON f.rowid = (SELECT r.rowid FROM exchange_fills AS r
  WHERE r.account = :account AND r.category = places.category AND r.symbol = places.symbol LIMIT 1)
"""


def traded_places(database: CacheDatabase, account: str) -> list[tuple[str, str]]:
    """Category and symbol of every market in which an account traded."""
    return _places(database, FILLS, account, _TRADED)


def ordered_places(database: CacheDatabase, account: str) -> list[tuple[str, str]]:
    """Category and symbol of every market in which an account has orders."""
    return _places(database, ORDERS, account, "")


def traded_assets(database: CacheDatabase, account: str) -> frozenset[str]:
    """The bases and quotes of an account's fills, which follow from category and symbol."""
    sql = (
        f"WITH RECURSIVE {PLACES.format(table=FILLS)}"
        f" SELECT f.base, f.quote FROM places {_FIRST} WHERE places.symbol IS NOT NULL"
    )
    found = database.select(sql, {"account": account})
    return frozenset(asset for pair in found for asset in pair)


def _places(
    database: CacheDatabase, table: str, account: str, condition: str
) -> list[tuple[str, str]]:
    sql = (
        f"WITH RECURSIVE {PLACES.format(table=table)}"
        f" SELECT category, symbol FROM places WHERE symbol IS NOT NULL {condition}"
    )
    return [(category, symbol) for category, symbol in database.select(sql, {"account": account})]
