"""Rows of markets that are not listed, over the wire: the right asset and category, or the row
itself; never another asset, and no neighbour lost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.markets import listed
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType, Fee, Fill, Order, Side, Transfer
from exchange_cache.unidentified import UnidentifiedRow
from tests.adapter.raw_answers import WEEK, bybit, execution
from tests.exchanges.builders import DAY_MS, NOW_MS, SECRETS, adapter_for, market, stream

FILLS, ORDERS, TRANSFERS = DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS
LONG_AGO = Span(1_500_000_000_000, NOW_MS)


def _page(exchange: str, what: tuple[DataType, str], answer: Any, **more: Any) -> list[Any]:
    with adapter_for(exchange, lambda asked: answer, **more) as (adapter, _stub):
        page = adapter.page(stream(adapter, *what), None, LONG_AGO, {})
    return list(page.records)


def _traded(found: Sequence[Any]) -> list[tuple[str, str, str, str]]:
    return [
        (fill.category, fill.symbol, f"{fill.quantity.normalize():f} {fill.base}", str(fill.cost))
        for fill in found
        if isinstance(fill, Fill)
    ]


# --- read by the grammar of the exchange ----------------------------------------------------------


def _bitfinex_trade(number: int, symbol: str, amount: str, price: str, fee: str) -> list[Any]:
    kind = "EXCHANGE LIMIT"
    return [number, symbol, NOW_MS - number, 7, amount, price, kind, None, -1, "-0.01", fee, None]


def test_bitfinex_delisted_pair() -> None:
    rows = [
        _bitfinex_trade(1, "tRLCETH", "-0.26334268", "187.37", "RLC"),
        _bitfinex_trade(2, "tDUSK:USD", "-0.5", "0.1", "USD"),
        _bitfinex_trade(3, "tANTUSD", "2", "5", "USD"),
    ]
    assert _traded(_page("bitfinex", (FILLS, "trades"), rows)) == [
        ("spot", "RLC/ETH", "0.26334268 RLC", "49.3425179516"),
        ("spot", "DUSK/USD", "0.5 DUSK", "0.05"),
        ("spot", "ANT/USD", "2 ANT", "10"),
    ]


@pytest.mark.parametrize(
    ("scope", "ids", "symbols"),
    [
        ("linear", ("BTC-28JUN24", "FTTPERP"), ("BTC/USDC:USDC-240628", "FTT/USDC:USDC")),
        ("inverse", ("BTCUSDM24", "BTCUSDZ23"), ("BTC/USD:BTC-2406", "BTC/USD:BTC-2312")),
    ],
)
def test_bybit_expired_contracts(
    scope: str, ids: tuple[str, ...], symbols: tuple[str, ...]
) -> None:
    rows = [
        execution(number, symbol=name, feeCurrency="", execQty="2", execPrice="100")
        for number, name in enumerate(ids)
    ]
    made = _page("bybit", (FILLS, scope), bybit(rows))
    assert [(fill.category, fill.symbol) for fill in made] == [(scope, name) for name in symbols]


def test_kraken_delisted_pair_t_usd() -> None:
    trade = {
        "ordertxid": "O1",
        "postxid": "P1",
        "pair": "ANTUSD",
        "time": 1652000000.88,
        "type": "buy",
        "ordertype": "limit",
        "price": "10",
        "cost": "20",
        "fee": "0.05",
        "vol": "2",
        "margin": "0",
        "misc": "",
        "trade_id": 1,
        "maker": True,
    }
    answer = {"error": [], "result": {"trades": {"T1": trade}, "count": 1}}
    (fill,) = _page("kraken", (FILLS, "spot"), answer)
    assert _traded([fill]) == [("spot", "ANT/USD", "2 ANT", "20")]
    assert (fill.quote, fill.fees) == ("USD", (Fee(asset="USD", amount=Decimal("0.05")),))


def test_kraken_delisted_pair_against_bitcoin() -> None:
    trade = {"ordertxid": "O1", "pair": "ANTXBT", "time": 1652000000.88, "type": "sell"}
    trade |= {"ordertype": "limit", "price": "0.0001", "cost": "0.0002", "fee": "0", "vol": "2"}
    answer = {"error": [], "result": {"trades": {"T1": trade}, "count": 1}}
    assert _traded(_page("kraken", (FILLS, "spot"), answer)) == [
        ("spot", "ANT/BTC", "2 ANT", "0.0002")
    ]


def _futures_fill(name: str, symbol: str, side: str, size: str, price: str) -> dict[str, Any]:
    return {
        "fill_id": name,
        "symbol": symbol,
        "side": side,
        "order_id": "1",
        "size": size,
        "price": price,
        "fillTime": "2022-04-20T19:15:25.438Z",
        "fillType": "maker",
    }


def test_krakenfutures_contract_not_in_market_list() -> None:
    rows = [
        _futures_fill("a", "PF_DEFIUSD", "buy", "1", "570"),
        _futures_fill("b", "FI_XBTUSD_201225", "buy", "100", "9400"),
        _futures_fill("c", "PI_LTCUSD", "sell", "100", "90"),
    ]
    made = _page("krakenfutures", (FILLS, "fills"), {"result": "success", "fills": rows})
    assert [(fill.category, fill.symbol, fill.cost, fill.settle) for fill in made] == [
        ("linear", "DEFI/USD:USD", Decimal(570), "USD"),
        ("inverse", "BTC/USD:BTC-201225", Decimal(100), "BTC"),
        ("inverse", "LTC/USD:LTC", Decimal(100), "LTC"),
    ]
    assert f"{made[1].quantity:.4f}" == "0.0106"


def test_a_htx_pair_against_a_quote_that_is_gone() -> None:
    row = {
        "symbol": "ethhusd",
        "fee-currency": "eth",
        "source": "spot-web",
        "price": "2000",
        "created-at": NOW_MS - DAY_MS,
        "role": "taker",
        "order-id": 1,
        "match-id": 2,
        "trade-id": 3,
        "filled-amount": "0.5",
        "filled-fees": "0.001",
        "fee-deduct-currency": "",
        "id": 4,
        "type": "buy-limit",
    }
    made = _page("htx", (FILLS, "spot"), {"status": "ok", "data": [row]})
    assert _traded(made) == [("spot", "ETH/HUSD", "0.5 ETH", "1000.0")]


def test_an_expired_deribit_option_is_priced_in_what_it_settles_in() -> None:
    row = {
        "trade_id": "1",
        "instrument_name": "BTC-28JUN24-60000-C",
        "order_id": "2",
        "direction": "buy",
        "timestamp": NOW_MS - DAY_MS,
        "price": "0.05",
        "amount": "0.1",
        "fee": "0.00003",
        "fee_currency": "BTC",
        "liquidity": "T",
    }
    answer = {"jsonrpc": "2.0", "result": {"trades": [row], "has_more": False}}
    with adapter_for("deribit", lambda asked: answer) as (adapter, _stub):
        fills = next(item for item in adapter.policy.streams if item.data_type is FILLS)
        (fill,) = adapter.page(fills, None, WEEK, {"targets": ["BTC"]}).records
    assert isinstance(fill, Fill)
    assert (fill.category, fill.symbol) == ("option", "BTC/USD:BTC-240628-60000-C")
    assert (fill.quote, fill.settle, fill.cost) == ("BTC", "BTC", Decimal("0.005"))


def test_a_kucoin_fill_states_the_size_of_its_contract() -> None:
    row = {
        "symbol": "LUNAUSDTM",
        "tradeId": "1",
        "orderId": "2",
        "side": "buy",
        "liquidity": "taker",
        "price": "80.5",
        "size": 3,
        "value": "24.15",
        "fee": "0.01",
        "feeCurrency": "USDT",
        "createdAt": NOW_MS - DAY_MS,
        "tradeTime": (NOW_MS - DAY_MS) * 1_000_000,
    }
    answer = {"code": "200000", "data": {"currentPage": 1, "totalPage": 1, "items": [row]}}
    (fill,) = _page("kucoin", (FILLS, "futures"), answer)
    assert (fill.symbol, fill.contract_size, fill.quantity, fill.cost) == (
        "LUNA/USDT:USDT",
        Decimal("0.1"),
        Decimal("0.3"),
        Decimal("24.15"),
    )


def _coin_margined(number: int, symbol: str, **more: Any) -> dict[str, Any]:
    """A row of dapi/v1/userTrades."""
    return {
        "symbol": symbol,
        "id": number,
        "orderId": 6,
        "pair": symbol.partition("_")[0],
        "side": "BUY",
        "price": "8.005",
        "qty": "3",
        "realizedPnl": "0",
        "marginAsset": "LUNA",
        "baseQty": "3.74765771",
        "commission": "0.001",
        "commissionAsset": "LUNA",
        "time": NOW_MS - DAY_MS,
        "positionSide": "BOTH",
        "buyer": True,
        "maker": False,
        **more,
    }


def test_a_binance_coin_margined_fill_states_the_size_of_its_contract() -> None:
    with adapter_for("binance", lambda asked: [_coin_margined(1, "LUNAUSD_PERP")]) as (adapter, _):
        fills = stream(adapter, FILLS, "inverse")
        symbol = "LUNA/USD:LUNA" if fills.needs_symbol else None
        (fill,) = adapter.page(fills, symbol, WEEK, {}).records
    assert isinstance(fill, Fill)
    assert (fill.symbol, fill.contracts, fill.contract_size, fill.cost) == (
        "LUNA/USD:LUNA",
        Decimal(3),
        Decimal(10),
        Decimal(30),
    )


def test_a_contract_without_a_size_gets_it_from_the_first_row_that_states_it() -> None:
    row = {
        "tradeId": "1",
        "symbol": "LUNAUSDTM",
        "orderId": "2",
        "side": "buy",
        "liquidity": "taker",
        "price": "80.5",
        "size": 3,
        "fee": "0.01",
        "feeCurrency": "USDT",
        "createdAt": NOW_MS - DAY_MS,
        "tradeTime": (NOW_MS - DAY_MS) * 1_000_000,
    }
    items = [row | {"tradeId": "0"}, row | {"value": "24.15"}]
    answer = {"code": "200000", "data": {"currentPage": 1, "totalPage": 1, "items": items}}
    kept, fill = _page("kucoin", (FILLS, "futures"), answer)
    assert isinstance(kept, UnidentifiedRow) and kept.reason.endswith("of LUNA/USDT:USDT")
    assert (fill.symbol, fill.contract_size) == ("LUNA/USDT:USDT", Decimal("0.1"))


# --- kept as they were sent -----------------------------------------------------------------------


def _mexc_fill(number: int, symbol: str, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "symbol": symbol,
        "side": 1,
        "vol": "10",
        "price": "100",
        "feeCurrency": "USDT",
        "fee": "0.01",
        "timestamp": NOW_MS - DAY_MS,
        "profit": "0",
        "category": 1,
        "orderId": "7",
        "positionMode": 1,
        "taker": True,
        **more,
    }


def _mexc(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"success": True, "code": 0, "data": list(rows)}


def test_mexc_contract_not_in_market_list() -> None:
    """Its id says that it is a contract; what one contract is stands in the list alone."""
    row = _mexc_fill(1, "NEWCOIN_USDT", state=3, dealVol="10", dealAvgPrice="100", orderType=1)
    row |= {"createTime": NOW_MS - DAY_MS, "updateTime": NOW_MS - DAY_MS}
    (kept,) = _page("mexc", (ORDERS, "contracts"), _mexc([row]))
    assert isinstance(kept, UnidentifiedRow)
    assert (kept.data_type, kept.scope, kept.market_id) == (ORDERS, "contracts", "NEWCOIN_USDT")
    assert json.loads(kept.row) == row


def test_mexc_funding_of_an_unlisted_contract_is_of_no_asset_called_none() -> None:
    row = {"id": 1, "symbol": "NEWCOIN_USDT", "positionType": 1, "positionValue": "1"}
    row |= {"funding": "0.5", "rate": "0.0001", "settleTime": NOW_MS - DAY_MS}
    answer = {"success": True, "code": 0, "data": {"resultList": [row], "totalPage": 1}}
    with adapter_for("mexc", lambda asked: answer) as (adapter, _stub):
        funding = next(
            item
            for item in adapter.policy.streams
            if item.data_type is TRANSFERS and item.market_field
        )
        (made,) = adapter.page(funding, None, LONG_AGO, {}).records
    assert isinstance(made, Transfer)
    assert (made.asset, made.symbol, str(made.quantity)) == ("USDT", "NEWCOIN/USDT:USDT", "0.5")


def _okx_fill(number: int, instrument: str) -> dict[str, Any]:
    return {
        "instType": "SWAP",
        "instId": instrument,
        "tradeId": f"t{number}",
        "ordId": "o",
        "clOrdId": "",
        "billId": str(number),
        "fillPx": "10",
        "fillSz": "2",
        "side": "buy",
        "posSide": "net",
        "execType": "T",
        "feeCcy": "USDT",
        "fee": "-0.01",
        "ts": str(NOW_MS - DAY_MS),
        "fillTime": str(NOW_MS - DAY_MS),
    }


def test_a_row_of_an_unknown_market_blocks_no_neighbour() -> None:
    rows = [
        _okx_fill(1, "BTC-USDT-SWAP"),
        _okx_fill(2, "LUNA-USDT-SWAP"),
        _okx_fill(3, "BTC-USDT-SWAP"),
    ]
    made = _page("okx", (FILLS, "swap"), {"code": "0", "msg": "", "data": rows})
    assert [type(one) for one in made] == [Fill, UnidentifiedRow, Fill]
    assert made[1].reason == ("okx does not state the contract size of LUNA/USDT:USDT")
    assert (made[1].row_id, made[1].time) != ("", None)


def test_a_kept_row_holds_no_secret() -> None:
    row = _okx_fill(2, "LUNA-USDT-SWAP") | {"clOrdId": SECRETS["api_key"], "token": "LUNA"}
    (kept,) = _page("okx", (FILLS, "swap"), {"code": "0", "msg": "", "data": [row]})
    assert SECRETS["api_key"] not in kept.row
    assert json.loads(kept.row) == row | {"clOrdId": "***"}


def test_an_id_that_says_nothing_becomes_no_asset() -> None:
    odd = {"execQty": "1", "execPrice": "2", "execValue": "2"}
    rows = [execution(1, symbol="QQZZ", **odd), execution(2)]
    made = _page("bybit", (FILLS, "spot"), bybit(rows))
    assert [type(one) for one in made] == [UnidentifiedRow, Fill]
    assert (made[0].market_id, made[0].row_id) == ("QQZZ", "QQZZ:e1")


# --- read later -----------------------------------------------------------------------------------


def test_a_kept_row_is_read_when_its_market_is_listed() -> None:
    row = _mexc_fill(1, "NEWCOIN_USDT", state=3, dealVol="10", dealAvgPrice="100", orderType=1)
    row |= {"createTime": NOW_MS - DAY_MS, "updateTime": NOW_MS - DAY_MS}
    with adapter_for("mexc", lambda asked: _mexc([row])) as (adapter, stub):
        orders = stream(adapter, ORDERS, "contracts")
        (kept,) = adapter.page(orders, None, LONG_AGO, {}).records
        assert isinstance(kept, UnidentifiedRow)
        assert adapter.identify(orders, [kept]) == {}
        garbled = replace(kept, row=json.dumps({**row, "createTime": "?", "updateTime": "?"}))
        assert adapter.identify(orders, [garbled]) == {kept.row_id: None}
        new = market("NEWCOIN_USDT", "NEWCOIN/USDT:USDT", contractSize="0.1")
        client = adapter._session.client
        client.set_markets([*listed(client), new])
        asked = len(stub.asked)
        found = adapter.identify(orders, [kept])
        assert len(stub.asked) == asked
    (read,) = found.values()
    assert read is not None
    (order,) = read
    assert isinstance(order, Order)
    assert (order.category, order.symbol, order.side) == ("linear", "NEWCOIN/USDT:USDT", Side.BUY)
    assert (order.amount, order.cost) == (Decimal(10), Decimal(100))
