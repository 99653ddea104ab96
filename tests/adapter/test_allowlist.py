"""The read allow-list: every exchange has one, and it follows the installed ccxt."""

from __future__ import annotations

import pytest

from exchange_cache.adapter import allowlist
from exchange_cache.adapter.allowlist import ExchangeSource, allowed_for
from exchange_cache.adapter.ccxt_class import ccxt_class


def test_every_exchange_of_ccxt_has_an_allow_list_without_known_writes() -> None:
    import ccxt

    lists = allowlist.read_allowlist()
    assert set(ccxt.exchanges) <= set(lists)
    everything = {f"{exchange} {item}" for exchange, items in lists.items() for item in items}
    assert not [item for item in everything if item.split(" ")[1] in {"PUT", "DELETE", "PATCH"}]
    for exchange, item in allowlist.NEVER:
        assert item not in lists[exchange]
    for write in (
        "kraken POST private AddOrder",
        "kraken POST private Withdraw",
        "binance POST private order",
        "bybit POST private v5/order/create",
        "deribit GET private buy",
        "deribit GET private withdraw",
        "hyperliquid POST private exchange",
        "binance POST sapi asset/transfer",
    ):
        assert write not in everything


@pytest.mark.parametrize(
    "exchange", ["binance", "bybit", "kraken", "okx", "coinbase", "kucoin", "deribit"]
)
def test_nothing_that_only_writing_methods_reach_is_allowed(exchange: str) -> None:
    source = ExchangeSource(ccxt_class(exchange))
    only_writes = source.reachable(source.writers()) - source.reachable(source.readers())
    assert only_writes, "the check must have something to check"
    assert not only_writes & allowed_for(exchange)


@pytest.mark.parametrize("exchange", ["kraken", "bybit", "coinbase"])
def test_the_file_says_what_the_installed_ccxt_says(exchange: str) -> None:
    assert set(allowlist.derive(exchange)) <= allowed_for(exchange)
    extras = allowed_for(exchange) - set(allowlist.derive(exchange))
    assert extras <= set(ExchangeSource(ccxt_class(exchange)).endpoints.values()), (
        "an extra that ccxt does not define"
    )


def test_the_difference_report_names_what_came_and_went() -> None:
    lines = list(
        allowlist.differences({"kraken": ["GET public Time"]}, {"kraken": ["GET public Assets"]})
    )
    assert lines == ["+ kraken: GET public Assets", "- kraken: GET public Time"]
