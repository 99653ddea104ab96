"""A picture as PNG. The only module that loads Pillow, which the extra ``excache[png]`` installs.

It draws at twice the size and scales down, so that lines are smooth.
"""

from __future__ import annotations

import io

from exchange_cache.errors import UsageError
from exchange_cache.render.picture import Area, Label, Line, Picture

INSTALL_HINT = "pip install 'excache[png]', or write an .svg, which needs nothing"
_SCALE = 2


def png_bytes(picture: Picture) -> bytes:
    """The bytes of the file; without Pillow, a UsageError states how to install it."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise UsageError(
            f"a PNG needs a package that is not installed ({error.name})", hint=INSTALL_HINT
        ) from error
    size = (picture.width * _SCALE, picture.height * _SCALE)
    canvas = Image.new("RGBA", size, "#ffffff")
    for shape in picture.shapes:
        if isinstance(shape, Area):
            layer = Image.new("RGBA", size, (0, 0, 0, 0))
            red, green, blue = (int(shape.colour[at : at + 2], 16) for at in (1, 3, 5))
            ImageDraw.Draw(layer).polygon(
                _scaled(shape.places), fill=(red, green, blue, round(shape.opacity * 255))
            )
            canvas = Image.alpha_composite(canvas, layer)
        elif isinstance(shape, Line):
            ImageDraw.Draw(canvas).line(
                _scaled(shape.places),
                fill=shape.colour,
                width=round(shape.width * _SCALE),
                joint="curve",
            )
        else:
            ImageDraw.Draw(canvas).text(
                _scaled((shape.place,))[0],
                _drawable(shape),
                fill=shape.colour,
                font=ImageFont.load_default(shape.size * _SCALE),
                anchor={"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor],
                stroke_width=int(shape.bold),
            )
    written = io.BytesIO()
    canvas.convert("RGB").resize((picture.width, picture.height), Image.Resampling.LANCZOS).save(
        written, "PNG", optimize=True
    )
    return written.getvalue()


def _scaled(places: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    return [(x * _SCALE, y * _SCALE) for x, y in places]


def _drawable(label: Label) -> str:
    """The text in the signs of Pillow's own font; other signs become question marks."""
    return label.text.replace("…", "...").encode("latin-1", "replace").decode("latin-1")
