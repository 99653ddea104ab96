"""Long lists: on a terminal the newest rows first, and no more than a person reads, with the
command that lists the rest. Elsewhere every row, in chronological order."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from exchange_cache.cli.app import App

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

    def notes(self, rows: Sequence[Any]) -> tuple[str, ...]:
        """What was left out of the rows that were fetched."""
        if not self.everything or len(rows) <= SCREEN:
            return ()
        return (f"These are the newest {SCREEN}. Every one: {self.everything}",)
