import json
from datetime import timedelta
from decimal import Decimal

from exchange_cache.records import DataType, Side
from exchange_cache.render.output import write_changes
from exchange_cache.value.changes import (
    AccountOutcome,
    AssetChange,
    Changes,
    TypeOutcome,
    asset_changes,
)
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


def test_a_reload_shows_how_each_account_fared_and_what_changed():
    assert (
        shown(CHANGES, terminal=tty(100))
        == "main     balances ✓  positions ✓  orders +1  fills +2  prices ✓  1.4 s\nbybit   "
        " balances ✓  positions ✓  orders  0  fills  0  prices ✓  1.1 s\nkraken   ✗ balances:"
        " timed out after 2 tries; kept those of 10:51 UTC   excache account check kraken\n\nNew"
        " fills (main), times in UTC\n14:02:51  buy       0.02 BTC at 63,998.10 USDT   fee 0.0018"
        " BNB\n14:02:51  sell  1,000.50 DOGE at 0.18123 USDT\n\nChanged  Quantity               "
        "            Average entry (USDT)\nBTC          1.18345678 →     1.20345678    40,814.77"
        " → 41,200.11\nUSDT     8,681.00000000 → 7,401.04000000\n"
    )


def test_many_fills_name_the_command_that_lists_the_rest():
    many = Changes(
        as_of=NOW,
        reporting_asset="USDT",
        accounts=(),
        fills=tuple(fill(fill_id=str(i)) for i in range(200)),
    )
    assert "and 188 earlier ones: excache fills --account main\n" in shown(many)


def test_nothing_changed_is_said():
    assert shown(Changes(as_of=NOW, reporting_asset="USDT", accounts=())) == "Nothing changed.\n"


def test_an_account_that_ended_early_says_why():
    ended = AccountOutcome(
        account="kraken", types=(), error="the key was refused", hint="excache account check kraken"
    )
    assert shown(Changes(as_of=NOW, reporting_asset="USDT", accounts=(ended,))).startswith(
        "kraken   ✗ the key was refused   excache account check kraken\n"
    )


def test_changes_for_programs_are_exact():
    value = json.loads(shown(CHANGES, "json"))
    assert list(value) == ["schema", "as_of", "reporting_asset", "accounts", "new_fills", "assets"]
    assert value["accounts"][2] == {
        "account": "kraken",
        "took_ms": 10000,
        "error": None,
        "hint": None,
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
