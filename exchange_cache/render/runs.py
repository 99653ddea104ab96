"""Which columns share a line of a terminal that is too narrow for a whole row."""

from __future__ import annotations

from collections.abc import Sequence


def fitting_runs(
    columns: Sequence[tuple[int, int]], width: int | None, indent: int
) -> tuple[slice, ...]:
    """Runs of columns (the gap before each, and its width) of which each fits into ``width``, the
    first as it is and the others behind ``indent``. No column is divided."""
    starts, used = [0], 0
    for place, (gap, size) in enumerate(columns):
        needed = size if place == starts[-1] else used + gap + size
        if width is not None and place != starts[-1] and needed > width:
            starts.append(place)
            needed = indent + size
        used = needed
    return tuple(slice(start, end) for start, end in zip(starts, [*starts[1:], None], strict=True))
