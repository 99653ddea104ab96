"""A part whose answer cannot be read fails and keeps its old rows with their old time; every other
part is saved.

Real ccxt over HTTP from a scripted exchange into a real cache: one good run, then an hour later the
same answers but one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.ccxt_adapter import CcxtAdapter
from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.portfolio.accessor import PortfolioDataAccessor, ReadingSettings
from exchange_cache.records import DataType, OrderStatus
from exchange_cache.sync.account_run import AccountRun, RunOptions
from exchange_cache.sync.report import AccountReport
from tests.exchanges.builders import NOW, adapter_for
from tests.exchanges.canned import ABSENT, spoilt
from tests.exchanges.major_mirrors import BYBIT, KRAKEN, OKX
from tests.exchanges.scripted import Mirror
from tests.exchanges.stub import Asked

NOTHING: dict[str, Any] = {
    "kraken": {"error": [], "result": {"closed": {}, "trades": {}, "ledger": {}, "count": 0}},
    "okx": {"code": "0", "msg": "", "data": []},
    "bybit": {
        "retCode": 0,
        "result": {
            "list": [],
            "rows": [],
            "nextPageCursor": "",
            "uta": 1,
            "unified": 1,
            "unifiedMarginStatus": 5,
        },
    },
}
WORD = {DataType.BALANCES: "balance", DataType.POSITIONS: "position", DataType.PRICES: "price"}
MIRRORS = {DataType.BALANCES, DataType.POSITIONS, DataType.PRICES}


class Scripted:
    """An exchange that gives its documented answers; ``bad`` takes the place of one of them."""

    def __init__(self, exchange: str, cases: tuple[Mirror, ...]) -> None:
        self.exchange = exchange
        self.cases = cases
        self.bad: dict[str, Any] = {}

    def __call__(self, asked: Asked) -> Any:
        for path, reply in self.bad.items():
            if asked.path.endswith(path):
                return reply
        for case in self.cases:
            if asked.path.endswith(case.path) and self._is_of(case, asked):
                return copy.deepcopy(case.reply)
        return NOTHING[self.exchange]

    def _is_of(self, case: Mirror, asked: Asked) -> bool:
        kind = asked.params.get("instType") or asked.params.get("category")
        if case.what == "open_orders" and "after" in asked.params:
            return False
        return (
            kind is None
            or case.name.upper() == kind.upper()
            or (kind == "SWAP" and case.name == "linear")
        )


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@contextmanager
def open_scripted(
    exchange: str, cases: tuple[Mirror, ...], clock: SetClock
) -> Iterator[tuple[CcxtAdapter, Scripted]]:
    script = Scripted(exchange, cases)
    with adapter_for(exchange, script, clock=clock, retry=RetryPolicy(attempts=1)) as (adapter, _):
        yield adapter, script


def run(
    adapter: CcxtAdapter, repository: ExchangeCacheRepository, clock: SetClock, *only: DataType
) -> AccountReport:
    options = RunOptions(only=frozenset(only))
    return AccountRun(
        adapter, repository, clock, options, observer=lambda event: None, stop=lambda: False
    ).run()


@pytest.mark.parametrize(
    ("exchange", "cases", "data_type", "part", "path", "at", "value"),
    [
        (
            "kraken",
            KRAKEN,
            DataType.BALANCES,
            "spot",
            "/BalanceEx",
            ("result", "XXBT", "balance"),
            ABSENT,
        ),
        (
            "kraken",
            KRAKEN,
            DataType.BALANCES,
            "spot",
            "/BalanceEx",
            ("result", "XXBT"),
            {"amount": "1.5", "hold_trade": "0"},
        ),
        (
            "okx",
            OKX,
            DataType.BALANCES,
            "trading",
            "/account/balance",
            ("data", 0, "details"),
            None,
        ),
        ("okx", OKX, DataType.BALANCES, "funding", "/asset/balances", ("data", 0, "bal"), ABSENT),
        ("okx", OKX, DataType.POSITIONS, "linear", "/account/positions", ("data",), None),
        (
            "okx",
            OKX,
            DataType.POSITIONS,
            "linear",
            "/account/positions",
            ("data", 0, "pos"),
            ABSENT,
        ),
        (
            "bybit",
            BYBIT,
            DataType.BALANCES,
            "unified",
            "/v5/account/wallet-balance",
            ("result", "list", 0, "coin"),
            None,
        ),
        (
            "bybit",
            BYBIT,
            DataType.POSITIONS,
            "inverse",
            "/v5/position/list",
            ("result", "list"),
            None,
        ),
        ("bybit", BYBIT, DataType.PRICES, "spot", "/v5/market/tickers", ("result", "list"), None),
    ],
)
def test_an_unreadable_part_keeps_its_old_rows_and_the_others_are_saved(
    repository: ExchangeCacheRepository,
    clock: SetClock,
    exchange: str,
    cases: tuple[Mirror, ...],
    data_type: DataType,
    part: str,
    path: str,
    at: tuple[str | int, ...],
    value: Any,
) -> None:
    with open_scripted(exchange, cases, clock) as (adapter, script):
        first = run(adapter, repository, clock, *MIRRORS)
        assert first.ok, [item.error for item in first.parts if item.error]
        before = everything(repository)
        clock.at += timedelta(hours=1)
        model = next(
            case.reply
            for case in cases
            if path.endswith(case.path) and case.name in {part, "linear", "spot"}
        )
        script.bad = {path: spoilt(model, at, value)}

        report = run(adapter, repository, clock, *MIRRORS)

    failed = {(item.data_type, item.part) for item in report.parts if item.state == "failed"}
    assert (data_type, part) in failed and {kind for kind, _ in failed} == {data_type}
    after = everything(repository)
    assert set(after) == set(before), "nothing has vanished"
    assert [
        row
        for row, fetched in after.items()
        if row[0] == WORD[data_type] and fetched == before[row]
    ], "old rows, old time"
    assert [
        row
        for row, fetched in after.items()
        if row[0] != WORD[data_type] and fetched == before[row]
    ] == []


def everything(repository: ExchangeCacheRepository) -> dict[tuple[Any, ...], Any]:
    mirror = repository.mirror
    found: dict[tuple[Any, ...], Any] = {
        ("balance", item.wallet, item.code, item.total): item.fetched_at
        for item in mirror.balances()
    }
    found |= {
        ("position", item.symbol, item.contracts): item.fetched_at for item in mirror.positions()
    }
    return found | {("price", item.symbol, item.value): item.fetched_at for item in mirror.prices()}


@pytest.mark.parametrize(("exchange", "cases", "path", "at"), [
    ("okx", OKX, "/orders-pending", ("data",)), ("bybit", BYBIT, "/v5/order/realtime", ("result", "list")),  # noqa: E501
    ("kraken", KRAKEN, "/OpenOrders", ("result", "open")),
])  # fmt: skip
def test_an_open_list_of_null_leaves_the_orders_open(
    repository: ExchangeCacheRepository,
    clock: SetClock,
    exchange: str,
    cases: tuple[Mirror, ...],
    path: str,
    at: tuple[str, ...],
) -> None:
    with open_scripted(exchange, cases, clock) as (adapter, script):
        run(adapter, repository, clock, DataType.ORDERS)
        opened = repository.ledger.orders(Filter(status=OrderStatus.OPEN))
        assert opened
        script.bad = {
            path: spoilt(next(case.reply for case in cases if case.path == path), at, None)
        }

        report = run(adapter, repository, clock, DataType.ORDERS)

    assert {item.part for item in report.parts if item.state == "failed"} >= {
        f"open {item.category}" for item in opened
    }
    assert repository.ledger.orders(Filter(status=OrderStatus.OPEN)) == opened


@pytest.mark.parametrize(
    ("exchange", "cases", "rows", "asset", "wallet", "symbol", "result"),
    [
        ("okx", OKX, "data", "USDT", "trading", "BTC/USDT", Decimal(11)),  # 0.1 BTC at 110
        ("kraken", KRAKEN, "result", "USD", "spot", "BTC/USD", Decimal(-2500)),
    ],
)
def test_the_result_of_a_margin_position_is_in_the_portfolio_once(
    repository: ExchangeCacheRepository,
    clock: SetClock,
    exchange: str,
    cases: tuple[Mirror, ...],
    rows: str,
    asset: str,
    wallet: str,
    symbol: str,
    result: Decimal,
) -> None:
    """The portfolio is worth so much more than that of an account without the position."""
    others = tuple(
        replace(case, reply={**case.reply, rows: []})
        if (case.what, case.name) == ("positions", "margin")
        else case
        for case in cases
    )
    totals = []
    for served in (others, cases):
        with open_scripted(exchange, served, clock) as (adapter, _):
            report = run(adapter, repository, clock, *MIRRORS)
        assert report.ok, [item.error for item in report.parts if item.error]
        reading = _accessor(repository, clock, asset).read()
        totals.append(reading.totals.value)
    (shown,) = (own for own in reading.positions if own.position.category == "margin")
    assert (shown.position.wallet, shown.position.symbol) == (wallet, symbol)
    assert (shown.unrealised_value, shown.in_wallet) == (result, False)
    assert None not in totals and totals[1] - totals[0] == result


def _accessor(
    repository: ExchangeCacheRepository, clock: SetClock, asset: str
) -> PortfolioDataAccessor:
    ttl = dict.fromkeys(DataType, timedelta(hours=1))
    settings = ReadingSettings(reporting_asset=asset, ttl=ttl, accounts=("main",))
    return PortfolioDataAccessor(repository, clock, settings)
