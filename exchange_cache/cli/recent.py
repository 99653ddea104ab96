"""Long lists: on a terminal the newest rows first, and no more than a person reads, with the
command that lists the rest. Elsewhere every row, in chronological order."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import MOST, Decorated, Moment, Until, Whole

if TYPE_CHECKING:
    from exchange_cache.render.listing import Listing

#: How many rows a terminal shows unless a limit or --all is given.
SCREEN = 50


@dataclass(frozen=True, slots=True)
class Recent:
    """How many rows of a list to fetch, and how to arrange them."""

    limit: int | None
    newest_first: bool
    everything: str  # the command that lists every row; empty if nothing is left out

    @classmethod
    def of(
        cls, app: App, form: str, *, limit: int | None, everything: bool, reverse: bool
    ) -> Recent:
        watched = form == "table" and app.terminal().is_tty
        if not watched or limit is not None or everything:
            return cls(limit, watched != reverse, "")
        return cls(SCREEN + 1, not reverse, shlex.join(["excache", *app.words, "--all"]))

    def arranged(self, rows: Sequence[Any]) -> list[Any]:
        """The rows to show, of those fetched newest first."""
        shown = list(rows[:SCREEN] if self.everything else rows)
        return shown if self.newest_first else shown[::-1]

    def noted(self, listing: Listing, rows: Sequence[Any]) -> Listing:
        """The list with a note of what was left out of the rows that were fetched."""
        if not self.everything or len(rows) <= SCREEN:
            return listing
        note = f"These are the newest {SCREEN}. Every one: {self.everything}"
        return replace(listing, notes=(*listing.notes, note))


def history_options(command: Decorated) -> Decorated:
    """The time range, the number and the order of rows."""
    command = click.option(
        "--reverse", is_flag=True, help="The other order: on a terminal the newest row last."
    )(command)
    command = click.option(
        "--all",
        "everything",
        is_flag=True,
        help=f"Every row on a terminal too, not only the newest {SCREEN}.",
    )(command)
    command = click.option(
        "--limit", type=Whole(1, MOST), help="At most this many rows, the newest ones."
    )(command)
    command = click.option("--until", type=Until(), help="Only before this time (exclusive).")(
        command
    )
    return click.option(
        "--since", type=Moment(), help="Only from this time: 2026-01-31, yesterday, 7d, 6m …"
    )(command)
