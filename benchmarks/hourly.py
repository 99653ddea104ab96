"""How many requests an hourly run sends in which nothing happened, at every simulated exchange and
with few and many symbols."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.charges import Charge, charges_of
from benchmarks.ground import Bench, Ground, process, world
from benchmarks.lines import Line, measured
from benchmarks.symbols import trade_in
from benchmarks.timing import Took
from exchange_cache.simulator.simulation import Logged

HOUR = 3600
#: The paths of the present state, which every run asks for: balances, positions, open orders and
#: prices.
PRESENT = {
    "binance": (
        "/api/v3/account", "/sapi/v1/asset/get-funding-asset", "/fapi/v3/account",
        "/dapi/v1/account", "/sapi/v1/margin/account", "/sapi/v1/margin/isolated/account",
        "/sapi/v1/simple-earn/flexible/position", "/sapi/v1/simple-earn/locked/position",
        "/fapi/v3/positionRisk", "/dapi/v1/positionRisk", "/openOrders", "/api/v3/ticker/24hr",
    ),
    "bybit": (
        "/v5/account/wallet-balance", "/v5/asset/transfer/query-account-coins-balance",
        "/v5/earn/position", "/v5/position/list", "/v5/order/realtime", "/v5/market/tickers",
    ),
    "coinbase": (
        "/api/v3/brokerage/accounts", "/api/v3/brokerage/cfm/positions",
        "/api/v3/brokerage/market/products",
    ),
    "kraken": ("/BalanceEx", "/OpenPositions", "/OpenOrders", "/Ticker"),
    "kucoin": (
        "/api/v1/account-overview", "/api/v1/accounts", "/api/v1/earn/hold-assets",
        "/api/v1/positions", "/api/v1/hf/orders/active", "/api/v1/market/allTickers",
        "/api/v1/margin/account", "/api/v3/isolated/accounts",
    ),
    "okx": (
        "/account/balance", "/asset/balances", "/savings/balance", "/orders-active",
        "/account/positions", "/trade/orders-pending", "/market/tickers",
    ),
}  # fmt: skip
#: Lists of orders whose path serves those that ended, too.
_OPEN = {("order_status", "OPEN"), ("status", "active")}
#: Requests that a run may send besides those for the present state.
BESIDE = 8
DAYS = 5


@dataclass
class Hours:
    """One account and its exchange, on a clock that is moved between runs."""

    ground: Ground
    shift: Sequence[int]

    def sync(self) -> tuple[Took, list[Logged]]:
        """A sync at the moment to which the clock was moved."""
        self.ground.simulator.requests.clear()
        took = self.ground.timed(process("later", str(self.shift[0]), "sync"))
        return took, list(self.ground.simulator.requests)


def run(bench: Bench) -> Iterator[Line | Charge]:
    for exchange in PRESENT:
        for symbols in bench.symbols:
            found = _hours(exchange, symbols)
            yield from (
                one for one in found if symbols == bench.symbols[0] or isinstance(one, Line)
            )


def _hours(exchange: str, symbols: int) -> Iterator[Line | Charge]:
    """Two runs in which nothing happened, and the first one of the next day."""
    shift = [0]
    since = f"{datetime.now(UTC) - timedelta(days=DAYS):%Y-%m-%d}"
    settings = f"history_start = {since}\nsweep_budget = 0\n"
    options: dict[str, Any] = {"accounts": {"main": exchange}, "fills": 40}
    options["clock"] = lambda: time.time_ns() // 1_000_000 + shift[0] * 1000
    with world(settings, **options) as g:
        hours = Hours(g, shift)
        trade_in(g.simulator.venue, "main", symbols)
        for _ in range(3):
            hours.sync()
            shift[0] += HOUR
        first = hours.sync()
        shift[0] += HOUR
        with charges_of(g.simulator) as charges:
            second = hours.sync()
        shift[0] += 24 * HOUR
        _, daily = hours.sync()
    runs = (first, second)
    yield measured(
        "nothing new",
        f"nothing new, {exchange}, {symbols} symbols: beside the present state",
        "requests",
        [len(histories(exchange, sent)) for _, sent in runs],
        tuple(took for took, _ in runs),
        at_most=BESIDE,
        requests=len(second[1]),
    )
    name = f"(the daily round of {exchange}, {symbols} symbols)"
    yield measured("nothing new", name, "requests", [len(daily)])
    yield from charges


def histories(exchange: str, sent: Sequence[Logged]) -> list[Logged]:
    """The requests that are not for the present state."""
    return [
        one
        for one in sent
        if not one.path.endswith(PRESENT[exchange]) and not _OPEN & set(one.params.items())
    ]
