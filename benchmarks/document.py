"""Puts what was measured into docs/performance.md, its plot and README.md, between marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import capacity, plot
from benchmarks.lines import Line, figure
from benchmarks.results import Results
from benchmarks.screen import memory, seconds

#: The headings of the parts, in their order in the document.
HEADINGS = {
    "reads": "Reads, beside the bare interpreter",
    "sizes": "Reads as the cache grows",
    "crowd": "Reads of many accounts",
    "writes": "What a read writes",
    "fills": "New fills",
    "rebuild": "All costs from nothing",
    "questions": "Questions about the past",
    "growth": "A year of hourly runs",
    "storing": "Storing",
    "server": "A server beside a file",
    "imports": "Importing files",
    "exports": "Exporting",
    "nothing new": "A sync with nothing new",
    "first sync": "The first sync",
    "latency": "Latency",
    "accounts": "Many accounts of one exchange",
    "machines": "Many machines, one cache",
    "peers": "Beside other programs",
}
_TABLE = (
    "| measure | goal | measured | | CPU | wall | memory | requests |\n"
    "|---|---|---|---|---:|---:|---:|---:|"
)


def write(results: Results, root: Path) -> None:
    """Rewrite every marked block of the documents."""
    page, readme = root / "docs/performance.md", root / "README.md"
    _replace(page, "figures", tables(results))
    _replace(page, "capacity", capacity.tables(results))
    _replace(readme, "figures", summary(results))
    (root / "docs/performance.svg").write_text(plot.svg(results.lines), encoding="utf-8")


def _replace(file: Path, mark: str, text: str) -> None:
    whole = file.read_text(encoding="utf-8")
    block = re.compile(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", re.DOTALL)
    changed, number = block.subn(lambda found: f"{found[1]}{text.strip()}\n{found[2]}", whole)
    if number != 1:
        raise SystemExit(f"{file} has {number} blocks {mark}, not one")
    file.write_text(changed, encoding="utf-8")


def tables(results: Results) -> str:
    """A table for each part; a part that was not measured says so."""
    met, missed = sum(one.is_met is True for one in results.lines), len(results.missed())
    parts = [f"Measured: {results.where}. {met} goals are met, {missed} are missed."]
    for part, heading in HEADINGS.items():
        own = [one for one in results.lines if one.part == part]
        rows = "\n".join(_rows(own))
        parts.append(f"### {heading}\n\n" + (f"{_TABLE}\n{rows}" if own else "Not measured."))
    return "\n\n".join(parts)


def _rows(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        verdict = {None: "", True: "met", False: "**missed**"}[line.is_met]
        cells = (
            line.name.replace("|", "\\|"),
            line.goal(),
            line.measured(),
            verdict,
            "" if line.cpu is None else seconds(line.cpu),
            "" if line.wall is None else seconds(line.wall),
            memory(line),
            "" if line.requests is None else figure(line.requests),
        )
        yield f"| {' | '.join(cells)} |"


#: The names of the lines that the README quotes.
QUOTED = (
    r"portfolio --json",
    r"portfolio",
    r"status",
    r"fills --limit 50",
    r"portfolio --json, [\d,]+ fills / .*",
    r"sync with 10 new fills at .*",
    r"explain BTC, .*",
    r"history after .*",
    r"cache growth in .*",
    r"first sync of \d+ accounts .* rows\)",
    r"first sync of \d+ \w+ accounts at .*",
    r"balances at cost and value of .*: hledger / .*",
)


def summary(results: Results) -> str:
    """The lines of the README: the same figures, with their goals."""
    rows = ["| measure | goal | measured | |", "|---|---|---|---|"]
    for line in _quoted(results):
        verdict = {None: "", True: "met", False: "**missed**"}[line.is_met]
        rows.append(f"| {line.name} | {line.goal()} | {line.measured()} | {verdict} |")
    return "\n".join(rows)


def _quoted(results: Results) -> Iterator[Line]:
    """The first line of each kind, of the largest ledger where there are several."""
    for pattern in QUOTED:
        found = [one for one in results.lines if re.fullmatch(pattern, one.name)]
        if found:
            yield max(found, key=lambda one: one.size)
