"""The views that other programs query (docs/sql.md): ``v1_*``, read-only, of stable names.

A figure is exact text and, beside it as ``*_real``, a number for charts. A time is ISO text in UTC
and, beside it as ``*_ms``, its milliseconds. A column of ``v1`` never changes its name or meaning;
new ones may follow. A change of these definitions needs a new migration, which may do nothing else:
every migration makes all views anew. PostgreSQL differs in how it reads JSON and writes times.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

#: What the newest snapshot shows of each asset, before it is packed.
HOLDINGS_TABLE = """
CREATE TABLE portfolio_holdings (
  asset TEXT NOT NULL, quantity TEXT NOT NULL, price TEXT, price_as_of_ms BIGINT,
  price_state TEXT NOT NULL, value TEXT, share TEXT, average_entry_price TEXT,
  explained_quantity TEXT NOT NULL, unknown_quantity TEXT NOT NULL, unrealised_pnl TEXT,
  unrealised_fraction TEXT, realised_pnl TEXT, change_24h TEXT, cost TEXT, fees_paid TEXT,
  stale_value TEXT, reporting_asset TEXT NOT NULL, taken_ms BIGINT NOT NULL,
  PRIMARY KEY (asset))
"""


class Dialect(NamedTuple):
    """How an engine writes a time of milliseconds, reads a member of a JSON object, and reads the
    items of a JSON list of lists: ``item`` is one of them by its place."""

    time: str
    member: str
    items: str
    item: str


SQLITE = Dialect(
    time="strftime('%Y-%m-%dT%H:%M:%S', {0} / 1000, 'unixepoch') || printf('.%03dZ', {0} % 1000)",
    member="json_extract({0}, '$.{1}')",
    items="json_each({0}) AS {1}",
    item="json_extract({0}.value, '$[{1}]')",
)
POSTGRESQL = Dialect(
    time="to_char(to_timestamp({0} / 1000.0) AT TIME ZONE 'UTC',"
    ' \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\')',
    member="(CAST({0} AS jsonb) ->> '{1}')",
    items="jsonb_array_elements(CAST({0} AS jsonb)) AS {1}(value)",
    item="({0}.value ->> {1})",
)


class View(NamedTuple):
    """A view of the rows ``r`` of a source.

    ``columns`` are words: ``name``, a figure ``name!`` or a time ``name@``, followed by ``=column``
    where the source names it differently.
    """

    name: str
    columns: str
    source: str


#: Results that have no column of their own in the table of costs.
_RESULTS = (
    *("trading_pnl", "derivative_pnl", "funding", "income", "expenses", "fees_paid"),
    "unexplained_proceeds",
)
#: The order of a lot counts so many places in each millisecond (``cost.event_place``).
_PLACES = 1 << 20


def views(dialect: Dialect = SQLITE) -> tuple[View, ...]:
    return (*_mirror(), *_ledger(dialect), *_derived(dialect), *_health())


def _mirror() -> tuple[View, ...]:
    """What the exchanges last reported, and what the newest snapshot made of it."""
    return (
        View(
            "v1_holdings",
            "asset reporting_asset as_of@=taken_ms quantity! price! price_as_of@ price_state value!"
            " share! average_entry_price! cost! explained_quantity! unknown_quantity!"
            " unrealised_pnl! unrealised_fraction! realised_pnl! fees_paid! change_24h!"
            " stale_value!",
            "portfolio_holdings AS r",
        ),
        View(
            "v1_balances",
            "account wallet asset code total! free! used! debt! earn fetched_at@=fetched_ms",
            "exchange_balances AS r",
        ),
        View(
            "v1_positions",
            "account category symbol side wallet contracts! contract_size! base_quantity!"
            " entry_price! mark_price! notional! unrealised_pnl! settle_asset leverage!"
            " liquidation_price! margin! margin_mode fetched_at@=fetched_ms",
            "exchange_positions AS r",
        ),
        View(
            "v1_prices",
            "account symbol category base quote last! bid! ask! mark! open_24h!"
            " fetched_at@=fetched_ms",
            "exchange_prices AS r",
        ),
    )


def _ledger(dialect: Dialect) -> tuple[View, ...]:
    """What happened. ``vanished``: the exchange serves the row no longer, and no figure has it."""
    fees = dialect.items.format("f.fees", "e")
    asset, amount = (dialect.item.format("e", number) for number in (0, 1))
    return (
        View(
            "v1_orders",
            "account category symbol order_id client_order_id created_at@=created_ms"
            " updated_at@=updated_ms side type status base quote price! average! amount! filled!"
            " cost!",
            "exchange_orders AS r",
        ),
        View(
            "v1_fills",
            "account category symbol fill_id order_id time@ side base quote quantity! price! cost!"
            " fees fees_known kind liquidity settle contracts! contract_size! realised_pnl!"
            " vanished",
            _with_vanished("exchange_fills", "fills", ("t.category", "t.symbol", "t.fill_id")),
        ),
        View(
            "v1_fill_fees",
            "account category symbol fill_id time@ fee_asset fee!",
            f"(SELECT f.*, {asset} AS fee_asset, {amount} AS fee FROM exchange_fills AS f,"
            f" {fees}) AS r",
        ),
        View(
            "v1_transfers",
            "account scope transfer_id kind time@ asset quantity! fee_asset fee! status tx_id"
            " network from_wallet to_wallet symbol word vanished",
            _with_vanished("exchange_transfers", "transfers", ("t.scope", "''", "t.transfer_id")),
        ),
    )


def _with_vanished(table: str, data_type: str, key: tuple[str, str, str]) -> str:
    place, symbol, row_id = key
    return (
        "(SELECT t.*, CASE WHEN EXISTS (SELECT 1 FROM ledger_absences AS a WHERE"
        f" a.account = t.account AND a.data_type = '{data_type}' AND a.place = {place}"
        f" AND a.symbol = {symbol} AND a.row_id = {row_id} AND a.vanished_ms IS NOT NULL)"
        f" THEN 1 ELSE 0 END AS vanished FROM {table} AS t) AS r"
    )


def _derived(dialect: Dialect) -> tuple[View, ...]:
    """What was computed. The account '' stands for one book over all accounts."""
    results = ", ".join(f"{dialect.member.format('b.details', one)} AS {one}" for one in _RESULTS)
    days = dialect.items.format(dialect.member.format("b.details", "realised_by_day"), "e")
    day, amount = (dialect.item.format("e", number) for number in (0, 1))
    shown = " ".join(f"{one}!" for one in _RESULTS)
    opened = f"CASE WHEN l.age < 0 THEN NULL ELSE l.age / {_PLACES} END"
    return (
        View(
            "v1_pnl",
            "account asset method reporting_asset quantity! explained_quantity! unknown_quantity!"
            f" cost! average_entry_price!=average realised_pnl! {shown} computed_at@=computed_ms",
            f"(SELECT b.*, {results} FROM exchange_cost_basis AS b) AS r",
        ),
        View(
            "v1_pnl_days",
            "account asset method reporting_asset day realised_pnl!",
            f"(SELECT b.account, b.asset, b.method, b.reporting_asset, {day} AS day,"
            f" {amount} AS realised_pnl FROM exchange_cost_basis AS b, {days}) AS r",
        ),
        View(
            "v1_lots",
            "account asset method opened_at@=opened_ms quantity! cost!",
            f"(SELECT k.account, k.asset, l.method, l.quantity, l.cost, {opened} AS opened_ms"
            " FROM cost_lots AS l JOIN cost_books AS k ON k.id = l.book WHERE l.until_ms IS NULL)"
            " AS r",
        ),
        View(
            "v1_net_worth",
            "time@=taken_ms reporting_asset value! stale_value! gaps",
            "portfolio_snapshots AS r",
        ),
        View(
            "v1_rates",
            "asset quote at@ resolution_s value!",
            "(SELECT * FROM asset_rates WHERE value IS NOT NULL) AS r",
        ),
    )


def _health() -> tuple[View, ...]:
    """How complete and how fresh it is."""
    return (
        View(
            "v1_findings",
            "account code scope asset message hint since@",
            "exchange_findings AS r",
        ),
        View(
            "v1_status",
            "account data_type part state attempted_at@=attempted_ms succeeded_at@=succeeded_ms"
            " error failures",
            "exchange_sync_status AS r",
        ),
        View(
            "v1_coverage",
            "account data_type scope symbol start_at@=start_ms end_at@=end_ms",
            "exchange_coverage AS r",
        ),
    )


def statements(dialect: Dialect = SQLITE) -> Iterator[str]:
    """What makes every view anew."""
    for view in views(dialect):
        yield f"DROP VIEW IF EXISTS {view.name}"
        yield definition(view, dialect)


def definition(view: View, dialect: Dialect = SQLITE) -> str:
    """The statement that creates a view."""
    columns = [column for word in view.columns.split() for column in _columns(word, dialect)]
    return f"CREATE VIEW {view.name} AS SELECT {', '.join(columns)} FROM {view.source}"


def _columns(word: str, dialect: Dialect) -> Iterator[str]:
    """A column, and what stands beside it."""
    name, _, own = word.partition("=")
    if name.endswith("@"):
        name = name[:-1]
        milliseconds = f"r.{own or f'{name}_ms'}"
        yield f"{dialect.time.format(milliseconds)} AS {name}"
        yield f"{milliseconds} AS {name}_ms"
    elif name.endswith("!"):
        name = name[:-1]
        yield f"r.{own or name} AS {name}"
        yield f"CAST(r.{own or name} AS DOUBLE PRECISION) AS {name}_real"
    else:
        yield f"r.{own or name} AS {name}"
