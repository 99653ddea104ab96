"""Parts of a history in words."""

from __future__ import annotations

from datetime import UTC, datetime

from exchange_cache.clock import to_ms
from exchange_cache.ledger.scopes import before_words, scope_words, symbol_words


def test_the_usual_scopes_come_first_and_in_words() -> None:
    assert scope_words([("ledger", ""), ("linear", ""), ("spot", "")]) == (
        "spot, linear futures, account ledger"
    )


def test_symbols_with_their_own_history_are_in_parentheses() -> None:
    assert scope_words([("linear", "BTC/USDT:USDT"), ("spot", "")]) == (
        "spot, linear futures (BTC/USDT:USDT)"
    )


def test_beyond_four_the_rest_is_counted() -> None:
    places = [("spot", f"A{number}/USDT") for number in range(6)]
    assert symbol_words(places) == "A0/USDT, A1/USDT, A2/USDT, A3/USDT and 2 more"


def test_each_part_is_named_with_the_day_from_which_on_it_is_stored() -> None:
    june, august = (to_ms(datetime(2026, month, 2, tzinfo=UTC)) for month in (6, 8))
    lost = [(august, ("spot", "")), (june, ("linear", "")), (august, ("option", ""))]
    assert before_words("fills", lost) == (
        "fills of linear futures before 2026-06-02, fills of spot, options before 2026-08-02"
    )


def test_transfers_are_named_without_their_data_type() -> None:
    august = to_ms(datetime(2026, 8, 2, tzinfo=UTC))
    lost = [(august, ("moves-main_cmfuture", "")), (august, ("deposits", ""))]
    assert before_words("transfers", lost) == (
        "deposits, transfers from spot to COIN-M futures before 2026-08-02"
    )
