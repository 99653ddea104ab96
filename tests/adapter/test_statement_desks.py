"""Names and desks for readers of files, from a market list that is known: nothing is requested."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange_cache.adapter.ccxt_adapter import CcxtAdapter
from exchange_cache.records import DataType
from tests.exchanges.builders import open_stubbed


@pytest.fixture
def adapter() -> CcxtAdapter:
    """Nobody listens at its address."""
    return open_stubbed("kraken", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("code", "asset"), [("XXBT", "BTC"), ("XBT", "BTC"), ("ZEUR", "EUR"), ("DOT", "DOT")]
)
def test_a_code_is_its_asset(adapter: CcxtAdapter, code: str, asset: str) -> None:
    names, _ = adapter.for_statements()
    assert names.asset(code) == asset


@pytest.mark.parametrize(
    ("pair", "found"),
    [
        ("XXBTZUSD", ("BTC", "USD")),
        ("XBT/USD", ("BTC", "USD")),
        ("ALGO/EUR", ("ALGO", "EUR")),
        ("?", None),
    ],
)
def test_a_pair_is_split_by_the_list_or_by_its_grammar(
    adapter: CcxtAdapter, pair: str, found: tuple[str, str] | None
) -> None:
    names, _ = adapter.for_statements()
    assert names.split(pair) == found
    assert names.split(pair) == found


@pytest.mark.parametrize(
    ("glued", "found"),
    [
        ("1,000.5USD", ("1000.5", "USD")),
        ("0.1 BTC", ("0.1", "BTC")),
        ("31000SATS", ("31000", "SATS")),
        ("BTC", None),
        ("1.2.3 BTC", None),
    ],
)
def test_a_glued_amount_is_a_number_and_an_asset(
    adapter: CcxtAdapter, glued: str, found: tuple[str, str] | None
) -> None:
    names, _ = adapter.for_statements()
    assert names.amount(glued) == (found and (Decimal(found[0]), found[1]))


def test_an_asset_whose_name_begins_with_a_digit_is_taken_whole(adapter: CcxtAdapter) -> None:
    adapter._session.client.currencies = {"1000SATS": {"code": "1000SATS"}}
    names, _ = adapter.for_statements()
    assert names.amount("311000SATS") == (Decimal(31), "1000SATS")


def test_a_desk_is_that_of_a_history_of_the_policy(adapter: CcxtAdapter) -> None:
    _, desk = adapter.for_statements()
    assert desk(DataType.TRANSFERS, "ledger").stream.scope == "ledger"
    with pytest.raises(LookupError, match="has no history fills margin"):
        desk(DataType.FILLS, "margin")
