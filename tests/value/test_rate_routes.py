"""Routes to the reporting asset come in one order, which depends on the accounts and their markets
alone."""

from __future__ import annotations

from itertools import islice

import pytest

from exchange_cache.value import rate_routes
from exchange_cache.value.rate_routes import Leg, Route, Routes, useful


def of(routes: Routes, asset: str) -> tuple[Route, ...]:
    return tuple(routes.of(asset))


def better(routes: Routes, asset: str, known: tuple[str, ...]) -> tuple[Route, ...]:
    return tuple(routes.better(asset, known))


def names(routes: Routes, asset: str) -> list[tuple[str, ...]]:
    return [route.names for route in routes.of(asset)]


def test_direct_markets_come_first_then_bridges_then_accounts_in_their_order() -> None:
    routes = Routes(
        {
            "b": {"ETH/BTC", "BTC/USDT", "USDT/ETH"},
            "a": {"ETH/USDT", "ETH/USDC", "USDC/USDT", "BTC/USDT"},
        },
        "USDT",
    )

    assert names(routes, "ETH") == [
        ("USDT/ETH@b",),
        ("ETH/USDT@a",),
        ("ETH/USDC@a", "USDC/USDT@a"),
        ("ETH/BTC@b", "BTC/USDT@b"),
        ("ETH/BTC@b", "BTC/USDT@a"),
    ]
    assert [leg.inverse for leg in of(routes, "ETH")[0].legs] == [True]


def test_only_what_comes_before_a_known_route_is_better() -> None:
    routes = Routes({"a": {"ETH/USDT", "ETH/BTC", "BTC/USDT"}, "b": {"ETH/USDT"}}, "USDT")

    assert better(routes, "ETH", ("ETH/USDT@a",)) == ()
    assert better(routes, "ETH", ("ETH/USDT@b",)) == of(routes, "ETH")[:1]
    assert better(routes, "ETH", ("ETH/BTC@a", "BTC/USDT@a")) == of(routes, "ETH")[:2]


def test_a_market_that_is_listed_no_more_keeps_its_place() -> None:
    routes = Routes({"a": {"ETH/BTC", "BTC/USDT"}, "b": {"ETH/USDT"}}, "USDT")

    assert better(routes, "ETH", ("ETH/USDT@a",)) == ()
    assert better(routes, "ETH", ("USDT/ETH@b",)) == of(routes, "ETH")[:1]


def test_nothing_is_better_than_a_price_of_an_account_that_is_gone() -> None:
    routes = Routes({"a": {"ETH/USDT"}}, "USDT")

    assert better(routes, "ETH", ("ETH/USDT@gone",)) == ()
    assert better(routes, "ETH", ("ETH/BTC@a", "BTC/USDT@gone")) == ()


def test_an_asset_that_nobody_lists_has_no_route() -> None:
    assert of(Routes({"a": {"BTC/USDT"}}, "USDT"), "SCAM") == ()


def test_symbols_are_useful_when_an_asset_or_a_bridge_meets_a_bridge_or_the_reporting_asset() -> (
    None
):
    listed = {"ETH/BTC", "GBP/ETH", "BTC/USDT", "SOL/USDT", "ETH/SOL"}

    assert useful(listed, ["ETH"], "GBP") == ["BTC/USDT", "ETH/BTC", "GBP/ETH"]


def test_two_currencies_are_crossed_on_one_exchange_after_every_single_bridge() -> None:
    one = {"ABC/USD", "EUR/USD", "EUR/CHF"}
    routes = Routes({"a": one, "b": {"ABC/BTC", "BTC/CHF"}}, "CHF")

    assert names(routes, "ABC") == [
        ("ABC/BTC@b", "BTC/CHF@b"),
        ("ABC/USD@a", "EUR/USD@a", "EUR/CHF@a"),
    ]
    assert [leg.inverse for leg in of(routes, "ABC")[1].legs] == [False, True, False]
    assert better(routes, "ABC", of(routes, "ABC")[1].names) == of(routes, "ABC")[:1]


def test_two_currencies_are_not_crossed_over_two_exchanges() -> None:
    assert of(Routes({"a": {"ABC/USD", "EUR/USD"}, "b": {"EUR/CHF"}}, "CHF"), "ABC") == ()


def test_routes_are_made_as_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def counted(place: tuple[tuple[int, ...], ...], legs: tuple[Leg, ...]) -> Route:
        made.append(place)
        return Route(place, legs)

    monkeypatch.setattr(rate_routes, "Route", counted)
    accounts = {f"a{number:03}": {"ETH/BTC", "BTC/USDT"} for number in range(200)}
    routes = Routes(accounts, "USDT")
    for _ in range(2):
        assert [one.names for one in islice(routes.of("ETH"), 3)] == [
            ("ETH/BTC@a000", f"BTC/USDT@a00{number}") for number in range(3)
        ]
        assert len(made) == 3
    assert len(of(routes, "ETH")) == len(made) == 200 * 200


def test_routes_are_in_the_order_of_their_places() -> None:
    quotes = ("CHF", "USDT", "USDC", "USD", "EUR", "BTC")
    listed = {f"{base}/{quote}" for base in ("ABC", *quotes) for quote in quotes if base != quote}
    found = of(Routes({"b": listed, "a": listed}, "CHF"), "ABC")
    places = [route.place for route in found]
    assert places == sorted(places) and len({*places}) == len(places) > 10
