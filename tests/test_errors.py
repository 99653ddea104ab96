import pytest

from exchange_cache.errors import cause, distinct_causes

DOWN = "kraken did not answer ({}): connection refused"


@pytest.mark.parametrize(
    ("error", "short"),
    [
        (DOWN.format("prices spot"), "kraken did not answer: connection refused"),
        (
            "spot, linear …: " + DOWN.format("balances of wallet spot"),
            "kraken did not answer: connection refused",
        ),
        (
            "BTC/USDT:USDT and 4 more symbols: " + DOWN.format("fills linear BTC/USDT:USDT"),
            "kraken did not answer: connection refused",
        ),
        (
            "kraken refused the key (the time): EAPI:Invalid key; do this: now",
            "kraken refused the key: EAPI:Invalid key; do this: now",
        ),
        ("timed out", "timed out"),
        (
            "the file x has mode 0644 (open): to others (all)",
            "the file x has mode 0644: to others (all)",
        ),
    ],
)
def test_a_cause_leaves_out_what_was_asked(error: str, short: str) -> None:
    assert cause(error) == short


def test_one_error_is_quoted_in_full_and_several_of_one_cause_in_short() -> None:
    one, other = DOWN.format("prices spot"), DOWN.format("orders spot")
    assert distinct_causes([one, one]) == [one]
    assert distinct_causes([one, other, "timed out"]) == [
        "kraken did not answer: connection refused",
        "timed out",
    ]
