"""The words that the cache knows: its assets and its symbols, of every account.

The small tables come first: a word that one of them has needs no search of the ledger, whose tables
grow with the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange_cache.cache.answering import Database

_ASSETS = (
    ("exchange_balances", ("asset", "code")),
    ("exchange_prices", ("base", "quote")),
    ("exchange_cost_basis", ("asset",)),
    ("stated_basis", ("asset",)),
    ("exchange_positions", ("settle_asset",)),
)
_ASSETS_OF_LEDGER = (
    ("exchange_transfers", ("asset", "fee_asset")),
    ("exchange_orders", ("base", "quote")),
    ("exchange_fills", ("base", "quote")),
)
_SYMBOLS = (("exchange_prices", ("symbol",)), ("exchange_positions", ("symbol",)))
_SYMBOLS_OF_LEDGER = (("exchange_orders", ("symbol",)), ("exchange_transfers", ("symbol",)))
#: Each symbol of the fills by one step in their index, not by a pass over all rows.
_TRADED = """
WITH RECURSIVE found (symbol) AS (
  SELECT min(symbol) FROM exchange_fills
  UNION ALL
  SELECT (SELECT min(symbol) FROM exchange_fills WHERE symbol > found.symbol)
  FROM found WHERE found.symbol IS NOT NULL
)
SELECT symbol FROM found WHERE symbol IS NOT NULL
"""


class Vocabulary:
    """Assets and symbols in the spelling of the cache."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def assets(self) -> Iterator[frozenset[str]]:
        """The known assets: those of the small tables, then those of the ledger."""
        yield self._columns(_ASSETS)
        symbols = self._columns((("exchange_positions", ("symbol",)),))
        yield self._columns(_ASSETS_OF_LEDGER) | {one.partition("/")[0] for one in symbols}

    def symbols(self) -> Iterator[frozenset[str]]:
        """The known symbols: those of the small tables, then those of the ledger."""
        yield self._columns(_SYMBOLS)
        traded = frozenset(symbol for (symbol,) in self._database.select(_TRADED, ()))
        yield self._columns(_SYMBOLS_OF_LEDGER) | traded

    def _columns(self, tables: Iterable[tuple[str, tuple[str, ...]]]) -> frozenset[str]:
        """The distinct texts of these columns."""
        statements = [
            f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"
            for table, columns in tables
            for column in columns
        ]
        found = self._database.select(" UNION ".join(statements), ())
        return frozenset(word for (word,) in found if word)
