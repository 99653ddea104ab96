"""What a list of prices says under its table."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.render.priced import missing_price_lines, old_price_lines, unpriced
from tests.builders import NOW, price

HOUR = timedelta(hours=1)


def test_a_price_that_was_old_when_it_was_fetched_is_named_with_its_age():
    old = price("SRM/USDT", "0.0658", as_of=NOW - timedelta(days=510), fetched_at=NOW)
    new = price("BTC/USDT", "64000", as_of=NOW, fetched_at=NOW)
    (line,) = old_price_lines([old, new], NOW, HOUR)
    assert line.startswith("The price of SRM/USDT at main is of ")
    assert "(510 d old): the exchange serves no newer one." in line


def test_an_asset_is_unpriced_if_no_market_with_a_price_has_it():
    rows = [price("BTC/USDT", "64000"), price("KFEE/USD", None)]
    assert unpriced(rows, ["BTC", "KFEE", "USDT", "MATIC"]) == ("KFEE", "MATIC")


def test_assets_without_a_market_are_named_once():
    assert missing_price_lines(()) == ()
    (line,) = missing_price_lines(("KFEE", "MATIC"))
    assert line == (
        "No price of KFEE and MATIC: none of your exchanges has a market with a price of them,"
        " so no total includes them."
    )
