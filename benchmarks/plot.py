"""The plot of growth: CPU of each program by the number of fills, both axes logarithmic, as SVG
that is readable on light and on dark pages."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from benchmarks.lines import Line, figure

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 900, 440, 70, 20, 300, 50
COLOURS = (
    "#2f81f7", "#d29922", "#3fb950", "#f85149", "#a371f7", "#39c5cf", "#db61a2", "#8b949e",
    "#e3742f", "#7d8a2e", "#56718f", "#b08800", "#c96198", "#2da44e",
)  # fmt: skip
Point = tuple[int, float]
_STYLE = (
    "text{font:12px sans-serif;fill:#57606a}.grid{stroke:#8c959f;stroke-opacity:.3}"
    "@media(prefers-color-scheme:dark){text{fill:#adbac7}}"
)


def curves(lines: Iterable[Line]) -> dict[str, list[Point]]:
    """(fills, CPU seconds) of every curve with more than one size."""
    found: dict[str, list[Point]] = defaultdict(list)
    for line in lines:
        if line.curve and line.cpu is not None:
            found[line.curve].append((line.size, line.cpu))
    return {name: sorted(points) for name, points in found.items() if len(points) > 1}


def svg(lines: Iterable[Line]) -> str:
    drawn = curves(lines)
    points = [point for own in drawn.values() for point in own]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>CPU seconds of a process by the number of fills</title>",
        f"<style>{_STYLE}</style>",
    ]
    if points:
        scale = _Scale(points)
        parts += scale.grid()
        ends = _apart([scale.y(own[-1][1]) for own in drawn.values()])
        for (name, own), end, colour in zip(drawn.items(), ends, _colours(len(drawn)), strict=True):
            parts += _curve(scale, name, own, end, colour)
    return "\n".join((*parts, "</svg>", ""))


def _colours(number: int) -> list[str]:
    return [COLOURS[index % len(COLOURS)] for index in range(number)]


class _Scale:
    """From fills and seconds to places; decades are whole."""

    def __init__(self, points: Sequence[Point]) -> None:
        sizes, times = [size for size, _ in points], [time for _, time in points]
        self.sizes = math.floor(math.log10(min(sizes)) + 0.1), math.ceil(math.log10(max(sizes)))
        self.times = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))

    def x(self, size: float) -> float:
        low, high = self.sizes
        return LEFT + (math.log10(size) - low) / max(1, high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, time: float) -> float:
        low, high = self.times
        share = (math.log10(time) - low) / max(1, high - low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def grid(self) -> list[str]:
        found, right, bottom = [], WIDTH - RIGHT, HEIGHT - BOTTOM
        for power in range(self.sizes[0], self.sizes[1] + 1):
            x = self.x(10**power)
            found.append(f'<path class="grid" d="M{x:.1f} {TOP}V{bottom}"/>')
            found.append(_text(x, bottom + 18, f"{10**power:,}", "middle"))
        for power in range(self.times[0], self.times[1] + 1):
            y = self.y(10.0**power)
            found.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{right}"/>')
            found.append(_text(LEFT - 8, y + 4, f"{figure(10.0**power)} s", "end"))
        return [*found, _text((LEFT + right) / 2, HEIGHT - 8, "fills in the cache", "middle")]


def _curve(scale: _Scale, name: str, points: Sequence[Point], end: float, colour: str) -> list[str]:
    places = [(scale.x(size), scale.y(time)) for size, time in points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    last = places[-1]
    return [
        f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places),
        f'<path d="M{last[0]:.1f} {last[1]:.1f}L{last[0] + 24:.1f} {end:.1f}" stroke="{colour}"'
        ' fill="none" stroke-opacity=".6"/>',
        f'<circle cx="{last[0] + 28:.1f}" cy="{end:.1f}" r="4" fill="{colour}"/>',
        _text(last[0] + 37, end + 4, name, "start"),
    ]


def _apart(places: Sequence[float], least: float = 16) -> list[float]:
    """The places of the names, moved until none covers another; the order stays."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved, last = [0.0] * len(places), TOP - least
    for index in order:
        last = max(places[index], last + least)
        moved[index] = last
    over = max(0.0, last - (HEIGHT - BOTTOM))
    return [place - over for place in moved] if over else moved


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
