"""The line that counts what a waiting user waits for."""

from __future__ import annotations

import io

from exchange_cache.render.counting import counted
from exchange_cache.render.terminal import PIPE
from tests.render.builders import tty


def test_a_terminal_shows_the_count_in_place_and_clears_it() -> None:
    stream = io.StringIO()
    with counted(stream, tty(80), "Fetching past prices") as tick:
        tick("BTC", 1, 2)
        tick("ETH", 2, 2)
    assert stream.getvalue() == (
        "\r\x1b[KFetching past prices 1 of 2: BTC\r\x1b[KFetching past prices 2 of 2: ETH\r\x1b[K"
    )


def test_elsewhere_nothing_is_written() -> None:
    stream = io.StringIO()
    with counted(stream, PIPE, "Fetching past prices") as tick:
        tick("BTC", 1, 2)
    assert stream.getvalue() == ""
