"""Routes through tickers: every line of the "Prices" checklist by name, and how a route is
chosen."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from exchange_cache.records import Price
from exchange_cache.value.price_graph import PriceGraph, _Edge
from tests.cost.builders import NOW, price

HOUR = timedelta(hours=1)
OLD = NOW - 5 * HOUR


def graph(*prices: Price, reporting: str = "USDT", **more: object) -> PriceGraph:
    return PriceGraph(prices, reporting_asset=reporting, now=NOW, ttl=HOUR, **more)  # type: ignore[arg-type]


def test_a_direct_ticker() -> None:
    quote = graph(price("BTC/USDT", "60000")).quote("BTC", "main")
    assert quote is not None
    assert (quote.value, quote.route, quote.as_of, quote.basis, quote.stale) == (
        60000,
        ("BTC/USDT@main",),
        NOW,
        "last",
        False,
    )


def test_the_reporting_asset_is_one_without_a_route() -> None:
    quote = graph().quote("USDT", "main")
    assert quote is not None and (quote.value, quote.route, quote.stale) == (1, (), False)


def test_usdt_usdc_and_usd_are_never_equated() -> None:
    assert graph(price("BTC/USDC", "60000")).quote("BTC") is None
    assert graph().quote("USD") is None
    quote = graph(price("USDC/USDT", "0.9998")).quote("USDC")
    assert quote is not None and quote.value == Decimal("0.9998")


def test_a_bridge_route_multiplies_and_names_its_legs() -> None:
    quote = graph(price("XYZ/BTC", "0.0002"), price("BTC/USDT", "60000")).quote("XYZ", "main")
    assert quote is not None and (quote.value, quote.route) == (
        12,
        ("XYZ/BTC@main", "BTC/USDT@main"),
    )


def test_an_inverse_pair_is_divided_the_right_way() -> None:
    quote = graph(price("USDT/TRY", "40")).quote("TRY")
    assert quote is not None and quote.value == Decimal("0.025")
    euro = graph(price("BTC/USDT", "60000"), price("BTC/EUR", "50000")).quote("EUR")
    assert euro is not None and (euro.value, euro.route) == (
        Decimal("1.2"),
        ("BTC/EUR@main", "BTC/USDT@main"),
    )


def test_any_asset_or_fiat_can_be_the_reporting_asset() -> None:
    quote = graph(price("BTC/USDT", "60000"), price("EUR/USDT", "1.2"), reporting="EUR").quote(
        "BTC"
    )
    assert quote is not None and quote.value == 50000


def test_the_middle_of_bid_and_ask_serves_without_a_last_price() -> None:
    quote = graph(price("BTC/USDT", None, bid="99", ask="101")).quote("BTC")
    assert quote is not None and (quote.value, quote.basis) == (100, "mid")


def test_unlisted_is_unpriced_not_zero() -> None:
    assert (
        graph(price("BTC/USDT", "60000"), price("DEAD/USDT", None), price("GONE/USDT", "0")).quote(
            "DEAD"
        )
        is None
    )
    assert graph(price("GONE/USDT", "0")).quote("GONE") is None


def test_derivative_tickers_price_nothing() -> None:
    assert (
        graph(
            price("BTC/USDT:USDT", "60000", category="linear"), price("ETH/USDT:USDT", "3000")
        ).quote("BTC")
        is None
    )


def test_the_own_exchange_comes_first_because_codes_collide() -> None:
    tickers = graph(
        price("LUNA/USDT", "0.5"),
        price("LUNA/BTC", "0.00001", account="other"),
        price("BTC/USDT", "60000", account="other"),
    )
    here, there = tickers.quote("LUNA", "main"), tickers.quote("LUNA", "other")
    assert here is not None and here.value == Decimal("0.5")
    assert there is not None and (there.value, there.route) == (
        Decimal("0.6"),
        ("LUNA/BTC@other", "BTC/USDT@other"),
    )


def test_another_account_on_the_same_exchange_is_own() -> None:
    prices = (price("LUNA/USDT", "0.5", account="twin"), price("LUNA/USDT", "7", account="alien"))
    quote = graph(*prices, exchange_of={"main": "kraken", "twin": "kraken", "alien": "okx"}).quote(
        "LUNA", "main"
    )
    assert quote is not None and quote.value == Decimal("0.5")


def test_what_the_own_exchange_lacks_another_one_prices() -> None:
    quote = graph(price("ETH/USDT", "3000"), price("XYZ/ETH", "0.001", account="other")).quote(
        "XYZ", "main"
    )
    assert quote is not None and quote.route == ("XYZ/ETH@other", "ETH/USDT@main")


def test_stale_prices_do_not_look_live() -> None:
    quote = graph(price("BTC/USDT", "60000", fetched_at=OLD)).quote("BTC", "main")
    assert quote is not None and (quote.stale, quote.as_of) == (True, OLD)


def test_the_oldest_leg_dates_the_route() -> None:
    early = NOW - timedelta(minutes=40)
    quote = graph(price("XYZ/BTC", "0.1", fetched_at=early), price("BTC/USDT", "10")).quote(
        "XYZ", "main"
    )
    assert quote is not None and (quote.as_of, quote.stale) == (early, False)


def test_a_last_trade_of_months_ago_is_not_the_market_price() -> None:
    quote = graph(price("XYZ/USDT", "5", as_of=NOW - timedelta(days=90))).quote("XYZ", "main")
    assert quote is not None and quote.stale


def test_a_ticker_from_the_future_is_stale() -> None:
    quote = graph(price("BTC/USDT", "5", fetched_at=NOW + HOUR)).quote("BTC", "main")
    assert quote is not None and quote.stale


def test_a_fresh_detour_beats_a_stale_direct_price() -> None:
    prices = (
        price("XYZ/USDT", "1", fetched_at=OLD),
        price("XYZ/BTC", "0.0001"),
        price("BTC/USDT", "20000"),
    )
    quote = graph(*prices).quote("XYZ", "main")
    assert quote is not None and (quote.value, quote.stale) == (2, False)
    other = graph(
        price("BTC/USDT", "1", fetched_at=OLD), price("BTC/USDT", "2", account="other")
    ).quote("BTC", "main")
    assert other is not None and other.value == 2


def test_short_beats_long_and_liquid_bridges_beat_illiquid_ones() -> None:
    prices = (
        price("XYZ/USDT", "5"),
        price("XYZ/BTC", "1"),
        price("BTC/USDT", "7"),
        price("ABC/BNB", "1"),
        price("BNB/USDT", "500"),
        price("ABC/BTC", "1"),
        price("ABC/KCS", "1"),
        price("KCS/USDT", "9"),
    )
    direct, bridged = graph(*prices).quote("XYZ"), graph(*prices).quote("ABC")
    assert direct is not None and direct.value == 5
    assert bridged is not None and bridged.route[1].startswith("BTC/USDT")


def test_an_illiquid_bridge_is_better_than_none() -> None:
    quote = graph(price("ABC/KCS", "2"), price("KCS/USDT", "9")).quote("ABC")
    assert quote is not None and quote.value == 18


def test_the_change_of_24_hours_follows_the_route() -> None:
    quote = graph(
        price("XYZ/BTC", "0.2", open_24h="0.1"), price("BTC/USDT", "100", open_24h="125")
    ).quote("XYZ")
    assert quote is not None and quote.change_24h == Decimal("0.6")
    inverse = graph(price("USDT/TRY", "40", open_24h="50")).quote("TRY")
    assert inverse is not None and inverse.change_24h == Decimal("0.25")
    unknown = graph(price("XYZ/BTC", "0.2"), price("BTC/USDT", "100", open_24h="125")).quote("XYZ")
    assert unknown is not None and unknown.change_24h is None


def big_market() -> list[Price]:
    rows = []
    for number in range(1000):
        for quote in ("USDT", "BTC", "ETH"):
            rows.append((f"C{number}/{quote}", str(number + 1)))
    rows += [("BTC/USDT", "60000"), ("ETH/USDT", "3000"), ("ETH/BTC", "0.05")]
    return [
        price(symbol, last, account=f"acc{account}")
        for account in range(5)
        for symbol, last in rows
    ]


def test_the_order_of_the_tickers_changes_nothing() -> None:
    prices = big_market()[:4000]
    first = [graph(*prices).quote(f"C{n}", "acc1") for n in range(50)]
    for seed in range(3):
        random.Random(seed).shuffle(prices)
        assert [graph(*prices).quote(f"C{n}", "acc1") for n in range(50)] == first


def test_five_accounts_with_three_thousand_tickers_take_a_tenth_of_a_second() -> None:
    prices = big_market()
    took = []
    for _ in range(3):
        began = time.process_time()
        tickers = graph(*prices, reporting="USDT")
        for number in range(300):
            assert tickers.quote(f"C{number}", f"acc{number % 5}") is not None
        took.append(time.process_time() - began)
    assert min(took) < 0.4  # a tenth of a second on a quiet machine


class Whole(PriceGraph):
    """One whose routes may take every edge."""

    def _neighbours(
        self, owner: str | None, with_stale: bool
    ) -> dict[str, list[tuple[str, _Edge]]]:
        near: dict[str, list[tuple[str, _Edge]]] = defaultdict(list)
        home = self._exchange_of.get(owner or "")
        for edge in self._edges:
            its = self._exchange_of.get(edge.price.account)
            may = owner is None or edge.price.account == owner or (home is not None and its == home)
            if may and (with_stale or not edge.stale):
                near[edge.price.base].append((edge.price.quote, edge))
                near[edge.price.quote].append((edge.price.base, edge))
        return near


@pytest.mark.parametrize("seed", range(20))
def test_edges_that_are_left_out_change_no_quote(seed: int) -> None:
    chance = random.Random(seed)
    assets = ("BTC", "ETH", "USDT", "EUR", "XYZ", "ABC")
    accounts = {f"a{one}": chance.choice(("kraken", "bybit")) for one in range(8)}
    accounts.pop("a7")  # its exchange is not known
    prices = [
        replace(
            price(f"{base}/{quote}", str(chance.randint(1, 99)), account=account),
            fetched_at=NOW - timedelta(minutes=chance.choice((0, 1, 2, 50, 90, 300))),
        )
        for account in (*accounts, "a7")
        for base, quote in permutations(assets, 2)
        if chance.random() < 0.2
    ]
    made = [
        kind(prices, reporting_asset="USDT", now=NOW, ttl=HOUR, exchange_of=accounts)
        for kind in (PriceGraph, Whole)
    ]
    for account in (None, *accounts, "a7", "unknown"):
        for asset in assets:
            assert len({repr(one.quote(asset, account)) for one in made}) == 1


def test_routes_look_at_few_of_the_tickers_that_many_accounts_share() -> None:
    accounts = {f"account{one}": "kraken" for one in range(100)}
    prices = [price("BTC/USDT", "1", account=account) for account in accounts]
    made = graph(*prices, exchange_of=accounts)
    assert max(len(made._neighbours(one, True)["BTC"]) for one in (None, *accounts)) == 1
