"""Policies are data: every method exists in ccxt and is an allowed read, every name resolves, every
exchange has something."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from importlib import import_module

import pytest

from exchange_cache.adapter.allowlist import ExchangeSource, allowed_for
from exchange_cache.adapter.ccxt_class import ccxt_class
from exchange_cache.adapter.policy import DAY, ExchangePolicy, IdPaging, OnePage, TimePaging
from exchange_cache.errors import BadResponse, ConfigError
from exchange_cache.exchanges import MODULES, narrowed, policy_for
from exchange_cache.records import DataType
from exchange_cache.sync.mirror_run import part_name
from tests.exchanges.builders import open_stubbed
from tests.exchanges.cases import HistoryCase, history

WRITTEN = sorted(MODULES)
#: Exchanges that describe a key.
QUESTIONED = ("binance", "bybit", "coinbase", "kraken", "kucoin", "okx")


def _resolves(client: type, parser: object) -> bool:
    return parser is None or callable(parser) or hasattr(client, str(parser))


@pytest.mark.parametrize("exchange", WRITTEN)
def test_every_method_of_a_policy_is_an_allowed_read_of_ccxt(exchange: str) -> None:
    policy, endpoints = policy_for(exchange), ExchangeSource(ccxt_class(exchange)).endpoints
    fans = [stream.fan_out.method for stream in policy.streams if stream.fan_out is not None]
    calls = (
        *policy.wallets,
        *policy.streams,
        *policy.positions,
        *policy.open_orders,
        *policy.tickers,
    )
    for method in {*fans, *(item.method for item in calls)}:
        if method.startswith("fetch_"):
            assert hasattr(ccxt_class(exchange), method)
        else:
            assert endpoints[method] in allowed_for(exchange), method


@pytest.mark.parametrize("exchange", QUESTIONED)
def test_every_question_about_a_key_is_an_allowed_read(exchange: str) -> None:
    question = policy_for(exchange).key_question
    assert question is not None
    assert ExchangeSource(ccxt_class(exchange)).endpoints[question.method] in allowed_for(exchange)


@pytest.mark.parametrize("exchange", WRITTEN)
def test_names_in_a_policy_resolve_and_scopes_are_unique(exchange: str) -> None:
    policy = policy_for(exchange)
    client, guarantee = ccxt_class(exchange), " ".join(policy_for(exchange).guarantee.split())
    keys = [(stream.data_type, stream.scope) for stream in policy.streams]
    assert len(keys) == len(set(keys))
    assert len({wallet.name for wallet in policy.wallets}) == len(policy.wallets)
    for stream in policy.streams:
        assert _resolves(client, stream.parser)
    for wallet in policy.wallets:
        assert wallet.parser is None or callable(wallet.parser)
    served = {DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS} - (
        {DataType.ORDERS} if "no list of finished orders" in guarantee else set()
    )
    assert {stream.data_type for stream in policy.streams} == served
    for call in (*policy.positions, *policy.open_orders):
        assert _resolves(client, call.parser)
    parts = [part_name(call) for call in policy.positions]
    assert len(parts) == len(set(parts)), "one part would replace the other"
    assert policy.exchange == exchange and policy.guarantee and policy.title


@pytest.mark.parametrize("exchange", [*WRITTEN, "bitso"])
def test_every_policy_names_in_plain_words_what_it_does_not_read(exchange: str) -> None:
    named = policy_for(exchange).not_read
    assert named and len(named) == len(set(named))
    for item in named:
        assert item == item.strip() and not item.endswith(".") and ";" not in item, item


@pytest.mark.parametrize("exchange", WRITTEN)
def test_nothing_that_is_read_is_named_as_not_read(exchange: str) -> None:
    policy = policy_for(exchange)
    if any(call.category == "option" for call in policy.positions):
        assert not any("option" in item for item in policy.not_read)
    if any(call.category == "margin" for call in policy.positions):
        assert "margin positions" not in policy.not_read


@pytest.mark.parametrize("exchange", WRITTEN)
def test_histories_of_one_page_know_its_size_and_walks_by_id_have_no_window(exchange: str) -> None:
    for stream in policy_for(exchange).streams:
        if isinstance(stream.paging, OnePage):
            assert stream.page_size, (
                f"{stream.scope}: without a size a full page would pass for a whole one"
            )
        if isinstance(stream.paging, IdPaging) and stream.paging.whole_history:
            assert stream.window is None and stream.paging.start is not None
        if isinstance(stream.paging, TimePaging) and stream.paging.field_unit in {"us", "ns"}:
            assert stream.bounds.unit == stream.paging.field_unit, (
                f"{stream.scope}: as fine as its bounds"
            )


@pytest.mark.parametrize(
    ("exchange", "scope", "days"),
    [
        ("bybit", "spot", 7),
        ("binance", "deposits", 90),
        ("binance", "linear", 7),
        ("binance", "converts", 30),
    ],
)
def test_windows_are_no_longer_than_the_exchange_allows(
    exchange: str, scope: str, days: int
) -> None:
    windows = [
        stream.window
        for stream in policy_for(exchange).streams
        if stream.scope == scope and stream.window is not None
    ]
    assert windows and max(windows) <= days * DAY


def test_nothing_of_ccxt_is_imported_before_an_adapter_is_opened() -> None:
    code = (
        "import sys, exchange_cache.adapter.ccxt_adapter; print(sorted({'ccxt', 'requests',"
        " 'aiohttp'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("wrong", ["binnance", "Kraken", "coinbasepro"])
def test_an_unknown_exchange_names_the_nearest(wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        policy_for(wrong)
    assert caught.value.hint is not None and caught.value.hint.startswith("did you mean ")


#: The field of an order's row that states its cost, of inverse contracts in the base.
COSTS = (
    ("binance", "spot", "cummulativeQuoteQty"),
    ("binance", "margin", "cummulativeQuoteQty"),
    ("binance", "linear", "cumQuote"),
    ("bingx", "spot", "cummulativeQuoteQty"),
    ("bitget", "spot", "quoteVolume"),
    ("bitget", "margin", "amount"),
    ("bitget", "usdt-futures", "quoteVolume"),
    ("bitget", "coin-futures", "quoteVolume"),
    ("bitget", "uta-spot", "cumExecValue"),
    ("bitget", "uta-margin", "cumExecValue"),
    ("bitget", "uta-usdt-futures", "cumExecValue"),
    ("bitget", "uta-coin-futures", "cumExecValue"),
    ("bitvavo", "spot", "filledAmountQuote"),
    ("bybit", "spot", "cumExecValue"),
    ("bybit", "linear", "cumExecValue"),
    ("coinbase", "spot", "filled_value"),
    ("cryptocom", "orders", "cumulative_value"),
    ("gate", "spot", "filled_total"),
    ("htx", "spot", "field-cash-amount"),
    ("htx", "linear", "trade_turnover"),
    ("kraken", "spot", "cost"),
    ("kucoin", "spot", "dealFunds"),
    ("kucoin", "margin", "dealFunds"),
    ("kucoin", "futures", "filledValue"),
    ("mexc", "spot", "cummulativeQuoteQty"),
    ("phemex", "linear-usdt", "cumValueRv"),
    ("whitebit", "spot", "dealMoney"),
)


@pytest.mark.parametrize(("exchange", "scope", "field"), COSTS)
def test_the_cost_of_an_order_is_the_one_that_the_exchange_states(
    exchange: str, scope: str, field: str
) -> None:
    """A documented row whose cost is a little more than average x filled, as rounding makes it."""
    case = next(
        case
        for case in import_module(f"tests.exchanges.test_{exchange}").CASES
        if isinstance(case, HistoryCase)
        and (case.data_type, case.scope) == (DataType.ORDERS, scope)
    )
    keyed = isinstance(case.rows, Mapping)
    rows = dict(case.rows) if keyed else dict(enumerate(case.rows))
    name, row = next(iter(rows.items()))
    stated = Decimal(str(row[field])) + Decimal("0.0123")
    rows[name] = {**row, field: str(stated)}
    order = history(replace(case, rows=rows if keyed else list(rows.values())))[0]
    assert order.cost == stated


#: Where the cost of inverse orders is stated in the base.
IN_BASE = (
    ("binance", "inverse", "cumBase"),
    ("bybit", "inverse", "cumExecValue"),
    ("phemex", "inverse", "cumValue"),
)


@pytest.mark.parametrize(("exchange", "scope", "field"), IN_BASE)
def test_the_cost_of_an_inverse_order_is_that_of_its_contracts_in_quote(
    exchange: str, scope: str, field: str
) -> None:
    case = next(
        case
        for case in import_module(f"tests.exchanges.test_{exchange}").CASES
        if isinstance(case, HistoryCase)
        and (case.data_type, case.scope) == (DataType.ORDERS, scope)
    )
    stated, order = Decimal(str(case.rows[0][field])), history(case)[0]
    assert (order.cost, order.cost != stated) == (stated * order.average, True)


#: Histories whose rows state whether they happened; those that did not become no record.
ENDINGS = (
    ("binance", DataType.FILLS, "converts", "orderStatus"),
    ("binance", DataType.FILLS, "card-buys", "status"),
    ("bitget", DataType.FILLS, "dust", "status"),
    ("bybit", DataType.FILLS, "converts", "exchangeStatus"),
    ("gate", DataType.FILLS, "converts", "status"),
    ("kucoin", DataType.FILLS, "converts", "status"),
    ("okx", DataType.FILLS, "converts", "state"),
    ("okx", DataType.FILLS, "dust", "status"),
    ("phemex", DataType.FILLS, "converts", "status"),
    ("krakenfutures", DataType.ORDERS, "orders", "event"),
    ("hyperliquid", DataType.ORDERS, "orders", "order"),
)


@pytest.mark.parametrize("value", [None, []], ids=repr)
@pytest.mark.parametrize(("exchange", "data_type", "scope", "field"), ENDINGS)
def test_a_row_that_does_not_state_how_it_ended_is_never_left_out_in_silence(
    exchange: str, data_type: DataType, scope: str, field: str, value: object
) -> None:
    case = next(
        case
        for case in import_module(f"tests.exchanges.test_{exchange}").CASES
        if isinstance(case, HistoryCase)
        and case.data_type is data_type
        and scope in (case.scope, *case.also)
    )
    assert field in case.rows[0]
    spoilt = [{**case.rows[0], field: value}, *case.rows[1:]]
    with pytest.raises(BadResponse):
        history(replace(case, rows=spoilt))


def names(policy: ExchangePolicy) -> tuple[set[str], set[str]]:
    return {wallet.name for wallet in policy.wallets}, {
        stream.category for stream in policy.streams if stream.transfer_kind is None
    }


def test_wallets_narrow_balances_and_histories() -> None:
    binance = policy_for("binance")
    assert names(narrowed(binance, ("spot",), "main")) == ({"spot"}, {"spot"})
    assert names(narrowed(binance, ("swap",), "main")) == (
        {"linear", "inverse"},
        {"linear", "inverse"},
    )
    assert names(narrowed(binance, ("linear",), "main")) == ({"linear"}, {"linear"})
    assert narrowed(binance, None, "main") is binance
    assert names(narrowed(policy_for("bybit"), ("spot",), "main"))[0] == {"unified"}
    with pytest.raises(ConfigError, match="fnding") as caught:
        narrowed(binance, ("fnding",), "main")
    assert caught.value.hint is not None and "funding" in caught.value.hint


def test_histories_of_several_categories_stay_when_one_of_their_wallets_is_requested() -> None:
    hyperliquid = narrowed(policy_for("hyperliquid"), ("spot",), "main")
    assert {stream.scope for stream in hyperliquid.streams} >= {"fills", "orders"}
    bitfinex = narrowed(policy_for("bitfinex"), ("margin",), "main")
    assert {stream.scope for stream in bitfinex.streams} >= {"trades", "orders"}


def test_an_exchange_without_a_word_on_keys_is_not_asked_for_one() -> None:
    question = policy_for("kraken").key_question
    assert question is not None
    assert not hasattr(ccxt_class("krakenfutures"), question.method)


def test_unknown_credentials_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="apikey"):
        open_stubbed("binance", "http://127.0.0.1:9", credentials={"apikey": "x"})


@pytest.mark.parametrize("exchange", sorted(set(MODULES.values())))
def test_every_history_names_its_source(exchange: str) -> None:
    policy = policy_for(exchange)
    assert policy.source and all(stream.source for stream in policy.streams)


@pytest.mark.parametrize("exchange", WRITTEN)
def test_what_an_exchange_trades_is_traded_in_one_of_its_wallets(exchange: str) -> None:
    """A history in no wallet would go unread as soon as wallets are selected."""
    policy = policy_for(exchange)
    traded = {category for wallet in policy.wallets for category in wallet.trades}
    histories = [stream for stream in policy.streams if stream.transfer_kind is None]
    for item in (*histories, *policy.positions, *policy.open_orders):
        assert item.category in traded, item


@pytest.mark.parametrize("exchange", sorted(MODULES))
def test_candles_have_the_widths_that_ccxt_requests_and_a_source(exchange: str) -> None:
    """ccxt requests three days of Bitstamp, which serves no weeks, under the name 1w."""
    candles = policy_for(exchange).candles
    names = ccxt_class(exchange)().timeframes

    assert set(candles.resolutions) <= set(names) & {"1h", "1d", "1w"}
    assert (candles.source != "") is (candles.resolutions != ())
    assert exchange != "bitstamp" or "1w" not in candles.resolutions


@pytest.mark.parametrize(
    ("exchange", "data_type", "scope", "at", "field"),
    [
        ("binance", DataType.FILLS, "dust", 0, "userAssetDribbletDetails"),
        ("mexc", DataType.FILLS, "dust", 0, "convertDetails"),
        ("deribit", DataType.TRANSFERS, "log", 4, "change"),
        ("bitstamp", DataType.TRANSFERS, "transactions", 12, "eth"),
    ],
)
def test_a_row_whose_content_is_null_is_never_left_out_in_silence(
    exchange: str, data_type: DataType, scope: str, at: int, field: str
) -> None:
    case = next(
        case
        for case in import_module(f"tests.exchanges.test_{exchange}").CASES
        if isinstance(case, HistoryCase) and (case.data_type, case.scope) == (data_type, scope)
    )
    assert field in case.rows[at]
    spoilt = [*case.rows[:at], {**case.rows[at], field: None}, *case.rows[at + 1 :]]
    with pytest.raises(BadResponse):
        history(replace(case, rows=spoilt))
