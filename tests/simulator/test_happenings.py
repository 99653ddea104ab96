"""What happens to assets and contracts in the venue, and how each exchange answers about it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Fill, Venue
from tests.simulator.builders import ccxt_client

DAY_MS = 86_400_000

D = Decimal


@pytest.fixture(scope="module")
def world() -> Iterator[Simulator]:
    accounts = {"main": "binance", "kraken": "kraken", "okx": "okx"}
    with running_simulator(seed=3, fills=60, limit_scale=1000, accounts=accounts) as made:
        yield made


def notes(venue: Venue, asset: str) -> list[tuple[str, Decimal, int]]:
    return [
        (row.note, row.amount, row.time_ms) for row in venue.incomes("main") if row.asset == asset
    ]


@pytest.mark.parametrize(
    ("old", "new", "factor"), [("LUNA", "LUNC", 1), ("BTT", "BTTC", 1000), ("MATIC", "POL", 1)]
)
def test_a_new_code_is_two_distributions_of_one_moment(
    world: Simulator, old: str, new: str, factor: int
) -> None:
    venue = world.venue
    (note, given, at) = next(row for row in notes(venue, old) if row[1] < 0)
    assert notes(venue, new) == [(note, -given * factor, at)]
    first = next(fill for fill in venue.fills("main", symbol=f"{old}/USDT"))
    assert first.time_ms < at
    assert not venue.market("binance", f"{old}/USDT").trades_at(at)
    assert venue.market("binance", f"{new}/USDT").trades_at(venue.now())
    rows = _dividends(world, at)
    assert [(row["asset"], D(row["amount"]), row["direction"]) for row in rows] == [
        (new, -given * factor, 1),
        (old, given, -1),
    ]


def test_a_new_code_is_worth_what_its_units_were(world: Simulator) -> None:
    prices, now = world.venue.state.prices, world.venue.now()
    assert prices.usd("POL", now) == prices.usd("MATIC", now)
    assert prices.usd("BTTC", now) * 1000 == pytest.approx(prices.usd("BTT", now))


def test_the_code_of_a_renamed_asset_is_used_again(world: Simulator) -> None:
    rows = notes(world.venue, "LUNA")
    assert [(note.split(" ")[0], amount > 0) for note, amount, _ in rows] == [
        ("Token", False),
        ("LUNA", True),
    ]
    (sold,) = [row for row in world.venue.conversions("main") if row.from_asset == "LUNA"]
    assert sold.from_amount == rows[1][1]


def test_a_delivered_future_leaves_an_income_row_and_no_trade(world: Simulator) -> None:
    venue = world.venue
    (delivery,) = venue.incomes("main", kind="delivery")
    market = delivery.market
    assert market is not None
    (opened,) = venue.fills("main", symbol=market.symbol)
    price = venue.state.prices.price(market, delivery.time_ms)
    assert delivery.amount == (price - opened.price) * opened.amount
    assert delivery.time_ms == market.listed_until
    assert delivery.time_ms % DAY_MS == 8 * 3_600_000
    assert market.symbol not in {one.symbol for one in venue.positions("main")}
    client = ccxt_client(world, "binance", "main")
    since = delivery.time_ms - 1000
    rows = client.fapiPrivateGetIncome({"startTime": since, "endTime": since + 2000})
    assert [(row["incomeType"], row["symbol"], D(row["income"])) for row in rows] == [
        ("DELIVERED_SETTELMENT", market.id, delivery.amount)
    ]


def test_a_launch_is_a_payment_and_an_allotment(world: Simulator) -> None:
    paid, allotted = (
        next(iter(world.venue.incomes("okx", kind=kind)))
        for kind in ("launch_paid", "launch_allotted")
    )
    assert (paid.asset, paid.amount) == ("USDT", -200)
    assert (allotted.asset, allotted.amount) == ("APT", 40)
    client = ccxt_client(world, "okx", "okx")
    client.password = world.venue.account("okx").password
    bills = client.privateGetAssetBillsHistory({"limit": "100", "ccy": "USDT"})["data"]
    assert ("174", "-200") in {(bill["type"], bill["balChg"]) for bill in bills}
    bills = client.privateGetAssetBillsHistory({"limit": "100", "ccy": "APT"})["data"]
    assert ("77", "40") in {(bill["type"], bill["balChg"]) for bill in bills}


def in_base(venue: Venue) -> list[Fill]:
    return [one for one in venue.fills("kraken") if one.fees[0][0] == one.market.base]


def test_fees_in_base_are_in_the_ledger_and_stated_in_quote_in_the_trades(
    world: Simulator,
) -> None:
    client = ccxt_client(world, "kraken", "kraken")
    fills = in_base(world.venue)
    assert {fill.side for fill in fills} == {"buy", "sell"}
    for fill in fills:
        trade: dict[str, Any] = client.privatePostQueryTrades({"txid": fill.id})["result"][fill.id]
        stated, exact = D(trade["fee"]), fill.fees[0][1] * fill.price
        last = D(1).scaleb(int(stated.as_tuple().exponent))
        assert abs(stated - exact) <= last / 2, "rounded to its last digit, a tie either way"
        order = client.privatePostQueryOrders({"txid": fill.order_id})["result"][fill.order_id]
        assert "fcib" in order["oflags"].split(",")
        lines = [one for one in world.venue.entries("kraken") if one.ref == fill.id]
        assert {one.asset: one.fee for one in lines} == {
            fill.market.base: fill.fees[0][1],
            fill.market.quote: 0,
        }


def _dividends(world: Simulator, at: int) -> list[dict[str, Any]]:
    client = ccxt_client(world, "binance", "main")
    found = client.sapiGetAssetAssetDividend({"startTime": at, "endTime": at})
    return list(found["rows"])
