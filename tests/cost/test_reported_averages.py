"""The exchange's own averages beside those of the fills: expected ranges by hand, and OKX's
published examples.

The examples are those of https://www.okx.com/help/i-introduction-of-spot: 2 ETH at 3000, 1 sold at
3500, 1 bought at 4000.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from exchange_cache.cost.reported_averages import (
    AverageCheck,
    StoredHistory,
    average_findings,
    check_averages,
    check_words,
)
from exchange_cache.ledger.fill_order import fill_order
from exchange_cache.ledger.rates import Rate
from exchange_cache.records import AverageMethod, Balance, Fill, FillKind, ReportedAverage, Transfer
from exchange_cache.render.explain import exchange_average_lines
from tests.cost.builders import NOW, at, balance, fill, transfer

MOVING, CUMULATIVE = AverageMethod.MOVING, AverageMethod.CUMULATIVE
EXAMPLE = (
    fill("buy", "2", "3000", symbol="ETH/USD", hour=1),
    fill("sell", "1", "3500", symbol="ETH/USD", hour=2),
    fill("buy", "1", "4000", symbol="ETH/USD", hour=3),
)


class Hourly:
    """Rates of hourly candles, the same at any time; remembers what it was asked for."""

    def __init__(self, rates: Mapping[str, str] | None = None) -> None:
        self.rates = rates or {}
        self.asked: set[str] = set()

    def rate(self, asset: str, moment: datetime) -> Rate | None:
        self.asked.add(asset)
        found = self.rates.get(asset)
        return None if found is None else Rate(value=Decimal(found), resolution=3600)


def shown(
    price: str, quantity: str | None = "2", method: AverageMethod = MOVING, unit: str = "USD"
) -> ReportedAverage:
    counted = None if quantity is None else Decimal(quantity)
    return ReportedAverage(
        name="avgPx",
        method=method,
        price=Decimal(price),
        unit=unit,
        quantity=counted,
        counts_from=at(-1000),
    )


def held(*averages: ReportedAverage, asset: str = "ETH", total: str = "2") -> Balance:
    return replace(balance(total, asset, wallet="trading"), told_averages=averages)


def stored(fills: Iterable[Fill]) -> Callable[[Balance, datetime], list[Fill]]:
    """As the cache reads them."""
    rows = sorted(fills, key=fill_order)

    def read(balance: Balance, since: datetime) -> list[Fill]:
        own = [one for one in rows if one.account == balance.account and one.time >= since]
        return [one for one in own if balance.asset in (one.base, one.quote)]

    return read


def check(
    average: ReportedAverage,
    *events: Fill | Transfer,
    rates: Hourly | None = None,
    reporting: str = "USD",
    asset: str = "ETH",
    total: str = "2",
    since: datetime | None = None,
) -> AverageCheck:
    history = StoredHistory(
        fills=stored(event for event in events if isinstance(event, Fill)),
        transfers=[event for event in events if isinstance(event, Transfer)],
        since={"main": since},
    )
    (found,) = check_averages(
        [held(average, asset=asset, total=total)],
        history,
        reporting_asset=reporting,
        rates=rates or Hourly(),
    )
    return found


# --- the published examples -----------------------------------------------------------------------


def test_the_moving_average_is_that_of_the_published_example() -> None:
    found = check(shown("3500"), *EXAMPLE)

    assert (found.low, found.high) == (3500, 3500)
    assert found.verdict == "agrees"


def test_the_cumulative_average_is_that_of_the_published_example() -> None:
    found = check(shown("3250", method=CUMULATIVE), *EXAMPLE)

    assert (found.low, found.high) == (3250, 3250)
    assert found.verdict == "agrees"


def test_a_cumulative_average_may_be_negative() -> None:
    events = (
        fill("buy", "2", "100", symbol="ETH/USD"),
        fill("sell", "1", "300", symbol="ETH/USD", hour=1),
    )
    found = check(shown("-100", "1", CUMULATIVE), *events, total="1")

    assert (found.low, found.verdict) == (-100, "agrees")


def test_a_difference_beyond_rounding_is_a_difference() -> None:
    assert check(shown("3500.35"), *EXAMPLE).verdict == "agrees"  # one part in ten thousand
    assert check(shown("3500.36"), *EXAMPLE).verdict == "differs"
    assert check(shown("3499.64"), *EXAMPLE).verdict == "differs"


# --- the range ------------------------------------------------------------------------------------


def test_fees_may_be_inside_or_outside() -> None:
    # outside: 1000 / 1; inside, paid in the asset: 1000 / 0.999, and paid in the quote: 1010 / 1
    in_asset = check(
        shown("1000", "0.999"),
        fill("buy", "1", "1000", "0.001 ETH", symbol="ETH/USD"),
        total="0.999",
    )
    in_quote = check(
        shown("1000", "1"), fill("buy", "1", "1000", "10 USD", symbol="ETH/USD"), total="1"
    )

    assert in_asset.low == 1000
    assert in_asset.high is not None
    assert abs(in_asset.high * Decimal("0.999") - 1000) < Decimal("1e-25")
    assert (in_quote.low, in_quote.high) == (1000, 1010)


def test_a_rebate_in_the_asset_that_is_sold_as_well_is_counted_inside_only() -> None:
    # inside: 1.001 for 3000, of which 0.0005 are left, then 2 for 8000; outside, nothing was left
    # to sell at the third fill
    events = (
        fill("buy", "1", "3000", "-0.001 ETH", symbol="ETH/USD"),
        fill("sell", "1", "3500", symbol="ETH/USD", hour=1),
        fill("sell", "0.0005", "3500", symbol="ETH/USD", hour=2),
        fill("buy", "2", "4000", symbol="ETH/USD", hour=3),
    )
    found = check(shown("3999.75", "2.0005"), *events, total="2.0005")

    assert found.low == found.high
    assert found.low is not None
    assert abs(
        found.low * Decimal("2.0005")
        - (8000 + Decimal(3000) * Decimal("0.0005") / Decimal("1.001"))
    ) < Decimal("1e-20")


def test_a_fee_in_a_third_asset_is_worth_its_rate() -> None:
    event = fill("buy", "1", "1000", "0.5 OKB", symbol="ETH/USD")
    assert check(shown("1000", "1"), event, total="1").reason == "no_rate"
    assert check(shown("1000", "1"), event, rates=Hourly({"OKB": "40"}), total="1").high == 1020


def test_the_rates_of_money_are_known_to_half_a_percent_an_hour() -> None:
    # 1000 USDT at 0.8 EUR, the dollar at 0.8 EUR: 1000 USD, and both rates may be off by half a
    # percent
    found = check(
        shown("1000", "1"),
        fill("buy", "1", "1000", symbol="ETH/USDT"),
        rates=Hourly({"USDT": "0.8", "USD": "0.8"}),
        reporting="EUR",
        total="1",
    )

    assert (found.low, found.high) == (990, 1010)


def test_the_rate_of_a_coin_is_known_to_five_percent_an_hour() -> None:
    found = check(
        shown("2000", "1"),
        fill("buy", "1", "0.05", symbol="ETH/BTC"),
        rates=Hourly({"BTC": "40000"}),
        total="1",
    )

    assert (found.low, found.high) == (1900, 2100)


def test_what_was_paid_with_is_sold_at_the_rate_of_the_fill() -> None:
    events = (
        fill("buy", "1", "40000", symbol="BTC/USD"),
        fill("buy", "10", "0.05", symbol="ETH/BTC", hour=1),
    )
    found = check(
        shown("30000", "0.5", CUMULATIVE),
        *events,
        rates=Hourly({"BTC": "50000"}),
        asset="BTC",
        total="0.5",
    )

    # 40000 less 0.5 BTC worth 25000, five percent more or less, over the half that is left
    assert (found.low, found.high) == (27500, 32500)


def test_a_dollar_is_no_tether() -> None:
    rates = Hourly()
    found = check(
        shown("3500"),
        *(replace(event, quote="USDT") for event in EXAMPLE),
        rates=rates,
        reporting="USDT",
    )

    assert found.reason == "no_rate"
    assert "USD" in rates.asked


# --- what cannot be compared ----------------------------------------------------------------------


def test_units_that_no_stored_fill_brought_make_it_incomparable() -> None:
    assert check(shown("3500", "3"), *EXAMPLE, total="3").reason == "not_all_stored"
    assert check(shown("3500", None), *EXAMPLE, total="3").reason == "not_all_stored"
    assert check(shown("3500")).reason == "not_all_stored"
    assert check(shown("3500"), *EXAMPLE[1:]).reason == "sold_more"


def test_without_a_reported_quantity_the_balance_is_what_must_be_explained() -> None:
    assert check(shown("3500", None), *EXAMPLE).verdict == "agrees"


@pytest.mark.parametrize("kind", ["deposit", "withdrawal", "reward", "fee", "internal"])
def test_units_that_came_or_went_without_a_trade_make_it_incomparable(kind: str) -> None:
    assert check(shown("3500"), *EXAMPLE, transfer(kind, "1", "ETH", hour=2.5)).reason == "moved"


def test_moves_that_do_not_touch_the_holding_are_no_obstacle() -> None:
    elsewhere = replace(
        transfer("internal", "1", "ETH", hour=2.5), from_wallet="funding", to_wallet="earn"
    )
    before, after = (
        transfer("deposit", "1", "ETH", hour=0.5),
        replace(transfer("withdrawal", "1", "ETH"), time=NOW.replace(hour=13)),
    )
    failed, other = (
        transfer("deposit", "1", "ETH", hour=2, status="failed"),
        transfer("deposit", "1", "USD", hour=2),
    )

    assert (
        check(shown("3500"), *EXAMPLE, elsewhere, before, after, failed, other).verdict == "agrees"
    )
    assert check(shown("3500"), *EXAMPLE, replace(elsewhere, to_wallet="trading")).reason == "moved"


def test_converts_and_margin_trades_make_it_incomparable() -> None:
    convert = fill("buy", "1", "4000", symbol="ETH/USD", hour=2.5, kind=FillKind.CONVERT)
    margin = replace(fill("buy", "1", "4000", symbol="ETH/USD", hour=2.5), category="margin")

    assert check(shown("3500"), *EXAMPLE, convert).reason == "converted"
    assert check(shown("3500"), *EXAMPLE, margin).reason == "margin"
    assert check(shown("3500"), *EXAMPLE, replace(convert, time=at(0.5))).verdict == "agrees"


def test_an_unknown_fee_makes_it_incomparable() -> None:
    assert (
        check(shown("3500"), *EXAMPLE[:2], replace(EXAMPLE[2], fees_known=False)).reason
        == "fee_missing"
    )


def test_fills_after_the_figure_was_reported_are_not_in_it() -> None:
    later = replace(fill("buy", "5", "9000", symbol="ETH/USD"), time=NOW.replace(hour=13))
    assert check(shown("3500"), *EXAMPLE, later).verdict == "agrees"


def test_fills_of_another_account_are_not_in_it() -> None:
    assert (
        check(
            shown("3500"), *EXAMPLE, fill("buy", "5", "9000", symbol="ETH/USD", account="other")
        ).verdict
        == "agrees"
    )


def test_a_sale_of_everything_begins_the_moving_average_anew_and_leaves_the_cumulative_one_open() -> (  # noqa: E501
    None
):
    earlier = (
        fill("buy", "1", "100", symbol="ETH/USD", hour=0.1),
        fill("sell", "1", "900", symbol="ETH/USD", hour=0.2),
    )

    assert check(shown("3500"), *earlier, *EXAMPLE).verdict == "agrees"
    assert check(shown("3250", method=CUMULATIVE), *earlier, *EXAMPLE).reason == "sold_out"


def test_only_a_cumulative_average_needs_all_that_was_ever_traded() -> None:
    assert check(shown("3500"), *EXAMPLE, since=at(0)).verdict == "agrees"
    assert check(shown("3250", method=CUMULATIVE), *EXAMPLE, since=at(0)).reason == "begins_later"
    assert check(shown("3250", method=CUMULATIVE), *EXAMPLE, since=at(-2000)).verdict == "agrees"


def test_a_holding_older_than_what_the_exchange_counts_is_not_compared() -> None:
    assert check(replace(shown("3500"), counts_from=at(1)), *EXAMPLE).verdict == "agrees"
    assert check(replace(shown("3500"), counts_from=at(1.5)), *EXAMPLE).reason == "counts_later"


def test_fills_of_one_instant_bring_before_they_take() -> None:
    events = (
        fill("buy", "1", "0.05", symbol="ETH/BTC", hour=1, fill_id="1"),
        fill("buy", "1", "40000", symbol="BTC/USD", hour=1, fill_id="2"),
    )
    found = check(
        shown("40000", "0.95"),
        *events,
        rates=Hourly({"BTC": "40000"}),
        asset="BTC",
        total="0.95",
    )

    assert (found.low, found.high) == (40000, 40000)


# --- words ----------------------------------------------------------------------------------------


def test_a_difference_is_one_finding_with_both_figures_and_the_cure() -> None:
    history = StoredHistory(fills=stored(EXAMPLE), transfers=(), since={"main": None})
    averages = (shown("3600"), replace(shown("3300", method=CUMULATIVE), name="accPx"))
    (found,) = average_findings(
        check_averages([held(*averages)], history, reporting_asset="USD", rates=Hourly())
    )

    assert (found.code, found.account, found.asset) == ("average_differs", "main", "ETH")
    assert "average of the buys 3,600 USD, by fills 3,500 USD" in found.message
    assert "average of the buys less the sales 3,300 USD, by fills 3,250 USD" in found.message
    assert found.hint == "excache sync --account main --only fills --full"


def test_two_averages_of_a_wallet_that_cannot_be_compared_share_their_reason() -> None:
    one = check(shown("53607.5814"), *EXAMPLE[1:])
    other = check(shown("29288.33", method=CUMULATIVE), *EXAMPLE[1:])
    assert one.reason == "sold_more"
    assert exchange_average_lines([one, replace(other, reason=one.reason)]) == [
        "The exchange's own average (main trading): average of the buys 53,607.581 USD; average of"
        " the buys less the sales 29,288.33 USD, not comparable: more was sold than stored fills"
        " bought, so earlier history is missing"
    ]
    assert len(exchange_average_lines([one, replace(other, reason="moved")])) == 2


def test_neither_agreement_nor_a_missing_comparison_is_a_finding() -> None:
    assert (
        average_findings([check(shown("3500"), *EXAMPLE), check(shown("3500"), *EXAMPLE[1:])]) == ()
    )


def test_what_cannot_be_compared_says_why() -> None:
    words = check_words(check(shown("3500"), *EXAMPLE[1:]))
    assert (
        words
        == "average of the buys 3,500 USD, not comparable: more was sold than stored fills bought,"
        " so earlier history is missing"
    )
