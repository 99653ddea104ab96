import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from exchange_cache.records import DataType, Side
from exchange_cache.render.output import write_changes
from exchange_cache.value.changes import (
    AccountOutcome,
    AssetChange,
    Changes,
    TypeOutcome,
    asset_changes,
)
from exchange_cache.zones import shown_in
from tests.render.builders import NOW, PIPED, fill, holding, printed, tty


def types(**new: int) -> tuple[TypeOutcome, ...]:
    return tuple(
        TypeOutcome(data_type=kind, state="ok", new_rows=new.get(kind))
        for kind in DataType
        if kind != DataType.TRANSFERS
    )


FAILED = TypeOutcome(
    data_type=DataType.BALANCES,
    state="failed",
    error="timed out after 2 tries",
    hint="excache account check kraken",
    kept_from=NOW - timedelta(hours=3, minutes=24),
)
CHANGES = Changes(
    as_of=NOW,
    reporting_asset="USDT",
    accounts=(
        AccountOutcome(
            account="main",
            types=types(fills=2, orders=1),
            took=timedelta(seconds=1, milliseconds=400),
        ),
        AccountOutcome(
            account="bybit",
            types=types(fills=0, orders=0),
            took=timedelta(seconds=1, milliseconds=100),
        ),
        AccountOutcome(account="kraken", types=(FAILED,), took=timedelta(seconds=10)),
    ),
    fills=(
        fill(),
        fill(
            fill_id="2",
            side=Side.SELL,
            base="DOGE",
            quantity=Decimal("1000.5"),
            price=Decimal("0.18123"),
            fees=(),
        ),
    ),
    assets=(
        AssetChange(
            asset="BTC",
            quantity_before=Decimal("1.18345678"),
            quantity_after=Decimal("1.20345678"),
            average_before=Decimal("40814.77"),
            average_after=Decimal("41200.11"),
            realised_before=Decimal(5),
            realised_after=Decimal("17.5"),
        ),
        AssetChange(
            asset="USDT",
            quantity_before=Decimal(8681),
            quantity_after=Decimal("7401.04"),
            average_before=None,
            average_after=None,
        ),
    ),
)


def shown(changes, form="table", terminal=PIPED) -> str:
    return printed(write_changes, changes, form=form, terminal=terminal, now=NOW)


ASSETS = """
New fills (main), times in UTC
14:02:51  buy       0.02 BTC at 63,998.10 USDT   fee 0.0018 BNB
14:02:51  sell  1,000.50 DOGE at 0.18123 USDT

Changed  Quantity                    Average entry (USDT)    Realised
BTC          1.18346 →     1.20346   40,814.77 → 41,200.11     +12.50
USDT     8,681.00    → 7,401.04                                     -
"""


def test_a_reload_at_80_columns():
    assert shown(CHANGES, terminal=tty(80)) == (
        "main     balances ✓  positions ✓  prices ✓  orders +1  fills +2  1.4 s\n"
        "bybit    balances ✓  positions ✓  prices ✓  nothing new  1.1 s\n"
        "kraken   balances ✗  timed out after 2 tries; kept those of 10:51 UTC\n"
        "                     excache account check kraken\n" + ASSETS
    )


def test_a_reload_at_140_columns_and_piped():
    for terminal in (tty(140), PIPED):
        assert shown(CHANGES, terminal=terminal) == (
            "main     balances ✓  positions ✓  prices ✓  orders +1  fills +2  1.4 s\n"
            "bybit    balances ✓  positions ✓  prices ✓  nothing new  1.1 s\n"
            "kraken   balances ✗  timed out after 2 tries; kept those of 10:51 UTC"
            "   excache account check kraken\n" + ASSETS
        )


def test_data_types_that_failed_alike_share_a_sentence():
    both = (FAILED, replace(FAILED, data_type=DataType.POSITIONS))
    outcome = AccountOutcome(account="kraken", types=both)
    screen = shown(Changes(as_of=NOW, reporting_asset="USDT", accounts=(outcome,)))
    assert screen.startswith(
        "kraken   balances ✗  positions ✗  timed out after 2 tries; kept those"
    )


def test_a_difference_that_six_digits_would_hide_is_shown():
    change = AssetChange(
        asset="USDT",
        quantity_before=Decimal("45147.20000000"),
        quantity_after=Decimal("45147.20123400"),
        average_before=None,
        average_after=None,
    )
    screen = shown(Changes(as_of=NOW, reporting_asset="USDT", accounts=(), assets=(change,)))
    assert screen == "\n".join(("Changed  Quantity", "USDT     45,147.2000 → 45,147.2012", ""))


def test_what_was_realised_between_two_readings():
    before = [replace(holding("A", "2"), realised_pnl=Decimal(5))]
    after = [replace(holding("A", "1"), realised_pnl=Decimal("17.5")), holding("B", "1")]
    (one, other) = asset_changes(before, after)
    assert (one.realised, other.realised) == (Decimal("12.5"), None)


def test_after_a_failure_of_everything_nothing_is_said_of_changes():
    outcome = AccountOutcome(account="kraken", types=(FAILED,))
    screen = shown(Changes(as_of=NOW, reporting_asset="USDT", accounts=(outcome,)))
    assert "Nothing changed" not in screen


def test_many_fills_name_the_command_that_lists_the_rest():
    many = Changes(
        as_of=NOW,
        reporting_asset="USDT",
        accounts=(),
        fills=tuple(fill(fill_id=str(i)) for i in range(200)),
    )
    assert "and 188 earlier ones: excache fills --account main\n" in shown(many)


def test_nothing_changed_is_said():
    read = AccountOutcome(account="main", types=types(fills=0))
    screen = shown(Changes(as_of=NOW, reporting_asset="USDT", accounts=(read,)))
    assert screen.endswith("\n\nNothing changed.\n")


def test_an_account_that_ended_early_says_why():
    ended = AccountOutcome(
        account="kraken",
        types=(),
        error="the key was refused",
        hint="excache account check kraken",
        kept_from=NOW - timedelta(hours=3, minutes=24),
    )
    assert shown(Changes(as_of=NOW, reporting_asset="USDT", accounts=(ended,))).startswith(
        "kraken   ✗  the key was refused; kept its balances of 10:51 UTC"
        "   excache account check kraken\n"
    )


def test_changes_for_programs_are_exact():
    value = json.loads(shown(CHANGES, "json"))
    assert list(value) == ["schema", "as_of", "reporting_asset", "accounts", "new_fills", "assets"]
    assert value["accounts"][2] == {
        "account": "kraken",
        "took_ms": 10000,
        "error": None,
        "hint": None,
        "kept_from": None,
        "types": [
            {
                "data_type": "balances",
                "state": "failed",
                "new_rows": None,
                "error": "timed out after 2 tries",
                "hint": "excache account check kraken",
                "kept_from": "2026-01-31T10:51:00Z",
            }
        ],
    }
    assert value["assets"][0] == {
        "asset": "BTC",
        "quantity_before": "1.18345678",
        "quantity_after": "1.20345678",
        "average_entry_price_before": "40814.77",
        "average_entry_price_after": "41200.11",
        "realised_pnl_before": "5",
        "realised_pnl_after": "17.5",
    }
    assert [row["fill_id"] for row in value["new_fills"]] == ["1", "2"]


def test_asset_changes_are_those_of_quantity_or_average():
    before = [holding("A", "1", average="5"), holding("B", "1"), holding("C", "1")]
    after = [holding("A", "1", average="6"), holding("B", "1"), holding("D", "2")]
    found = [
        (c.asset, c.quantity_before, c.quantity_after, c.average_after)
        for c in asset_changes(before, after)
    ]
    assert found == [("A", 1, 1, Decimal(6)), ("C", 1, 0, None), ("D", 0, 2, None)]


def test_times_of_a_reload_are_in_the_zone_of_screens() -> None:
    with shown_in(lambda: ZoneInfo("Asia/Kolkata")):
        shown = printed(write_changes, CHANGES, form="table", terminal=tty(100), now=NOW)
        document = printed(write_changes, CHANGES, form="json", terminal=PIPED, now=NOW)
    assert "New fills (main), times in Asia/Kolkata" in shown
    assert "kept those of 16:21 IST" in shown
    assert "UTC" not in shown
    assert document == printed(write_changes, CHANGES, form="json", terminal=PIPED, now=NOW)


def test_data_types_that_fail_for_one_cause_share_one_line_and_its_cure():
    why = "the certificate of kraken is not trusted ({}): self-signed certificate"
    failed = tuple(
        replace(FAILED, data_type=kind, error=why.format(f"{kind} spot"), hint="export A=FILE")
        for kind in (DataType.BALANCES, DataType.PRICES)
    )
    changes = replace(
        CHANGES, accounts=(AccountOutcome(account="kraken", types=failed),), fills=(), assets=()
    )
    shown = printed(write_changes, changes, form="table", terminal=tty(200), now=NOW)
    assert shown.count("export A=FILE") == 1
    assert "balances ✗  prices ✗  the certificate of kraken is not trusted: self-signed" in shown


def test_a_cure_that_is_no_command_wraps_with_its_sentence():
    kinds = (DataType.BALANCES, DataType.PRICES, DataType.FILLS, DataType.ORDERS)
    failed = tuple(replace(FAILED, data_type=kind, hint="name it: export A=FILE") for kind in kinds)
    changes = replace(
        CHANGES, accounts=(AccountOutcome(account="kraken", types=failed),), fills=(), assets=()
    )
    lines = printed(write_changes, changes, form="table", terminal=tty(80), now=NOW).splitlines()
    assert lines[0] == "kraken   balances ✗  prices ✗  fills ✗  orders ✗"
    assert lines[1].startswith("           timed out after 2 tries; kept those of")
    assert max(map(len, lines)) <= 80
    assert "; name it: export" in " ".join(" ".join(lines).split())
