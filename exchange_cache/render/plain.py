"""Screens as plain text and Markdown, without colours and bars.

The only module that loads tabulate, always with ``disable_numparse``: otherwise it rounds digits.
"""

from __future__ import annotations

from typing import TextIO

from tabulate import tabulate

from exchange_cache.render.formats import Document
from exchange_cache.render.layout import Grid, GridColumn, Line, Screen, foot_line, plain
from exchange_cache.render.terminal import PIPE, Terminal

STYLES = {"plain": "plain", "markdown": "pipe"}


def write_plain(document: Document, stream: TextIO, terminal: Terminal) -> None:
    stream.write(plain_text(document.screen(_piped(terminal)), "plain"))


def write_markdown(document: Document, stream: TextIO, terminal: Terminal) -> None:
    stream.write(plain_text(document.screen(_piped(terminal)), "markdown"))


def _piped(terminal: Terminal) -> Terminal:
    """A terminal without a width, as for a pipe."""
    return PIPE._replace(unicode=terminal.unicode)


def plain_text(screen: Screen, style: str) -> str:
    """The screen as text; in Markdown every line of prose is a paragraph."""
    markdown = style == "markdown"
    parts: list[str] = []
    for block in screen.blocks:
        if block.grid is not None:
            parts.append(
                ("\n" if parts and (markdown or block.spaced) else "") + _grid(block.grid, style)
            )
        elif block.lines:
            rows = [_escaped(plain(line)) if markdown else plain(line) for line in block.lines]
            apart = parts and (markdown or block.spaced)
            parts.append(
                ("\n" if apart else "")
                + ("\n\n" if markdown else "\n").join(row for row in rows if row)
            )
    return "\n".join(parts) + "\n" if parts else ""


def _grid(grid: Grid, style: str) -> str:
    columns = [column for column in grid.columns if not column.ornament]
    if grid.groups:
        columns = [_group_column(grid), *columns]
    headings = [_cell(column.head, style) for column in columns]
    rows = list(
        zip(*([_cell(cell, style) for cell in column.natural] for column in columns), strict=True)
    )
    if style == "plain":  # headings as a row: tabulate widens headers by two spaces
        rows = [tuple(headings), *rows] if grid.headings else rows
    table = tabulate(
        rows,
        headers=headings if style == "markdown" else (),
        tablefmt=STYLES[style],
        colalign=[column.align for column in columns] if rows else None,
        disable_numparse=True,
        preserve_whitespace=style == "plain",
    )
    lines = [line.rstrip() for line in table.split("\n")]
    for foot in grid.feet:
        lines += ([""] if style == "markdown" else []) + [plain(foot_line(foot))]
    return "\n".join(lines)


def _group_column(grid: Grid) -> GridColumn:
    names = {index: (label[0],) for index, label in grid.groups}
    cells: list[Line] = []
    for index in range(len(grid.columns[0].natural)):
        cells.append(names[index] if index in names else cells[-1])
    return GridColumn(heading=grid.group_heading, cells=tuple(cells))


def _cell(cell: Line, style: str) -> str:
    words = "".join(span.text for span in cell)
    return _escaped(words.strip()) if style == "markdown" else words


def _escaped(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")
