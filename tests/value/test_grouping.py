"""A reading by asset, account, wallet and exchange: groups add up."""

from __future__ import annotations

import pytest

from exchange_cache.value.grouping import GROUPINGS, group_values
from tests.cost.builders import balance, position, price
from tests.value.builders import reading


@pytest.mark.parametrize("by", GROUPINGS)
def test_groups_add_up_to_the_total(by: str) -> None:
    found = reading(
        balance("1", account="a"),
        balance("2", account="b", wallet="earn"),
        balance("50", "USDT", account="b", wallet="swap"),
        balance("5", "DEAD", account="b"),
        position(account="b", pnl="10"),
        price("BTC/USDT", "10", account="a"),
        accounts=("a", "b"),
    )
    groups = group_values(found, by, exchange_of={"a": "kraken", "b": "okx"})
    assert sum(group.value for group in groups) == found.totals.value == 90
    expected = {
        "asset": [("USDT", 60), ("BTC", 30), ("DEAD", 0)],
        "account": [("b", 80), ("a", 10)],
        "wallet": [("b / swap", 60), ("b / earn", 20), ("a / spot", 10), ("b / spot", 0)],
        "exchange": [("okx", 80), ("kraken", 10)],
    }
    assert [(group.name, group.value) for group in groups] == expected[by]
    assert sum((group.unpriced_assets for group in groups), ()) == ("DEAD",)


def test_switching_a_wallet_off_changes_the_total_by_exactly_that_wallet() -> None:
    rows = [
        balance("1.23456789"),
        balance("0.7", wallet="funding"),
        balance("9.5", "USDT", wallet="funding"),
        price("BTC/USDT", "61234.56"),
    ]
    whole = reading(*rows)
    (lost,) = (group for group in group_values(whole, "wallet") if group.name == "main / funding")
    assert (
        whole.totals.value
        - reading(*[row for row in rows if getattr(row, "wallet", "") != "funding"]).totals.value
        == lost.value
    )
