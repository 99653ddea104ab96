"""Screens as plain text and Markdown, for files, mails and notes: the facts of the table without colour and bars.

The only module that loads tabulate, always with ``disable_numparse``: it would round the digits otherwise.
"""

from __future__ import annotations

from typing import TextIO

from tabulate import tabulate

from exchange_cache.render.layout import Grid, Line, Screen, plain

STYLES = {"plain": "plain", "markdown": "pipe"}


def write_plain(screen: Screen, stream: TextIO, style: str) -> None:
    """Write the screen in the ``plain`` or ``markdown`` style."""
    stream.write(plain_text(screen, style))


def plain_text(screen: Screen, style: str) -> str:
    """The screen as text; in Markdown every line of prose is a paragraph of its own."""
    markdown = style == "markdown"
    parts: list[str] = []
    for block in screen.blocks:
        if block.grid is not None:
            parts.append(("\n" if parts and (markdown or block.spaced) else "") + _grid(block.grid, style))
        elif block.lines:
            rows = [_escaped(plain(line)) if markdown else plain(line) for line in block.lines]
            apart = parts and (markdown or block.spaced)
            parts.append(("\n" if apart else "") + ("\n\n" if markdown else "\n").join(row for row in rows if row))
    return "\n".join(parts) + "\n" if parts else ""


def _grid(grid: Grid, style: str) -> str:
    columns = [column for column in grid.columns if not column.ornament]
    bodies = [[_cell(cell, style) for cell in column.natural] for column in columns]
    if grid.groups:
        labels = dict(grid.groups)
        names = [plain(labels.get(index, ())) for index in range(len(bodies[0]))]
        for index in range(1, len(names)):
            names[index] = names[index] or names[index - 1]
        bodies = [[name.strip() for name in names], *bodies]
    headings = ["", *(column.heading for column in columns)] if grid.groups else [column.heading for column in columns]
    aligns = ["left", *(column.align for column in columns)] if grid.groups else [column.align for column in columns]
    rows = list(zip(*bodies, strict=True))
    if not rows and style == "plain":
        return "  ".join(headings)
    table = tabulate(
        rows,
        headers=headings if grid.headings or style == "markdown" else (),
        tablefmt=STYLES[style],
        colalign=aligns if rows else None,
        disable_numparse=True,
        preserve_whitespace=style == "plain",
    )
    return "\n".join(line.rstrip() for line in table.split("\n"))


def _cell(cell: Line, style: str) -> str:
    words = "".join(span.text for span in cell)
    return _escaped(words.strip()) if style == "markdown" else words


def _escaped(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")
