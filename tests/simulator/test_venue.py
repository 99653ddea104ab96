"""The venue's books, its determinism, and that its history holds everything a cache must
survive."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise

import pytest

from exchange_cache.simulator.venue import BooksError, Venue, VenueError, truth_of
from tests.simulator.builders import NOW_MS, still_venue

DAY_MS = 86_400_000
ACCOUNTS = ("main", "bybit", "kraken")


@pytest.mark.parametrize("seed", [1, 2, 17])
def test_books_balance_for_any_seed(seed: int) -> None:
    venue = still_venue(seed, fills=3200)
    venue.check_books()
    assert all(
        min(row.free, row.used, row.owed) >= 0
        for account in ACCOUNTS
        for row in venue.balances(account)
    )
    assert sum(len(venue.fills(account)) for account in ACCOUNTS) >= 3000


def test_books_balance_for_a_world_of_any_size() -> None:
    for fills in (40, 9000):
        venue = still_venue(5, fills=fills)
        venue.check_books()
        assert sum(len(venue.fills(account)) for account in ACCOUNTS) >= fills


def test_check_books_notices_a_balance_nobody_booked() -> None:
    venue = still_venue(fills=60)
    key = next(iter(venue.state.books.balances))
    venue.state.books.balances[key] += Decimal("0.00000001")
    with pytest.raises(BooksError):
        venue.check_books()


def test_the_same_seed_gives_the_same_world(venue: Venue) -> None:
    assert json.dumps(truth_of(still_venue(1))) == json.dumps(truth_of(venue))
    assert json.dumps(truth_of(still_venue(2))) != json.dumps(truth_of(venue))


def test_history_reaches_back_more_than_three_years_and_up_to_now(venue: Venue) -> None:
    for account in ACCOUNTS:
        times = [fill.time_ms for fill in venue.fills(account)]
        assert times == sorted(times)
        assert times[0] < NOW_MS - 3.2 * 365 * DAY_MS
        assert NOW_MS - 3 * DAY_MS < times[-1] <= NOW_MS


def test_every_account_pauses_for_more_than_thirty_days(venue: Venue) -> None:
    for account in ACCOUNTS:
        times = [fill.time_ms for fill in venue.fills(account, kind="spot")]
        assert max(b - a for a, b in pairwise(times)) > 30 * DAY_MS


def test_several_quotes_and_kinds_of_market_are_traded(venue: Venue) -> None:
    quotes = {fill.market.quote for account in ACCOUNTS for fill in venue.fills(account)}
    assert {"USDT", "USDC", "EUR", "BTC", "USD"} <= quotes
    assert venue.fills("bybit", kind="inverse")
    assert venue.fills("bybit", symbol="BTC/USDC:USDC")
    assert venue.fills("main", kind="linear")


def test_fees_are_paid_in_base_quote_and_a_third_coin(venue: Venue) -> None:
    seen = Counter()
    for fill in venue.fills("main", kind="spot"):
        asset = fill.fees[0][0]
        place = (
            "base"
            if asset == fill.market.base
            else "quote"
            if asset == fill.market.quote
            else "third"
        )
        seen[place] += 1
    assert min(seen["base"], seen["quote"], seen["third"]) > 50


def test_makers_on_bybit_inverse_get_a_rebate(venue: Venue) -> None:
    assert any(
        amount < 0 for fill in venue.fills("bybit", kind="inverse") for _, amount in fill.fees
    )


def test_orders_end_in_every_way(venue: Venue) -> None:
    for account in ACCOUNTS:
        ends = Counter(
            (o.status, o.filled == o.amount, o.filled > 0) for o in venue.closed_orders(account)
        )
        assert ends[("filled", True, True)] > 100
        for status in ("canceled", "expired"):
            assert ends[(status, False, True)] >= 1, account
            assert ends[(status, False, False)] >= 1, account
        assert any(o.type == "market" and o.price is None for o in venue.closed_orders(account))
        assert any(o.quote_amount is not None for o in venue.closed_orders(account))
        assert venue.open_orders(account)


def test_fills_of_one_order_share_a_millisecond(venue: Venue) -> None:
    for account in ACCOUNTS:
        together = Counter(
            (fill.order_id, fill.time_ms, fill.symbol) for fill in venue.fills(account)
        )
        assert max(together.values()) > 1


def test_orders_sum_their_fills(venue: Venue) -> None:
    for account in ACCOUNTS:
        filled: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for fill in venue.fills(account):
            filled[(fill.symbol, fill.order_id)] += fill.amount
        for order in venue.orders(account):
            assert order.filled == filled[(order.symbol, order.id)]
            assert order.filled <= order.amount


def test_binance_ids_repeat_between_symbols_but_not_within(venue: Venue) -> None:
    fills = venue.fills("main")
    assert len({(f.market.kind, f.market.id, f.id) for f in fills}) == len(fills)
    assert max(Counter(f.id for f in fills).values()) > 1


@pytest.mark.parametrize("account", ["bybit", "kraken"])
def test_other_ids_are_unique(venue: Venue, account: str) -> None:
    for rows in (
        venue.fills(account),
        venue.orders(account),
        venue.transfers(account),
        venue.entries(account),
    ):
        assert len({row.id for row in rows}) == len(rows)


def test_money_moves_in_every_way(venue: Venue) -> None:
    kinds = {transfer.kind for account in ACCOUNTS for transfer in venue.transfers(account)}
    assert kinds == {"deposit", "withdrawal", "internal", "earn_subscribe", "earn_redeem"}
    assert {row.kind for row in venue.conversions("main")} == {"convert", "dust"}
    assert {row.kind for row in venue.incomes("main")} == {
        "delivery",
        "dividend",
        "interest",
        "funding",
        "loan_interest",
    }
    assert any(transfer.fee > 0 for transfer in venue.transfers("main", kind="withdrawal"))
    assert {t.to_wallet for t in venue.transfers("main", kind="internal")} >= {
        "funding",
        "linear",
        "inverse",
        "spot",
    }


def test_a_withdrawal_arrives_at_the_other_account_under_its_txid(venue: Venue) -> None:
    sent = {
        t.txid: t
        for account in ACCOUNTS
        for t in venue.transfers(account, kind="withdrawal")
        if t.txid
    }
    pairs = [
        (sent[t.txid], t)
        for account in ACCOUNTS
        for t in venue.transfers(account, kind="deposit")
        if t.txid in sent
    ]
    assert len({(out.account, into.account) for out, into in pairs}) >= 4
    assert all(out.amount == into.amount and out.time_ms < into.done_ms for out, into in pairs)


def test_earn_twins_and_the_real_coin_of_a_like_name_are_held(venue: Venue) -> None:
    held = {b.asset: b.total for b in venue.balances("main", "spot")}
    assert held["LDBTC"] > 0
    assert held["LDO"] > 0
    kraken = {b.asset: b.total for b in venue.balances("kraken")}
    assert kraken["BTC.F"] > 0
    assert kraken["DOT.S"] > 0


def test_a_delisted_symbol_was_sold_out_and_an_unpriced_asset_is_held(venue: Venue) -> None:
    held = {b.asset: b.total for b in venue.balances("main", "spot")}
    assert venue.fills("main", symbol="LUNA/USDT")
    assert venue.ticker("binance", "LUNA/USDT") is None
    assert held["LUNA"] == 0
    assert held["SRM"] > 0
    assert venue.ticker("binance", "SRM/USDT") is None
    assert not any(m.base in ("LUNA", "SRM") for m in venue.markets("binance", listed_at=NOW_MS))


def test_sold_out_assets_remain_as_zero_rows(venue: Venue) -> None:
    for account, asset in (("main", "1INCH"), ("main", "DOT"), ("kraken", "ATOM")):
        assert any(b.asset == asset and b.total == 0 for b in venue.balances(account))


def test_some_holdings_came_by_deposit_alone(venue: Venue) -> None:
    for account, asset in (("main", "LINK"), ("kraken", "ALGO"), ("kraken", "LUNC")):
        assert any(b.asset == asset and b.total > 0 for b in venue.balances(account))
        assert not any(asset in (f.market.base, f.market.quote) for f in venue.fills(account))


def test_positions_stand_long_short_and_hedged(venue: Venue) -> None:
    bybit = {(p.symbol, p.side, p.hedge) for p in venue.positions("bybit")}
    assert {("XRP/USDT:USDT", "long", True), ("XRP/USDT:USDT", "short", True)} <= bybit
    assert ("BTC/USDC:USDC", "long", False) in bybit
    assert {p.market.kind for p in venue.positions("main")} == {"linear", "inverse"}
    assert {p.side for p in venue.positions("main")} == {"long", "short"}
    closed = [f for f in venue.fills("bybit", kind="linear") if f.closed_amount > 0]
    assert any(f.realised_pnl > 0 for f in closed)
    assert any(f.realised_pnl < 0 for f in closed)


def test_some_fills_are_older_than_their_exchange_serves(venue: Venue) -> None:
    bybit = truth_of(venue)["accounts"]["bybit"]
    everything = sum(len(ids) for ids in bybit["fills"]["spot"].values())
    served = sum(len(ids) for ids in bybit["fills_served"]["spot"].values())
    assert 0 < served < everything
    assert venue.oldest_served("kraken", "fills", "spot") is None


def test_fills_keep_to_the_tick_and_near_the_path(venue: Venue) -> None:
    for account in ACCOUNTS:
        for fill in venue.fills(account)[::37]:
            assert fill.price % fill.market.tick == 0
            path = float(venue.price(fill.exchange, fill.symbol, fill.time_ms))
            assert abs(float(fill.price) / path - 1) < 0.12


def test_odd_names_and_markets_without_a_last_price_exist(venue: Venue) -> None:
    assert any(b.asset == "币安人生" and b.total > 0 for b in venue.balances("main"))
    for exchange in ("binance", "bybit", "kraken"):
        tickers = venue.tickers(exchange)
        assert any(t.last is None for t in tickers)
        assert all(t.bid < t.ask for t in tickers)


def test_queries_are_inclusive_and_oldest_first(venue: Venue) -> None:
    fills = venue.fills("bybit", kind="spot")
    low, high = fills[10].time_ms, fills[40].time_ms
    found = venue.fills("bybit", kind="spot", start=low, end=high)
    assert found == [f for f in fills if low <= f.time_ms <= high]
    assert venue.fills("bybit", kind="spot", start=high + 1, end=low) == []


def test_candles_join_and_reach_three_years_back(venue: Venue) -> None:
    start = NOW_MS - 1100 * DAY_MS
    rows = venue.candles("kraken", "BTC/EUR", "1d", start, 5)
    assert len(rows) == 5
    assert all(a.close == b.open and a.low <= min(a.open, a.close) for a, b in pairwise(rows))


def test_trading_now_changes_balances_to_the_digit() -> None:
    venue = still_venue(fills=200)
    before = {b.asset: b.total for b in venue.balances("kraken")}
    fills = venue.trade("kraken", "ETH/EUR", "buy", Decimal("0.05"), parts=3)
    after = {b.asset: b.total for b in venue.balances("kraken")}
    assert len(fills) == 3
    assert after["ETH"] - before["ETH"] == Decimal("0.05")
    assert before["EUR"] - after["EUR"] == sum(f.cost + f.fees[0][1] for f in fills)
    venue.check_books()


def test_moves_now_keep_the_books() -> None:
    venue = still_venue(fills=200)
    venue.deposit("main", "ETH", Decimal("1.5"))
    venue.transfer("main", "ETH", Decimal("0.5"), "spot", "funding")
    sent = venue.withdraw("main", "ETH", Decimal("0.4"), fee=Decimal("0.001"), to="kraken")
    assert venue.transfers("kraken", kind="deposit", start=NOW_MS)[-1].txid == sent.txid
    venue.check_books()


def test_an_order_placed_now_fills_in_parts_and_is_cancelled() -> None:
    venue = still_venue(fills=200)
    order = venue.place(
        "kraken", "ETH/EUR", "buy", Decimal("0.02"), venue.price("kraken", "ETH/EUR")
    )
    assert order in venue.open_orders("kraken")
    venue.check_books()
    venue.execute(order, Decimal("0.005"))
    venue.check_books()
    venue.cancel(order)
    assert (order.status, order.filled, order.hold) == ("canceled", Decimal("0.005"), 0)
    assert order in venue.closed_orders("kraken")
    venue.check_books()


def test_what_cannot_be_paid_is_refused() -> None:
    venue = still_venue(fills=50)
    with pytest.raises(VenueError):
        venue.trade("kraken", "BTC/EUR", "sell", Decimal(1000))
    with pytest.raises(VenueError):
        venue.transfer("main", "BTC", Decimal(1000), "spot", "funding")
    with pytest.raises(VenueError):
        venue.trade("main", "LUNA/USDT", "buy", Decimal(1))
    venue.check_books()
