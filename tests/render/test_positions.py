"""Open positions on the portfolio screen."""

from decimal import Decimal

from tests.render.builders import (
    position,
    reading,
    screen,
    tty,
)


def test_positions_stand_under_their_account_in_the_order_of_the_accounts():
    value = reading(
        positions=(
            position("b"),
            position(
                "a", symbol="BTC/USD:BTC", settle_asset="BTC", unrealised_pnl=Decimal("0.0123")
            ),
        )
    )
    shown = screen(reading(positions=value.positions, accounts=("a", "b")))
    assert shown.index("Positions (a)") < shown.index("Positions (b)")
    assert "+0.0123 BTC" in shown


def test_positions_near_their_liquidation_fit_a_narrow_terminal():
    near = position(
        "binance-main",
        "1000000MOG/USDT:USDT",
        distance="0.055",
        contracts=Decimal("1160.000"),
        unrealised_pnl=Decimal("-12345.67"),
        liquidation_price=Decimal("2805.72"),
    )
    shown = screen(reading(positions=(near,), accounts=("binance-main",)), tty(80))
    assert "5.5 % away" in shown
    assert [line for line in shown.splitlines() if len(line) > 80] == []
