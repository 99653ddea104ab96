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
