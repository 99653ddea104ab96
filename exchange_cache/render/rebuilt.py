"""The part of a net worth line that is reconstructed, not recorded, and the words for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from exchange_cache.render.layout import Line, flowed, text, wrapped
from exchange_cache.render.words import day

_NAMED = 6


class Rebuilt(NamedTuple):
    """``until``: the first recorded point (None: there is none). ``unpriced`` and ``impossible``:
    assets that some points leave out for want of a price, or of history."""

    until: datetime | None
    unpriced: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()

    def covers(self, moment: datetime) -> bool:
        return self.until is None or moment < self.until


def rebuilt_of(
    points: Sequence[tuple[datetime, Decimal]],
    lacks: Sequence[tuple[str, ...]],
    sources: Sequence[str],
) -> Rebuilt | None:
    """The reconstructed part of points with their sources and gaps; None without any."""
    if "reconstructed" not in sources:
        return None
    until = next(
        (at for (at, _), one in zip(points, sources, strict=True) if one != "reconstructed"), None
    )
    names = {
        name
        for source, gaps in zip(sources, lacks, strict=True)
        if source == "reconstructed"
        for name in gaps
    }
    return Rebuilt(until, tuple(_with(names, " price")), tuple(_with(names, " history")))


def _with(names: set[str], ending: str) -> Iterator[str]:
    yield from sorted(name.removesuffix(ending) for name in names if name.endswith(ending))


def rebuilt_lines(rebuilt: Rebuilt, width: int | None, *, unicode: bool) -> tuple[Line, ...]:
    """Which line style is which, and what the reconstructed one leaves out."""
    dotted, whole = ("⠂⠂⠂", "⠒⠒⠒") if unicode else ("...", "***")
    parts = [
        (*text(f"{dotted} ", "bar"), *text("reconstructed from fills, transfers and past prices")),
    ]
    if rebuilt.until is not None:
        parts.append((*text(f"{whole} ", "bar"), *text(f"recorded since {day(rebuilt.until)}")))
    lines = list(flowed(parts, width))
    open_positions = "Results of open positions are in the recorded part only."
    if rebuilt.until is None:
        open_positions = "Results of open positions are not in it."
    lines += wrapped((), open_positions, width, role="quiet")
    if rebuilt.unpriced:
        sentence = f"Left out where no price within 31 days is stored: {_some(rebuilt.unpriced)}."
        lines += wrapped((), sentence, width, role="quiet")
    if rebuilt.impossible:
        sentence = (
            f"Left out where the stored history cannot be whole: {_some(rebuilt.impossible)}."
        )
        lines += wrapped((), sentence, width, role="quiet")
    return tuple(lines)


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
