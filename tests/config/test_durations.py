from datetime import timedelta

import pytest

from exchange_cache.config.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("1h", 3600), ("2d", 172800), (" 1h ", 3600)]
)
def test_durations_are_a_number_and_a_unit(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "1", "h", "1.5h", "-1h", "1w", "1h30m", "1 h", "1H", "١h"])
def test_anything_else_is_refused_with_examples(text):
    with pytest.raises(ValueError) as caught:
        parse_duration(text)
    assert str(caught.value) == 'must be a duration such as "90s", "10m", "1h" or "2d"'


def test_zero_and_absurd_lengths_are_refused():
    with pytest.raises(ValueError, match="must be longer than zero"):
        parse_duration("0s")
    with pytest.raises(ValueError, match="must be at most 3650d"):
        parse_duration("999999999999d")


@pytest.mark.parametrize("text", ["90s", "10m", "1h", "2d", "25h", "61s"])
def test_formatting_gives_back_the_shortest_text(text):
    assert format_duration(parse_duration(text)) == text
    assert format_duration(timedelta(hours=24)) == "1d"
