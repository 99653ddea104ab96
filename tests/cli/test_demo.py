"""Options of the demo; what it shows is tested by its own run."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_cache.cli.demo import _many, _past
from exchange_cache.errors import UsageError

EXCHANGES = {"bybit", "kraken"}


def test_so_many_accounts_of_an_exchange_are_added_to_the_first() -> None:
    assert _many(None, EXCHANGES) == {}
    assert _many("bybit=1", EXCHANGES) == {}
    assert _many("bybit=3", EXCHANGES) == {"bybit02": "bybit", "bybit03": "bybit"}
    assert len(_many("kraken=20", EXCHANGES)) == 19


@pytest.mark.parametrize(
    "wrong", ["bybit", "bybit=", "bybit=0", "bybit=many", "okx=2", "bybit=101"]
)
def test_anything_else_is_a_usage_error_that_names_the_exchanges(wrong: str) -> None:
    with pytest.raises(UsageError) as caught:
        _many(wrong, EXCHANGES)
    assert wrong in caught.value.message
    assert caught.value.hint == "one of bybit, kraken, and a number up to 100"


def test_the_last_line_leads_to_the_past_in_a_home_that_is_left() -> None:
    assert _past(Path("/somewhere/demo")).endswith(
        "EXCACHE_HOME=/somewhere/demo excache status --missing"
    )
    assert _past(None).endswith(": excache demo --serve, then excache status --missing")
