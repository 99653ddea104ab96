"""Open positions and their results in the reporting asset."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.cost.builders import balance, fill, position, price, transfer
from tests.value.builders import codes, holding, reading


def test_an_inverse_position_is_valued_in_the_right_coin() -> None:
    found = reading(
        position(
            "BTC/USD:BTC", size="100", contracts="100", entry="40000", mark="50000", pnl="0.05"
        ),
        price("BTC/USDT", "50000"),
    )
    (shown,) = found.positions
    assert (shown.unrealised_value, shown.unrealised_fraction) == (2500, Decimal("0.2"))
    assert found.totals.value == 2500


def test_the_result_of_a_margin_position_counts_once_and_is_a_fraction_of_what_was_bought() -> None:
    """2 BTC bought at 100 with BTC as margin; the wallet contains neither them nor the debt."""
    contract = position(
        "BTC/USDT:BTC", contracts="2", entry="100", mark="125", pnl="0.4", wallet="trading"
    )
    margin = replace(contract, category="margin", symbol="BTC/USDT")
    found = reading(
        balance("1", wallet="trading"),
        margin,
        price("BTC/USDT", "125"),
        events=[fill("buy", "1", "100")],
    )
    (shown,) = found.positions
    assert (shown.unrealised_value, shown.unrealised_fraction) == (50, Decimal("0.2"))
    assert found.totals.value == 175
    assert codes(found) == []


def test_a_result_that_is_not_reported_follows_from_entry_and_mark() -> None:
    for side, pnl in (("long", 20), ("short", -20)):
        (own,) = reading(
            position(side=side, contracts="2", entry="100", mark="110", pnl=None)
        ).positions
        assert (own.unrealised_value, own.unrealised_fraction) == (pnl, Decimal(pnl) / 200)
    (own,) = reading(
        position("BTC/USD:BTC", "short", "100", size="100", entry="40000", mark="50000", pnl=None),
        price("BTC/USDT", "1"),
    ).positions
    assert own.unrealised_value == Decimal("-0.05")


def test_liquidation_distance_is_a_fraction_of_the_mark() -> None:
    (own,) = reading(position(mark="100", liquidation="80")).positions
    assert own.liquidation_distance == Decimal("0.2")


def test_hedge_mode_keeps_both_rows() -> None:
    found = reading(position(pnl="10"), position(side="short", pnl="-4"))
    assert [own.position.side for own in found.positions] == ["long", "short"]
    assert found.totals.value == 6


def test_a_short_gains_when_the_price_falls() -> None:
    found = reading(
        balance("-2", wallet="margin"),
        balance("1200", "USDT", wallet="margin"),
        price("BTC/USDT", "80"),
        events=[
            transfer("deposit", "1000", "USDT"),
            fill("sell", "2", "100", hour=1, category="margin"),
        ],
    )
    btc = holding(found)
    assert (
        btc.quantity,
        btc.value,
        btc.average_entry_price,
        btc.unknown_quantity,
        btc.unknown_reasons,
    ) == (-2, -160, 100, 0, ())
    assert (btc.unrealised_pnl, btc.unrealised_fraction) == (40, Decimal("0.2"))
    assert (found.totals.value, found.totals.unrealised_pnl, codes(found)) == (1040, 40, [])
