"""The faults that this project was made to end, by name: each test fails on what the first version
did (its docstring says how).

``first_version`` is that version's arithmetic, kept here so that every test shows the wrong answer
beside the right one.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.policy import IdPaging
from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.clock import to_ms
from exchange_cache.errors import ConfigError, ExcacheError, ExchangeFault, KeyRefused
from exchange_cache.exchange.ccxt_adapter import AverageEntryPrice, get_average_entry_price
from exchange_cache.exchanges import MODULES, policy_for
from exchange_cache.ledger.coverage import Span
from exchange_cache.ledger.events import Rate
from exchange_cache.records import DataType, Fee, Fill, Order, OrderStatus, Side
from tests.adapter.raw_answers import (
    binance_order,
    binance_trade,
    binance_trades,
    bybit,
    execution,
    kraken,
    kraken_trade,
)
from tests.exchanges.builders import (
    DAY_MS,
    NOW,
    NOW_MS,
    SECRETS,
    adapter_for,
    open_stubbed,
    stream,
    walk,
)
from tests.exchanges.stub import Answer, Asked

FILLS, ORDERS = DataType.FILLS, DataType.ORDERS
WEEK = Span(NOW_MS - 7 * DAY_MS, NOW_MS)
D = Decimal


def first_version(
    orders: Iterable[Mapping[str, Any]], asset: str, current_price: Decimal
) -> Decimal:
    """What the first version answered: filled orders of ASSET/USDT only, buys only, no fees; else
    the current price."""
    try:
        bought = [
            one
            for one in orders
            if one["status"] == "filled"
            and one["symbol"] == f"{asset}/USDT"
            and one["side"] == "buy"
        ]
        return sum((D(one["price"]) * D(one["amount"]) for one in bought), D(0)) / sum(
            (D(one["amount"]) for one in bought), D(0)
        )
    except (ArithmeticError, TypeError, ValueError):
        return current_price


@dataclass
class Rates:
    """Past prices by asset; remembers for which times it was asked."""

    prices: Mapping[str, str] = field(default_factory=dict)
    asked: list[tuple[str, datetime]] = field(default_factory=list)

    def rate(self, asset: str, at: datetime) -> Rate | None:
        self.asked.append((asset, at))
        price = self.prices.get(asset)
        return None if price is None else Rate(value=D(price))


def fill(
    number: int,
    side: str,
    quantity: str,
    price: str,
    *,
    quote: str = "USDT",
    base: str = "BTC",
    fees: tuple[Fee, ...] = (),
    **more: Any,
) -> Fill:
    return Fill(
        account=more.pop("account", "main"),
        category="spot",
        symbol=f"{base}/{quote}",
        fill_id=str(number),
        order_id=None,
        time=NOW - timedelta(days=30) + timedelta(hours=number),
        side=Side(side),
        base=base,
        quote=quote,
        quantity=D(quantity),
        price=D(price),
        cost=D(quantity) * D(price),
        fees=fees,
        **more,
    )


def average(
    *fills: Fill, prices: Mapping[str, str] | None = None, **more: Any
) -> AverageEntryPrice:
    return get_average_entry_price(
        "BTC", fills, reporting_asset="USDT", rates=Rates(prices or {}), **more
    )


CURRENT = D(90_000)


# --- which orders ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "executed", "kept"), [("FILLED", "2", OrderStatus.CLOSED), ("CANCELED", "0.5", OrderStatus.CANCELED),  # noqa: E501
                                                          ("EXPIRED", "0.5", OrderStatus.EXPIRED)])  # fmt: skip  # noqa: E501
def test_status_filled_only(status: str, executed: str, kept: OrderStatus) -> None:
    """The first version took only orders of status ``filled``, a word that ccxt never says
    (``closed``), and so found none at all; canceled and expired orders that hold fills would have
    been left out even then.
    """
    row = binance_order(1, status, executedQty=executed, cummulativeQuoteQty=str(D(executed) * 99))
    with adapter_for("binance", lambda asked: [row] if asked.params["orderId"] == "0" else []) as (
        adapter,
        _stub,
    ):
        page = adapter.page(stream(adapter, ORDERS, "spot"), "BTC/USDT", None, {})
        unified = adapter._session.client.parse_order(
            row, adapter._session.client.market("BTC/USDT")
        )
    (made,) = page.records
    assert isinstance(made, Order) and (made.status, made.filled, made.average) == (
        kept,
        D(executed),
        D(99),
    )
    assert unified["status"] in {"closed", "canceled", "expired"}
    assert first_version([{**unified, "symbol": "BTC/USDT"}], "BTC", CURRENT) == CURRENT, (
        "none was 'filled', so it answered the price of today"
    )


def test_a_canceled_order_with_fills_counts() -> None:
    """Averages came from orders; a bybit order partly filled and then canceled was no order, so its
    fill had no cost."""
    with adapter_for(
        "bybit", lambda asked: bybit([execution(1)]) if "execution" in asked.path else bybit([])
    ) as (adapter, _stub):
        (made,) = adapter.page(stream(adapter, FILLS, "spot"), None, WEEK, {}).records
    assert isinstance(made, Fill)
    found = average(made).average
    assert found is not None and round(found, 20) == round(D(500) / D("0.00999"), 20)


@pytest.mark.parametrize("exchange", ["bybit", "kraken", "okx", "bitget"])
def test_fetch_orders_missing(exchange: str) -> None:
    """The first version called ``fetchOrders``, which these exchanges do not have, and took the
    exception for "no orders"."""
    import ccxt

    assert not getattr(ccxt, exchange)().has["fetchOrders"]
    asked_by = {item.method for item in policy_for(exchange).streams}
    assert "fetch_orders" not in asked_by and any(
        item.data_type is ORDERS for item in policy_for(exchange).streams
    )


# --- how much of the history ----------------------------------------------------------------------


def test_no_time_range_is_the_default_window() -> None:
    """Without times bybit answers for the last seven days. The first version gave none and so never
    saw the purchase of last month."""
    bought = execution(1, execTime=str(NOW_MS - 20 * DAY_MS))

    def script(asked: Asked) -> Any:
        start = int(asked.params.get("startTime", NOW_MS - 7 * DAY_MS))
        end = int(asked.params.get("endTime", start + 7 * DAY_MS))
        return bybit(
            [bought]
            if start <= int(bought["execTime"]) <= end and "cursor" not in asked.params
            else []
        )

    with adapter_for("bybit", script) as (adapter, _stub):
        policy = stream(adapter, FILLS, "spot")
        assert adapter._session.client.fetch_my_trades("BTC/USDT", params={"type": "spot"}) == []
        windows = [
            Span(NOW_MS - (week + 1) * 7 * DAY_MS, NOW_MS - week * 7 * DAY_MS) for week in range(4)
        ]
        found = [
            record
            for window in windows
            for page in walk(adapter, policy, None, window)
            for record in page.records
        ]
    assert [record.key[3] for record in found] == ["e1"]


@pytest.mark.parametrize("exchange", sorted(set(MODULES)))
def test_every_windowed_history_says_from_when_to_when(exchange: str) -> None:
    """The default window again: no history with a window is ever asked without both of its ends."""
    for policy in policy_for(exchange).streams:
        if policy.window is not None:
            assert policy.bounds.start is not None and policy.bounds.end is not None, policy.scope
        if (
            not (isinstance(policy.paging, IdPaging) and policy.paging.whole_history)
            and policy.bounds.start is None
        ):
            stated = getattr(policy.paging, "stop_field", None) or policy.bounds.end or policy.note
            assert stated, (
                f"{policy.scope}: takes no start, so something must say when its walk is over"
            )


def test_one_page_taken_for_everything() -> None:
    """The first version took the first answer (500 of 2,500 fills) for the whole history; the
    average was of a fifth of it."""
    with adapter_for("binance", binance_trades) as (adapter, _stub):
        pages = walk(adapter, stream(adapter, FILLS, "spot"), "BTC/USDT", None)
    records = [record for page in pages for record in page.records if isinstance(record, Fill)]
    fills = [record for record in records if record.fees]
    assert len(fills) == 2500
    made = get_average_entry_price(
        "BTC", fills, reporting_asset="USDT", rates=Rates({"BNB": "600"})
    )
    assert made.explained_quantity == D("2.5")
    assert made.average == (2500 * (D("50") + D("0.00001") * 600)) / D("2.5")
    assert sum(record.quantity for record in fills[:500]) == D("0.5"), (
        "what the first page alone would have explained"
    )


def test_only_asset_usdt() -> None:
    """It looked at BTC/USDT alone: bitcoin bought for euros, for USDC or with ether did not exist,
    and the rest decided the average."""
    fills = [
        fill(1, "buy", "1", "40000"),
        fill(2, "buy", "1", "30000", quote="EUR"),
        fill(3, "buy", "1", "41000", quote="USDC"),
        fill(4, "sell", "20", "0.05", base="ETH", quote="BTC"),
    ]
    made = average(*fills, prices={"EUR": "1.1", "USDC": "1", "ETH": "2000", "BTC": "40000"})
    assert (made.average, made.explained_quantity) == (
        (40_000 + 33_000 + 41_000 + D(40_000)) / D(4),
        D(4),
    )
    stated = [
        {
            "status": "filled",
            "symbol": one.symbol,
            "side": one.side.value,
            "price": one.price,
            "amount": one.quantity,
        }
        for one in fills
    ]
    assert first_version(stated, "BTC", CURRENT) == D(40_000), "one purchase of four"


# --- what a figure means --------------------------------------------------------------------------


def test_market_order_price_none() -> None:
    """A market order has no price: ``None`` raised inside the loop, and the whole average was
    thrown away for the current price."""
    row = binance_order(
        1, "FILLED", type="MARKET", price="0.00000000", executedQty="2", cummulativeQuoteQty="199"
    )
    with adapter_for("binance", lambda asked: [row] if asked.params["orderId"] == "0" else []) as (
        adapter,
        _stub,
    ):
        (made,) = adapter.page(stream(adapter, ORDERS, "spot"), "BTC/USDT", None, {}).records
    assert isinstance(made, Order) and (made.price, made.average) == (None, D("99.5"))
    stated = [
        {"status": "filled", "symbol": "BTC/USDT", "side": "buy", "price": None, "amount": "2"},
        {"status": "filled", "symbol": "BTC/USDT", "side": "buy", "price": "100", "amount": "2"},
    ]
    assert first_version(stated, "BTC", CURRENT) == CURRENT
    assert average(fill(1, "buy", "2", "99.5"), fill(2, "buy", "2", "100")).average == D("99.75")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (
            Answer({"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}, 401),
            KeyRefused,
        ),
        (
            Answer({"code": -1002, "msg": "You are not authorized to execute this request."}, 401),
            KeyRefused,
        ),
        (Answer({"code": -1000, "msg": "An unknown error occurred."}, 500), ExchangeFault),
        (Answer("<html>maintenance</html>", 200), ExchangeFault),
        (Answer({"unexpected": True}, 200), ExchangeFault),
    ],
)
def test_exceptions_are_no_orders(answer: Answer, kind: type[ExcacheError]) -> None:
    """Every exception was logged at debug level and became "No order history found for BTC/USDT";
    here it stays an error with a cause."""
    with adapter_for("binance", lambda asked: answer, retry=RetryPolicy(attempts=1)) as (
        adapter,
        _stub,
    ):
        for data_type in (FILLS, ORDERS):
            with pytest.raises(kind) as caught:
                adapter.page(stream(adapter, data_type, "spot"), "BTC/USDT", None, {})
            assert "binance" in str(caught.value) and "No order history found" not in str(
                caught.value
            )


def test_current_price_as_entry() -> None:
    """Without orders it answered the current price, so the PnL was a false zero. Nothing here even
    knows a price of today."""
    assert first_version([], "BTC", CURRENT) == CURRENT
    made = average()
    assert (made.average, made.explained_quantity, made.reasons) == (None, D(0), ("no_history",))
    held = average(balance=D(2))
    assert (held.average, held.unknown_quantity, held.reasons) == (None, D(2), ("no_history",))
    rates = Rates({"EUR": "1.1"})
    bought = fill(1, "buy", "1", "30000", quote="EUR")
    get_average_entry_price("BTC", [bought], reporting_asset="USDT", rates=rates, balance=D(1))
    assert rates.asked and {at for _, at in rates.asked} == {bought.time}, (
        "rates are asked for the time of the fill, never for now"
    )
    assert not {"price", "current_price", "ticker", "prices"} & set(
        inspect.signature(get_average_entry_price).parameters
    )


def test_an_average_that_is_not_known_always_has_a_reason() -> None:
    """The warning was lowered to debug instead; an unknown average without a reason cannot even be
    made."""
    with pytest.raises(ValueError, match="reason"):
        AverageEntryPrice(
            asset="BTC",
            reporting_asset="USDT",
            average=None,
            explained_quantity=D(0),
            unknown_quantity=D(1),
        )
    unpriced = average(fill(1, "buy", "1", "30000", quote="EUR"), balance=D(1))
    assert unpriced.average is None and unpriced.unknown_quantity == 1
    assert (
        unpriced.reasons[0].startswith("no_rate") and "had no known price then" in unpriced.words[0]
    )
    sold = average(fill(1, "buy", "1", "100"), fill(2, "sell", "1", "120"), balance=D(0))
    assert (sold.average, sold.reasons) == (None, ("not_held",))


def test_sells_ignored() -> None:
    """Buys of years ago counted for ever: 1 at 10,000, sold, and 1 at 60,000 made 35,000 instead of
    60,000."""
    fills = [
        fill(1, "buy", "1", "10000"),
        fill(2, "sell", "1", "20000"),
        fill(3, "buy", "1", "60000"),
    ]
    stated = [
        {
            "status": "filled",
            "symbol": one.symbol,
            "side": one.side.value,
            "price": one.price,
            "amount": one.quantity,
        }
        for one in fills
    ]
    assert first_version(stated, "BTC", CURRENT) == D(35_000)
    assert average(*fills).average == D(60_000)


def test_fees_ignored() -> None:
    """What was paid in fees was no cost: in the quote, in the base, or in a third asset."""
    in_quote = fill(1, "buy", "1", "100", fees=(Fee(asset="USDT", amount=D(1)),))
    in_base = fill(2, "buy", "1", "100", fees=(Fee(asset="BTC", amount=D("0.2")),))
    in_third = fill(3, "buy", "1", "100", fees=(Fee(asset="BNB", amount=D("0.01")),))
    assert average(in_quote).average == D(101)
    assert average(in_base).average == D(125)
    assert average(in_third, prices={"BNB": "600"}).average == D(106)
    assert first_version(
        [{"status": "filled", "symbol": "BTC/USDT", "side": "buy", "price": "100", "amount": "1"}],
        "BTC",
        CURRENT,
    ) == D(100)


def test_balances_through_float() -> None:
    """Balances went through float: 99,999,999,999.99999999 became 100,000,000,000, and 0.1 + 0.2
    was not 0.3."""
    text = '{"error":[],"result":{"XXBT":{"balance":99999999999.99999999,"hold_trade":"0.30000000000000000001"}}}'  # noqa: E501
    with adapter_for("kraken", lambda asked: text) as (adapter, _stub):
        (made,) = adapter.balances(adapter.policy.wallets[0])
    assert (made.total, made.used) == (D("99999999999.99999999"), D("0.30000000000000000001"))
    assert D(float("99999999999.99999999")) == 100_000_000_000


# --- secrets, accounts, set-up --------------------------------------------------------------------


def test_secret_logged(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """The API secret was written to the log with the settings; ccxt itself logs request headers,
    and with them the key."""
    caplog.set_level(logging.DEBUG)
    answers = [
        [binance_trade(1)],
        Answer({"code": -1022, "msg": f"Signature for {SECRETS['secret']} is not valid."}, 400),
    ]
    with adapter_for(
        "binance",
        lambda asked: answers.pop(0),
        config={"verbose": True},
        retry=RetryPolicy(attempts=1),
    ) as (adapter, _stub):
        policy = stream(adapter, FILLS, "spot")
        adapter.page(policy, "BTC/USDT", None, {})
        with pytest.raises(ExcacheError) as caught:
            adapter.page(policy, "BTC/USDT", None, {"last_id": "1"})
        stated = (
            "".join(capsys.readouterr())
            + caplog.text
            + str(caught.value)
            + repr(caught.value)
            + repr(adapter)
            + str(adapter.memory())
        )
    assert not [name for name, secret in SECRETS.items() if secret in stated]


def test_keyed_by_exchange() -> None:
    """Tables were keyed by exchange, so the second account on one exchange overwrote the first."""

    def script(asked: Asked) -> Any:
        return kraken(trades={"T1": kraken_trade(1)}, count=1)

    with adapter_for("kraken", script) as (first, stub):
        second = open_stubbed("kraken", stub.url, account="savings")
        window = Span(to_ms(NOW) - 365 * DAY_MS, NOW_MS)
        (one,), (other,) = (
            adapter.page(stream(adapter, FILLS, "spot"), None, window, {}).records
            for adapter in (first, second)
        )
    assert one.key != other.key and one.key[1:] == other.key[1:]
    assert (one.account, other.account) == ("main", "savings")


@pytest.mark.parametrize("exchange", ["binanse", "no-such-exchange"])
def test_mock_data_when_set_up_fails(exchange: str) -> None:
    """When set-up failed the first version served made-up data; here nothing is opened at all."""
    with pytest.raises(ConfigError):
        open_stubbed(exchange, "http://127.0.0.1:9")
