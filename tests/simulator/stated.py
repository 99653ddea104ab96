"""What files of a simulated account state, read as an import reads them: by the table of their
header, in its zone, with the names of the exchange's market list. Nothing is requested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from exchange_cache.adapter.statement_desks import SessionDesks, SessionNames
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.records import Fill, Order, Transfer
from exchange_cache.simulator import venue as books
from exchange_cache.simulator.downloads import Download
from exchange_cache.statements.opening import sources
from exchange_cache.statements.reading import Reading, context_of, recognise
from exchange_cache.statements.table import FileContext, Found, Stated, Table, Zone
from tests.exchanges.builders import market, open_stubbed
from tests.exchanges.file_cases import UTC8

NOW_MS = 1_795_960_000_000
NOW = datetime.fromtimestamp(NOW_MS // 1000, UTC)
Row = tuple[object, ...]


@cache
def simulated(fills: int = 120) -> books.Venue:
    """A world of all accounts, of which only the books are used."""
    return books.Venue(
        3, now_ms=NOW_MS, clock=lambda: NOW_MS, fills=fills, accounts=books.ALL_ACCOUNTS
    )


@cache
def session(exchange: str) -> Any:
    """What is kept of an exchange's market list, without a connection."""
    listed = [
        market(
            one.id,
            one.symbol,
            contractSize=str(one.contract_size) if one.kind != books.SPOT else None,
            altname=one.extra.get("altname", one.id),
        )
        for one in simulated().markets(exchange)
    ]
    memory = {
        "ccxt": import_module("ccxt").__version__,
        "markets": listed,
        "markets_at": NOW_MS,
        "currencies": {},
        "options": {"marketsByAltname": {one["altname"]: one for one in listed}},
    }
    clock = SetClock(NOW)
    adapter = open_stubbed(
        exchange, "http://127.0.0.1:9", clock=clock, memory=memory, account=exchange
    )
    adapter._session.markets.take_as_current()
    return adapter._session


def read(exchange: str, files: Iterable[Download], folder: Path) -> list[tuple[Table, list[Found]]]:
    """The table that each file is recognised as, with what its reader finds."""
    tables = import_module(f"exchange_cache.exchanges.{exchange}.files").TABLES
    base = FileContext(
        account=exchange,
        file_name="",
        preamble=(),
        columns=(),
        zone=UTC,
        names=SessionNames(session(exchange)),
        desk=SessionDesks(session(exchange)),
    )
    read = []
    for one in files:
        (folder / one.name).write_bytes(one.body)
        (source,) = sources(folder / one.name)
        known = recognise(source, tables)
        stated = UTC8 if known.table.zone is Zone.UNKNOWN else None  # as ``--zone`` states it
        read.append((known.table, list(Reading(known).found(context_of(known, base, stated)))))
    return read


def records(found: Iterable[Found]) -> list[Fill | Transfer]:
    """The fills and transfers of a file."""
    return [
        one.record for one in found if isinstance(one, Stated) and not isinstance(one.record, Order)
    ]


def of_edition(
    files: Iterable[tuple[Table, list[Found]]], name: str, edition: str = ""
) -> list[Found]:
    """What all files of a table found, of one edition or of any."""
    own = [found for table, found in files if table.name == name and edition in ("", table.edition)]
    assert own
    return [one for found in own for one in found]


def trades(rows: Iterable[Fill | Transfer]) -> Counter[Row]:
    """What fills of files state, to the second."""
    return Counter(
        (
            to_ms(row.time) // 1000,
            *(row.base, row.quote, str(row.side)),
            *(row.quantity, row.cost),
            tuple((fee.asset, fee.amount) for fee in row.fees),
        )
        for row in rows
        if isinstance(row, Fill)
    )


def traded(
    fills: Iterable[books.Fill], second: Callable[[int], int] = lambda ms: ms // 1000
) -> Counter[Row]:
    """The same of fills in the books."""
    return Counter(
        (
            second(fill.time_ms),
            *(fill.market.base, fill.market.quote, fill.side),
            *(fill.amount, fill.cost),
            tuple((asset, amount) for asset, amount in fill.fees if amount),
        )
        for fill in fills
    )


def moves(rows: Iterable[Fill | Transfer]) -> Counter[Row]:
    """What transfers of files state, to the second: kind, asset, quantity, fee and transaction."""
    return Counter(
        (
            to_ms(row.time) // 1000,
            *(str(row.kind), row.asset, row.quantity),
            row.fee.amount if row.fee is not None else Decimal(0),
            row.tx_id,
        )
        for row in rows
        if isinstance(row, Transfer)
    )


def moved(transfers: Iterable[books.Transfer]) -> Counter[Row]:
    """The same of deposits and withdrawals in the books."""
    return Counter(
        (move.time_ms // 1000, move.kind, move.asset, move.amount, move.fee, move.txid)
        for move in transfers
    )


def swaps(rows: Iterable[Fill | Transfer]) -> Counter[Row]:
    """What converts of files state, to the second: asset and amount given, and received."""
    found: Counter[Row] = Counter()
    for row in rows:
        assert isinstance(row, Fill)
        base, quote = (row.base, row.quantity), (row.quote, row.cost)
        given, got = (quote, base) if row.side == "buy" else (base, quote)
        found[(to_ms(row.time) // 1000, *given, *got)] += 1
    return found


def converted(conversions: Iterable[books.Conversion]) -> Counter[Row]:
    """The same of converts in the books."""
    return Counter(
        (row.time_ms // 1000, row.from_asset, row.from_amount, row.to_asset, row.to_amount)
        for row in conversions
    )
