"""The market list is fetched once more where a row names an id that it does not contain: at most
once a run, once a day for an id, and with what the exchange lists as former."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.ccxt_adapter import CcxtAdapter
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.ledger.results import realised_by_fill
from exchange_cache.records import DataType, Fill, Position
from exchange_cache.unidentified import UnidentifiedRow
from tests.adapter.raw_answers import WEEK, bybit, execution
from tests.exchanges.builders import DAY_MS, NOW, NOW_MS, market, open_stubbed, stream
from tests.exchanges.stub import Answer, Asked, StubServer

FILLS = DataType.FILLS
INSTRUMENTS = "/v5/market/instruments-info"
DELIVERED = to_ms(NOW) - 300 * DAY_MS


def instrument(symbol: str, **more: Any) -> dict[str, Any]:
    """A contract that is traded, as documented."""
    return {
        "symbol": symbol,
        "contractType": "LinearPerpetual",
        "status": "Trading",
        "baseCoin": symbol.removesuffix("USDT"),
        "quoteCoin": "USDT",
        "settleCoin": "USDT",
        "launchTime": "1585526400000",
        "deliveryTime": "0",
        "lotSizeFilter": {"maxOrderQty": "100", "minOrderQty": "0.1", "qtyStep": "0.1"},
        "priceFilter": {"minPrice": "0.1", "maxPrice": "100", "tickSize": "0.1"},
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "10", "leverageStep": "0.1"},
        **more,
    }


class Bybit:
    """Bybit's executions and lists of instruments, as documented; ``lists`` by category and
    status. https://bybit-exchange.github.io/docs/v5/market/instrument"""

    def __init__(self, *symbols: str) -> None:
        self.symbols = symbols
        self.lists: dict[tuple[str, str], list[dict[str, Any]]] = {
            ("spot", "Trading"): [instrument("BTCUSDT")],
            ("linear", "Trading"): [instrument("BTCUSDT")],
        }
        self.down = False

    def __call__(self, asked: Asked) -> Any:
        if asked.path == INSTRUMENTS:
            if self.down:
                return Answer(body="bad gateway", status=502)
            place = asked.params["category"], asked.params.get("status", "Trading")
            return bybit(self.lists.get(place, []))
        rows = [execution(number, symbol=name) for number, name in enumerate(self.symbols)]
        return bybit(rows)

    @staticmethod
    def listings(stub: StubServer) -> list[tuple[str, str]]:
        """The lists that were asked, by category and status."""
        return [
            (asked.params["category"], asked.params.get("status", "Trading"))
            for asked in stub.asked
            if asked.path == INSTRUMENTS
        ]


def _symbols(adapter: CcxtAdapter, scope: str) -> list[str]:
    records = adapter.page(stream(adapter, FILLS, scope), None, WEEK, {}).records
    return [
        one.symbol if isinstance(one, Fill) else f"kept {one.market_id}"
        for one in records
        if isinstance(one, Fill | UnidentifiedRow)
    ]


def _asked(
    exchange: Bybit, read: Callable[[CcxtAdapter], Any], **more: Any
) -> tuple[Any, StubServer]:
    with StubServer(exchange) as stub:
        adapter = open_stubbed("bybit", stub.url, **more)
        return read(adapter), stub


def test_a_market_that_was_listed_today_is_found_in_the_list_of_now() -> None:
    exchange = Bybit("QQZZ", "BTCUSDT")
    exchange.lists["linear", "Trading"] = [
        instrument("QQZZ", baseCoin="NEW"),
        instrument("BTCUSDT"),
    ]
    found, _ = _asked(exchange, lambda adapter: _symbols(adapter, "linear"))
    assert found == ["NEW/USDT:USDT", "BTC/USDT:USDT"]


def test_the_list_is_fetched_at_most_once_a_run() -> None:
    exchange = Bybit("QQZZ", "QQYY", "LUNAUSDT")

    def read(adapter: CcxtAdapter) -> list[str]:
        return [*_symbols(adapter, "linear"), *_symbols(adapter, "linear")]

    found, stub = _asked(exchange, read)
    assert found == ["kept QQZZ", "kept QQYY", "LUNA/USDT:USDT"] * 2
    listings = Bybit.listings(stub)
    assert len(listings) == len(set(listings)), "each list once"
    assert ("linear", "Closed") in listings and ("inverse", "Closed") not in listings


def test_an_id_that_was_sought_in_vain_is_not_sought_again_that_day() -> None:
    exchange, clock = Bybit("QQZZ"), SetClock(NOW)

    def read(adapter: CcxtAdapter) -> Any:
        _symbols(adapter, "linear")
        return dict(adapter.memory())

    memory, _ = _asked(exchange, read, clock=clock)
    clock.at += timedelta(hours=1)
    memory, stub = _asked(exchange, read, clock=clock, memory=memory)
    assert Bybit.listings(stub) == []
    clock.at += timedelta(hours=23)
    _, stub = _asked(exchange, read, clock=clock, memory=memory)
    assert ("linear", "Trading") in Bybit.listings(stub)


def test_where_the_list_cannot_be_fetched_the_page_is_read_by_the_old_one() -> None:
    exchange = Bybit("QQZZ", "FTTPERP", "BTCUSDT")
    exchange.down = True
    (found, memory), _ = _asked(
        exchange, lambda adapter: (_symbols(adapter, "linear"), adapter.memory())
    )
    assert found == ["kept QQZZ", "FTT/USDC:USDC", "BTC/USDT:USDT"]
    assert memory["sought_markets"] == {}, "the next run seeks it again"


def test_an_expired_contract_is_what_the_list_of_closed_ones_states() -> None:
    exchange = Bybit("BTCUSDQ24")
    exchange.lists["inverse", "Closed"] = [
        instrument(
            "BTCUSDQ24",
            contractType="InverseFutures",
            status="Closed",
            baseCoin="BTC",
            quoteCoin="USD",
            settleCoin="BTC",
            deliveryTime=str(DELIVERED),
        )
    ]

    def read(adapter: CcxtAdapter) -> Any:
        return _symbols(adapter, "inverse"), dict(adapter.memory())

    (found, memory), _ = _asked(exchange, read)
    assert found == ["BTC/USD:BTC-240805"]
    (found, _), stub = _asked(exchange, read, memory=memory)
    assert (found, Bybit.listings(stub)) == (["BTC/USD:BTC-240805"], [])


def test_an_expired_deribit_contract_has_the_size_that_the_exchange_states() -> None:
    instrument = {"instrument_name": "SOL_USDC-28JUN24-100-C", "contract_size": 10}
    row = {
        "trade_id": "1",
        "instrument_name": "SOL_USDC-28JUN24-100-C",
        "order_id": "2",
        "direction": "buy",
        "timestamp": NOW_MS - DAY_MS,
        "price": "2",
        "amount": "30",
        "fee": "0.1",
        "fee_currency": "USDC",
        "liquidity": "T",
    }

    def script(asked: Asked) -> Any:
        if asked.path.endswith("get_instruments"):
            return {"jsonrpc": "2.0", "result": [instrument] if "expired" in asked.params else []}
        if asked.path.endswith("get_currencies"):
            return {"jsonrpc": "2.0", "result": []}
        return {"jsonrpc": "2.0", "result": {"trades": [row], "has_more": False}}

    with StubServer(script) as stub:
        adapter = open_stubbed("deribit", stub.url)
        fills = next(item for item in adapter.policy.streams if item.data_type is FILLS)
        (fill,) = adapter.page(fills, None, WEEK, {"targets": ["USDC"]}).records
    assert isinstance(fill, Fill)
    assert (fill.contracts, fill.contract_size, fill.quantity) == (3, 10, 30)


def test_a_market_that_leaves_the_list_is_remembered_with_its_size() -> None:
    """A contract that is delisted between two runs keeps the size that it had."""
    clock = SetClock(NOW)
    before = [
        market("BTCUSDT", "BTC/USDT:USDT"),
        market("OLDUSDT", "OLD/USDT:USDT", contractSize="7"),
    ]
    memory = _memory(before)
    exchange = Bybit("OLDUSDT")
    clock.at += timedelta(days=2)

    def read(adapter: CcxtAdapter) -> Any:
        (made,) = adapter.page(stream(adapter, FILLS, "linear"), None, WEEK, {}).records
        assert isinstance(made, Fill)
        assert "OLD/USDT:USDT" not in adapter.markets()
        return made.contract_size, dict(adapter.memory())

    (size, memory), stub = _asked(exchange, read, clock=clock, memory=memory)
    assert size == 7
    (size, _), stub = _asked(exchange, read, clock=clock, memory=memory)
    assert (size, Bybit.listings(stub)) == (7, [])


def _memory(markets: list[dict[str, Any]]) -> dict[str, Any]:
    import ccxt

    return {
        "ccxt": ccxt.__version__,
        "markets": markets,
        "markets_at": NOW_MS,
        "currencies": {},
        "options": {},
    }


def test_a_list_that_lost_most_markets_is_not_believed_and_what_was_known_stays() -> None:
    exchange = Bybit("QQZZ", "BTCUSDT", "FTTPERP")
    exchange.lists.clear()

    def read(adapter: CcxtAdapter) -> Any:
        first = _symbols(adapter, "linear")
        listed = set(adapter.markets())
        return first, _symbols(adapter, "linear"), listed

    (first, second, listed), _ = _asked(exchange, read)
    assert first == second == ["kept QQZZ", "BTC/USDT:USDT", "FTT/USDC:USDC"]
    assert listed == {"BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"}


class OkxOptions:
    """OKX's option fills, positions and instruments, in the shape of its documentation; the
    instrument is recorded (nautechsystems/nautilus_trader, test data of its OKX adapter)."""

    LISTED: Mapping[str, Any] = {
        "instId": "BTC-USD-241217-92000-C",
        "instType": "OPTION",
        "instFamily": "BTC-USD",
        "ctVal": "1",
        "ctMult": "0.01",
        "ctValCcy": "BTC",
        "settleCcy": "BTC",
        "expTime": "1734422400000",
        "stk": "92000",
        "optType": "C",
        "uly": "BTC-USD",
    }

    def __init__(self, instrument: str) -> None:
        self.instrument = instrument

    def __call__(self, asked: Asked) -> Any:
        if asked.path.endswith("public/instruments"):
            family = asked.params.get("instFamily") or asked.params.get("uly")
            options = asked.params.get("instType") == "OPTION" and family == "BTC-USD"
            return {"code": "0", "data": [self.LISTED] if options else []}
        if asked.path.endswith("fills-history"):
            return {"code": "0", "data": [self._fill()]}
        if asked.path.endswith("account/positions"):
            return {"code": "0", "data": [self._position()]}
        return {"code": "0", "data": []}

    def _fill(self) -> dict[str, Any]:
        return {
            **{"instType": "OPTION", "instId": self.instrument, "side": "buy", "posSide": "net"},
            **{"tradeId": "t1", "billId": "1", "ordId": "o1", "execType": "T"},
            **{"fillSz": "2", "fillPx": "0.05", "fee": "-0.0006", "feeCcy": "BTC", "fillPnl": "0"},
            **{"ts": str(NOW_MS - DAY_MS), "fillTime": str(NOW_MS - DAY_MS)},
        }

    def _position(self) -> dict[str, Any]:
        return {
            **{"instType": "OPTION", "instId": self.instrument, "posSide": "net", "pos": "-2"},
            **{"avgPx": "0.05", "markPx": "0.06", "upl": "-0.0002", "ccy": "BTC", "lever": ""},
            **{"mgnMode": "cross", "uTime": str(NOW_MS), "cTime": str(NOW_MS)},
        }


@pytest.mark.parametrize("instrument", ["BTC-USD-241217-92000-C", "BTC-USD-240628-60000-P"])
def test_okx_option_contract_size(instrument: str) -> None:
    """A contract is ctVal x ctMult of the base, of a listed option and of an expired one of its
    family; the next run knows that without a request."""
    okx, memory = OkxOptions(instrument), None
    for _ in range(2):
        with StubServer(okx) as stub:
            adapter = open_stubbed("okx", stub.url, **({} if memory is None else memory))
            call = next(one for one in adapter.policy.positions if one.category == "option")
            (held,) = adapter.positions(call)
            option = adapter.page(stream(adapter, FILLS, "option"), None, WEEK, {}).records
            memory = {"memory": json.loads(json.dumps(dict(adapter.memory())))}
            asked = [one for one in stub.asked if one.params.get("instType") == "OPTION"]
        (fill,) = option
        assert isinstance(fill, Fill) and isinstance(held, Position)
        assert (fill.contracts, fill.contract_size) == (2, Decimal("0.01"))
        assert (fill.quantity, fill.cost, fill.quote) == (Decimal("0.02"), Decimal("0.001"), "BTC")
        assert (held.base_quantity, held.notional) == (Decimal("0.02"), Decimal("0.0012"))
        assert realised_by_fill([fill]) == {fill.key: Decimal("-0.001")}, "the premium"
    assert not any(one.path.endswith("instruments") for one in asked)
