"""Screens on a terminal, with and without colour."""

import io

from exchange_cache.render.output import write_portfolio
from tests.render.builders import (
    ASCII,
    NOW,
    holding,
    reading,
)


def test_an_asset_outside_the_encoding_becomes_question_marks():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="")
    write_portfolio(reading(holding("币安", "1")), stream, form="table", terminal=ASCII, now=NOW)
    stream.seek(0)
    assert "\n??" in stream.read()
