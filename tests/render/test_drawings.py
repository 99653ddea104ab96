import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from exchange_cache.render.board import Board
from exchange_cache.render.chart import chart_lines, sparkline
from exchange_cache.render.coverage import CoverageRow, coverage_bar, coverage_screen
from exchange_cache.render.layout import plain
from exchange_cache.render.output import write_history
from exchange_cache.render.progress import SyncDisplay
from exchange_cache.render.table import write_screen
from tests.render.builders import ASCII, NOW, PIPED, printed, tty

DAY = 86_400_000


@dataclass(frozen=True)
class Event:
    account: str = "main"
    data_type: str | None = "fills"
    scope: str = "BTC/USDT"
    state: str = "asking"
    rows: int = 0
    requests: int = 0
    done: int = 0
    planned: int = 0
    message: str | None = None


# --- coverage -------------------------------------------------------------------------------------


def test_a_bar_has_a_sign_for_each_state():
    spans = [(0, 2, "retention"), (4, 6, "complete"), (6, 8, "fetching"), (8, 10, "complete")]
    assert coverage_bar(spans, 0, 10, 10) == "──░░██▓▓██"
    assert coverage_bar(spans, 0, 10, 10, unicode=False) == "--..##++##"


def test_a_gap_is_seen_however_short():
    spans = [
        (0, 500 * DAY, "complete"),
        (500 * DAY, 500 * DAY + 1, "gap"),
        (500 * DAY + 1, 1000 * DAY, "complete"),
    ]
    assert coverage_bar(spans, 0, 1000 * DAY, 10) == "█████·████"


def test_coverage_ends_in_its_legend():
    start, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1000 for year in (2020, 2026))
    rows = [
        CoverageRow(
            label="main / fills", spans=((start, end, "complete"),), note="312 symbols walked"
        )
    ]
    stream = io.StringIO()
    write_screen(coverage_screen(rows, terminal=tty(100)), stream, tty(100))
    assert (
        stream.getvalue() == f"main / fills  2020 {'█' * 24} 2026  312 symbols walked\n"
        "\n"
        "█ complete   ▓ being fetched   · gap   ─ out of retention   ░ never asked\n"
    )


# --- chart ----------------------------------------------------------------------------------------


def points(*values: str):
    return [
        (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=index), Decimal(value))
        for index, value in enumerate(values)
    ]


def test_a_rising_line_rises():
    assert [plain(line) for line in chart_lines(points("0", "10", "20"), 26, 5, unicode=False)] == [
        "20 +                   ***",
        "   |              *****",
        "10 +        ******",
        "   |   *****",
        " 0 +***",
        "   +----------------------",
        "    2026-01-01  2026-01-03",
    ]


def test_a_flat_line_is_drawn():
    shown = [plain(line) for line in chart_lines(points("5", "5"), 40, 6)]
    assert len(shown) == 8
    assert any("⠤" in line or "⣀" in line or "⠒" in line or "⠉" in line for line in shown)


def test_no_line_of_a_chart_is_wider_than_asked():
    for width in (20, 80, 140):
        for unicode in (True, False):
            lines = chart_lines(
                points("100000", "98000.55", "123456.789", "-20"), width, 12, unicode=unicode
            )
            assert max(len(plain(line)) for line in lines) <= width


def test_history_tells_where_it_is_and_how_far_it_came():
    shown = printed(
        write_history, points("100", "150"), asset="USDT", form="table", terminal=tty(100), now=NOW
    )
    assert shown.startswith(
        "Net worth   150.00 USDT   +50.00 (+50.0 %) since 2026-01-01   as of 2026-01-02 00:00"
        " UTC\n\n"
    )


def test_history_without_points_says_what_makes_them():
    shown = printed(write_history, [], asset="USDT", form="table", terminal=tty(100), now=NOW)
    assert shown == "No net worth is recorded yet; every sync adds one point.   excache sync\n"


def test_history_is_data_in_the_other_formats():
    assert (
        printed(write_history, points("100.5"), asset="USDT", form="csv", terminal=PIPED, now=NOW)
        == "time,value,reporting_asset\r\n2026-01-01T00:00:00Z,100.5,USDT\r\n"
    )


def test_a_sparkline_goes_from_the_lowest_to_the_highest():
    assert sparkline([Decimal(n) for n in range(8)]) == "▁▂▃▄▅▆▇█"
    assert sparkline([Decimal(1), Decimal(1)]) == "▄▄"
    assert sparkline([]) == ""


# --- progress -------------------------------------------------------------------------------------


def seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


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


def test_progress_fits_a_narrow_terminal():
    board = Board(accounts=("main",))
    board.tell(
        Event(scope="1000000MOG/USDT:USDT " * 4, rows=10**6, done=3, planned=1000), seconds(0)
    )
    for width in (40, 60, 80):
        assert len(plain(board.lines(seconds(30), width=width, unicode=True)[0])) <= width


def test_without_a_terminal_nothing_is_written():
    stream = io.StringIO()
    with SyncDisplay(stream, PIPED, monotonic=lambda: 1.0) as display:
        display.tell(Event())
    assert stream.getvalue() == ""


def test_on_a_terminal_the_summary_closes_the_display():
    stream = io.StringIO()
    with SyncDisplay(stream, ASCII, monotonic=lambda: 1.0, accounts=("main",)) as display:
        display.tell(Event(rows=3, requests=1))
        display.tell(Event(state="finished", rows=3, requests=1))
    assert stream.getvalue().endswith("ok 3 rows, 1 request in 0.0 s\n")
