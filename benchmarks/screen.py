"""Lines as a person reads them while they are measured."""

from __future__ import annotations

from benchmarks.lines import Line, figure

HEADINGS = f"{'CPU':>9}  {'wall':>9}  {'memory':>8}  {'requests':>8}"


def text(line: Line) -> str:
    """Name, figure with its spread, goal with its verdict; what the process took."""
    goal = f"goal {line.goal()}: {line.verdict()}" if line.goal() else ""
    return f"  {line.name}\n      {line.measured():34}  {_cost(line)}  {goal}".rstrip()


def _cost(line: Line) -> str:
    parts = (
        f"{_seconds(line.cpu):>9}",
        f"{_seconds(line.wall):>9}",
        f"{memory(line):>8}",
        f"{'' if line.requests is None else figure(line.requests):>8}",
    )
    return "  ".join(parts)


def _seconds(value: float | None) -> str:
    return "" if value is None else seconds(value)


def seconds(value: float) -> str:
    return f"{value * 1000:,.0f} ms" if value < 1 else f"{figure(value)} s"


def memory(line: Line) -> str:
    return "" if line.memory is None else f"{line.memory:,.0f} MiB"
