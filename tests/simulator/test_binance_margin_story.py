"""What the account main did on margin, found again over HTTP by the documented walks, and only
there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Fill, Venue, isolated_wallet, truth_of
from tests.simulator.binance_http import DAY, ask, signed
from tests.simulator.builders import NOW_MS, still_venue

PAIR = isolated_wallet("SOL/USDT")


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(still_venue(accounts={"main": "binance"}), limit_scale=1000) as running:
        yield running


def of_symbol(venue: Venue, symbol: str, wallet: str = "margin") -> list[Fill]:
    return [
        fill for fill in venue.fills("main", kind="margin", symbol=symbol) if fill.wallet == wallet
    ]


def reported(rows: list[dict[str, Any]]) -> dict[str, Decimal]:
    """Net amounts by asset, zero rows left out."""
    return {row["asset"]: Decimal(row["netAsset"]) for row in rows if Decimal(row["netAsset"])}


def by_windows(
    simulator: Simulator, path: str, days: int, oldest: int, **params: Any
) -> list[dict[str, Any]]:
    """Every row of a newest-first list of pages, window by window, the newest window first."""
    rows: list[dict[str, Any]] = []
    end = NOW_MS
    while end > NOW_MS - oldest * DAY:
        start = end - days * DAY + 1
        answer = signed(simulator, path, startTime=start, endTime=end, size=100, **params).json()
        assert answer["total"] == len(answer["rows"]), "more than a page"
        rows += answer["rows"]
        end = start - 1
    return rows


@pytest.mark.parametrize("seed", [1, 2, 17, 5])
def test_books_with_margin_balance_for_any_seed(seed: int) -> None:
    venue = still_venue(seed, accounts={"main": "binance"})
    venue.check_books()
    assert 20 <= len(venue.fills("main", kind="margin")) <= 60
    assert Decimal(truth_of(venue)["accounts"]["main"]["balances"]["margin"]["ATOM"]) < 0


def test_trading_on_margin_leaves_the_other_wallets_as_they_were(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "exchange_cache.simulator.venue.profiles.binance.margin_story", lambda story: None
    )
    without = still_venue(accounts={"main": "binance"})
    for kind in ("spot", "linear", "inverse"):
        fills = [
            [(f.symbol, f.time_ms, f.amount, f.price) for f in v.fills("main", kind=kind)]
            for v in (without, simulator.venue)
        ]
        assert fills[0] == fills[1]
    for wallet in ("spot", "funding", "linear", "inverse"):
        assert {b.asset: b.total for b in without.balances("main", wallet)} == {
            b.asset: b.total for b in simulator.venue.balances("main", wallet)
        }


def test_walking_by_id_over_all_margin_symbols_finds_every_fill(simulator: Simulator) -> None:
    key = simulator.venue.account("main").api_key
    found: dict[str, list[str]] = {}
    for pair in ask(simulator, "/sapi/v1/margin/allPairs", key=key).json():
        for isolated in ("FALSE", "TRUE") if pair["symbol"] == "SOLUSDT" else ("FALSE",):
            rows = signed(
                simulator,
                "/sapi/v1/margin/myTrades",
                symbol=pair["symbol"],
                fromId=0,
                isIsolated=isolated,
                limit=1000,
            ).json()
            if rows:
                found.setdefault(f"{pair['base']}/{pair['quote']}", []).extend(
                    str(row["id"]) for row in rows
                )
    served = truth_of(simulator.venue)["accounts"]["main"]["fills_served"]["margin"]
    assert {symbol: sorted(ids, key=int) for symbol, ids in found.items()} == served


def test_the_accounts_tell_the_truth_net(simulator: Simulator) -> None:
    truth = truth_of(simulator.venue)["accounts"]["main"]["balances"]
    rows = signed(simulator, "/sapi/v1/margin/account").json()["userAssets"]
    assert reported(rows) == {asset: Decimal(total) for asset, total in truth["margin"].items()}
    (pair,) = signed(simulator, "/sapi/v1/margin/isolated/account").json()["assets"]
    assert reported([pair["baseAsset"], pair["quoteAsset"]]) == {
        asset: Decimal(total) for asset, total in truth[PAIR].items()
    }


def test_a_short_that_was_covered_made_money(simulator: Simulator) -> None:
    venue = simulator.venue
    sides = {
        side: [f for f in of_symbol(venue, "XRP/USDT") if f.side == side]
        for side in ("sell", "buy")
    }
    assert min(f.time_ms for f in sides["buy"]) > max(f.time_ms for f in sides["sell"])
    assert sum(f.cost for f in sides["sell"]) > sum(f.cost for f in sides["buy"])
    owed = {debt.asset: debt.total for debt in venue.debts("main", "margin")}
    assert (owed["XRP"], owed["USDT"]) == (0, 0)


def test_one_short_is_open_and_found_through_margin_alone(simulator: Simulator) -> None:
    venue = simulator.venue
    (debt,) = [debt for debt in venue.debts("main", "margin") if debt.total]
    assert debt.asset == "ATOM" and debt.interest > 0
    assert not venue.fills("main", symbol="ATOM/USDT")
    assert not any("ATOM" in (t.asset, t.to_asset) for t in venue.transfers("main"))
    rows = by_windows(simulator, "/sapi/v1/margin/interestHistory", 30, 90, asset="ATOM")
    assert [int(row["txId"]) for row in rows] == [
        int(e.id) for e in venue.incomes("main", kind="loan_interest")[::-1] if e.asset == "ATOM"
    ]
    assert rows[-1]["type"] == "ON_BORROW" and {row["type"] for row in rows[:-1]} == {"PERIODIC"}


def test_of_near_nothing_is_left_but_its_fills(simulator: Simulator) -> None:
    venue = simulator.venue
    assert len(of_symbol(venue, "NEAR/USDT")) == 5
    rows = {
        row["asset"]: row
        for row in signed(simulator, "/sapi/v1/margin/account").json()["userAssets"]
    }
    assert {value for name, value in rows["NEAR"].items() if name != "asset"} == {"0.00000000"}
    assert not any("NEAR" in (t.asset, t.to_asset) for t in venue.transfers("main"))
    assert not any(
        row.asset == "NEAR" for row in (*venue.loan_events("main"), *venue.incomes("main"))
    )
    assert not any("NEAR" in (row.from_asset, row.to_asset) for row in venue.conversions("main"))
    assert not venue.fills("main", symbol="NEAR/USDT")


def test_one_symbol_is_traded_on_spot_in_cross_and_in_isolated_margin(simulator: Simulator) -> None:
    venue = simulator.venue
    groups = [
        venue.fills("main", symbol="SOL/USDT"),
        of_symbol(venue, "SOL/USDT"),
        of_symbol(venue, "SOL/USDT", PAIR),
    ]
    assert all(groups)
    assert len({fill.id for fills in groups for fill in fills}) == sum(
        len(fills) for fills in groups
    )
    rows = by_windows(
        simulator, "/sapi/v1/margin/interestHistory", 30, 90, isolatedSymbol="SOLUSDT"
    )
    assert (
        len(rows)
        == len([row for row in venue.incomes("main", kind="loan_interest") if row.wallet == PAIR])
        > 30
    )


def test_orders_on_margin_end_in_every_way(simulator: Simulator) -> None:
    venue = simulator.venue
    ends = {
        (o.status, o.filled == o.amount, o.filled > 0)
        for o in venue.closed_orders("main", kind="margin")
    }
    assert ends == {("filled", True, True), ("canceled", False, True)}
    assert {o.wallet for o in venue.open_orders("main", kind="margin")} == {"margin", PAIR}
    together = Counter((fill.symbol, fill.time_ms) for fill in venue.fills("main", kind="margin"))
    assert max(together.values()) == 3


def test_money_came_and_went_within_the_half_year_that_is_served(simulator: Simulator) -> None:
    found = {
        kind: signed(simulator, "/sapi/v1/asset/transfer", type=kind, startTime=0, **pair).json()[
            "total"
        ]
        for kind, pair in (
            ("MAIN_MARGIN", {}),
            ("MARGIN_MAIN", {}),
            ("MAIN_ISOLATED_MARGIN", {"toSymbol": "SOLUSDT"}),
        )
    }
    assert found == {"MAIN_MARGIN": 1, "MARGIN_MAIN": 1, "MAIN_ISOLATED_MARGIN": 1}
    assert len([t for t in simulator.venue.transfers("main") if t.to_wallet == "margin"]) == 2


def test_no_bitcoin_is_touched(simulator: Simulator) -> None:
    venue = simulator.venue
    assert not any(
        "BTC" in (f.market.base, f.market.quote) for f in venue.fills("main", kind="margin")
    )
    assert not any(event.asset == "BTC" for event in venue.loan_events("main"))
