"""The ccxt class of an exchange id."""

from __future__ import annotations

import ccxt
import pytest

from exchange_cache.adapter.ccxt_class import ccxt_class
from exchange_cache.errors import ConfigError


def test_an_id_has_its_synchronous_class() -> None:
    assert ccxt_class("kraken") is ccxt.kraken


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("krakn", "did you mean kraken"),
        ("Binance", "did you mean binance"),
        ("zzzzzz", "see https://docs.ccxt.com for the exchange ids"),
        ("Exchange", None),
    ],
)
def test_any_other_id_is_an_error_with_the_nearest_names(name: str, hint: str | None) -> None:
    with pytest.raises(ConfigError, match=f"no exchange is called '{name}'") as caught:
        ccxt_class(name, "main")
    assert caught.value.account == "main"
    assert hint is None or str(caught.value.hint).startswith(hint)
