"""Why the value changed, as a screen and for programs."""

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
        "   2026-01-30 14:15 to 14:15 UTC\n\n"
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
