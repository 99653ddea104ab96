"""The line that counts what a waiting user waits for."""

from __future__ import annotations

import io

from exchange_cache.render.counting import counted
from exchange_cache.render.terminal import PIPE
from tests.render.builders import tty


def test_a_terminal_shows_one_bar_in_place_and_clears_it() -> None:
    stream = io.StringIO()
    times = iter((0, 0, 20))
    with counted(stream, tty(80), "Past prices", lambda: next(times)) as tick:
        tick("BTC", 1, 4)
        tick("ETH", 3, 4)
    _, *shown, last = stream.getvalue().split("\r\x1b[K")
    assert shown == [
        "Past prices  ░░░░░░░░░░░░░░░  1 of 4: BTC",
        "Past prices  ███████▌░░░░░░░  3 of 4, about 20 s left: ETH",
    ]
    assert last == ""


def test_elsewhere_nothing_is_written() -> None:
    stream = io.StringIO()
    with counted(stream, PIPE, "Past prices", lambda: 0) as tick:
        tick("BTC", 1, 2)
    assert stream.getvalue() == ""
