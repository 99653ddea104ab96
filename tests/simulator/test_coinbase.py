"""The simulated Coinbase through the real ccxt and raw HTTP: markets, wallets, fills, orders,
transactions, keys, refusals."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import ccxt
import pytest
import requests

from exchange_cache.simulator.server import Simulator, running_simulator
from tests.simulator.builders import NOW_MS, ccxt_client, still_venue

ACCOUNT = {"coinbase": "coinbase"}
DAY = 86_400_000


def connect(simulator: Simulator) -> Any:
    """The real ccxt, its clock set to the venue's."""
    client = ccxt_client(simulator, "coinbase", "coinbase")
    client.seconds = lambda: NOW_MS // 1000
    client.milliseconds = lambda: NOW_MS
    return client


@pytest.fixture(scope="module")
def world() -> Iterator[Simulator]:
    venue = still_venue(fills=420, accounts=ACCOUNT)
    part_filled = venue.place("coinbase", "SOL/USD", "buy", Decimal("2"), Decimal("1.5"))
    venue.trader.fill(part_filled, Decimal("0.75"), Decimal("1.5"), NOW_MS, maker=True)
    with running_simulator(venue, limit_scale=1000) as running:
        yield running


@pytest.fixture(scope="module")
def client(world: Simulator) -> Any:
    client = connect(world)
    client.load_markets()
    return client


def fills_of(client: Any, **params: Any) -> list[dict[str, Any]]:
    """All fills by cursor, as sent."""
    rows: list[dict[str, Any]] = []
    while True:
        answer = client.v3PrivateGetBrokerageOrdersHistoricalFills(params)
        rows += answer["fills"]
        if not answer["cursor"]:
            return rows
        params = {**params, "cursor": answer["cursor"]}


def wallet(client: Any, code: str) -> str:
    return next(a["id"] for a in client.fetch_accounts() if a["code"] == code)


def transactions(client: Any, code: str) -> list[dict[str, Any]]:
    account_id, rows, after = wallet(client, code), [], {}
    while True:
        answer = client.v2PrivateGetAccountsAccountIdTransactions(
            {"account_id": account_id, "limit": 100, **after}
        )
        rows += answer["data"]
        if answer["pagination"]["next_uri"] is None:
            return rows
        after = {"starting_after": answer["data"][-1]["id"]}
        assert answer["pagination"]["next_uri"].endswith(
            f"starting_after={after['starting_after']}"
        )


def test_markets_and_fee_tier(client: Any) -> None:
    market = client.market("BTC/USD")
    assert (market["id"], market["type"], market["precision"]["amount"]) == (
        "BTC-USD",
        "spot",
        "0.00000001",
    )
    assert market["alias"] == "BTC-USDC"
    assert (market["taker"], market["maker"]) == ("0.0055", "0.0035")
    assert "MATIC/USD" not in client.symbols
    assert client.currency("EUR")["type"] == "fiat"
    assert client.fetch_time() == NOW_MS // 1000 * 1000


def test_wallets_of_the_new_interface_carry_holds(client: Any, world: Simulator) -> None:
    held = {b.asset: b for b in world.venue.balances("coinbase")}
    balance = client.fetch_balance({"v3": True})
    for code, known in held.items():
        assert Decimal(balance[code]["total"]) == known.total
        assert Decimal(balance[code]["used"]) == known.used
    assert any(known.used for known in held.values())
    pages = client.v3PrivateGetBrokerageAccounts({"limit": 5})
    assert (len(pages["accounts"]), pages["has_next"]) == (5, True)
    more = client.v3PrivateGetBrokerageAccounts({"limit": 250, "cursor": pages["cursor"]})
    assert [a["currency"] for a in pages["accounts"] + more["accounts"]] == list(held)


def test_wallets_of_the_old_interface_come_in_pages_without_holds(
    client: Any, world: Simulator
) -> None:
    first = client.v2PrivateGetAccounts()
    assert len(first["data"]) == first["pagination"]["limit"] == 25
    rest = client.v2PrivateGetAccounts(
        {"starting_after": first["pagination"]["next_starting_after"], "limit": 100}
    )
    codes = [row["currency"]["code"] for row in first["data"] + rest["data"]]
    assert len(codes) == len(set(codes)) > 25
    never_held = [row for row in rest["data"] if row["id"] == row["currency"]["code"]]
    assert never_held
    assert all(Decimal(row["balance"]["amount"]) == 0 for row in never_held)
    held = {b.asset: b.total for b in world.venue.balances("coinbase")}
    total = client.fetch_balance()["total"]
    assert {c: Decimal(a) for c, a in total.items() if Decimal(a)} == {
        code: amount.quantize(Decimal(total[code])) for code, amount in held.items() if amount
    }


def test_fills_are_newest_first_and_the_cursor_reaches_all(client: Any, world: Simulator) -> None:
    truth = {f.id: f for f in world.venue.fills("coinbase")}
    assert len(client.fetch_my_trades()) == 100
    rows = fills_of(client)
    assert [r["trade_id"] for r in rows] != sorted(r["trade_id"] for r in rows)
    times = [r["sequence_timestamp"] for r in rows]
    assert times == sorted(times, reverse=True)
    assert {r["trade_id"] for r in rows} == set(truth)
    assert len({r["entry_id"] for r in rows} | set(truth)) == 2 * len(truth)
    assert any(r["size_in_quote"] for r in rows)
    assert {r["liquidity_indicator"] for r in rows} == {"MAKER", "TAKER"}
    for trade in client.fetch_my_trades(None, None, 3000):
        fill = truth[trade["id"]]
        assert (trade["symbol"], trade["side"], trade["timestamp"]) == (
            fill.symbol,
            fill.side,
            fill.time_ms,
        )
        assert abs(Decimal(trade["amount"]) - fill.amount) < Decimal("1e-15")
        assert (Decimal(trade["fee"]["cost"]), trade["fee"]["currency"]) == (
            fill.fees[0][1],
            fill.market.quote,
        )
    millis = Counter(f.time_ms for f in truth.values())
    assert max(millis.values()) > 1


def test_fills_of_delisted_products_are_still_served(client: Any) -> None:
    assert {r["product_id"] for r in fills_of(client, product_ids="MATIC-USD")} == {"MATIC-USD"}


def test_fill_times_begin_inclusive_and_end_exclusive(client: Any, world: Simulator) -> None:
    fills = world.venue.fills("coinbase")
    begin, end = fills[50].time_ms, fills[150].time_ms
    rows = fills_of(
        client,
        start_sequence_timestamp=client.iso8601(begin),
        end_sequence_timestamp=client.iso8601(end),
    )
    assert {r["trade_id"] for r in rows} == {f.id for f in fills if begin <= f.time_ms < end}
    exact = next(r for r in fills_of(client) if r["trade_id"] == fills[60].id)["sequence_timestamp"]
    found = fills_of(
        client, start_sequence_timestamp=exact, end_sequence_timestamp=client.iso8601(end)
    )
    assert found[-1]["sequence_timestamp"] == exact
    assert exact not in {
        r["sequence_timestamp"] for r in fills_of(client, end_sequence_timestamp=exact)
    }
    assert {r["product_id"] for r in fills_of(client, product_id="BTC-USD")} == {"BTC-USD"}


def test_orders_tell_every_end_and_cancelled_ones_may_have_fills(
    client: Any, world: Simulator
) -> None:
    truth = {o.id: o for o in world.venue.orders("coinbase")}
    orders = client.fetch_orders(None, None, 1000)
    assert {o["id"] for o in orders} == set(truth)
    assert {o["info"]["status"] for o in orders} == {"OPEN", "FILLED", "CANCELLED", "EXPIRED"}
    assert any(o["info"]["status"] == "CANCELLED" and Decimal(o["filled"]) > 0 for o in orders)
    for order in orders:
        known = truth[order["id"]]
        assert Decimal(order["filled"]) == known.filled
        assert Decimal(order["info"]["filled_value"]) == known.cost
        assert Decimal(order["fee"]["cost"]) == sum(known.fees.values())
        if known.quote_amount is not None:
            size = order["info"]["order_configuration"]["market_market_ioc"]["quote_size"]
            assert Decimal(size) == known.cost + sum(known.fees.values())
    assert {o["id"] for o in client.fetch_closed_orders(None, None, 1000)} == {
        o.id for o in truth.values() if o.status == "filled"
    }
    assert len({o["id"] for o in client.fetch_orders(None, None, None, {"paginate": True})}) == len(
        truth
    )
    order = next(o for o in truth.values() if o.status == "expired")
    assert client.fetch_order(order.id)["status"] == "canceled"


def test_open_orders_may_be_partly_filled(client: Any, world: Simulator) -> None:
    orders = client.fetch_open_orders()
    assert {o["id"] for o in orders} == {o.id for o in world.venue.open_orders("coinbase")}
    assert [Decimal(o["filled"]) for o in orders if o["symbol"] == "SOL/USD"] == [Decimal("0.75")]
    with pytest.raises(ccxt.BadRequest, match="Cannot pair OPEN"):
        client.v3PrivateGetBrokerageOrdersHistoricalBatch({"order_status": ["OPEN", "FILLED"]})


@pytest.mark.parametrize("code", ["USD", "BTC", "SOL", "ETH", "EUR", "XLM", "USDC"])
def test_transactions_of_a_wallet_add_up_to_its_balance(
    client: Any, world: Simulator, code: str
) -> None:
    rows = transactions(client, code)
    entries = [e for e in world.venue.entries("coinbase") if e.asset == code]
    assert len({r["id"] for r in rows}) == len(rows) == len(entries)
    assert [r["created_at"] for r in rows] == sorted((r["created_at"] for r in rows), reverse=True)
    held = next(b.total for b in world.venue.balances("coinbase") if b.asset == code)
    assert abs(sum(Decimal(r["amount"]["amount"]) for r in rows) - held) < Decimal("0.01") * len(
        rows
    )


def test_every_kind_of_transaction_occurs(client: Any) -> None:
    kinds = {
        r["type"]
        for code in ("USD", "EUR", "USDC", "ETH", "SOL", "XLM", "BTC")
        for r in transactions(client, code)
    }
    assert kinds == {
        "advanced_trade_fill",
        "trade",
        "fiat_deposit",
        "fiat_withdrawal",
        "send",
        "interest",
        "staking_reward",
        "earn_payout",
    }


def test_coins_move_as_transactions_and_state_money_as_deposits(
    client: Any, world: Simulator
) -> None:
    known = world.venue.transfers("coinbase")
    usd = client.fetch_deposits("USD", None, 100)
    assert {Decimal(row["amount"]) for row in usd} == {
        t.amount for t in known if t.kind == "deposit" and t.asset == "USD"
    }
    assert len(client.fetch_deposits("USD")) == 25 or len(usd) < 25
    out = client.fetch_withdrawals("USD")[0]
    sent = next(t for t in known if t.kind == "withdrawal" and t.asset == "USD")
    assert (Decimal(out["info"]["amount"]["amount"]), Decimal(out["fee"]["cost"])) == (
        sent.amount,
        sent.fee,
    )
    assert client.fetch_deposits("ETH") == []
    coins = {
        row["network"]["hash"]: row for row in transactions(client, "ETH") if row["type"] == "send"
    }
    truth = {t.txid: t for t in known if t.asset == "ETH"}
    assert coins.keys() == truth.keys()
    for txid, move in truth.items():
        signed = move.amount if move.kind == "deposit" else -(move.amount + move.fee)
        assert Decimal(coins[txid]["amount"]["amount"]) == signed


def test_products_books_and_candles(client: Any) -> None:
    tickers = client.fetch_tickers()
    assert set(tickers) == set(client.symbols)
    assert tickers["XLM/EUR"]["last"] is None
    books = client.fetch_bids_asks(["BTC/USD", "ETH/EUR"])
    assert (
        Decimal(books["BTC/USD"]["bid"])
        < Decimal(tickers["BTC/USD"]["last"])
        < Decimal(books["BTC/USD"]["ask"])
    )
    assert client.fetch_ticker("BTC/USD")["last"] == tickers["BTC/USD"]["last"]
    candles = client.fetch_ohlcv("BTC/USD", "1d", NOW_MS - 200 * DAY)
    assert (len(candles), candles[0][0] % DAY) == (200, 0)
    with pytest.raises(ccxt.BadRequest, match="less than 350"):
        start = NOW_MS // 1000 - 400 * 86_400
        query = {
            "product_id": "BTC-USD",
            "granularity": "ONE_DAY",
            "start": start,
            "end": NOW_MS // 1000,
        }
        client.v3PublicGetBrokerageMarketProductsProductIdCandles(query)
    rates = client.v2PublicGetExchangeRates({"currency": "EUR"})["data"]
    assert 1 < Decimal(rates["rates"]["USD"]) < Decimal("1.3")
    assert (
        Decimal(client.v2PublicGetPricesSymbolSpot({"symbol": "BTC-EUR"})["data"]["amount"]) > 1000
    )


def test_futures_and_portfolios_are_there_but_empty(client: Any) -> None:
    assert client.fetch_positions() == []
    assert client.fetch_balance({"type": "swap"})["USD"]["total"] in ("0", "0.0")
    portfolio = client.fetch_portfolios()[0]
    assert portfolio["info"]["type"] == "DEFAULT"
    breakdown = client.v3PrivateGetBrokeragePortfoliosPortfolioUuid(
        {"portfolio_uuid": portfolio["id"]}
    )["breakdown"]
    assert len(breakdown["spot_positions"]) > 5


def test_the_key_says_what_it_may(client: Any, world: Simulator) -> None:
    rights = client.v3PrivateGetBrokerageKeyPermissions()
    assert (rights["can_view"], rights["can_trade"], rights["can_transfer"]) == (True, False, False)


@pytest.fixture
def small() -> Iterator[Simulator]:
    with running_simulator(still_venue(fills=40, accounts=ACCOUNT), limit_scale=1000) as running:
        yield running


def test_a_legacy_key_signs_by_hmac(small: Simulator) -> None:
    known = small.venue.account("coinbase")
    small.venue.state.accounts["coinbase"] = dataclasses.replace(
        known, api_key="legacykey1234567", secret="s" * 32
    )
    client = connect(small)
    assert client.fetch_balance()["total"]
    assert client.fetch_my_trades()
    client.secret = "wrong" * 6
    with pytest.raises(ccxt.AuthenticationError, match="Unauthorized"):
        client.fetch_my_trades()
    with pytest.raises(ccxt.AuthenticationError, match="invalid signature"):
        client.fetch_balance()
    late = connect(small)
    late.milliseconds = lambda: NOW_MS - 60_000
    with pytest.raises(ccxt.AuthenticationError, match="request timestamp expired"):
        late.v2PrivateGetAccounts()


def test_tokens_are_checked(small: Simulator) -> None:
    unknown = connect(small)
    unknown.apiKey = "organizations/none/apiKeys/none"
    stranger = connect(small)
    stranger.secret = still_venue(2, fills=40, accounts=ACCOUNT).account("coinbase").secret
    expired = connect(small)
    expired.seconds = lambda: NOW_MS // 1000 - 300
    for client in (unknown, stranger, expired):
        with pytest.raises(ccxt.AuthenticationError, match="Unauthorized"):
            client.v3PrivateGetBrokerageAccounts()
        with pytest.raises(ccxt.AuthenticationError, match="authentication_error"):
            client.v2PrivateGetAccounts()


def test_a_token_is_good_for_one_call_only(small: Simulator) -> None:
    client, host = connect(small), f"{small.url}/coinbase/api.coinbase.com"
    path = "/api/v3/brokerage/accounts"
    token = client.create_auth_token(NOW_MS // 1000, "GET", f"{host}{path}")
    head = {"Authorization": f"Bearer {token}"}
    assert requests.get(host + path, headers=head, timeout=5).status_code == 200
    answer = requests.get(f"{host}/api/v3/brokerage/portfolios", headers=head, timeout=5)
    assert (answer.status_code, answer.text) == (401, "Unauthorized\n")
    assert requests.get(host + path, timeout=5).status_code == 401
    assert (
        requests.get(f"{host}/api/v3/brokerage/nothing", timeout=5).text == "404 page not found\n"
    )


def test_a_key_without_the_right_is_forbidden(small: Simulator) -> None:
    small.venue.set_permissions("coinbase", can_read=False, can_trade=True, can_withdraw=True)
    client = connect(small)
    with pytest.raises(ccxt.PermissionDenied, match="Missing required scopes"):
        client.v3PrivateGetBrokerageAccounts()
    with pytest.raises(ccxt.AuthenticationError, match="invalid_scope"):
        client.v2PrivateGetAccounts()
    rights = client.v3PrivateGetBrokerageKeyPermissions()
    assert (rights["can_view"], rights["can_trade"], rights["can_transfer"]) == (False, True, True)


def test_wrong_parameters_are_refused(client: Any) -> None:
    for params in (
        {"cursor": "nonsense"},
        {"limit": "many"},
        {"start_sequence_timestamp": "yesterday"},
    ):
        with pytest.raises(ccxt.BadRequest, match="INVALID_ARGUMENT"):
            client.v3PrivateGetBrokerageOrdersHistoricalFills(params)
    with pytest.raises(ccxt.ExchangeError, match="not_found"):
        client.v2PrivateGetAccountsAccountIdTransactions({"account_id": "none"})
    with pytest.raises(ccxt.ExchangeError, match="NOT_FOUND"):
        client.v3PublicGetBrokerageMarketProductsProductId({"product_id": "MATIC-USD"})


def test_hasty_clients_and_faults_are_worded_as_coinbase_does() -> None:
    with running_simulator(still_venue(fills=40, accounts=ACCOUNT), limit_scale=1) as simulator:
        client = connect(simulator)
        with pytest.raises(ccxt.RateLimitExceeded, match="Too many requests"):
            for _ in range(70):
                client.v3PrivateGetBrokerageKeyPermissions()
        assert client.last_response_headers["X-Ratelimit-Remaining"] == "0"
        simulator.fault("coinbase", "fills", 1, "bad_key")
        with pytest.raises(ccxt.AuthenticationError):
            client.v3PrivateGetBrokerageOrdersHistoricalFills()
        simulator.fault("coinbase", "exchange-rates", 1, "503")
        with pytest.raises(ccxt.ExchangeError, match="UNAVAILABLE"):
            client.v2PublicGetExchangeRates()


def test_a_trade_and_a_deposit_show_at_once(small: Simulator) -> None:
    client = connect(small)
    fill = small.venue.trade("coinbase", "SOL/USD", "buy", quote_amount=Decimal(50))[0]
    row = client.v3PrivateGetBrokerageOrdersHistoricalFills({"limit": 1})["fills"][0]
    assert (row["trade_id"], row["size_in_quote"], Decimal(row["size"])) == (
        fill.id,
        True,
        fill.cost,
    )
    move = small.venue.deposit("coinbase", "BTC", Decimal("0.5"))
    assert client.fetch_ledger("BTC")[-1]["id"] == move.id
