"""The live display of a sync, drawn by a terminal in memory."""

from __future__ import annotations

import io

import pytest

from exchange_cache.render.progress import SyncDisplay
from exchange_cache.render.terminal import detect
from tests.render.builders import PIPED, Event
from tests.terminal import MemoryTerminal

UTF8 = {"TERM": "xterm-256color"}


def test_without_a_terminal_nothing_is_written() -> None:
    stream = io.StringIO()
    with SyncDisplay(stream, PIPED, monotonic=lambda: 1.0) as display:
        display.tell(Event())
    assert stream.getvalue() == ""


@pytest.mark.parametrize("env", [UTF8, {**UTF8, "NO_COLOR": "1"}], ids=["colour", "no colour"])
def test_the_display_is_redrawn_in_place_and_replaced_by_its_last_line(env: dict[str, str]) -> None:
    now = [0.0]
    with MemoryTerminal(80) as screen:
        terminal = detect(screen.stream, env)
        display = SyncDisplay(
            screen.stream,
            terminal,
            monotonic=lambda: now[0],
            accounts=("main", "kraken"),
            title="First sync",
            first=True,
        )
        with display:
            display.tell(Event(account="main", scope="spot ETH/EUR", planned=40))
            now[0] = 10
            event = Event(account="main", scope="spot BTC/USDT", done=10, planned=40, new_rows=1117)
            display.tell(event)
            display.redraw()
            assert screen.lines() == [
                "First sync: 0 of 2 accounts done                                  Ctrl-C is safe",
                "main      ██▌░░░░░░░   25 %  fills BTC/USDT                            1,117 new",
                "kraken    waits",
                "averages  waits for the accounts",
            ]
            for name in ("main", "kraken"):
                display.tell(Event(account=name, state="finished", new_rows=2000))
            now[0] = 75
        assert screen.lines() == ["✓ 4,000 new rows, 2 accounts, 1 min.   excache portfolio"]
        assert (b"\x1b[32m" in screen.written) == ("NO_COLOR" not in env)


def test_after_ctrl_c_the_display_is_gone() -> None:
    with MemoryTerminal(80) as screen:
        terminal = detect(screen.stream, UTF8)
        with (
            pytest.raises(KeyboardInterrupt),
            SyncDisplay(screen.stream, terminal, monotonic=lambda: 0.0, accounts=("main",)) as live,
        ):
            live.tell(Event())
            live.redraw()
            raise KeyboardInterrupt
        assert screen.lines() == []
