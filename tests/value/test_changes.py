"""What a reload changed: the assets whose quantity or average differs."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.value.changes import AssetChange, asset_changes
from tests.cost.builders import balance, fill, price
from tests.value.builders import reading

D = Decimal


def test_only_assets_that_differ_are_changes_in_alphabetical_order() -> None:
    before = reading(
        balance("1"),
        balance("5", "ADA"),
        balance("2", "XRP"),
        price("BTC/USDT", "200"),
        events=[fill("buy", "1", "100")],
    )
    after = reading(
        balance("2"),
        balance("5", "ADA"),
        balance("7", "ETH"),
        price("BTC/USDT", "300"),
        events=[fill("buy", "1", "100"), fill("buy", "1", "200", hour=1)],
    )

    def change(
        asset: str, quantities: str, averages: tuple[Decimal | None, ...], realised: int | None
    ) -> AssetChange:
        old, new = quantities.split()
        return AssetChange(
            asset=asset,
            quantity_before=D(old),
            quantity_after=D(new),
            average_before=averages[0],
            average_after=averages[1],
            realised_before=None if realised is None else D(realised),
            realised_after=None if realised is None else D(realised),
        )

    assert asset_changes(before.holdings, after.holdings) == (
        change("BTC", "1 2", (D(100), D(150)), 0),
        change("ETH", "0 7", (None, None), None),
        change("XRP", "2 0", (None, None), None),
    )


def test_a_new_price_alone_is_no_change() -> None:
    readings = (reading(balance("1"), price("BTC/USDT", last)) for last in ("200", "300"))
    assert asset_changes(*(one.holdings for one in readings)) == ()
