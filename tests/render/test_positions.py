"""Open positions on the portfolio screen."""

from decimal import Decimal

from tests.render.builders import position, reading, screen, tty


def test_all_positions_are_one_table_the_nearest_to_its_liquidation_first() -> None:
    value = reading(
        positions=(
            position("a", distance="0.2"),
            position("a", "SOL/USDT:USDT", distance=None),
            position("b", "ETH/USDT:USDT", distance="0.055", unrealised_pnl=Decimal("-28")),
        ),
        accounts=("a", "b"),
    )
    shown = screen(value, tty(100)).split("\n\n")[-1].splitlines()
    assert shown[0].split()[:3] == ["Positions", "Account", "Side"]
    assert [line.split()[:2] for line in shown[1:4]] == [
        ["ETH/USDT:USDT", "b"],
        ["BTC/USDT:USDT", "a"],
        ["SOL/USDT:USDT", "a"],
    ]
    assert [
        line.endswith(end) for line, end in zip(shown[1:], ("▲ 5.5 %", "20.0 %", "-"), strict=False)
    ]
    assert shown[-1].split() == ["Total", "+1,028.00"]


def test_a_result_that_cannot_be_converted_stays_in_its_settle_asset() -> None:
    own = position("a", "BTC/USD:BTC", settle_asset="BTC", unrealised_pnl=Decimal("0.0123"))
    shown = screen(reading(positions=(own,), accounts=("a",)))
    assert "+0.0123 BTC" in shown
    assert "Total" not in shown


def test_positions_fit_a_narrow_terminal_with_their_account_and_distance() -> None:
    near = position(
        "binance-main",
        "1000000MOG/USDT:USDT",
        distance="0.055",
        contracts=Decimal("1160.000"),
        unrealised_pnl=Decimal("-12345.67"),
        liquidation_price=Decimal("2805.72"),
    )
    shown = screen(reading(positions=(near,), accounts=("binance-main",)), tty(80))
    assert "▲ 5.5 %" in shown.splitlines()[-1]
    assert "binance-m" in shown.splitlines()[-1]
    assert [line for line in shown.splitlines() if len(line) > 80] == []


def test_a_pipe_has_marks_and_liquidation_prices_too() -> None:
    heading = screen(reading(positions=(position(),))).split("\n\n")[-1].splitlines()[0]
    assert heading.split() == [
        *("Positions", "Account", "Side", "Size", "Entry", "Mark", "PnL", "%"),
        *("Liquidation", "To", "liq."),
    ]


def _many(number: int, near: int = 0):
    return reading(
        positions=tuple(
            position(
                f"a{index:03}",
                distance="0.05" if index < near else f"0.{500 + index}",
                unrealised_pnl=Decimal(10),
            )
            for index in range(number)
        ),
        accounts=tuple(f"a{index:03}" for index in range(number)),
    )


def _table(*args, **options) -> list[str]:
    return screen(*args, **options).split("Positions ")[1].split("\n\n")[0].splitlines()[1:]


def test_many_positions_are_the_nearest_ones_and_the_sum_of_the_rest() -> None:
    rows = _table(_many(120), tty(80))
    assert [row.split()[1] for row in rows[:-2]] == [f"a{index:03}" for index in range(20)]
    assert rows[-2].split() == ["100", "more", "(--all)", "+1,000.00"]
    assert rows[-1].split() == ["Total", "+1,200.00"]


def test_positions_near_a_liquidation_are_never_summed_up() -> None:
    rows = _table(_many(120, near=30), tty(80))
    assert sum("▲" in row for row in rows) == 30
    assert rows[-2].split()[0] == "90"


def test_some_more_positions_and_those_of_all_have_a_row_each() -> None:
    assert len(_table(_many(25), tty(80))) == 26
    rows = _table(_many(120), tty(80), all_=True)
    assert len(rows) == 121
    assert not any("more (--all)" in row for row in rows)
