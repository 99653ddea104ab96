"""The split of a change with figures that can be checked by hand, and what holds for any of
them."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal, localcontext

import pytest

from exchange_cache.ledger.asset_events import AssetEvent, AssetEvents, EventKind
from exchange_cache.ledger.replay import flows
from exchange_cache.value.difference import (
    PARTS,
    Difference,
    Standing,
    completed,
    difference,
    standing_of,
)
from exchange_cache.value.valuation import value_portfolio
from tests.cost.builders import NOW, at, balance, contract, fill, position, price, transfer

START, END = at(0), at(100)


def standing(
    moment,
    held: dict[str, str],
    prices: dict[str, str],
    *,
    open_results: dict[str, str] | None = None,
) -> Standing:
    return Standing(
        at=moment,
        quantities={("main", asset): Decimal(amount) for asset, amount in held.items()},
        prices={"USDT": Decimal(1), **{asset: Decimal(value) for asset, value in prices.items()}},
        open_results={asset: Decimal(value) for asset, value in (open_results or {}).items()},
        times={"main": moment},
    )


def split(
    start: Standing,
    end: Standing,
    *events,
    rates: dict[str, str] | None = None,
    assets: AssetEvents | None = None,
) -> Difference:
    known = {asset: Decimal(value) for asset, value in (rates or {}).items()} | {"USDT": Decimal(1)}
    fills = [event for event in events if hasattr(event, "side")]
    transfers = [event for event in events if not hasattr(event, "side")]
    found = difference(
        start,
        end,
        flows(fills, transfers, assets),
        reporting_asset="USDT",
        price_at=lambda asset, _: known.get(asset),
    )
    with localcontext(prec=300):
        assert found.parts.total == found.value_after - found.value_before
    return found


def parts(found: Difference) -> dict[str, Decimal]:
    return {name: getattr(found.parts, name) for name in PARTS if getattr(found.parts, name)}


def test_without_any_event_the_change_is_the_price() -> None:
    found = split(
        standing(START, {"BTC": "2"}, {"BTC": "100"}), standing(END, {"BTC": "2"}, {"BTC": "130"})
    )
    assert (found.value_before, found.value_after, parts(found)) == (200, 260, {"price": 60})


@pytest.mark.parametrize("rates", [{}, {"POL": "0.5", "DOT": "5"}], ids=["late", "priced"])
@pytest.mark.parametrize(("old", "new", "factor"), [("MATIC", "POL", "2"), ("DOT", "DOT", "100")])
def test_what_an_asset_event_changes_is_a_change_of_price_alone(
    old: str, new: str, factor: str, rates: dict[str, str]
) -> None:
    kind = EventKind.REDENOMINATION if old == new else EventKind.RENAME
    event = AssetEvent(kind=kind, old=old, new=new, at=at(50), factor=Decimal(factor))
    bought = fill("buy", "10", "1", symbol=f"{old}/USDT", hour=-5)
    units = str(10 * int(factor))
    found = split(
        standing(START, {old: "10"}, {old: "300"}),
        standing(END, {new: units}, {new: "4"}),
        bought,
        rates=rates,
        assets=AssetEvents(events=(event,)),
    )
    assert parts(found) == {"price": 40 * int(factor) - 3000}
    assert found.unexplained == ()


def test_trades_are_measured_against_holding_on() -> None:
    """One bitcoin of 100 was sold at 150 and is worth 120 now: the price brought 20, the sale 30,
    its fee took 1."""
    found = split(
        standing(START, {"BTC": "1"}, {"BTC": "100"}),
        standing(END, {"USDT": "149"}, {"BTC": "120"}),
        fill("sell", "1", "150", "1 USDT", hour=5),
    )
    assert parts(found) == {"price": 20, "trades": 30, "fees": -1}


def test_deposits_count_at_the_price_of_their_day_and_change_with_it_since() -> None:
    found = split(
        standing(START, {"BTC": "1"}, {"BTC": "100"}),
        standing(END, {"BTC": "1.5"}, {"BTC": "120"}),
        transfer("deposit", "0.5", "BTC", hour=5),
        rates={"BTC": "110"},
    )
    assert parts(found) == {"price": 25, "deposits": 55}  # 1 x 20 + 0.5 x 10


def test_a_deposit_without_a_price_of_its_day_counts_at_the_end_and_says_so() -> None:
    found = split(
        standing(START, {}, {}),
        standing(END, {"BTC": "1"}, {"BTC": "120"}),
        transfer("deposit", "1", "BTC", hour=5),
    )
    assert (parts(found), found.priced_late) == ({"deposits": 120}, ("BTC",))


def test_withdrawals_rewards_funding_and_fees_have_their_own_lines() -> None:
    found = split(
        standing(START, {"USDT": "1000"}, {}),
        standing(END, {"USDT": "894.5"}, {}),
        transfer("withdrawal", "100", "USDT", hour=1, fee="1 USDT"),
        transfer("reward", "2", "USDT", hour=2),
        transfer("funding", "-3.5", "USDT", hour=3, symbol="BTC/USDT:USDT"),
        transfer("fee", "-3", "USDT", hour=4),
    )
    assert parts(found) == {
        "withdrawals": -100,
        "fees": -4,
        "rewards": 2,
        "funding": Decimal("-3.5"),
    }


def test_closed_contracts_are_trades_and_open_ones_have_a_line() -> None:
    found = split(
        standing(START, {"USDT": "1000"}, {}, open_results={"USDT": "-20"}),
        standing(END, {"USDT": "1040"}, {}, open_results={"USDT": "5"}),
        contract("sell", "1", "100", "10 USDT", hour=5, pnl="50"),
    )
    assert parts(found) == {"trades": 50, "fees": -10, "open_positions": 25}


def test_a_transfer_between_own_accounts_is_nothing_once_it_has_arrived() -> None:
    start = Standing(
        at=START,
        quantities={("a", "BTC"): Decimal(2)},
        prices={"BTC": Decimal(100)},
        open_results={},
        times={"a": START, "b": START},
    )
    end = Standing(
        at=END,
        quantities={("a", "BTC"): Decimal(1), ("b", "BTC"): Decimal("0.9")},
        prices={"BTC": Decimal(100)},
        open_results={},
        times={"a": END, "b": END},
    )
    sent = transfer("withdrawal", "0.9", "BTC", account="a", hour=3, fee="0.1 BTC", tx="f00d")
    came = transfer("deposit", "0.9", "BTC", account="b", hour=4, tx="f00d")
    assert parts(split(start, end, sent, came)) == {"fees": -10}
    under_way = Standing(
        at=END,
        quantities={("a", "BTC"): Decimal(1)},
        prices={"BTC": Decimal(100)},
        open_results={},
        times={"a": END, "b": at(3.5)},
    )
    assert parts(split(start, under_way, sent, came)) == {"moves": -90, "fees": -10}


def test_what_lost_its_price_is_kept_apart_from_the_price() -> None:
    found = split(standing(START, {"SRM": "10"}, {"SRM": "2"}), standing(END, {"SRM": "10"}, {}))
    assert parts(found) == {"unpriced": -20}
    assert parts(
        split(standing(START, {"SRM": "10"}, {}), standing(END, {"SRM": "10"}, {"SRM": "2"}))
    ) == {"unpriced": 20}


def test_what_has_no_price_then_is_no_change_and_in_no_percentage() -> None:
    found = split(
        standing(START, {"BTC": "2", "SRM": "10"}, {"BTC": "100"}),
        standing(END, {"BTC": "2", "SRM": "10"}, {"BTC": "110", "SRM": "3"}),
    )
    assert (found.parts.total, found.comparable) == (50, 20)
    assert (found.unpriced_before, found.unpriced_after) == (("SRM",), ())
    assert found.fraction == Decimal("0.1")


def test_no_percentage_compares_what_was_traded_without_a_price() -> None:
    found = split(
        standing(START, {"USDT": "100", "SRM": "10"}, {}),
        standing(END, {"USDT": "70", "SRM": "20"}, {"SRM": "3"}),
        fill("buy", "10", "3", symbol="SRM/USDT", hour=1),
    )
    assert (found.comparable, found.parts.unpriced, found.fraction) == (0, 30, None)


def test_what_was_sold_completely_counts_at_a_stored_price_of_the_end() -> None:
    start = standing(START, {"BTC": "1"}, {"BTC": "100"})
    end = standing(END, {"USDT": "120"}, {})
    events = flows([fill("sell", "1", "120", hour=1)], [])
    rates = {("BTC", START): None, ("BTC", END): Decimal(130), ("USDT", END): Decimal(1)}
    both = completed(start, end, events, lambda asset, moment: rates.get((asset, moment)))
    found = difference(*both, events, reporting_asset="USDT", price_at=lambda asset, _: None)
    assert parts(found) == {"price": 30, "trades": -10}
    assert (found.unpriced_after, found.fraction) == ((), Decimal("0.2"))


def test_an_event_counts_by_the_time_at_which_its_accounts_balances_were_read() -> None:
    """The balances were read at hour 50; what happened after is not in them, and must not look
    unexplained."""
    start = standing(START, {"USDT": "100"}, {})
    read_early = Standing(
        at=END,
        quantities={("main", "USDT"): Decimal(100)},
        prices={},
        open_results={},
        times={"main": at(50)},
    )
    found = split(start, read_early, transfer("deposit", "40", "USDT", hour=60))
    assert found.unexplained == ()


@pytest.mark.parametrize("seed", range(10))
def test_the_parts_add_up_to_the_last_digit_whatever_happened(seed: int) -> None:
    chance = random.Random(seed)

    def number(most: int, digits: int) -> str:
        return str(Decimal(chance.randrange(1, most * 10**digits)).scaleb(-digits))

    assets = ("BTC", "ETH", "SRM", "USDT")
    events = [
        *(
            fill(
                chance.choice(("buy", "sell")),
                number(3, 8),
                number(70000, 7),
                f"{number(1, 9)} BNB",
                hour=chance.random() * 100,
            )
            for _ in range(8)
        ),
        *(
            transfer(
                chance.choice(("deposit", "withdrawal", "reward")),
                number(9, 12),
                chance.choice(assets),
                hour=chance.random() * 100,
            )
            for _ in range(8)
        ),
    ]

    def random_prices() -> dict[str, str]:
        with localcontext(prec=34):
            return {
                asset: str(Decimal(number(60000, 8)) / 7)
                for asset in assets
                if chance.random() < 0.8
            }

    start = standing(START, {asset: number(50, 18) for asset in assets}, random_prices())
    end = standing(
        END,
        {asset: number(50, 18) for asset in assets},
        random_prices(),
        open_results={"USDT": number(9, 11)},
    )
    found = split(start, end, *events, rates={"BNB": number(900, 5)})
    with localcontext(prec=300):
        assert (
            sum(getattr(found.parts, name) for name in PARTS)
            == found.value_after - found.value_before
        )
        for row in found.assets:
            assert (
                sum(getattr(row.parts, name) for name in PARTS)
                == row.value_after - row.value_before
            )


def test_a_wallet_that_contains_the_open_result_is_counted_once() -> None:
    reading = value_portfolio(
        balances=[
            balance("1100", "USDT", wallet="swap", includes_unrealised=True),
            balance("2", "BTC"),
        ],
        positions=[position(pnl="100", wallet="swap")],
        prices=[price("BTC/USDT", "50")],
        reporting_asset="USDT",
        accounts=("main",),
        now=NOW,
        price_ttl=timedelta(hours=1),
    )
    found = standing_of(reading)
    assert found.quantities == {("main", "USDT"): 1000, ("main", "BTC"): 2}
    assert found.open_results == {"USDT": 100}
    with localcontext(prec=60):
        assert (
            sum(q * found.prices[a] for (_, a), q in found.quantities.items()) + 100
            == reading.totals.value
            == 1200
        )
