"""Messages beside the answer."""

from exchange_cache.render.messages import message_text


def test_a_long_message_continues_under_its_words() -> None:
    words = "excache: kraken: kraken did not answer (prices spot): connection refused after 3 tries"
    assert message_text(words, 60) == (
        "excache: kraken: kraken did not answer (prices spot):\n"
        "         connection refused after 3 tries"
    )


def test_an_error_of_a_command_line_continues_as_any_message() -> None:
    words = (
        "excache account add: invalid value for '--exchange': 'krakn' is not one of binance;"
        ' did you mean "kraken"?\n         excache account add --help'
    )
    assert message_text(words, 60) == (
        "excache account add: invalid value for '--exchange': 'krakn'\n"
        '         is not one of binance; did you mean "kraken"?\n'
        "         excache account add --help"
    )


def test_a_command_stays_in_one_piece() -> None:
    words = (
        "excache: kraken: the key was refused (EAPI:Invalid key)\n"
        "         its balances of 10:51 are kept; check it with: excache account check kraken"
    )
    assert message_text(words, 60) == (
        "excache: kraken: the key was refused (EAPI:Invalid key)\n"
        "         its balances of 10:51 are kept; check it with:\n"
        "         excache account check kraken"
    )


def test_the_blanks_of_a_command_stay() -> None:
    words = "         " + "word " * 12 + "excache basis set 'A  B'"
    assert message_text(words, 60).endswith(" word excache basis set 'A  B'")
    assert message_text(words, 40).endswith("\n         excache basis set 'A  B'")


def test_what_fits_and_what_is_piped_is_left_as_it_is() -> None:
    words = "excache: " + "a  b " * 30
    assert message_text(words, None) == words
    assert message_text("excache: a  b", 80) == "excache: a  b"


def test_a_sentence_without_a_head_is_broken_between_words() -> None:
    words = "kraken: the exchange did not state what the key may do: it refused the key"
    assert message_text(words, 40) == (
        "kraken: the exchange did not state what\nthe key may do: it refused the key"
    )


def test_the_lines_of_a_difference_keep_their_form() -> None:
    words = "--- crontab\n+++ crontab\n+7 * * * * EXCACHE_HOME=/home/me/.excache excache sync"
    assert message_text(words, 20) == words
