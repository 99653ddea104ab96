"""The words of an exchange are those in the source of its readers."""

from __future__ import annotations

from exchange_cache.recording.vocabulary import words_of


def test_states_and_fields_of_a_reader_are_words() -> None:
    words = words_of("kraken")
    assert {"closed", "ordertxid"} <= words
    assert not any(word.isdecimal() for word in words)


def test_a_regional_edition_knows_the_words_of_its_family() -> None:
    assert {"instId", "avgPx"} <= words_of("okxus")


def test_an_exchange_without_a_policy_has_those_of_ccxt() -> None:
    assert "symbol" in words_of("poloniex")
