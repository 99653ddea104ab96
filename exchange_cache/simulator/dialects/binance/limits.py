"""Request weights: what every call costs, how much a minute allows, and what follows for who goes
on regardless.

Sources: developers.binance.com, each endpoint's "Weight"; "LIMITS" of spot (6000 a minute and IP),
wallet (12000 by IP or 180000 by UID, for every endpoint apart) and futures (2400, fapi and dapi
apart). Over the limit: 429 with Retry-After; requests sent nevertheless end in a ban: 418, two
minutes at first, longer each time, three days at most.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from exchange_cache.simulator.wire import Request, Response, WindowCounter

Weight = int | Callable[[dict[str, str]], int]

SPOT_LIMIT, FUTURES_LIMIT, SAPI_IP_LIMIT, SAPI_UID_LIMIT = 6000, 2400, 12_000, 180_000
_STRIKES = 10
_FIRST_BAN_SECONDS = 120
_LONGEST_BAN_SECONDS = 3 * 86_400


def _with_symbol(one: int, all_of_them: int) -> Callable[[dict[str, str]], int]:
    return lambda query: one if "symbol" in query else all_of_them


def _spot_ticker(query: dict[str, str]) -> int:
    if "symbol" in query:
        return 2
    try:
        count = len(json.loads(query["symbols"])) if "symbols" in query else 1000
    except ValueError:
        count = 1
    return 2 if count <= 20 else 40 if count <= 100 else 80


def _futures_klines(query: dict[str, str]) -> int:
    limit = query.get("limit", "500")
    size = int(limit) if limit.isdigit() else 500
    return 1 if size < 100 else 2 if size < 500 else 5 if size <= 1000 else 10


_SPOT: dict[str, Weight] = {
    "exchangeInfo": 20,
    "ticker/24hr": _spot_ticker,
    "ticker/price": _with_symbol(2, 4),
    "ticker/bookTicker": _with_symbol(2, 4),
    "klines": 2,
    "account": 20,
    "myTrades": lambda query: 5 if "orderId" in query else 20,
    "allOrders": 20,
    "openOrders": _with_symbol(6, 80),
    "order": 4,
}
_FUTURES: dict[str, Weight] = {
    "ticker/24hr": _with_symbol(1, 40),
    "ticker/bookTicker": _with_symbol(2, 5),
    "ticker/price": _with_symbol(1, 2),
    "premiumIndex": _with_symbol(1, 10),
    "klines": _futures_klines,
    "account": 5,
    "balance": 5,
    "positionRisk": 5,
    "userTrades": 5,
    "allOrders": 5,
    "openOrders": _with_symbol(1, 40),
    "openAlgoOrders": _with_symbol(1, 40),
    "allAlgoOrders": 5,
    "forceOrders": _with_symbol(20, 50),
    "income": 30,
    "trade/asyn": 1000,
    "order/asyn": 1000,
    "income/asyn": 1000,
    "trade/asyn/id": 10,
    "order/asyn/id": 10,
    "income/asyn/id": 10,
    "positionSide/dual": 30,
    "multiAssetsMargin": 30,
}
_COIN: dict[str, Weight] = {
    **_FUTURES,
    "positionRisk": 1,
    "balance": 1,
    "userTrades": _with_symbol(20, 40),
    "allOrders": _with_symbol(20, 40),
    "income": 20,
    "trade/asyn": 5,
    "order/asyn": 5,
    "income/asyn": 5,
}
_SAPI_IP: dict[str, int] = {
    "capital/config/getall": 10,
    "asset/assetDividend": 10,
    "asset/wallet/balance": 60,
    "margin/account": 10,
    "margin/isolated/account": 10,
    "margin/isolated/allPairs": 10,
    "margin/myTrades": 10,
    "margin/allOrders": 200,
    "margin/openOrders": 10,
    "margin/borrow-repay": 10,
    "simple-earn/flexible/position": 150,
    "simple-earn/locked/position": 150,
    "simple-earn/account": 150,
    "simple-earn/flexible/history/subscriptionRecord": 150,
    "simple-earn/flexible/history/redemptionRecord": 150,
    "simple-earn/flexible/history/rewardsRecord": 150,
    "simple-earn/locked/history/rewardsRecord": 150,
    "eth-staking/account": 150,
}
_SAPI_UID: dict[str, int] = {
    "capital/withdraw/history": 18_000,
    "convert/tradeFlow": 3000,
    "fiat/orders": 90_000,
    "pay/transactions": 3000,
    "asset/ledger-transfer/cloud-mining/queryByPage": 600,
}


@dataclass(slots=True)
class _Record:
    """How a client behaved: requests sent after a 429, bans so far, end of the present one (seconds
    of the clock)."""

    strikes: int = 0
    bans: int = 0
    banned_until: float = 0.0


@dataclass(frozen=True, slots=True)
class _Charge:
    """A request's cost: in which counter, and which header tells how much is used."""

    family: str
    who: str
    weight: int
    header: str


@dataclass(slots=True)
class Limits:
    """The counters of all clients (one IP: everything comes from 127.0.0.1)."""

    scale: float = 1.0
    clock: Callable[[], float] = time.monotonic
    _counters: dict[str, WindowCounter] = field(default_factory=dict)
    _records: dict[str, _Record] = field(default_factory=dict)

    def charge(self, request: Request) -> Response | None:
        """Count the request; a response refuses it."""
        cost = _charge(request)
        if cost is None:
            return None
        record = self._records.setdefault(cost.family, _Record())
        banned = record.banned_until - self.clock()
        if banned > 0:
            return self._banned(request, banned)
        counter = self._counter(cost.family)
        if counter.charge(cost.who, cost.weight):
            record.strikes = 0
            return None
        record.strikes += 1
        if record.strikes > _STRIKES:
            return self._ban(request, record)
        limit = int(counter.limit)
        message = (
            f"Too much request weight used; current limit is {limit} request weight per 1 MINUTE. "
            "Please use WebSocket Streams for live updates to avoid polling the API."
        )
        return Response(
            status=429,
            body={"code": -1003, "msg": message},
            headers={"Retry-After": str(counter.seconds_left())},
        )

    def header(self, request: Request) -> dict[str, str]:
        """The used weight as Binance tells it with every answer."""
        cost = _charge(request)
        if cost is None:
            return {}
        used = str(self._counter(cost.family).used(cost.who))
        headers = {f"{cost.header}-1M": used}
        return {cost.header: used, **headers} if cost.family == "api" else headers

    def limit(self, family: str) -> int:
        """Weight a minute of api, fapi, dapi, sapi-ip or sapi-uid, scaled."""
        known = {
            "api": SPOT_LIMIT,
            "fapi": FUTURES_LIMIT,
            "dapi": FUTURES_LIMIT,
            "sapi-ip": SAPI_IP_LIMIT,
        }
        return max(1, int(known.get(family, SAPI_UID_LIMIT) * self.scale))

    def _counter(self, family: str) -> WindowCounter:
        if family not in self._counters:
            self._counters[family] = WindowCounter(self.limit(family), 60, lambda: self.clock())
        return self._counters[family]

    def _ban(self, request: Request, record: _Record) -> Response:
        seconds = min(_FIRST_BAN_SECONDS * 2**record.bans, _LONGEST_BAN_SECONDS)
        record.bans += 1
        record.strikes = 0
        record.banned_until = self.clock() + seconds
        return self._banned(request, seconds)

    def _banned(self, request: Request, seconds: float) -> Response:
        until = request.now_ms + int(seconds * 1000)
        message = (
            f"Way too much request weight used; IP banned until {until}. "
            "Please use WebSocket Streams for live updates to avoid bans."
        )
        return Response(
            status=418,
            body={"code": -1003, "msg": message},
            headers={"Retry-After": str(max(1, round(seconds)))},
        )


def _charge(request: Request) -> _Charge | None:
    family, _, rest = request.path[1:].partition("/")
    _version, _, name = rest.partition("/")
    if family == "sapi":
        return _sapi_charge(request, name)
    table = {"api": _SPOT, "fapi": _FUTURES, "dapi": _COIN}.get(family)
    if table is None:
        return None
    weight = table.get(name, 1)
    return _Charge(
        family,
        "ip",
        weight if isinstance(weight, int) else weight(request.query),
        "X-MBX-USED-WEIGHT",
    )


def _sapi_charge(request: Request, name: str) -> _Charge:
    if name in _SAPI_UID:
        who = f"{request.headers.get('x-mbx-apikey', '')} {name}"
        return _Charge("sapi-uid", who, _SAPI_UID[name], "X-SAPI-USED-UID-WEIGHT")
    return _Charge("sapi-ip", name, _SAPI_IP.get(name, 1), "X-SAPI-USED-IP-WEIGHT")
