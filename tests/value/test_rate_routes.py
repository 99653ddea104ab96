"""Routes to the reporting asset come in one order, which depends on the accounts and their markets
alone."""

from __future__ import annotations

from exchange_cache.value.rate_routes import Routes, useful


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
    assert [leg.inverse for leg in routes.of("ETH")[0].legs] == [True]


def test_only_what_comes_before_a_known_route_is_better() -> None:
    routes = Routes({"a": {"ETH/USDT", "ETH/BTC", "BTC/USDT"}, "b": {"ETH/USDT"}}, "USDT")

    assert routes.better("ETH", ("ETH/USDT@a",)) == ()
    assert routes.better("ETH", ("ETH/USDT@b",)) == routes.of("ETH")[:1]
    assert routes.better("ETH", ("ETH/BTC@a", "BTC/USDT@a")) == routes.of("ETH")[:2]


def test_a_market_that_is_listed_no_more_keeps_its_place() -> None:
    routes = Routes({"a": {"ETH/BTC", "BTC/USDT"}, "b": {"ETH/USDT"}}, "USDT")

    assert routes.better("ETH", ("ETH/USDT@a",)) == ()
    assert routes.better("ETH", ("USDT/ETH@b",)) == routes.of("ETH")[:1]


def test_nothing_is_better_than_a_price_of_an_account_that_is_gone() -> None:
    routes = Routes({"a": {"ETH/USDT"}}, "USDT")

    assert routes.better("ETH", ("ETH/USDT@gone",)) == ()
    assert routes.better("ETH", ("ETH/BTC@a", "BTC/USDT@gone")) == ()


def test_an_asset_that_nobody_lists_has_no_route() -> None:
    assert Routes({"a": {"BTC/USDT"}}, "USDT").of("SCAM") == ()


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
    assert [leg.inverse for leg in routes.of("ABC")[1].legs] == [False, True, False]
    assert routes.better("ABC", routes.of("ABC")[1].names) == routes.of("ABC")[:1]


def test_two_currencies_are_not_crossed_over_two_exchanges() -> None:
    assert Routes({"a": {"ABC/USD", "EUR/USD"}, "b": {"EUR/CHF"}}, "CHF").of("ABC") == ()
