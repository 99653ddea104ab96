"""The lines of a running sync, whole."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from exchange_cache.render.board import Board
from exchange_cache.render.layout import plain
from exchange_cache.render.progress_lines import end_line, progress_lines
from tests.render.builders import Event, seconds

ACCOUNTS = ("main", "bybit", "kraken", "okx", "coinbase", "kucoin")
PAST = datetime(2024, 1, 1, tzinfo=UTC)


def first_sync() -> Board:
    """Three accounts done (one failed), three running, after 100 s."""
    board = Board(accounts=ACCOUNTS)
    for name in ACCOUNTS:
        board.tell(Event(account=name, planned=100), seconds(0))
    for name, new, at in (("kraken", 2921, 10), ("okx", 0, 4)):
        board.tell(Event(account=name, state="finished", new_rows=new, requests=64), seconds(at))
    failed = Event(account="coinbase", state="failed", message="timed out after 3 tries")
    board.tell(failed, seconds(5))
    board.tell(Event(account="coinbase", state="finished", new_rows=12), seconds(5))
    moving = (
        ("main", "fills", "spot ETH/EUR", 52, 1117, None),
        ("bybit", "orders", "spot", 13, 436, PAST),
        ("kucoin", "fills", "spot ADA/USDT", 20, 0, PAST),
    )
    for share in (0.5, 1):
        for name, kind, scope, done, new, before in moving:
            event = Event(
                account=name,
                data_type=kind,
                scope=scope,
                done=int(done * share),
                planned=100,
                new_rows=new,
                requests=10 * done,
                before=before,
            )
            board.tell(event, seconds(int(100 * share)))
    return board


def shown(
    board: Board, at: int, width: int, *, height: int | None = None, unicode: bool = True
) -> list[str]:
    lines = progress_lines(
        board.overview(seconds(at)),
        seconds(at),
        title="First sync",
        width=width,
        height=height,
        unicode=unicode,
    )
    return [plain(line) for line in lines]


def test_a_first_sync_at_80_columns() -> None:
    assert shown(first_sync(), 100, 80) == [
        "First sync: 3 of 6 accounts done, about 12 min left               Ctrl-C is safe",
        "main      █████▏░░░░   52 %  fills ETH/EUR                             1,117 new",
        "bybit     █▎░░░░░░░░   13 %  orders before 2024-01                       436 new",
        "kraken    ✓ 2,921 new in 10 s",
        "okx       ✓ nothing new in 4.0 s",
        "coinbase  ✗ timed out after 3 tries; 12 new in 5.0 s",
        "kucoin    ██░░░░░░░░   20 %  fills ADA/USDT before 2024-01",
        "averages  waits for the accounts",
    ]


def test_a_first_sync_at_140_columns() -> None:
    assert shown(first_sync(), 100, 140) == [
        "First sync: 3 of 6 accounts done, about 12 min left" + " " * 75 + "Ctrl-C is safe",
        "main      ███████▊░░░░░░░   52 %  fills ETH/EUR                                    "
        "1,117 new     520 requests      11/s       1 min",
        "bybit     █▉░░░░░░░░░░░░░   13 %  orders before 2024-01                            "
        "  436 new     130 requests       4/s       1 min",
        "kraken    ✓ 2,921 new in 10 s   64 requests",
        "okx       ✓ nothing new in 4.0 s   64 requests",
        "coinbase  ✗ timed out after 3 tries; 12 new in 5.0 s",
        "kucoin    ███░░░░░░░░░░░░   20 %  fills ADA/USDT before 2024-01                    "
        "              200 requests                 1 min",
        "averages  waits for the accounts",
    ]


def test_a_terminal_without_unicode() -> None:
    lines = shown(first_sync(), 100, 80, unicode=False)
    assert lines[1].startswith("main      #####.....   52 %  fills ETH/EUR")
    assert lines[3] == "kraken    ok 2,921 new in 10 s"
    assert all(line.isascii() for line in lines)


def test_twenty_accounts_fit_in_a_terminal_of_24_lines() -> None:
    names = tuple(f"bybit{number:02}" for number in range(20))
    board = Board(accounts=names)
    for name in names[:6]:
        board.tell(Event(account=name, planned=10, new_rows=3), seconds(0))
    for name in names[:2]:
        board.tell(Event(account=name, state="finished", new_rows=7), seconds(9))
    lines = shown(board, 9, 80, height=24)
    assert len(lines) == 1 + 6 + 1 + 1
    assert lines[-2:] == ["others    14 accounts wait", "averages  waits for the accounts"]

    for name in names[2:18]:
        board.tell(Event(account=name, state="finished", new_rows=7), seconds(9))
    assert len(shown(board, 9, 80, height=24)) == 1 + 18 + 2 + 1
    folded = shown(board, 9, 80, height=20)
    assert folded == [
        "First sync: 18 of 20 accounts done                                Ctrl-C is safe",
        "done      ✓ 18 accounts, 126 new",
        "bybit18   waits",
        "bybit19   waits",
        "averages  waits for the accounts",
    ]


def test_a_computation_moves_and_prices_are_counted() -> None:
    board = Board(accounts=("main",))
    board.tell(Event(state="finished", new_rows=5), seconds(2))
    rest = {"account": "", "data_type": None}
    board.tell(Event(**rest, scope="average entry prices"), seconds(2))
    assert shown(board, 3, 80)[2] != shown(board, 4, 80)[2]
    assert shown(board, 3, 80) == [
        "First sync: now the averages                                      Ctrl-C is safe",
        "main      ✓ 5 new in 0.0 s",
        "averages  ░░░░░░███░         average entry prices",
    ]
    board.tell(Event(**rest, scope="past prices of BTC", done=30, planned=120), seconds(5))
    assert shown(board, 5, 80)[2] == ("averages  ██▌░░░░░░░   25 %  past prices of BTC")


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 100, 140, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    board = first_sync()
    board.tell(
        Event(account="main", scope="spot 1000000MOG/USDT:USDT", planned=9, new_rows=10**8),
        seconds(101),
    )
    assert max(map(len, shown(board, 101, width))) <= width


# --- the last line --------------------------------------------------------------------------------


def ended(*events: Event, first: bool = False) -> str:
    board = Board(accounts=("main", "bybit"))
    for name in board.accounts:
        board.tell(Event(account=name), seconds(0))
    for event in events:
        board.tell(event, seconds(11))
    return plain(end_line(board.overview(seconds(11)), seconds(11), first=first, unicode=True))


def done(account: str, new_rows: int = 0) -> Event:
    return Event(account=account, state="finished", new_rows=new_rows)


def test_a_first_sync_ends_with_what_to_do_next() -> None:
    assert ended(done("main", 8700), done("bybit", 47), first=True) == (
        "✓ 8,747 new rows, 2 accounts, 11 s.   excache portfolio"
    )


def test_a_later_sync_ends_with_what_is_new() -> None:
    assert ended(done("main", 1), done("bybit")) == "✓ 1 new row, 2 accounts, 11 s."
    assert ended(done("main"), done("bybit")) == "✓ nothing new (2 accounts, 11 s)"


def test_an_account_that_failed_is_named() -> None:
    failed = Event(account="bybit", state="failed", message="timed out", new_rows=3)
    assert ended(done("main", 5), failed, done("bybit", 3), first=True) == (
        "✗ 8 new rows, 1 of 2 accounts, 11 s; bybit not complete"
    )


def test_many_accounts_that_failed_are_counted_where_their_names_do_not_fit() -> None:
    board = Board(accounts=tuple(f"account{number}" for number in range(12)))
    for name in board.accounts:
        board.tell(Event(account=name, state="failed", message="timed out"), seconds(0))
        board.tell(done(name), seconds(8))
    overview = board.overview(seconds(8))
    line = end_line(overview, seconds(8), first=False, unicode=True, width=80)
    assert plain(line) == "✗ 0 new rows, 0 of 12 accounts complete, 8.0 s"


def test_a_run_without_histories_found_nothing_new_to_say() -> None:
    board = Board(accounts=("main",))
    board.tell(Event(data_type="balances", scope="spot"), seconds(0))
    board.tell(done("main"), seconds(3))
    line = end_line(board.overview(seconds(3)), seconds(3), first=False, unicode=True)
    assert plain(line) == "✓ refreshed (1 account, 3.0 s)"
