"""What the tests of the simulated KuCoin share: a client on the venue's clock, pages and
windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from exchange_cache.simulator.server import Simulator
from tests.simulator.builders import NOW_MS, ccxt_client

ACCOUNT = {"kucoin": "kucoin"}
DAY = 86_400_000
WEEK = 7 * DAY


def connect(simulator: Simulator) -> Any:
    """The real ccxt, its clock set to the venue's."""
    client = ccxt_client(simulator, "kucoin", "kucoin")
    client.password = simulator.venue.account("kucoin").password
    client.nonce = lambda: NOW_MS
    client.milliseconds = lambda: NOW_MS
    return client


def pages(call: Callable[[dict[str, Any]], Any], **params: Any) -> list[Any]:
    """All numbered pages."""
    rows: list[Any] = []
    number = 1
    while True:
        data = call({**params, "currentPage": number})["data"]
        rows += data["items"]
        if number >= data["totalPage"]:
            return rows
        number += 1


def windows(call: Callable[[dict[str, int]], list[Any]], times: Iterable[int]) -> list[Any]:
    """Windows of a week, side by side where something happened, that cover all `times`."""
    rows: list[Any] = []
    covered = 0
    for time_ms in sorted(times):
        if time_ms > covered:
            covered = min(time_ms + WEEK, NOW_MS)
            rows += call({"startAt": time_ms, "endAt": covered})
    return rows


def hf_fills(client: Any, symbol: str, times: Iterable[int]) -> list[Any]:
    """All high-frequency fills of a symbol in windows around `times`."""

    def all_below(window: dict[str, int]) -> list[Any]:
        rows: list[Any] = []
        last: dict[str, Any] = {}
        while True:
            data = client.privateGetHfFills({"symbol": symbol, "limit": 100, **window, **last})[
                "data"
            ]
            rows += data["items"]
            if not data["items"]:
                return rows
            last = {"lastId": data["lastId"]}

    return windows(all_below, times)
