"""Margin wallets: a world of their own for discovery, not asked of who has none, and dear requests
made only when there is news."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.adapter.policy import CallPolicy, IdPaging, StreamPolicy, WalletPolicy
from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import BadResponse, NotOffered, SymbolUnknown
from exchange_cache.records import DataType
from exchange_cache.sync.account_run import AccountRun, RunOptions
from exchange_cache.sync.findings import NEVER_ASKED, history_findings
from exchange_cache.sync.report import AccountReport
from tests.builders import NOW, balance, fill, order, transfer
from tests.sync.fake_port import DAY, HOUR, Event, FakeExchange, market, policy, stream

BY_ID = IdPaging(param="fromId", step=1, start="0", whole_history=True)
OPENED = frozenset({"margin", "margin-isolated"})
SPOT = WalletPolicy(name="spot")
CROSS = WalletPolicy(name="margin", optional=True)
ISOLATED = WalletPolicy(name="margin-isolated", optional=True, market_rows="assets")


def margin_stream(
    data_type: DataType = DataType.FILLS, wallet: str = "margin", **more: Any
) -> StreamPolicy:
    more = {
        "category": "margin",
        "needs_symbol": True,
        "paging": BY_ID,
        "page_size": 3,
        "opened_by": OPENED,
        "optional": True,
        **more,
    }
    return stream(data_type, more.pop("scope", wallet), wallet=wallet, **more)


FILLS, PAIRS = margin_stream(), margin_stream(wallet="margin-isolated")
ORDERS = margin_stream(DataType.ORDERS, scope="margin-orders", swept=False, at_most_every=DAY)
SPOT_FILLS = stream(needs_symbol=True, paging=BY_ID, page_size=3)
OPEN = (
    CallPolicy(category="margin", wallet="margin", method="fake", opened_by=OPENED, optional=True),
    CallPolicy(
        category="margin",
        wallet="margin-isolated",
        method="fake",
        needs_symbol=True,
        opened_by=OPENED,
        optional=True,
    ),
)

Run = Callable[..., AccountReport]


@pytest.fixture
def port(clock: SetClock) -> FakeExchange:
    """BTC on spot; ETH owed in the cross wallet; ADA/USDT is an isolated pair. DOGE cannot be
    traded on margin."""
    names = ("BTC/USDT", "ETH/USDT", "ETH/BTC", "ADA/USDT", "SOL/USDT", "XRP/USDT")
    made = FakeExchange(
        policy(SPOT_FILLS, FILLS, PAIRS, ORDERS, wallets=(SPOT, CROSS, ISOLATED), open_orders=OPEN),
        clock=clock,
    )
    made.listed = {name: market(name, margin=True) for name in names} | {
        "DOGE/USDT": market("DOGE/USDT")
    }
    made.wallets = {"spot": (balance("1"),), "margin": (balance("-2", "ETH", wallet="margin"),)}
    made.pairs = {"margin-isolated": frozenset({"ADA/USDT"})}
    return made


@pytest.fixture
def run(repository: ExchangeCacheRepository, clock: SetClock) -> Run:
    def go(port: FakeExchange, **options: Any) -> AccountReport:
        port.asked.clear()
        return AccountRun(port, repository, clock, RunOptions(**options)).run()

    return go


def asked(port: FakeExchange, scope: str) -> list[str]:
    return list(dict.fromkeys(symbol for name, symbol, _ in port.asked if name == scope and symbol))


def event(record: Any) -> Event:
    moment = getattr(record, "time", None) or record.created_at
    return Event(
        int(getattr(record, "fill_id", None) or record.order_id),
        to_ms(moment),
        record,
        record.symbol,
    )


def states(repository: ExchangeCacheRepository) -> dict[str, str]:
    return {
        f"{item.data_type} {item.part}".strip(): item.state
        for item in repository.progress.statuses(["main"])
    }


def test_only_what_the_margin_wallet_touched_leads_to_symbols_there(
    port: FakeExchange, run: Run
) -> None:
    run(port, sweep_budget=0)

    assert asked(port, "spot") == ["BTC/USDT", "ETH/BTC", "ETH/USDT"]  # whatever any wallet holds
    assert asked(port, "margin") == ["ETH/BTC", "ETH/USDT"]
    assert asked(port, "margin-isolated") == ["ADA/USDT"]


def test_moves_into_the_margin_wallet_lead_to_symbols(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    moves = stream(DataType.TRANSFERS, "moves")
    port.policy = policy(moves, FILLS, wallets=(SPOT, CROSS))
    port.wallets["margin"] = ()
    moved = transfer(
        "1",
        asset="XRP",
        kind="internal",
        scope="moves",
        time=NOW - DAY,
        from_wallet="spot",
        to_wallet="margin",
    )
    elsewhere = transfer(
        "2",
        asset="SOL",
        kind="internal",
        scope="moves",
        time=NOW - DAY,
        from_wallet="spot",
        to_wallet="funding",
    )
    port.add(
        DataType.TRANSFERS,
        "moves",
        *(Event(int(one.transfer_id), to_ms(one.time), one) for one in (moved, elsewhere)),
    )
    run(port, sweep_budget=0)

    assert asked(port, "margin") == ["XRP/USDT"]


def test_the_sweep_takes_only_what_may_be_traded_on_margin(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    run(port, sweep_budget=2)
    assert repository.progress.memory("main")[NEVER_ASKED] == {
        "spot": 2,
        "margin": 2,
        "margin-isolated": 3,
    }
    assert asked(port, "margin-orders") == ["ETH/BTC", "ETH/USDT"], "dear: never swept"
    first = set(asked(port, "margin"))
    run(port, sweep_budget=10)

    assert first | set(asked(port, "margin")) == {
        "BTC/USDT",
        "ETH/BTC",
        "ETH/USDT",
        "SOL/USDT",
        "XRP/USDT",
        "ADA/USDT",
    }
    assert repository.progress.memory("main")[NEVER_ASKED] == {
        "spot": 0,
        "margin": 0,
        "margin-isolated": 0,
    }
    assert asked(port, "margin-orders") == []


def test_a_margin_wallet_that_could_not_be_read_is_not_taken_for_one_that_is_not_there(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.wallets["margin"] = BadResponse("nonsense")  # type: ignore[assignment]
    port.pairs = {}
    report = run(port, sweep_budget=10)

    assert not report.ok
    reported = states(repository)
    parts = ("fills margin", "fills margin-isolated", "orders margin-orders", "orders open margin")
    assert {reported[name] for name in parts} == {"failed"}


def test_an_account_without_margin_is_not_asked_for_it(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.wallets["margin"] = NotOffered("no margin account")  # type: ignore[assignment]
    port.pairs = {}
    report = run(port, sweep_budget=10)

    assert [name for name, _, _ in port.asked if "margin" in name] == [
        "margin",
        "margin-isolated",
    ], "the two wallets, nothing else"
    assert not report.problems()
    reported = states(repository)
    parts = ("fills margin", "fills margin-isolated", "orders margin-orders", "orders open margin")
    assert {reported[name] for name in parts} == {"not_offered"}
    assert (reported["fills"], reported["orders"]) == ("ok", "not_offered")
    assert repository.progress.memory("main")[NEVER_ASKED] == {"spot": 0}


def test_an_isolated_pair_opens_margin_without_a_cross_wallet(port: FakeExchange, run: Run) -> None:
    port.wallets["margin"] = NotOffered("no margin account")  # type: ignore[assignment]
    run(port, sweep_budget=0)

    assert asked(port, "margin-isolated") == ["ADA/USDT"]


def test_pairs_are_remembered_when_they_are_closed_and_when_only_histories_are_read(
    port: FakeExchange, run: Run
) -> None:
    run(port, sweep_budget=0)
    port.pairs = {}
    run(port, sweep_budget=0, only=frozenset({DataType.FILLS}))

    assert asked(port, "margin-isolated") == ["ADA/USDT"]


def test_a_pair_without_an_isolated_account_is_asked_once(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    gone = SymbolUnknown("isolated margin account does not exist")
    port.broken = {("margin-isolated", name): gone for name in port.listed if name != "ADA/USDT"}
    report = run(port, sweep_budget=10)

    assert not report.problems()
    assert repository.progress.memory("main")[NEVER_ASKED] == {
        "spot": 0,
        "margin": 0,
        "margin-isolated": 0,
    }
    assert [found.code for found in history_findings(repository, "main", NOW)] == []


def test_open_orders_of_isolated_pairs_are_asked_pair_by_pair(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.open_lists = {
        "margin": (order("9", "open", symbol="ADA/USDT", created_at=NOW - HOUR, category="margin"),)
    }
    run(port, sweep_budget=0)

    assert [one.symbol for one in repository.ledger.orders(Filter(status="open"))] == ["ADA/USDT"]
    assert states(repository)["orders open margin"] == "ok"


def test_dear_orders_are_asked_once_a_day_or_when_there_is_news(
    port: FakeExchange, run: Run, clock: SetClock
) -> None:
    port.policy = policy(FILLS, ORDERS, wallets=(SPOT, CROSS))

    def asked_after(wait: timedelta) -> list[str]:
        clock.sleep(wait.total_seconds())
        run(port, sweep_budget=0)
        return sorted(asked(port, "margin-orders"))

    assert asked_after(HOUR) == ["ETH/BTC", "ETH/USDT"]
    assert asked_after(HOUR) == []
    port.add(
        DataType.FILLS, "margin", event(fill("2", symbol="ETH/USDT", time=NOW, category="margin"))
    )
    port.wallets["margin"] = (balance("-1", "ETH", wallet="margin"),)
    assert asked_after(HOUR) == ["ETH/USDT"]
    assert asked_after(HOUR) == []
    port.add(
        DataType.ORDERS,
        "margin-orders",
        event(order("5", "unknown", symbol="ETH/USDT", created_at=NOW, category="margin")),
    )
    assert asked_after(DAY) == ["ETH/BTC", "ETH/USDT"]
    assert asked_after(HOUR) == ["ETH/USDT"], "what became of its order is not known"
