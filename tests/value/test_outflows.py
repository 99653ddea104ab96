"""An unexplained outflow is judged between two standings: emptied, grave, or only an alarm."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exchange_cache.ledger.replay import flows
from exchange_cache.value.difference import Standing
from exchange_cache.value.outflows import Outflow, by_account, judge, of_account
from tests.cost.builders import at, fill, transfer

START, END = at(0), at(100)


PRICES = {"USDT": Decimal(1), "BTC": Decimal(50_000), "ETH": Decimal(2_000)}


def standing(moment, held: dict[str, str], prices: dict[str, Decimal] = PRICES) -> Standing:
    return Standing(
        at=moment,
        quantities={("main", asset): Decimal(amount) for asset, amount in held.items()},
        prices=prices,
        open_results={},
        times={"main": moment},
    )


def judged(
    before: dict[str, str], after: dict[str, str], *events, prices: dict[str, Decimal] | None = None
) -> Outflow | None:
    """``prices`` are those of the end; by default the ones of the assets that are still held."""
    left = (
        {asset: price for asset, price in PRICES.items() if asset in after} | {"USDT": Decimal(1)}
        if prices is None
        else prices
    )
    happened = flows(
        [one for one in events if hasattr(one, "side")],
        [one for one in events if not hasattr(one, "side")],
    )
    return judge(
        "main",
        standing(START, before),
        standing(END, after, left),
        happened,
        reporting_asset="USDT",
        dust={},
    )


def code(found: Outflow | None) -> tuple[str, bool] | None:
    return None if found is None else (found.finding.code, found.grave)


def test_an_account_that_holds_nothing_any_more_is_emptied_of_its_worth_in_the_last_known_prices() -> (  # noqa: E501
    None
):
    found = judged({"BTC": "0.5", "ETH": "4", "USDT": "1000"}, {})
    assert found is not None and found.grave
    assert (found.finding.code, found.finding.account, found.finding.asset) == (
        "account_emptied",
        "main",
        None,
    )
    assert (
        found.finding.message
        == "the account is empty: 0.5 BTC, 4 ETH, 1,000 USDT (worth 34,000.00 USDT) left the"
        " account after 2026-01-01 00:00 UTC, not explained by any stored fill or transfer;"
        " if it was not you, lock the account at the exchange"
    )


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ("50", ("account_emptied", True)),
        ("51", ("outflow_unexplained", True)),
        ("501", ("outflow_unexplained", False)),
    ],
)
def test_at_most_a_twentieth_left_is_emptied_and_half_gone_is_grave(
    left: str, said: tuple[str, bool]
) -> None:
    assert code(judged({"USDT": "1000"}, {"USDT": left})) == said


@pytest.mark.parametrize(
    "events",
    [
        (transfer("withdrawal", "2", "ETH", hour=5),),
        (
            fill("sell", "2", "2000", symbol="ETH/USDT", hour=5),
            transfer("withdrawal", "4000", "USDT", hour=6),
        ),
        (
            transfer("withdrawal", "1.5", "ETH", hour=5),
            transfer("withdrawal", "0.5", "ETH", hour=7),
        ),
    ],
)
def test_what_withdrawals_and_sales_explain_is_no_alarm(events: tuple) -> None:
    assert judged({"ETH": "2"}, {}, *events) is None


def test_sold_assets_whose_proceeds_are_there_are_explained_by_their_fills() -> None:
    assert (
        judged({"ETH": "2"}, {"USDT": "4000"}, fill("sell", "2", "2000", symbol="ETH/USDT", hour=5))
        is None
    )


def test_an_unknown_sale_whose_proceeds_are_there_empties_nothing() -> None:
    assert code(judged({"ETH": "2"}, {"USDT": "4000"})) == ("outflow_unexplained", True)


def test_what_is_left_after_an_explained_withdrawal_and_then_goes_is_emptied() -> None:
    found = judged({"ETH": "10"}, {}, transfer("withdrawal", "9", "ETH", hour=5))
    assert found is not None and found.finding.message.startswith(
        "the account is empty: 1 ETH (worth 2,000.00 USDT) left"
    )


def test_an_account_of_nothing_priced_is_no_emptied_one_but_an_outflow() -> None:
    assert code(judged({"XYZ": "10"}, {})) == ("outflow_unexplained", False)


def test_dust_that_goes_is_nothing() -> None:
    gone = judge(
        "main",
        standing(START, {"BTC": "0.00001"}),
        standing(END, {}),
        (),
        reporting_asset="USDT",
        dust={"BTC": Decimal("0.0001")},
    )
    assert gone is None


def test_the_worth_stays_what_it_was_while_prices_go_on() -> None:
    first = judged({"BTC": "1", "ETH": "1"}, {"ETH": "1"}, prices={**PRICES, "ETH": Decimal(2000)})
    later = judged(
        {"BTC": "1", "ETH": "1"},
        {"ETH": "1"},
        prices={**PRICES, "BTC": Decimal(99), "ETH": Decimal(2100)},
    )
    assert first is not None and later is not None
    assert first.finding.message == later.finding.message


def test_a_standing_is_taken_apart_in_one_walk_as_account_by_account() -> None:
    whole = replace(
        standing(END, {}),
        quantities={("a", "BTC"): Decimal(1), ("b", "BTC"): Decimal(2), ("b", "ETH"): Decimal(3)},
        wallets={("a", "spot", "BTC"): Decimal(1), ("b", "earn", "ETH"): Decimal(3)},
        times={"a": START},
    )
    names = ("a", "b", "c")
    assert by_account(whole, names) == {name: of_account(whole, name) for name in names}
