"""One asset over all wallets: its figures, its cost and the reasons for unknown units."""

from __future__ import annotations

from decimal import Decimal

from tests.cost.builders import NOW, balance, fill, price, transfer
from tests.value.builders import codes, holding, reading


def test_a_holding_has_every_figure() -> None:
    found = reading(
        balance("1.5"),
        balance("500", "USDT"),
        price("BTC/USDT", "200", open_24h="160"),
        events=[
            transfer("deposit", "700", "USDT"),
            fill("buy", "2", "100", hour=1),
            fill("sell", "0.5", "120", hour=2),
        ],
    )
    btc = holding(found)
    assert (btc.quantity, btc.price, btc.value, btc.price_route, btc.price_state) == (
        Decimal("1.5"),
        200,
        300,
        ("BTC/USDT@main",),
        "fresh",
    )
    assert (btc.average_entry_price, btc.cost, btc.explained_quantity, btc.unknown_quantity) == (
        100,
        150,
        Decimal("1.5"),
        0,
    )
    assert (btc.unrealised_pnl, btc.unrealised_fraction, btc.realised_pnl) == (150, 1, 10)
    assert (btc.share, btc.change_24h, btc.price_as_of) == (Decimal("0.375"), Decimal("0.25"), NOW)
    totals = found.totals
    assert (totals.value, totals.priced_value, totals.stale_value, totals.unpriced_assets) == (
        800,
        800,
        0,
        (),
    )
    assert (totals.realised_pnl, totals.unrealised_pnl, totals.change_24h_value) == (10, 150, 60)
    assert (found.oldest, found.accounts, codes(found)) == (NOW, ("main",), [])
    usdt = holding(found, "USDT")
    assert (usdt.average_entry_price, usdt.unknown_quantity, usdt.unrealised_pnl) == (1, 0, None)


def test_without_history_the_cost_is_unknown_and_there_is_no_result() -> None:
    found = reading(balance("1"), price("BTC/USDT", "200"))
    btc = holding(found)
    assert (btc.average_entry_price, btc.unknown_quantity, btc.unrealised_pnl, btc.cost) == (
        None,
        1,
        None,
        None,
    )
    assert btc.unknown_reasons == (
        "no fill or transfer of it is stored (main: not in any list that is read)",
    )
    assert (found.totals.unrealised_pnl, found.totals.realised_pnl) == (None, None)
    assert codes(found) == ["unknown_cost"]


def test_the_current_price_is_never_the_entry_price() -> None:
    assert holding(reading(balance("1"), price("BTC/USDT", "200"))).average_entry_price is None


def test_explained_and_unknown_add_up_to_the_quantity() -> None:
    for held in ("3", "2", "1", "0.4", "-1"):
        btc = holding(
            reading(
                balance(held),
                price("BTC/USDT", "2"),
                events=[transfer("deposit", "1"), fill("buy", "1", "100", hour=1)],
            )
        )
        assert btc.explained_quantity + btc.unknown_quantity == btc.quantity == Decimal(held)


def test_a_balance_beyond_the_history_is_unknown_with_its_reasons() -> None:
    btc = holding(
        reading(
            balance("3"),
            price("BTC/USDT", "2"),
            events=[transfer("deposit", "1"), fill("buy", "1", "100", hour=1)],
        )
    )
    assert (btc.explained_quantity, btc.unknown_quantity, btc.average_entry_price) == (1, 2, 100)
    assert btc.unknown_reasons == (
        "deposited without a known price (on 2026-01-01)",
        "held, but not explained by any stored fill or transfer"
        " (main: not in any list that is read)",
    )


def test_a_history_beyond_the_balance_is_scaled_and_said() -> None:
    found = reading(balance("0.5"), price("BTC/USDT", "200"), events=[fill("buy", "2", "100")])
    btc = holding(found)
    assert (btc.explained_quantity, btc.cost, btc.average_entry_price, btc.unknown_quantity) == (
        Decimal("0.5"),
        50,
        100,
        0,
    )
    assert codes(found) == ["ledger_exceeds_balance"]


def test_accounts_averages_are_shown_where_they_differ() -> None:
    events = [fill("buy", "1", "100", account="a"), fill("buy", "1", "300", account="b")]
    rows = [
        balance("1", account="a"),
        balance("1", account="b"),
        price("BTC/USDT", "400", account="a"),
    ]
    btc = holding(reading(*rows, events=events, accounts=("a", "b")))
    assert btc.average_entry_price == 200
    assert [(one.account, one.average_entry_price) for one in btc.account_averages] == [
        ("a", 100),
        ("b", 300),
    ]
    one = holding(reading(*rows, events=events, accounts=("b",)))
    assert (one.quantity, one.average_entry_price, one.account_averages) == (1, 300, ())
