"""The simulated Kraken through the real ccxt: markets, balances, paged histories, funding, and its
refusals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ccxt
import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import truth_of
from tests.simulator.builders import NOW_MS, ccxt_client, still_venue


@pytest.fixture(scope="module")
def client(simulator: Simulator) -> Any:
    client = ccxt_client(simulator, "kraken", "kraken")
    client.load_markets()
    return client


def all_pages(fetch: Any) -> list[Any]:
    rows: list[Any] = []
    while True:
        page = fetch({"ofs": len(rows)})
        rows += page
        if not page:
            return rows


def test_markets_carry_krakens_own_names(client: Any) -> None:
    market = client.market("BTC/EUR")
    assert (market["id"], market["altname"], market["baseId"]) == ("XXBTZEUR", "XBTEUR", "BTC")
    assert market["info"]["base"] == "XXBT"
    assert market["precision"] == {"amount": "1e-8", "price": "0.1"} or Decimal(
        str(market["precision"]["price"])
    ) == Decimal("0.1")
    assert client.market("LUNC/EUR")["id"] == "LUNAEUR"
    assert client.market("DOGE/EUR")["info"]["base"] == "XXDG"


def test_balances_equal_the_truth_with_earn_names_kept(client: Any, simulator: Simulator) -> None:
    truth = truth_of(simulator.venue)["accounts"]["kraken"]["balances_by_code"]["spot"]
    total = client.fetch_balance()["total"]
    assert {code: Decimal(amount) for code, amount in total.items() if Decimal(amount)} == {
        code: Decimal(amount) for code, amount in truth.items()
    }
    assert Decimal(total["BTC.F"]) > 0
    assert Decimal(total["DOT.S"]) > 0
    assert any(Decimal(used) > 0 for used in client.fetch_balance()["used"].values())


def test_trades_come_fifty_at_a_time_and_offsets_reach_them_all(
    client: Any, simulator: Simulator
) -> None:
    first = client.fetch_my_trades()
    assert len(first) == 50
    assert max(t["timestamp"] for t in first) == simulator.venue.fills("kraken")[-1].time_ms
    trades = all_pages(lambda params: client.fetch_my_trades(None, None, None, params))
    assert {(t["symbol"], t["id"], t["timestamp"]) for t in trades} == {
        (f.symbol, f.id, f.time_ms) for f in simulator.venue.fills("kraken")
    }
    by_id = {t["id"]: t for t in trades}
    for fill in simulator.venue.fills("kraken"):
        trade = by_id[fill.id]
        assert Decimal(trade["amount"]) == fill.amount
        assert Decimal(trade["price"]) == fill.price
        assert Decimal(trade["cost"]) == fill.cost
        if fill.fees[0][0] == fill.market.quote:
            assert Decimal(trade["fee"]["cost"]) == fill.fees[0][1]
        assert (trade["order"], trade["side"]) == (fill.order_id, fill.side)


def test_start_is_exclusive_and_end_inclusive(client: Any) -> None:
    raw = client.privatePostTradesHistory()["result"]["trades"]
    times = [row["time"] for row in raw.values()]
    at = next(i for i in range(5, 40) if times[i - 1] > times[i] > times[i + 1])
    txid = list(raw)[at]
    later = client.privatePostTradesHistory({"start": times[at]})["result"]
    assert list(later["trades"]) == list(raw)[:at]
    assert later["count"] == at
    upto = client.privatePostTradesHistory({"end": times[at]})["result"]
    assert next(iter(upto["trades"])) == txid
    by_txid = client.privatePostTradesHistory({"start": txid})["result"]
    assert by_txid["trades"].keys() == later["trades"].keys()
    assert "count" not in client.privatePostTradesHistory({"without_count": "true"})["result"]


def test_closed_orders_tell_every_end(client: Any, simulator: Simulator) -> None:
    orders = all_pages(lambda params: client.fetch_closed_orders(None, None, None, params))
    truth = {o.id: o for o in simulator.venue.closed_orders("kraken")}
    assert {o["id"] for o in orders} == set(truth)
    assert {o["status"] for o in orders} == {"closed", "canceled", "expired"}
    for order in orders:
        known = truth[order["id"]]
        assert Decimal(order["filled"]) == known.filled
        assert order["symbol"] == known.symbol
        assert (order["price"] is None) == (
            known.type == "market" and known.filled == 0
        ) or known.filled > 0


def test_closed_orders_take_end_in_seconds(client: Any, simulator: Simulator) -> None:
    middle = simulator.venue.closed_orders("kraken")[100]
    rows = client.fetch_closed_orders(
        None, None, None, {"end": middle.updated_ms // 1000, "closetime": "close"}
    )
    assert max(row["lastUpdateTimestamp"] for row in rows) <= middle.updated_ms


def test_open_orders_are_those_of_the_venue(client: Any, simulator: Simulator) -> None:
    orders = client.fetch_open_orders()
    assert {o["id"] for o in orders} == {o.id for o in simulator.venue.open_orders("kraken")}
    assert all(o["status"] == "open" and Decimal(o["filled"]) == 0 for o in orders)


def test_deposits_and_withdrawals(client: Any, simulator: Simulator) -> None:
    truth = simulator.venue.transfers("kraken", kind="deposit")
    newest = client.fetch_deposits()
    assert len(newest) == 25 < len(truth)
    everything = client.fetch_deposits(None, None, None, {"limit": 500})
    assert {row["id"] for row in everything} == {row.id for row in truth}
    crypto = [row for row in truth if row.txid]
    assert {row["txid"] for row in everything} >= {row.txid for row in crypto}
    out = client.fetch_withdrawals()
    paged = client.fetch_withdrawals(None, None, None, {"paginate": True})
    known = {
        t.id: (t.amount, t.fee) for t in simulator.venue.transfers("kraken", kind="withdrawal")
    }
    for rows in (out, paged):
        assert {r["id"]: (Decimal(r["amount"]), Decimal(r["fee"]["cost"])) for r in rows} == known


def test_deposit_cursor_walks_to_the_end(client: Any, simulator: Simulator) -> None:
    cursor: Any = "true"
    ids: list[str] = []
    while cursor:
        result = client.privatePostDepositStatus({"cursor": cursor})["result"]
        ids += [row["refid"] for row in result["deposits"]]
        cursor = result["next_cursor"]
    assert ids == [t.id for t in reversed(simulator.venue.transfers("kraken", kind="deposit"))]


def test_ledger_holds_every_kind_and_ends_in_the_balance(client: Any, simulator: Simulator) -> None:
    rows = all_pages(lambda params: client.fetch_ledger(None, None, None, params))
    assert len(rows) == len(simulator.venue.entries("kraken"))
    types = {row["info"]["type"] for row in rows}
    assert types == {
        "trade",
        "deposit",
        "withdrawal",
        "transfer",
        "staking",
        "earn",
        "spend",
        "receive",
    }
    sums: dict[str, Decimal] = {}
    for row in rows:
        info = row["info"]
        sums[row["currency"]] = (
            sums.get(row["currency"], Decimal(0)) + Decimal(info["amount"]) - Decimal(info["fee"])
        )
    total = client.fetch_balance()["total"]
    assert sums == {code: Decimal(total[code]) for code in sums}
    spend = client.privatePostLedgers({"type": "spend"})["result"]["ledger"].values()
    receive = client.privatePostLedgers({"type": "receive"})["result"]["ledger"].values()
    assert sorted(r["refid"] for r in spend) == sorted(r["refid"] for r in receive)
    assert len(spend) == 3
    only = client.privatePostLedgers({"asset": "XXBT,ZEUR"})["result"]["ledger"].values()
    assert {row["asset"] for row in only} == {"XXBT", "ZEUR"}


def test_tickers_and_candles(client: Any) -> None:
    tickers = client.fetch_tickers()
    assert set(tickers) == set(client.symbols)
    assert Decimal(tickers["BTC/EUR"]["bid"]) < Decimal(tickers["BTC/EUR"]["ask"])
    assert tickers["ALGO/EUR"]["last"] is None or Decimal(tickers["ALGO/EUR"]["last"]) == 0
    assert set(client.fetch_tickers(["ETH/BTC"])) == {"ETH/BTC"}
    candles = client.fetch_ohlcv("BTC/EUR", "1d", NOW_MS - 2000 * 86_400_000)
    assert len(candles) == 720
    assert candles[-1][0] <= NOW_MS < candles[-1][0] + 86_400_000


def test_unknown_pair_and_method_are_refused(client: Any) -> None:
    with pytest.raises(ccxt.BaseError, match="EQuery:Unknown asset pair"):
        client.publicGetTicker({"pair": "NOPE"})
    with pytest.raises(ccxt.BaseError, match="EGeneral:Unknown method"):
        client.privatePostCreateSubaccount({})


def test_positions_and_orders_by_id(client: Any, simulator: Simulator) -> None:
    assert client.fetch_positions() == []
    order = next(o for o in simulator.venue.closed_orders("kraken") if len(o.fill_ids) > 1)
    found = client.fetch_order(order.id)
    assert [t["id"] for t in found["trades"]] == order.fill_ids
    assert len(
        client.fetch_order_trades(order.id, None, None, None, {"trades": order.fill_ids})
    ) == len(order.fill_ids)
    assert Decimal(client.privatePostTradeBalance({"asset": "ZUSD"})["result"]["eb"]) > 0


def test_a_trade_shows_at_once() -> None:
    with running_simulator(
        still_venue(fills=120, accounts={"kraken": "kraken"}), limit_scale=1000
    ) as simulator:
        client = ccxt_client(simulator, "kraken", "kraken")
        fills = simulator.venue.trade("kraken", "SOL/EUR", "buy", quote_amount=Decimal(50))
        trade = client.fetch_my_trades()[-1]
        assert (trade["id"], trade["symbol"], Decimal(trade["amount"])) == (
            fills[0].id,
            "SOL/EUR",
            fills[0].amount,
        )


def test_keys_signatures_nonces_and_permissions_are_checked() -> None:
    with running_simulator(
        still_venue(fills=40, accounts={"kraken": "kraken"}), limit_scale=1000
    ) as simulator:
        client = ccxt_client(simulator, "kraken", "kraken")
        client.fetch_balance()
        client.apiKey = "A" + client.apiKey[1:] + "x"
        with pytest.raises(ccxt.AuthenticationError, match="EAPI:Invalid key"):
            client.fetch_balance()
        client = ccxt_client(simulator, "kraken", "kraken")
        client.secret = "c2VjcmV0"
        with pytest.raises(ccxt.ExchangeError, match="EAPI:Invalid signature"):
            client.fetch_balance()
        client = ccxt_client(simulator, "kraken", "kraken")
        client.incrementing_nonce = lambda: 5
        with pytest.raises(ccxt.InvalidNonce, match="EAPI:Invalid nonce"):
            client.fetch_balance()
        simulator.venue.set_permissions("kraken", can_read=False)
        with pytest.raises(ccxt.PermissionDenied):
            ccxt_client(simulator, "kraken", "kraken").fetch_balance()


def test_the_call_counter_refuses_a_hasty_client() -> None:
    with running_simulator(
        still_venue(fills=40, accounts={"kraken": "kraken"}), limit_scale=1
    ) as simulator:
        client = ccxt_client(simulator, "kraken", "kraken")
        client.load_markets()
        for _ in range(10):
            client.fetch_my_trades()
        with pytest.raises(ccxt.DDoSProtection, match="EAPI:Rate limit exceeded"):
            for _ in range(3):
                client.fetch_my_trades()
        client.fetch_tickers()


def test_a_tokenised_share_has_a_class_of_its_own_in_the_ledger() -> None:
    venue = still_venue(accounts={"kraken": "kraken"}, history_too=False)
    for asset in ("EUR", "AAPLx"):
        venue.deposit("kraken", asset, Decimal(2))
    with running_simulator(venue) as simulator:
        ledger = ccxt_client(simulator, "kraken", "kraken").private_post_ledgers()
    rows = ledger["result"]["ledger"].values()
    assert {row["asset"]: row["aclass"] for row in rows} == {
        "ZEUR": "currency",
        "AAPLx": "tokenized_asset",
    }
