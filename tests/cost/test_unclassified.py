"""Rows whose word is not known are counted, named and valued."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.cost.unclassified import unclassified_findings
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.rates import Rates as Known
from exchange_cache.records import Transfer
from tests.cost.builders import Rates, transfer

AT_BINANCE = AssetEvents(exchange_of={"main": "binance"})


def row(quantity: str, word: str | None, asset: str = "USDT") -> Transfer:
    return replace(transfer("unclassified", quantity, asset), word=word)


def messages(*rows: Transfer) -> list[str]:
    rates = Known(Rates({"BTC": "100"}), "USDT", AT_BINANCE)
    return [one.message for one in unclassified_findings(rows, rates, AT_BINANCE)]


def test_each_word_is_named_with_its_count_and_worth() -> None:
    first = row("-10", "XYZ")
    (message,) = messages(first, first, row("-0.023", "XYZ", "BTC"), row("5", None))
    assert message == (
        "binance calls 2 rows 'XYZ', which is not known; worth -12.30 USDT; binance has 1 row whose"
        " word an earlier version did not keep; worth +5.00 USDT. They count as neither deposits,"
        " withdrawals nor income; a newer excache may know them"
    )


def test_a_worth_without_a_price_is_said_to_be_unknown() -> None:
    assert "'XYZ', which is not known; worth unknown." in messages(row("-1", "XYZ", "DOGE"))[0]
    (message,) = messages(row("-1", "XYZ", "DOGE"), row("-1", "XYZ"))
    assert "worth -1.00 USDT and 1 without a price" in message


def test_many_words_are_cut_and_other_kinds_are_no_concern() -> None:
    (message,) = messages(*(row("1", f"W{n}") for n in range(6)))
    assert "; and 2 more words." in message
    assert messages(transfer("adjustment", "1")) == []
