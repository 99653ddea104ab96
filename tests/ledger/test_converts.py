"""Converts reported in two halves: what was given and received, and no money that never existed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exchange_cache.ledger.converts import whole_converts
from exchange_cache.ledger.replay import flows
from exchange_cache.records import Fill, FillKind
from tests.cost.builders import basis_book, fill

D = Decimal


def half(
    side: str, quantity: str, price: str, symbol: str, *, trade: str | None = "t1", hour: float = 0
) -> Fill:
    return replace(
        fill(side, quantity, price, symbol=symbol, kind=FillKind.CONVERT, hour=hour), order_id=trade
    )


def test_two_halves_are_one_convert_whatever_their_shown_values() -> None:
    (whole,) = whole_converts(
        [half("sell", "100", "1.01", "USDC/USD"), half("buy", "400", "0.25", "XLM/USD", hour=1)]
    )
    assert (whole.symbol, whole.side, whole.quantity, whole.cost, whole.price) == (
        "XLM/USDC",
        "buy",
        400,
        100,
        D("0.25"),
    )


def test_no_money_is_left_between_the_halves() -> None:
    halves = [half("sell", "100", "1.01", "USDC/USD"), half("buy", "400", "0.25", "XLM/USD")]
    assert {flow.asset: flow.quantity for flow in flows(halves, ())} == {"USDC": -100, "XLM": 400}
    book = basis_book(
        fill("buy", "100", "1", symbol="USDC/USDT", hour=-1),
        *halves,
        rates={"USDC": "0.99", "USD": "2"},
    )
    assert set(book.pooled) == {"USDT", "USDC", "XLM"}
    assert (book.pooled["XLM"].cost, book.pooled["USDC"].realised_pnl) == (99, -1)


def test_the_half_in_the_shown_money_itself_says_what_was_paid() -> None:
    halves = [half("sell", "1101", "1", "USD/USD"), half("buy", "1000", "1.1", "USDC/USD")]
    assert {flow.asset: flow.quantity for flow in flows(halves, ())} == {"USD": -1101, "USDC": 1000}
    assert basis_book(*halves, rates={"USD": "1"}).pooled["USDC"].cost == 1101


def test_a_half_alone_is_a_trade_at_the_shown_value_unless_it_says_nothing() -> None:
    alone = half("buy", "400", "0.25", "XLM/USD")
    assert whole_converts([alone, half("sell", "1101", "1", "USD/USD", trade="t2")]) == [alone]


def test_converts_reported_whole_and_trades_are_left_alone() -> None:
    others = [
        half("buy", "1", "2", "BTC/USD", trade=None),
        half("sell", "1", "2", "ETH/USD", trade=None),
        replace(fill("sell", "1", "2", symbol="BTC/USD"), order_id="t1"),
        replace(fill("buy", "1", "2", symbol="ETH/USD"), order_id="t1"),
        replace(half("sell", "1", "2", "ADA/USD"), account="other"),
        half("buy", "1", "2", "ADA/EUR"),
    ]
    assert sorted(whole_converts(others), key=lambda one: one.key) == sorted(
        others, key=lambda one: one.key
    )
