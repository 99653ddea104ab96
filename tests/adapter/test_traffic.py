"""What one call of ccxt exchanged: noted for this call alone."""

from __future__ import annotations

from types import SimpleNamespace

from exchange_cache.adapter.traffic import Stated, Traffic, parsed, recorded
from tests.exchanges.builders import market, open_stubbed


def test_a_call_inside_another_has_its_own_traffic() -> None:
    client = SimpleNamespace(traffic=Traffic(endpoint="outer"))
    with recorded(client) as inner:
        inner.begin("GET private fills")
        assert client.traffic is inner
    assert client.traffic.endpoint == "outer"
    assert (inner.endpoint, inner.response) == ("GET private fills", None)


def test_a_new_request_forgets_the_answer_before_it() -> None:
    traffic = Traffic(endpoint="a", status=200, headers={"x": "y"}, response={"rows": []})
    traffic.begin("b")
    assert (traffic.endpoint, traffic.status, traffic.headers, traffic.response) == (
        "b",
        None,
        {},
        None,
    )


def test_stated_figures_are_those_of_the_raw_row_in_every_copy_of_its_structure() -> None:
    info, stated = {"id": "1"}, Stated()
    stated.note("trade", {"info": info, "cost": None, "price": "2"}, ("price", "cost"))
    copy = {"info": info, "cost": "6", "price": "2"}
    assert stated.of("trade", copy) == {"price": "2", "cost": None}
    assert stated.of("order", copy) == copy, "nothing was noted of this kind"
    assert stated.of("trade", {**copy, "info": {"id": "1"}})["cost"] == "6", "another row"


def test_a_parsed_row_comes_with_what_it_states_itself() -> None:
    client = open_stubbed("binance", "http://127.0.0.1:1")._session.client
    row = {"id": 1, "orderId": 2, "price": "100", "qty": "3", "isBuyer": True, "time": 1}
    structure, stated = parsed(client, "trade", row, market("BTCUSDT", "BTC/USDT"))
    assert (structure["cost"], stated["cost"], stated["amount"]) == ("300", None, "3")
