"""What was measured, kept as JSON until the same part is measured again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.charges import Charge
from benchmarks.lines import Line


@dataclass(frozen=True, slots=True)
class Results:
    """The lines and charges in the order of their parts; ``where``: on which machine, with what."""

    lines: tuple[Line, ...] = ()
    charges: tuple[Charge, ...] = ()
    where: str = ""

    def with_newer(self, newer: Results) -> Results:
        """Parts of the newer results replace those of the same name."""
        parts = {one.part for one in newer.lines}
        kept = [one for one in self.lines if one.part not in parts]
        return Results((*kept, *newer.lines), newer.charges or self.charges, newer.where)

    def line(self, name: str) -> Line | None:
        return next((one for one in self.lines if one.name == name), None)

    def missed(self) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if one.is_met is False)


def of(found: Iterable[Line | Charge], where: str) -> Results:
    found = tuple(found)
    return Results(
        tuple(one for one in found if isinstance(one, Line)),
        tuple(one for one in found if isinstance(one, Charge)),
        where,
    )


def read(file: Path) -> Results:
    """The kept results; empty where there are none."""
    if not file.exists():
        return Results()
    data = json.loads(file.read_text(encoding="utf-8"))
    return Results(
        tuple(Line(**one) for one in data["lines"]),
        tuple(Charge(**one) for one in data["charges"]),
        data["where"],
    )


def keep(results: Results, file: Path) -> None:
    data = {
        "where": results.where,
        "lines": [one.as_data() for one in results.lines],
        "charges": [one.as_data() for one in results.charges],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data, indent=1), encoding="utf-8")
