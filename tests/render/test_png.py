"""Shapes as PNG."""

import io
import sys

import pytest

from exchange_cache.errors import UsageError
from exchange_cache.render.picture import Area, Label, Line, Picture
from exchange_cache.render.png import png_bytes

PICTURE = Picture(
    40,
    20,
    "title",
    (
        Area(((0, 0), (20, 0), (20, 20), (0, 20)), "#ff0000"),
        Line(((30, 0), (30, 20)), "#0000ff", 8),
        Label((22, 12), "…", 4),
    ),
)


def test_areas_and_lines_have_their_colours():
    from PIL import Image

    image = Image.open(io.BytesIO(png_bytes(PICTURE)))
    assert (image.format, image.size) == ("PNG", (40, 20))
    assert image.getpixel((10, 10)) == (255, 0, 0)
    assert image.getpixel((30, 10)) == (0, 0, 255)
    assert image.getpixel((38, 2)) == (255, 255, 255)


def test_without_pillow_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(UsageError) as caught:
        png_bytes(PICTURE)
    assert caught.value.hint == (
        "pip install 'excache[png]', or write an .svg, which needs nothing"
    )
