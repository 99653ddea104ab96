"""Ages that are left open in a text are filled in when it is read."""

from datetime import timedelta

import pytest

from exchange_cache.value.states import OPEN_NOW, age_words, completed, open_age, open_seconds
from tests.builders import NOW


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(0), "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=47, minutes=59), "47 h 59 min"),
        (timedelta(hours=48), "2 d"),
    ],
)
def test_an_age_in_words(age: timedelta, words: str) -> None:
    assert age_words(age) == words
    assert completed(f"orders are {open_age(NOW)} old", NOW + age) == f"orders are {words} old"


def test_seconds_are_a_number_without_quotes() -> None:
    text = f'{{"age": "{open_seconds(NOW)}", "ago": "{open_age(NOW)}"}}'
    later = NOW + timedelta(seconds=90, milliseconds=999)
    assert completed(text, later) == '{"age": 90, "ago": "1 min"}'


def test_the_time_of_the_reading_and_other_texts_stay() -> None:
    text = f'"{OPEN_NOW}" and "nothing else"'
    assert completed(text, NOW) == text
    assert completed("nothing", NOW) == "nothing"
