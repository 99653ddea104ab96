"""The lines of a running sync."""

from exchange_cache.render.board import Board
from exchange_cache.render.layout import plain
from tests.render.builders import Event, seconds


def test_a_line_tells_what_an_account_is_doing_its_rate_and_what_remains():
    board = Board(accounts=("main", "bybit"))
    board.tell(Event(), seconds(0))
    board.tell(Event(rows=1200, requests=30, done=30, planned=120), seconds(10))
    assert [plain(line) for line in board.lines(seconds(10), width=100, unicode=True)] == [
        "main   █████░░░░░░░░░░░░░░░ 25 %  fills BTC/USDT  1,200 rows  120/s  30 s left",
        "bybit  ░░░░░░░░░░░░░░░░░░░░  0 %  waiting",
    ]


def test_in_the_first_seconds_nothing_is_estimated():
    board = Board()
    board.tell(Event(rows=50, done=1, planned=9), seconds(0))
    assert "left" not in plain(board.lines(seconds(1), width=100, unicode=True)[0])


def test_a_finished_account_tells_how_long_it_took_and_a_failed_one_why():
    board = Board()
    board.tell(Event(), seconds(0))
    board.tell(Event(state="failed", message="timed out", planned=3, done=1), seconds(3))
    board.tell(Event(state="finished", rows=7, requests=2), seconds(4))
    line = plain(board.lines(seconds(60), width=100, unicode=True)[0])
    assert "✗  timed out" in line
    assert line.endswith("in 4.0 s")
    assert (
        plain(board.summary(seconds(4), unicode=True))
        == "✗ 7 rows, 2 requests in 4.0 s   main not complete"
    )


def test_an_interrupted_account_is_not_shown_as_done():
    board = Board()
    board.tell(Event(), seconds(0))
    board.tell(Event(state="interrupted", rows=40, requests=9, done=3, planned=12), seconds(4))
    line = plain(board.lines(seconds(4), width=100, unicode=True)[0])
    assert "25 %  interrupted" in line and "left" not in line
    assert (
        plain(board.summary(seconds(4), unicode=True))
        == "✗ 40 rows, 9 requests in 4.0 s   main not complete"
    )


def test_progress_fits_a_narrow_terminal():
    board = Board(accounts=("main",))
    board.tell(
        Event(scope="1000000MOG/USDT:USDT " * 4, rows=10**6, done=3, planned=1000), seconds(0)
    )
    for width in (40, 60, 80):
        assert len(plain(board.lines(seconds(30), width=width, unicode=True)[0])) <= width
