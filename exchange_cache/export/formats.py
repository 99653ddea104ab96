"""The formats of ``excache export``: a new one is one module and one line here."""

from __future__ import annotations

from typing import NamedTuple


class Export(NamedTuple):
    """What writes a format: a function of a module in this package, which is imported when it is
    needed. ``columns``: the header of a table, whose rows the function returns."""

    module: str
    function: str
    columns: str = ""


EXPORTS = {
    "beancount": Export("beancount", "beancount"),
    "hledger": Export("journal", "hledger"),
    "ledger": Export("journal", "ledger"),
    "koinly": Export("koinly", "koinly_rows", "COLUMNS"),
    "csv": Export("rows", "csv_rows", "COLUMNS"),
    "jsonl": Export("rows", "json_lines"),
}
