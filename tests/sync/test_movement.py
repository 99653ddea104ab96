"""What moved, as mirrors show it: figures that differ, and never prices alone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_cache.clock import to_ms
from exchange_cache.sync.movement import (
    LATE,
    MOVEMENT,
    SEEN,
    Movement,
    compared,
    remembered,
    shown_before,
    shown_by,
    stored,
)
from tests.builders import NOW, balance, order, position

NOW_MS = to_ms(NOW)
MINUTE_MS = 60_000
BEFORE = shown_by([balance("1"), balance("5", "USDT")], [order("1", "open")], [position()])


def after(**changed: list[object]) -> Movement:
    """What is known after a comparison in which a part shows something else."""
    parts = {
        "balances": [balance("1"), balance("5", "USDT")],
        "orders": [order("1", "open")],
        "positions": [position()],
    }
    shown = shown_by(**{**parts, **changed})  # type: ignore[arg-type]
    known = Movement(any_ms=NOW_MS - 5, round_ms=NOW_MS - 5)
    return compared(known, BEFORE, shown, NOW_MS)


def test_what_shows_the_same_did_not_move() -> None:
    assert after() == Movement(any_ms=NOW_MS - 5, round_ms=NOW_MS - 5, compared_ms=NOW_MS)


@pytest.mark.parametrize(
    ("part", "items", "assets", "symbols"),
    [
        ("balances", [balance("2"), balance("5", "USDT")], {"BTC"}, set()),
        ("balances", [balance("5", "USDT")], {"BTC"}, set()),
        (
            "balances",
            [balance("1"), balance("5", "USDT"), balance("1", "ETH", code="LDETH")],
            {"ETH", "LDETH"},
            set(),
        ),
        (
            "balances",
            [balance("1", used=Decimal(1)), balance("5", "USDT")],
            {"BTC"},
            set(),
        ),
        (
            "balances",
            [balance("1", debt=Decimal(1)), balance("5", "USDT")],
            {"BTC"},
            set(),
        ),
        ("orders", [], set(), {"BTC/USDT"}),
        ("orders", [order("1", "open", filled="0.5")], set(), {"BTC/USDT"}),
        ("orders", [order("1", "open", price="101")], set(), {"BTC/USDT"}),
        ("orders", [order("1", "open", amount="2")], set(), {"BTC/USDT"}),
        ("positions", [], set(), {"BTC/USDT:USDT"}),
        ("positions", [position(contracts="2")], set(), {"BTC/USDT:USDT"}),
        ("positions", [position(entry_price=Decimal(9))], set(), {"BTC/USDT:USDT"}),
    ],
)
def test_every_figure_that_trades_and_transfers_change_is_a_movement(
    part: str, items: list[object], assets: set[str], symbols: set[str]
) -> None:
    found = after(**{part: items})
    assert (set(found.assets), set(found.symbols)) == (assets, symbols)
    assert {found.any_ms, *found.assets.values(), *found.symbols.values()} == {NOW_MS}


def test_a_price_that_moves_is_no_movement() -> None:
    marked = position(
        mark_price=Decimal(7), unrealised_pnl=Decimal(1), liquidation_price=Decimal(3)
    )
    assert after(positions=[marked]).any_ms == NOW_MS - 5


def test_the_margin_that_positions_need_moves_with_prices_and_their_total_does_not() -> None:
    def shown(total: str, used: str) -> dict[str, str]:
        held = balance(total, "USDT", wallet="swap", used=Decimal(used))
        return shown_by([held], [], [position()], {("swap", "USDT")})

    assert shown("5", "1") == shown("5", "2") != shown("6", "2")


def test_without_an_earlier_comparison_everything_may_have_moved() -> None:
    found = compared(Movement(), None, BEFORE, NOW_MS)
    assert found.any_ms == NOW_MS
    assert set(found.assets) == {"BTC", "USDT"}


@pytest.mark.parametrize(
    ("symbol", "settled"),
    [
        ("", False),
        ("BTC/USDT", False),
        ("ETH/BTC", False),
        ("ETH/EUR", True),
        ("ETH/USD:BTC-261225", False),
        ("SOL/USDC:USDC", False),
        ("SOL/USDT:USDT", True),
    ],
)
def test_a_history_is_settled_when_it_was_read_some_time_after_its_assets_moved(
    symbol: str, settled: bool
) -> None:
    known = Movement(assets={"BTC": NOW_MS}, symbols={"SOL/USDC:USDC": NOW_MS}, any_ms=NOW_MS)
    late = LATE // timedelta(milliseconds=1)
    assert known.is_settled(symbol, NOW_MS + late - 1) is settled
    assert known.is_settled(symbol, NOW_MS + late)


@pytest.mark.parametrize(
    ("last", "due"),
    [(None, True), (-1409, False), (-1410, True), (0, False), (1, True)],
)
def test_the_daily_round_is_due_after_a_day_and_when_the_clock_went_back(
    last: int | None, due: bool
) -> None:
    round_ms = None if last is None else NOW_MS + last * MINUTE_MS
    assert Movement(round_ms=round_ms).is_round_due(NOW_MS) is due


def test_a_movement_of_the_future_is_as_late_as_now() -> None:
    """A clock that was ahead stored it: nothing would ever be settled again."""
    ahead = Movement(
        assets={"BTC": NOW_MS + 9}, symbols={"BTC/USDT": NOW_MS + 9}, any_ms=NOW_MS + 9
    )
    found = compared(ahead, BEFORE, BEFORE, NOW_MS)
    assert (found.assets, found.symbols, found.any_ms) == (
        {"BTC": NOW_MS},
        {"BTC/USDT": NOW_MS},
        NOW_MS,
    )


def test_what_is_kept_is_read_again_and_forgets_what_the_last_rounds_read() -> None:
    old_ms = NOW_MS - 49 * 60 * MINUTE_MS
    known = Movement(
        assets={"BTC": NOW_MS, "ETH": old_ms},
        symbols={"BTC/USDT": NOW_MS, "ETH/USDT": old_ms},
        any_ms=NOW_MS,
        round_ms=NOW_MS - 1,
        compared_ms=NOW_MS,
    )
    kept = remembered({MOVEMENT: stored(known, NOW_MS)})
    assert (set(kept.assets), set(kept.symbols)) == ({"BTC"}, {"BTC/USDT"})
    assert (kept.any_ms, kept.round_ms, kept.compared_ms) == (NOW_MS, NOW_MS - 1, NOW_MS)
    assert (remembered({}), shown_before({})) == (Movement(), None)
    assert shown_before({SEEN: BEFORE}) == BEFORE
