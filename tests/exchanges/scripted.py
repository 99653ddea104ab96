"""A table of request-level cases: what a stream asks, page by page, against replies shaped as
documented, and what its rows become.

A case plays its replies in order; the walk must ask exactly as many requests, each with the
parameters named (None: must be absent), and the first page must make the records named. ``brief``
says of a record what a case compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.policy import IdPaging
from exchange_cache.exchanges import policy_for
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import Balance, DataType, Fill, Order, Position, Price, Transfer
from tests.exchanges.builders import DAY_MS, NOW_MS, adapter_for, stream, walk
from tests.exchanges.stub import Asked

FILLS, ORDERS, TRANSFERS = DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS
DAY = Span(NOW_MS - DAY_MS, NOW_MS)
START, END = NOW_MS - DAY_MS, NOW_MS


@dataclass(frozen=True, kw_only=True)
class Case:
    """One stream's walk. ``asks`` are the parameters of the successive requests; ``scopes`` may
    name several alike."""

    exchange: str
    data_type: DataType
    scopes: tuple[str, ...]
    path: str
    replies: Sequence[Any]
    asks: Sequence[Mapping[str, Any]]
    makes: Sequence[tuple[Any, ...]]
    symbol: str | None = None
    window: Span | None = DAY
    paths: Sequence[str] = field(default_factory=tuple)  # of each request, where they differ


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def brief(record: Any) -> tuple[Any, ...]:
    """What a case says of a record: enough that nothing about money is left unsaid."""
    if isinstance(record, Fill):
        fees = (
            {fee.asset: _number(fee.amount) for fee in record.fees} if record.fees_known else None
        )
        trade = (
            record.kind.value == "trade"
        )  # the price of all else is what was paid over what was got
        return (
            record.fill_id,
            record.category,
            record.symbol,
            record.side.value,
            _number(record.quantity),
            _number(record.price) if trade else None,
            _number(record.cost),
            fees,
            *(() if trade else (record.kind.value,)),
        )
    if isinstance(record, Order):
        return (
            record.order_id,
            record.category,
            record.symbol,
            record.side.value,
            record.status.value,
            _number(record.amount),
            _number(record.filled),
            _number(record.average),
        )
    if isinstance(record, Transfer):
        fee = None if record.fee is None else f"{_number(record.fee.amount)} {record.fee.asset}"
        return (
            record.transfer_id,
            record.kind.value,
            record.asset,
            _number(record.quantity),
            fee,
            record.status,
        )
    if isinstance(record, Balance):
        return record.code, _number(record.free), _number(record.total), record.includes_unrealised
    if isinstance(record, Position):
        return (
            record.symbol,
            record.category,
            record.side,
            _number(record.base_quantity),
            _number(record.entry_price),
            _number(record.unrealised_pnl),
        )
    assert isinstance(record, Price)
    return record.symbol, _number(record.value)


def run_stream(case: Case, scope: str) -> None:
    replies, order = list(case.replies), iter(range(len(case.replies)))

    def script(asked: Asked) -> Any:
        at = next(order, None)
        assert at is not None, f"one request too many: {asked.path} {asked.params}"
        return replies[at]

    with adapter_for(case.exchange, script) as (adapter, stub):
        policy = stream(adapter, case.data_type, scope)
        whole = isinstance(policy.paging, IdPaging) and policy.paging.whole_history
        pages = walk(adapter, policy, case.symbol, None if whole else case.window)
        made = [
            brief(record)
            for record in next(
                page for page in pages if page.row_count or page is pages[-1]
            ).records
        ]
    assert made == list(case.makes), f"made {made}"
    for at, (asked, requested) in enumerate(zip(stub.asked, case.asks, strict=True)):
        path = case.paths[at] if case.paths else case.path
        assert asked.path.endswith(path), f"request {at}: {asked.path}"
        found = {name: _reported(asked, name) for name in requested}
        assert found == {
            name: None if value is None else str(value) for name, value in requested.items()
        }, f"request {at}: {found}"
    assert len(stub.asked) == len(case.replies)


def _reported(asked: Asked, name: str) -> str | None:
    value: Any = asked.params.get(name)
    return None if value is None else str(value)


def uncovered(exchange: str, cases: Iterable[Case]) -> set[tuple[str, str]]:
    """Streams of a policy without a case."""
    covered = {
        (case.data_type, scope)
        for case in cases
        if case.exchange == exchange
        for scope in case.scopes
    }
    return {
        (item.data_type.value, item.scope)
        for item in policy_for(exchange).streams
        if (item.data_type, item.scope) not in covered
    }


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """One wallet, or one list of positions, open orders or tickers, and what its documented reply
    becomes."""

    exchange: str
    what: str  # wallet | positions | open_orders | tickers
    name: str  # the wallet's name, or the category
    path: str
    reply: Any  # or a list of them, as ``replies``
    makes: Sequence[tuple[Any, ...]]
    asks: Mapping[str, Any] = field(default_factory=dict)
    at: int = 0  # which of several calls of a category
    symbol: str | None = None
    more: Sequence[Any] = ()  # replies after the first


def run_mirror(case: Mirror) -> None:
    replies = [case.reply, *case.more]
    order = iter(range(len(replies)))

    def script(asked: Asked) -> Any:
        at = next(order, None)
        assert at is not None, f"one request too many: {asked.path} {asked.params}"
        return replies[at]

    with adapter_for(case.exchange, script) as (adapter, stub):
        policy = adapter.policy
        if case.what == "wallet":
            found: Sequence[Any] = adapter.balances(
                next(item for item in policy.wallets if item.name == case.name)
            )
        elif case.what == "positions":
            found = adapter.positions(
                [item for item in policy.positions if item.category == case.name][case.at]
            )
        elif case.what == "open_orders":
            found = adapter.open_orders(
                [item for item in policy.open_orders if item.category == case.name][case.at],
                case.symbol,
            )
        else:
            found = adapter.prices(
                [item for item in policy.tickers if item.category == case.name][case.at]
            )
    made = [brief(item) for item in found]
    assert made == list(case.makes), f"made {made}"
    first = stub.asked[0]
    assert first.path.endswith(case.path), first.path
    requested = {name: None if value is None else str(value) for name, value in case.asks.items()}
    assert {name: _reported(first, name) for name in requested} == requested
    assert len(stub.asked) == len(replies)


def named(case: Mirror) -> str:
    return f"{case.exchange}-{case.what}-{case.name}-{case.at}"


def each(cases: Iterable[Case]) -> list[Any]:
    """Parameters of a test: every case with each of its scopes."""
    return [
        pytest.param(case, scope, id=f"{case.exchange}-{case.data_type}-{scope}")
        for case in cases
        for scope in case.scopes
    ]


def unread(exchange: str, cases: Iterable[Mirror]) -> set[tuple[str, str]]:
    """Wallets, and categories of positions, open orders and tickers, of a policy without a case."""
    policy = policy_for(exchange)
    lists = {
        "positions": policy.positions,
        "open_orders": policy.open_orders,
        "tickers": policy.tickers,
    }
    known = {("wallet", wallet.name) for wallet in policy.wallets}
    known |= {(what, call.category) for what, calls in lists.items() for call in calls}
    return known - {(case.what, case.name) for case in cases if case.exchange == exchange}
