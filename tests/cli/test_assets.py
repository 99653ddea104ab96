"""``excache assets``, and asset events through the commands that show cost: cases of users."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.stored import StoredRate
from exchange_cache.clock import SetClock
from tests.builders import NOW, balance, fill, price, transfer
from tests.cli.stored_home import StoredHome

D = Decimal
DAY = timedelta(days=1)


@pytest.fixture
def home(tmp_path: Path) -> StoredHome:
    made = StoredHome(folder=tmp_path / "home", clock=SetClock(NOW))
    made.configure()
    return made


def matic_swapped(home: StoredHome) -> None:
    """1,000 MATIC bought at 0.80, swapped into 1,000 POL by two distributions of one moment."""
    swap = NOW - 10 * DAY
    home.store(
        fill("1", "1000", "0.80", symbol="MATIC/USDT", time=NOW - 20 * DAY),
        transfer("d", "800", "USDT", time=NOW - 21 * DAY),
        transfer("o", "-1000", "MATIC", kind="unclassified", scope="dividends", time=swap),
        transfer("i", "1000", "POL", kind="reward", scope="dividends", time=swap),
        balance("1000", asset="POL", code="POL"),
        price("POL/USDT", "0.25"),
    )


def dot_multiplied(home: StoredHome) -> None:
    """10 DOT bought at 300; the balance is 1,000 now, and nothing is booked."""
    home.configure(
        f"""[[asset_events]]
from = "DOT"
to = "DOT"
at = {(NOW - 10 * DAY).date()}
factor = 100
"""
    )
    home.store(
        fill("1", "10", "300", symbol="DOT/USDT", time=NOW - 20 * DAY),
        transfer("d", "3000", "USDT", time=NOW - 21 * DAY),
        balance("1000", asset="DOT", code="DOT"),
        price("DOT/USDT", "4"),
    )


def holding(home: StoredHome, asset: str) -> dict[str, Any]:
    rows = home.run("portfolio", "--json", "--no-refresh").json()["holdings"]
    (found,) = (row for row in rows if row["asset"] == asset)
    return dict(found)


def warnings(home: StoredHome) -> list[dict[str, Any]]:
    found = home.run("portfolio", "--json", "--no-refresh").json()["warnings"]
    return [dict(one) for one in found]


def test_a_token_swap_keeps_the_average_and_realises_nothing(home: StoredHome) -> None:
    matic_swapped(home)
    pol = holding(home, "POL")
    assert (D(pol["average_entry_price"]), D(pol["unrealised_pnl"])) == (D("0.80"), D(-550))
    assert (D(pol["explained_quantity"]), D(pol["realised_pnl"] or 0)) == (D(1000), 0)
    totals = home.run("portfolio", "--json", "--no-refresh").json()["totals"]
    assert (D(totals["realised_pnl"]), D(totals["unrealised_pnl"])) == (0, -550)


def test_a_token_swap_is_neither_a_withdrawal_nor_income(home: StoredHome) -> None:
    matic_swapped(home)
    whole = home.run("pnl", "--json").json()
    assert {row["name"] for row in whole["rows"]} == {"POL", "MATIC", "USDT"}
    total = whole["total"]["identity"]
    assert (D(total["net_deposits"]), D(total["income"]), D(total["realised"])) == (D(800), 0, 0)
    assert D(total["residual"]) == 0


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_explain_names_the_event_and_ends_without_a_difference(
    home: StoredHome, method: str
) -> None:
    matic_swapped(home)
    found = home.run("explain", "POL", "--json", "--cost-method", method).json()
    (row,) = found["rows"]
    assert (row["event"], D(row["quantity"]), D(row["average"])) == ("rename", D(1000), D("0.8"))
    assert row["note"].startswith("rename MATIC -> POL, 1 to 1")
    assert D(found["reconciliation"]["difference"]) == 0


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_a_redenomination_stated_in_the_configuration_divides_the_average(
    home: StoredHome, method: str
) -> None:
    dot_multiplied(home)
    dot = holding(home, "DOT")
    assert (D(dot["average_entry_price"]), D(dot["unrealised_pnl"])) == (D(3), D(1000))
    assert (D(dot["explained_quantity"]), D(dot["unknown_quantity"])) == (D(1000), 0)
    rows = home.run("explain", "DOT", "--json", "--cost-method", method).json()["rows"]
    assert [(row["event"].split()[0], D(row["held"])) for row in rows] == [
        ("buy", D(10)),
        ("redenomination", D(1000)),
    ]


def test_a_changed_list_derives_the_costs_again(home: StoredHome) -> None:
    dot_multiplied(home)
    assert D(holding(home, "DOT")["average_entry_price"]) == 3
    home.configure("")
    home.derive()
    assert D(holding(home, "DOT")["average_entry_price"]) == 300


def neiro_twice(home: StoredHome) -> None:
    """100,000 NEIRO at main and 5,000 of another coin of that code at other."""
    home.store(
        fill("1", "100000", "0.0002", symbol="NEIRO/USDT", time=NOW - 20 * DAY),
        fill("2", "5000", "0.02", symbol="NEIRO/USDT", time=NOW - 20 * DAY, account="other"),
        balance("100000", asset="NEIRO", code="NEIRO"),
        balance("5000", asset="NEIRO", code="NEIRO", account="other"),
        price("NEIRO/USDT", "0.0003"),
        price("NEIRO/USDT", "0.03", account="other"),
    )


def test_two_assets_of_one_code_are_valued_each_at_its_own_exchange(home: StoredHome) -> None:
    neiro_twice(home)
    assert D(holding(home, "NEIRO")["value"]) == 180
    (found,) = (one for one in warnings(home) if one["code"] == "price_conflict")
    assert found["hint"] == ('config.toml, [accounts.other]: asset_names = { NEIRO = "NEIRO-2" }')


def test_the_proposed_setting_parts_two_assets_of_one_code_for_good(home: StoredHome) -> None:
    neiro_twice(home)
    home.configure(other='asset_names = { NEIRO = "NEIRO-2" }')
    home.derive()
    one, two = holding(home, "NEIRO"), holding(home, "NEIRO-2")
    assert (D(one["value"]), D(one["average_entry_price"])) == (30, D("0.0002"))
    assert (D(two["value"]), D(two["average_entry_price"])) == (150, D("0.02"))
    assert D(two["unrealised_pnl"]) == 50
    assert "price_conflict" not in [found["code"] for found in warnings(home)]
    explained = home.run("explain", "NEIRO-2", "--json").json()["reconciliation"]
    assert (D(explained["balance"]), D(explained["difference"])) == (5000, 0)


def beth_bought(home: StoredHome) -> None:
    """2 ETH bought at 2,000; 1 BETH bought for 0.93 ETH; 5 staking rewards in BETH."""
    when = NOW.replace(minute=0) - 10 * DAY
    with closing(home.repository()) as repository:
        repository.derived.save_rates(
            [
                StoredRate(
                    asset=asset, quote="USDT", at=when, resolution_s=3600, value=D(value), route=()
                )
                for asset, value in (("ETH", "2000"), ("BETH", "1860"))
            ],
            NOW,
        )
    home.store(
        transfer("d", "4000", "USDT", time=NOW - 30 * DAY),
        fill("1", "2", "2000", symbol="ETH/USDT", time=NOW - 20 * DAY),
        fill("2", "1", "0.93", symbol="BETH/ETH", time=when),
        *(
            transfer(f"r{n}", "0.001", "BETH", kind="reward", scope="rewards", time=when)
            for n in range(5)
        ),
        balance("1.07", asset="ETH", code="ETH"),
        balance("1.005", asset="BETH", code="BETH", wallet="earn"),
        price("ETH/USDT", "2979.60"),
        price("BETH/ETH", "0.93"),
    )


def test_a_staked_twin_with_its_own_market_keeps_its_own_price_and_cost(home: StoredHome) -> None:
    beth_bought(home)
    eth, beth = holding(home, "ETH"), holding(home, "BETH")
    assert (D(eth["explained_quantity"]), D(eth["average_entry_price"])) == (D("1.07"), D(2000))
    assert (D(beth["explained_quantity"]), D(beth["unknown_quantity"])) == (D("1.005"), 0)
    assert D(beth["average_entry_price"]) == 1860
    assert D(beth["price"]) == D("2979.60") * D("0.93")
    assert D(beth["realised_pnl"]) == D("0.005") * 1860  # the rewards, income at their value
    assert D(eth["realised_pnl"]) == 0


def test_a_staked_twin_stated_to_be_its_asset_is_counted_as_it_everywhere(
    home: StoredHome,
) -> None:
    day = (NOW - 5 * DAY).date()
    home.configure(before=f'asset_events = [{{ from = "BETH", to = "ETH", at = {day} }}]')
    beth_bought(home)
    eth = holding(home, "ETH")
    assert (D(eth["quantity"]), D(eth["explained_quantity"])) == (D("2.075"), D("2.075"))
    cost = D("1.07") * 2000 + D("1.005") * 1860
    assert round(D(eth["average_entry_price"]) * D("2.075"), 20) == cost
    held = home.run("portfolio", "--json", "--no-refresh").json()["holdings"]
    assert "BETH" not in [row["asset"] for row in held]
    explained = home.run("explain", "ETH", "--json").json()["reconciliation"]
    assert D(explained["difference"]) == 0


def test_a_suspected_swap_is_a_finding_with_the_setting_that_states_it(home: StoredHome) -> None:
    swap = NOW - 10 * DAY
    home.store(
        fill("1", "1000", "0.80", symbol="OLD/USDT", time=NOW - 20 * DAY),
        transfer("o", "-1000", "OLD", kind="unclassified", scope="dividends", time=swap),
        transfer("i", "1000", "NEW", kind="reward", scope="dividends", time=swap),
        balance("1000", asset="NEW", code="NEW"),
        price("NEW/USDT", "0.25"),
    )
    codes = [found["code"] for found in warnings(home)]
    assert "asset_event_suspected" in codes
    (found,) = (found for found in warnings(home) if found["code"] == "asset_event_suspected")
    assert found["message"].startswith("1,000 OLD left and 1,000 NEW were credited at one moment")
    line = found["hint"].removeprefix("config.toml: ")
    home.configure(before=line)
    home.derive()
    assert D(holding(home, "NEW")["average_entry_price"]) == D("0.80")
    assert "asset_event_suspected" not in [found["code"] for found in warnings(home)]


def test_units_multiplied_overnight_are_a_finding(home: StoredHome) -> None:
    dot_multiplied(home)
    assert "asset_event_suspected" not in [found["code"] for found in warnings(home)]
    home.configure()
    home.derive()
    (found,) = (found for found in warnings(home) if found["code"] == "asset_event_suspected")
    home.configure(before=found["hint"].removeprefix("config.toml: "))
    home.derive()
    assert D(holding(home, "DOT")["average_entry_price"]) == 3


def test_assets_lists_events_with_their_sources_and_states(home: StoredHome) -> None:
    home.configure(
        """[[asset_events]]
from = "FTM"
to = "S"
ignore = true

[[asset_events]]
from = "OLD"
to = "NEW"
at = 2099-01-01
factor = 5
exchanges = ["kraken"]
"""
    )
    rows = home.run("assets", "--json").json()["rows"]
    known = {(row["from"], row["to"]): row for row in rows}
    assert known["MATIC", "POL"]["state"] == "in force"
    assert known["MATIC", "POL"]["accounts"] == ["main"]
    assert known["MATIC", "POL"]["source"].startswith("https://")
    assert known["DOT", "DOT"]["exchanges"] == ["where booked"]
    assert known["FTM", "S"]["state"] == "ignored"
    assert (known["OLD", "NEW"]["state"], known["OLD", "NEW"]["accounts"]) == ("expected", [])
    assert home.run("assets").out.startswith("times in UTC\n\nKind ")
    assert home.run("assets", "--format", "csv").out.startswith("kind,from,to,at,factor,cost_share")


def test_assets_lists_aliases_collisions_and_ignored_assets(home: StoredHome) -> None:
    home.configure(account='ignore_assets = ["SPAM"]')
    home.store(
        balance("1", asset="BTC", code="LDBTC"),
        balance("5", asset="NEIRO", code="NEIRO", wallet="funding"),
        balance("7", asset="NEIRO", code="NEIRO", account="other"),
        price("NEIRO/USDT", "0.0003"),
        price("NEIRO/USDT", "0.03", account="other"),
    )
    rows = home.run("assets", "--json").json()["rows"]
    kinds = {row["kind"]: row for row in rows}
    assert (kinds["alias"]["from"], kinds["alias"]["to"]) == ("LDBTC", "BTC")
    assert kinds["collision"]["from"] == "NEIRO"
    assert (kinds["ignored"]["from"], kinds["ignored"]["accounts"]) == ("SPAM", ["main"])
