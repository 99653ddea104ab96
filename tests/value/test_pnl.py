"""The identity of profit and loss: value = net deposits + realised + unrealised + unknown."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.value.pnl import PnlIdentity, asset_identity, pnl_identity
from tests.cost.builders import basis_book, fill, transfer

D = Decimal
BOOK = basis_book(
    transfer("deposit", "500", "USDT"),
    fill("buy", "2", "100", "1 USDT", hour=1),
    fill("sell", "1", "150", hour=2),
)


def of_btc(balance: str, price: str | None) -> PnlIdentity:
    return asset_identity(
        BOOK.pooled["BTC"],
        D(balance),
        None if price is None else D(price),
        reporting_asset="USDT",
    )


def test_each_term_is_counted_from_the_history() -> None:
    """Bought 2 for 201, sold 1 for 150 (49.5 gained), and 1 left at a cost of 100.5."""
    found = of_btc("1", "180")
    assert (found.value, found.realised, found.unrealised, found.unknown) == (
        180,
        D("49.5"),
        D("79.5"),
        0,
    )
    assert (found.net_deposits, found.residual) == (51, 0)


def test_the_whole_has_only_deposits_from_outside() -> None:
    found = pnl_identity(
        BOOK.pooled.values(),
        {"BTC": D(1), "USDT": D(449)},
        {"BTC": D(180), "USDT": D(1)},
        reporting_asset="USDT",
    )
    assert (found.value, found.net_deposits, found.realised, found.unrealised) == (
        629,
        500,
        D("49.5"),
        D("79.5"),
    )
    assert (found.unknown, found.residual) == (0, 0)


def test_units_without_a_history_are_unknown() -> None:
    found = pnl_identity([], {"BTC": D(1)}, {"BTC": D(180)}, reporting_asset="USDT")
    assert (found.value, found.net_deposits, found.unknown, found.residual) == (180, 0, 180, 0)


def test_without_a_price_the_cost_is_the_negative_unknown() -> None:
    found = of_btc("1", None)
    assert (found.value, found.unknown, found.unrealised, found.residual) == (0, D("-100.5"), 0, 0)
