"""The state of a running sync."""

from datetime import UTC, datetime

import pytest

from exchange_cache.render.board import Board, doing_words
from tests.render.builders import Event, seconds


@pytest.mark.parametrize(
    ("data_type", "scope", "words"),
    [
        ("fills", "spot ETH/EUR", "fills ETH/EUR"),
        ("fills", "linear BTC/USDT:USDT", "fills BTC/USDT:USDT"),
        ("fills", "pre-upgrade-spot", "fills of spot before the account upgrade"),
        ("orders", "linear", "orders of linear futures"),
        ("orders", "option", "orders of options"),
        ("orders", "open linear", "open orders of linear futures"),
        ("transfers", "deposits", "deposits"),
        ("transfers", "moves-main_margin", "transfers from spot to margin"),
        ("fills", "converts", "conversions"),
        ("balances", "margin", "balances"),
        (None, "past prices of BTC", "past prices of BTC"),
    ],
)
def test_what_is_read_is_named_in_words_of_people(
    data_type: str | None, scope: str, words: str
) -> None:
    assert doing_words(Event(data_type=data_type, scope=scope)) == words


def test_a_window_of_the_past_is_named() -> None:
    event = Event(data_type="orders", scope="spot", before=datetime(2024, 1, 1, tzinfo=UTC))
    assert doing_words(event) == "orders before 2024-01"


def test_the_steps_before_the_histories_are_no_progress() -> None:
    board = Board()
    board.tell(Event(data_type="prices", scope="spot", done=8, planned=9), seconds(0))
    (own,) = board.overview(seconds(0)).begun
    assert own.percent is None
    board.tell(Event(done=9, planned=29), seconds(1))
    board.tell(Event(done=14, planned=29), seconds(1))
    assert own.percent == 25


def test_open_orders_are_no_history() -> None:
    board = Board()
    board.tell(Event(data_type="orders", scope="open spot", done=7, planned=8), seconds(0))
    board.tell(Event(data_type="orders", scope="spot", done=8, planned=108), seconds(1))
    (own,) = board.overview(seconds(1)).begun
    assert own.percent == 0


def test_a_plan_that_grows_slows_a_bar_down_and_never_turns_it_back() -> None:
    board = Board()
    shown = []
    for done, planned in (
        (0, 10),
        (5, 10),
        (5, 105),
        (55, 105),
        (105, 105),
        (105, 205),
        (155, 205),
    ):
        board.tell(Event(done=done, planned=planned), seconds(done))
        shown.append(board.overview(seconds(done)).begun[0].percent)
    assert shown == [0, 50, 50, 75, 99, 99, 99]


def test_a_second_count_of_the_work_after_the_histories_has_no_bar_that_begins_anew() -> None:
    board = Board(accounts=("main",))
    board.tell(Event(account="main", state="finished"), seconds(0))

    def rest(done: int, planned: int, at: int) -> int | None:
        event = Event(account="", data_type=None, scope="past prices", done=done, planned=planned)
        board.tell(event, seconds(at))
        found = board.overview(seconds(at)).rest
        assert found is not None
        return found.percent

    assert [rest(0, 100, 0), rest(50, 100, 20)] == [0, 50]
    assert board.overview(seconds(20)).left == seconds(20)
    assert rest(1, 8, 30) is None


def test_what_is_left_is_that_of_the_slowest_and_of_those_that_wait() -> None:
    board = Board(accounts=("a", "b", "c", "d"))
    for name in ("a", "b", "c"):
        board.tell(Event(account=name, planned=100), seconds(0))
    board.tell(Event(account="a", done=50, planned=100), seconds(20))
    board.tell(Event(account="b", done=25, planned=100), seconds(20))
    assert board.overview(seconds(20)).left is None  # c has not done anything
    board.tell(Event(account="c", state="finished"), seconds(20))
    assert board.overview(seconds(20)).left == seconds(60 + 20)


def test_an_account_that_failed_or_was_stopped_is_not_complete() -> None:
    board = Board(accounts=("a", "b", "c"))
    board.tell(Event(account="a", state="failed", message="timed out"), seconds(1))
    board.tell(Event(account="a", state="finished"), seconds(1))
    board.tell(Event(account="b", state="interrupted"), seconds(1))
    board.tell(Event(account="c", state="finished"), seconds(1))
    assert board.overview(seconds(1)).trouble == ["a", "b"]
