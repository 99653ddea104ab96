"""The formats of every answer: a document, and a writer for each format.

A new format is a function of ``(document, stream, terminal)`` in a module of this package, and a
line in :data:`FORMATS`. A module is loaded when its format is first written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from exchange_cache.render.layout import Screen
    from exchange_cache.render.terminal import Terminal

#: Column names and rows of exact values.
Rows = tuple[Sequence[str], Iterable[Sequence[object]]]


class Document:
    """One answer in the three shapes that formats use; a shape is built only when it is written."""

    def __init__(
        self,
        *,
        data: Callable[[], Mapping[str, object]],
        rows: Callable[[], Rows],
        screen: Callable[[Terminal], Screen],
    ) -> None:
        self.data = data
        self.rows = rows
        self.screen = screen


class Format:
    """``writer`` is ``module:function``. ``exact`` formats are for programs and round nothing."""

    def __init__(self, writer: str, *, exact: bool = False) -> None:
        self.writer = writer
        self.exact = exact


FORMATS: Mapping[str, Format] = {
    "table": Format("table:write_table"),
    "plain": Format("plain:write_plain"),
    "markdown": Format("plain:write_markdown"),
    "csv": Format("machine:write_csv_document", exact=True),
    "json": Format("machine:write_json_document", exact=True),
}


def write(document: Document, stream: TextIO, *, form: str, terminal: Terminal) -> None:
    """Write a document in one of :data:`FORMATS`."""
    if form not in FORMATS:
        raise ValueError(f"unknown format {form!r}; one of {', '.join(FORMATS)}")
    module, name = FORMATS[form].writer.split(":")
    writer = getattr(import_module(f"exchange_cache.render.{module}"), name)
    writer(document, stream, terminal)
