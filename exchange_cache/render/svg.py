"""A picture as SVG: plain shapes and text without external resources."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from exchange_cache.render.picture import Area, Label, Line, Picture, Place

_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', 'Noto Sans', sans-serif"


def svg_text(picture: Picture) -> str:
    """The whole document."""
    size = (
        f'width="{picture.width}" height="{picture.height}" viewBox="0 0 {picture.width}'
        f' {picture.height}"'
    )
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family={quoteattr(_FONT)}'
            ' role="img">'
        ),
        f"<title>{escape(picture.title)}</title>",
        f'<rect width="{picture.width}" height="{picture.height}" fill="#ffffff"/>',
        *(_shape(shape) for shape in picture.shapes),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _shape(shape: Line | Area | Label) -> str:
    match shape:
        case Line():
            stroke = (
                f'fill="none" stroke="{shape.colour}" stroke-width="{shape.width:g}"'
                ' stroke-linejoin="round"'
            )
            return f'<polyline points="{_places(shape.places)}" {stroke}/>'
        case Area():
            return (
                f'<polygon points="{_places(shape.places)}" fill="{shape.colour}"'
                f' fill-opacity="{shape.opacity:g}"/>'
            )
        case Label():
            weight = ' font-weight="600"' if shape.bold else ""
            look = (
                f'font-size="{shape.size}" fill="{shape.colour}"'
                f' text-anchor="{shape.anchor}"{weight}'
            )
            return (
                f'<text x="{shape.place[0]:.1f}" y="{shape.place[1]:.1f}"'
                f" {look}>{escape(shape.text)}</text>"
            )


def _places(places: tuple[Place, ...]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
