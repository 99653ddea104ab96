"""The table, indexes and triggers of migrations 17 and 27: orders that are to be compared with
their fills."""

from __future__ import annotations

from collections.abc import Iterator

_TABLES = """
CREATE TABLE doubtful_orders (
  account TEXT NOT NULL, category TEXT NOT NULL, symbol TEXT NOT NULL, order_id TEXT NOT NULL,
  PRIMARY KEY (account, category, symbol, order_id)) WITHOUT ROWID;
CREATE INDEX exchange_fills_order ON exchange_fills (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX exchange_fills_nameless ON exchange_fills (account, category, symbol)
  WHERE order_id IS NULL;
DROP INDEX exchange_orders_open;
CREATE INDEX exchange_orders_open ON exchange_orders (account, status, category)
"""
_FILL = ("account", "category", "symbol", "order_id", "quantity", "kind")
_ORDER = ("account", "category", "symbol", "order_id", "filled")
#: Before the first comparison of an account every order is in doubt, and none is noted.
_COMPARED = (
    "EXISTS (SELECT 1 FROM exchange_memory AS m"
    " WHERE m.account = {row}.account AND m.key = 'orders_compared')"
)
_GONE_FILL = """
(SELECT f.account, f.category, f.symbol, f.order_id FROM exchange_fills AS f
  WHERE {row}.data_type = 'fills' AND f.account = {row}.account AND f.category = {row}.place
  AND f.symbol = {row}.symbol AND f.fill_id = {row}.row_id
 UNION ALL
 SELECT {row}.account, {row}.place, {row}.symbol, {row}.row_id WHERE {row}.data_type = 'orders')
"""
#: A market with a fill that names no order has no doubtful orders; without it, it has.
_NAMELESS = "{row}.order_id IS NULL AND {row}.kind IN ('trade', 'leveraged')"
_NAMELESS_GONE = (
    "EXISTS (SELECT 1 FROM exchange_fills AS f WHERE {row}.data_type = 'fills'"
    " AND f.account = {row}.account AND f.category = {row}.place AND f.symbol = {row}.symbol"
    " AND f.fill_id = {row}.row_id AND f.order_id IS NULL)"
)
_ITSELF = (
    "(SELECT {row}.account AS account, {row}.category AS category, {row}.symbol AS symbol,"
    " {row}.order_id AS order_id)"
)
#: Fills of other markets may name an order, too: without it, they name one that is not stored.
_ITSELF_AND_NAMED = (
    "(SELECT {row}.account AS account, {row}.category AS category, {row}.symbol AS symbol,"
    " {row}.order_id AS order_id UNION SELECT f.account, f.category, f.symbol, f.order_id"
    " FROM exchange_fills AS f WHERE f.order_id = {row}.order_id AND f.account = {row}.account)"
)


def statements() -> Iterator[str]:
    """The statements in order."""
    yield from (one for one in _TABLES.split(";") if one.strip())
    yield from _changes("exchange_fills", _FILL, _ITSELF, "{row}.order_id IS NOT NULL")
    yield from _changes("exchange_orders", _ORDER, _ITSELF, "1")
    gone = "{row}.vanished_ms IS NOT NULL"
    yield from _changes("ledger_absences", ("vanished_ms",), _GONE_FILL, gone)
    nameless, still = _NAMELESS.format(row="OLD"), _NAMELESS.format(row="NEW")
    yield _compare_all(
        "exchange_fills", "UPDATE OF order_id, kind", "OLD", f"{nameless} AND NOT ({still})"
    )
    yield _compare_all("exchange_fills", "DELETE", "OLD", nameless)
    for verb in ("INSERT", "UPDATE OF vanished_ms"):
        condition = f"{gone.format(row='NEW')} AND {_NAMELESS_GONE.format(row='NEW')}"
        yield _compare_all("ledger_absences", verb, "NEW", condition)


def named_elsewhere() -> Iterator[str]:
    """An order that is removed puts the fills of all markets in doubt that name it."""
    yield "DROP TRIGGER doubt_exchange_orders_gone"
    yield (
        "CREATE TRIGGER doubt_exchange_orders_gone AFTER DELETE ON exchange_orders"
        f" WHEN {_COMPARED.format(row='OLD')} BEGIN {_note(_ITSELF_AND_NAMED, '1', 'OLD')} END"
    )


def _changes(table: str, columns: tuple[str, ...], source: str, only: str) -> Iterator[str]:
    """Triggers that note the orders of rows that are added, changed and removed."""
    differs = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in columns)
    for name, when, rows in (
        ("new", "INSERT", ("NEW",)),
        ("set", f"UPDATE OF {', '.join(columns)}", ("OLD", "NEW")),
        ("gone", "DELETE", ("OLD",)),
    ):
        notes = " ".join(_note(source, only, row) for row in rows)
        either = " OR ".join(_COMPARED.format(row=row) for row in rows)
        condition = f"({either}) AND ({differs})" if len(rows) > 1 else either
        yield (
            f"CREATE TRIGGER doubt_{table}_{name} AFTER {when} ON {table}"
            f" WHEN {condition} BEGIN {notes} END"
        )


def _compare_all(table: str, when: str, row: str, condition: str) -> str:
    """A trigger after which the next comparison is one of all orders."""
    verb = when.split()[0].lower()
    return (
        f"CREATE TRIGGER doubt_all_{table}_{verb} AFTER {when} ON {table} WHEN {condition}"
        " BEGIN UPDATE exchange_memory SET value = '0'"
        f" WHERE account = {row}.account AND key = 'orders_compared'; END"
    )


def _note(source: str, only: str, row: str) -> str:
    """A statement that is the same under every conflict clause of the statement that fires it."""
    return (
        "INSERT INTO doubtful_orders SELECT s.account, s.category, s.symbol, s.order_id"
        f" FROM {source.format(row=row)} AS s WHERE {only.format(row=row)}"
        f" AND s.order_id IS NOT NULL AND {_COMPARED.format(row=row)}"
        " AND NOT EXISTS (SELECT 1 FROM doubtful_orders AS d WHERE d.account = s.account"
        " AND d.category = s.category AND d.symbol = s.symbol AND d.order_id = s.order_id);"
    )
