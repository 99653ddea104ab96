"""Why the value changed, as a screen and for programs."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.render.output import write_difference
from exchange_cache.value.difference import AssetDifference, Difference, Parts
from tests.render.builders import NOW, PIPED, printed

PARTS = Parts(price=Decimal("30"), deposits=Decimal("100"), unexplained=Decimal("-20"))
FOUND = Difference(
    reporting_asset="USDT",
    start=NOW - timedelta(days=1),
    end=NOW,
    value_before=Decimal("1000"),
    value_after=Decimal("1110"),
    parts=PARTS,
    assets=(
        AssetDifference(
            asset="BTC",
            quantity_before=Decimal("0.02"),
            quantity_after=Decimal("0.021"),
            value_before=Decimal("1000"),
            value_after=Decimal("1110"),
            parts=PARTS,
        ),
    ),
    unexplained=(),
    observed_since=NOW - timedelta(days=1),
    priced_late=("BTC",),
)


def shown(form: str = "table", watched_since: datetime | None = FOUND.start) -> str:
    def write(stream, **options) -> None:
        write_difference(FOUND, (), watched_since, stream, **options)

    return printed(write, form=form, terminal=PIPED, now=NOW)


def test_the_parts_and_the_assets_add_up_to_the_change():
    assert shown() == (
        "Change   +110.00 USDT (+11.00 %)   1,000.00 → 1,110.00"
        "   2026-01-30 14:15 to 2026-01-31 14:15 UTC\n\n"
        "Price         +30.00  price changes of what was held\n"
        "Trades          0.00\n"
        "Deposits     +100.00\n"
        "Withdrawals     0.00\n"
        "Fees            0.00\n"
        "Funding         0.00\n"
        "Unexplained   -20.00  not explained by any stored fill or transfer\n"
        "✓ every balance agrees with the stored fills and transfers\n\n"
        "Asset      Then   Price  Trades  In and out  Fees, funding  Rewards  Unexplained"
        "       Now\n"
        "BTC    1,000.00  +30.00       -     +100.00              -        -       -20.00"
        "  1,110.00\n\n"
        "No price of the day is stored for some of what was added or removed of BTC: it is valued"
        " at the price at the end.\n"
    )


def test_without_a_snapshot_nothing_unexplained_can_appear():
    assert "No snapshot exists between the two times" in shown(watched_since=None)
    late = shown(watched_since=NOW - timedelta(hours=1))
    assert "Balances are stored from 2026-01-31 13:15 UTC" in late


def test_a_row_of_csv_has_every_part():
    header, row = shown("csv").splitlines()
    assert header == (
        "asset,quantity_before,quantity_after,value_before,value_after,price,trades,deposits,"
        "withdrawals,moves,unread_wallets,subscribed,adjustments,unclassified,fees,funding,rewards,open_positions,unpriced,unexplained"
    )
    assert row == "BTC,0.02,0.021,1000,1110,30,0,100,0,0,0,0,0,0,0,0,0,0,0,-20"


UNPRICED = replace(
    FOUND,
    value_after=Decimal("1410"),
    parts=replace(PARTS, unpriced=Decimal("300")),
    assets=(
        *FOUND.assets,
        AssetDifference(
            asset="SRM",
            quantity_before=Decimal("10"),
            quantity_after=Decimal("10"),
            value_before=Decimal("0"),
            value_after=Decimal("300"),
            parts=Parts(unpriced=Decimal("300")),
            priced_before=False,
        ),
    ),
    priced_late=(),
)


def unpriced(cure: str | None) -> list[str]:
    def write(stream, **options) -> None:
        write_difference(UNPRICED, (), FOUND.start, stream, cure=cure, **options)

    return printed(write, form="table", terminal=PIPED, now=NOW).splitlines()


def test_a_missing_price_is_no_change_and_can_be_fetched():
    lines = unpriced("excache diff --since 1d --wait")
    assert lines[:2] == [
        "Change   +110.00 USDT of what has a price at both times"
        "   2026-01-30 14:15 to 2026-01-31 14:15 UTC",
        "! no price of 2026-01-30 is stored for SRM   excache diff --since 1d --wait",
    ]
    assert "Without a price  +300.00  at one of the two times; not in the change above" in lines
    assert lines[-1].split() == ["SRM", *"-----", "-", "-", "+300.00", "300.00"]
    assert lines[-2].split()[:3] == ["BTC", "1,000.00", "+30.00"]


def test_a_price_that_nobody_serves_is_named_beside_the_percentage_of_the_rest():
    lines = unpriced(None)
    assert lines[0].startswith("Change   +110.00 USDT (+11.00 %) of what has a price at both times")
    assert lines[1] == (
        "! no price of 2026-01-30 is stored for SRM, and none of your exchanges serves one"
    )


def _with(*assets: AssetDifference) -> str:
    found = replace(FOUND, assets=assets)
    return printed(
        lambda stream, **options: write_difference(found, (), found.start, stream, **options),
        form="table",
        terminal=PIPED,
        now=NOW,
    )


def _still(asset: str) -> AssetDifference:
    (moved,) = FOUND.assets
    return replace(
        moved, asset=asset, value_before=Decimal("7"), value_after=Decimal("7"), parts=Parts()
    )


def test_assets_of_which_nothing_changed_are_one_row():
    (moved,) = FOUND.assets
    shown = _with(moved, *map(_still, ("A", "B", "C")))
    assert "3 unchanged" in shown and "21.00" in shown
    assert "\nA " not in shown and "\nBTC " in shown
    assert "unchanged" not in _with(moved, *map(_still, ("A", "B")))
    assert "3 unchanged" in _with(*map(_still, ("A", "B", "C")))
