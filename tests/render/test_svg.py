"""Shapes as SVG."""

from exchange_cache.render.picture import Area, Label, Line, Picture
from exchange_cache.render.svg import svg_text


def test_every_shape_becomes_an_element_and_text_is_escaped():
    shapes = (
        Line(((0, 0), (10, 5)), "#000000", 2.5),
        Area(((0, 0), (10, 0), (10, 10)), "#ff0000", 0.5),
        Label((1, 2), "a<b", 14, bold=True),
    )
    lines = svg_text(Picture(20, 10, "A & B", shapes)).splitlines()
    assert lines[0].startswith('<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"')
    assert lines[1:] == [
        "<title>A &amp; B</title>",
        '<rect width="20" height="10" fill="#ffffff"/>',
        '<polyline points="0.0,0.0 10.0,5.0" fill="none" stroke="#000000" stroke-width="2.5"'
        ' stroke-linejoin="round"/>',
        '<polygon points="0.0,0.0 10.0,0.0 10.0,10.0" fill="#ff0000" fill-opacity="0.5"/>',
        '<text x="1.0" y="2.0" font-size="14" fill="#1a1a1a" text-anchor="start"'
        ' font-weight="600">a&lt;b</text>',
        "</svg>",
    ]
