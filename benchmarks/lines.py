"""One line of the benchmark: what was measured how often, and whether it meets its goal."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.timing import Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A measured figure: the median of ``times`` rounds, with the least and the most of them.

    ``at_most``, ``at_least`` and ``memory_at_most`` are its goals. ``cpu`` and ``wall`` (seconds)
    and ``memory`` (MiB, the most of all rounds) are those of the process behind it, ``requests``
    those that it sent. Lines of one ``curve`` with their ``size`` (fills) are drawn together.
    """

    part: str
    name: str
    unit: str
    value: float
    least: float
    most: float
    times: int = 1
    at_most: float | None = None
    at_least: float | None = None
    memory_at_most: float | None = None
    cpu: float | None = None
    wall: float | None = None
    memory: float | None = None
    requests: float | None = None
    curve: str = ""
    size: int = 0

    @property
    def is_met(self) -> bool | None:
        """Whether the goals are met; None without one."""
        found = []
        if self.at_most is not None:
            found.append(self.value <= self.at_most)
        if self.at_least is not None:
            found.append(self.value >= self.at_least)
        if self.memory_at_most is not None:
            found.append(self.memory is not None and self.memory <= self.memory_at_most)
        return all(found) if found else None

    def goal(self) -> str:
        """``≤ 7.5 x``, ``≤ 1 s, ≤ 80 MiB``; empty without a goal."""
        parts = []
        if self.at_most is not None:
            parts.append(f"≤ {figure(self.at_most)} {self.unit}")
        if self.at_least is not None:
            parts.append(f"≥ {figure(self.at_least)} {self.unit}")
        if self.memory_at_most is not None:
            parts.append(f"≤ {figure(self.memory_at_most)} MiB")
        return ", ".join(parts)

    def measured(self) -> str:
        """``7.2 x (7.0 – 7.4)``; a single figure has no spread."""
        value = f"{figure(self.value)} {self.unit}"
        if self.times == 1:
            return value
        return f"{value} ({figure(self.least)} – {figure(self.most)})"

    def verdict(self) -> str:
        return {None: "", True: "met", False: "MISSED"}[self.is_met]

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def measured(
    part: str, name: str, unit: str, values: Sequence[float], series: Series = (), **more: Any
) -> Line:
    """A line from its figure in each round, and the processes behind it."""
    costs: dict[str, Any] = {}
    if series:
        costs = {
            "cpu": statistics.median(one.cpu for one in series),
            "wall": statistics.median(one.wall for one in series),
            "memory": max(one.memory for one in series),
        }
    return Line(
        part=part,
        name=name,
        unit=unit,
        value=statistics.median(values),
        least=min(values),
        most=max(values),
        times=len(values),
        **{**costs, **more},
    )


def ratios(series: Series, base: Series) -> list[float]:
    """CPU of each round beside that of the other command in the same round."""
    return [one.cpu / other.cpu for one, other in zip(series, base, strict=True)]


def figure(value: float) -> str:
    """Three digits that count; whole numbers whole."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
