"""The plot draws every curve of more than one size, on light and dark pages."""

from __future__ import annotations

from xml.etree import ElementTree

from benchmarks.lines import Line
from benchmarks.plot import curves, svg


def line(curve: str, size: int, cpu: float) -> Line:
    return Line(
        part="p", name="n", unit="x", value=1, least=1, most=1, cpu=cpu, curve=curve, size=size
    )


LINES = [line("a & b", 10_000, 0.5), line("a & b", 1_000, 0.1), line("c", 10, 1), line("", 1, 1)]


def test_curves_are_sorted_and_need_two_sizes() -> None:
    assert curves(LINES) == {"a & b": [(1_000, 0.1), (10_000, 0.5)]}


def test_the_plot_is_xml_with_a_point_a_figure_and_a_name_a_curve() -> None:
    both = [*LINES, line("d", 1_000, 0.1), line("d", 10_000, 0.5)]
    text = svg(both)
    tree = ElementTree.fromstring(text)
    place = "{http://www.w3.org/2000/svg}"
    names = {one.text: float(one.get("y", 0)) for one in tree.iter(f"{place}text")}
    assert {"a & b", "d", "1,000", "10,000", "0.10 s", "1 s"} <= names.keys()
    assert abs(names["a & b"] - names["d"]) >= 16
    assert len(list(tree.iter(f"{place}circle"))) == 2 * (2 + 1)
    assert "prefers-color-scheme:dark" in text


def test_without_a_curve_there_is_an_empty_plot() -> None:
    assert ElementTree.fromstring(svg([])).tag.endswith("svg")
