"""Writes ``docs/files.md`` from the tables of files that are read.

``python -m exchange_cache.exchanges.file_documentation > docs/files.md``; a test compares the file
with the tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby

from exchange_cache.exchanges import policy_for
from exchange_cache.exchanges.files import WITH_FILES, tables
from exchange_cache.statements.table import Table, Zone

_INTRODUCTION = """# Files of exchanges that are read

This file is generated from the tables in `exchange_cache/exchanges/`:
`python -m exchange_cache.exchanges.file_documentation > docs/files.md`.

`excache import FILE…` recognises exchange, table and edition by the set of column names, in any
order and below any preamble. A header with a column that no edition has is refused, and the column
is named. Files are imported as the exchange made them: a spreadsheet changes figures and times.

Rows under the API's own ids are one row with those of the API. Rows without ids are compared by
second, asset and amount, each counted once: two equal rows are two events. A file that adds up the
trades of one second is compared with their sum, and a row of an order with the sum of its fills,
however far apart they are; where some of them are stored, the rest of the order is added. Fills
that name no order are those of an order that they end with and sum up to. Two editions of one
table, or two tables, state the same event once.
Where several assets were given or received in one second, which of them belong together is not
known: quantities are right, and costs are unknown. So are the prices of contracts in an edition
that states none: what they changed is right.

A row whose word is in no table is kept as *unclassified*, under its word. Rows that are pending,
failed or canceled are left out, and counted. A row of a market that neither the exchange's list nor
its id identifies is left out until it is known: import the file again then.

*Times* says where the zone of a table's times comes from. Where nothing states it, `--zone` does.
A `*` in the name of a column stands for a zone or a currency. Columns in parentheses may be
missing.
"""
_ZONES = {
    Zone.UTC: "UTC",
    Zone.HEADER: "the zone in the header",
    Zone.PREAMBLE: "the zone in the lines above the header",
    Zone.FILE_NAME: "the zone in the name of the file",
    Zone.UNKNOWN: "the zone of the page, which the file does not state",
}


def files_page() -> str:
    """The whole page."""
    return "\n".join((_INTRODUCTION, *(line for name in WITH_FILES for line in _exchange(name))))


def _exchange(name: str) -> Iterator[str]:
    yield f"## {policy_for(name).title}"
    yield ""
    module = import_module(f"exchange_cache.exchanges.{name}.files")
    yield (module.__doc__ or "").strip().replace("``", "`")
    yield ""
    for title, editions in groupby(tables(name), key=lambda table: table.name):
        own = list(editions)
        first = own[0]
        yield f"### {title[0].upper()}{title[1:]}"
        yield ""
        wallets = f"; wallets: {', '.join(first.wallets)}" if first.wallets else ""
        reach = f" ({first.reach})" if first.reach else ""
        yield f"States {' and '.join(first.covers)}{wallets}. Download: {first.page}{reach}."
        yield ""
        for table in own:
            yield from _edition(table)


def _edition(table: Table) -> Iterator[str]:
    columns = [
        *(f"`{name}`" for name in table.columns),
        *(f"(`{name}`)" for name in table.optional if name),
    ]
    times = _ZONES.get(table.zone) or f"{table.fixed}, which the file does not state"
    yield f"- **{table.edition}** · times: {times} · source: {table.source}"
    yield f"  {', '.join(columns)}"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(files_page())
