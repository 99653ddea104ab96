"""The mirrors of one account: every part replaces its own rows."""

from __future__ import annotations

from exchange_cache.adapter.policy import CallPolicy, WalletPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.records import DataType, OrderStatus
from exchange_cache.sync.events import unobserved
from exchange_cache.sync.mirror_run import MirrorRun, SuspiciouslyEmpty, part_name
from exchange_cache.sync.opened import Opened
from exchange_cache.sync.parts import Parts
from exchange_cache.sync.resting import Resting
from tests.builders import NOW, balance, order, price
from tests.sync.fake_port import FakeExchange, policy


def test_parts_are_named_by_what_tells_them_apart() -> None:
    assert part_name(CallPolicy(category="linear", method="x")) == "linear"
    assert (
        part_name(
            CallPolicy(category="linear", method="x", params={"settleCoin": "USDC", "limit": 5})
        )
        == "linear USDC"
    )


def mirrors(
    port: FakeExchange, repository: ExchangeCacheRepository, clock: SetClock, *, force: bool = False
) -> tuple[MirrorRun, Parts]:
    parts = Parts(port.account, repository, clock, unobserved, lambda: False)
    opened = Opened(port, repository, clock)
    resting = Resting(port, repository, clock, reads_all=False, explicit=force)
    return MirrorRun(port, repository, parts, opened, SetClock(NOW), resting, force=force), parts


SPOT, EARN = WalletPolicy(name="spot"), WalletPolicy(name="earn", optional=True)
TICKERS = CallPolicy(category="spot", method="x")
OPEN = CallPolicy(category="spot", method="x")


def test_every_mirror_replaces_its_own_rows(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = FakeExchange(
        policy(wallets=(SPOT, EARN), tickers=(TICKERS,), open_orders=(OPEN,)), clock=clock
    )
    port.wallets = {"spot": (balance("1"), balance("2", "ETH")), "earn": (balance(wallet="earn"),)}
    port.tickers = {"spot": (price(),)}
    port.open_lists = {"spot": (order("9", "open"),)}
    run, parts = mirrors(port, repository, clock)
    run.run(frozenset(DataType))
    port.wallets["spot"] = (balance("3", "SOL"),)
    run.run(frozenset({DataType.BALANCES}))

    held = {(item.wallet, item.code) for item in repository.mirror.balances()}
    assert held == {("spot", "SOL"), ("earn", "BTC")}
    assert [item.symbol for item in repository.mirror.prices()] == ["BTC/USDT"]
    assert [(part.part, part.state) for part in parts.results[:4]] == [
        ("spot", "ok"),
        ("earn", "ok"),
        ("spot", "ok"),
        ("open spot", "ok"),
    ]


def test_a_list_of_open_orders_that_ignores_the_status_brings_no_order_that_ended(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = FakeExchange(policy(wallets=(SPOT,), open_orders=(OPEN,)), clock=clock)
    port.open_lists = {"spot": tuple(order(word, word) for word in OrderStatus)}
    run, _ = mirrors(port, repository, clock)
    run.run(frozenset({DataType.ORDERS}))
    assert {item.order_id for item in repository.ledger.orders()} == {"open", "unknown"}


def test_a_wallet_that_is_suddenly_empty_keeps_its_rows_unless_forced(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = FakeExchange(policy(wallets=(SPOT,)), clock=clock)
    port.wallets = {"spot": (balance("1"),)}
    only = frozenset({DataType.BALANCES})
    mirrors(port, repository, clock)[0].run(only)
    port.wallets = {"spot": ()}
    run, parts = mirrors(port, repository, clock)
    run.run(only)

    (part,) = parts.results
    assert (part.state, part.error and part.error.code) == ("failed", SuspiciouslyEmpty.code)
    assert len(repository.mirror.balances()) == 1
    mirrors(port, repository, clock, force=True)[0].run(only)
    assert repository.mirror.balances() == ()
