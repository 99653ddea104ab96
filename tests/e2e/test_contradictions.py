"""Pages that contradict themselves or the orders, over HTTP: nothing is lost and called complete,
and the run after the fault leaves the ledger of an undisturbed one, without ``--full``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import SetClock
from exchange_cache.errors import BadResponse
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.history import Walk
from exchange_cache.sync.plan import Window
from exchange_cache.sync.revisits import REVISITS, revisited, stored
from tests.adapter.raw_answers import bybit, execution
from tests.e2e.spoiling import Passing, spoiled
from tests.e2e.test_kills import ledger
from tests.e2e.world import World
from tests.exchanges.builders import NOW, NOW_MS, adapter_for, stream
from tests.exchanges.stub import Asked

pytestmark = pytest.mark.long


def codes(world: World) -> set[str]:
    return {item.code for item in world.repository().derived.findings()}


def rows(world: World) -> Any:
    return ledger(world.cache)


def undisturbed(world: World) -> Any:
    """The ledger of a sync in which nothing goes wrong; the cache is gone then."""
    done = world.run("sync")
    assert done.code == 0, done.err
    found = rows(world)
    world.forget()
    return found


KRAKEN = {"accounts": {"kraken": "kraken"}, "fills": 348, "history_days": None}


def is_page(passing: Passing, path: str, **params: str) -> bool:
    return path in passing.path and params.items() <= passing.params.items()


def test_kraken_a_page_at_offset_100_that_is_empty_once_though_348_are_counted_loses_no_fill(
    make_world: Callable[..., World],
) -> None:
    world, emptied = make_world(**KRAKEN), list[int]()
    whole = undisturbed(world)

    def spoil(passing: Passing, body: Any) -> Any:
        if is_page(passing, "TradesHistory", ofs="100") and not emptied:
            emptied.append(body["result"]["count"])
            return {**body, "result": {**body["result"], "trades": {}}}
        return body

    with spoiled(world) as spoiler:
        spoiler.spoil = spoil
        assert world.run("sync").code == 0
    assert emptied and emptied[0] > 100
    assert rows(world) == whole


COINBASE = {"accounts": {"coinbase": "coinbase"}, "fills": 120, "history_days": None}


def without_fills(passing: Passing, body: Any) -> Any:
    return {**body, "fills": [], "cursor": ""} if "/fills" in passing.path else body


def test_coinbase_an_empty_first_page_of_fills_is_not_believed_where_400_orders_say_otherwise(
    make_world: Callable[..., World],
) -> None:
    world, emptied = make_world(**COINBASE), list[Passing]()
    whole = undisturbed(world)

    def once(passing: Passing, body: Any) -> Any:
        if "/fills" in passing.path and not emptied:
            emptied.append(passing)
            return without_fills(passing, body)
        return body

    with spoiled(world) as spoiler:
        spoiler.spoil = once
        assert world.run("sync").code == 0
    assert emptied and rows(world) == whole, "requested again by the same run"
    assert "orders_without_fills" not in codes(world)


def test_fills_that_the_exchange_withholds_are_said_requested_by_the_next_run_and_then_daily(
    make_world: Callable[..., World],
) -> None:
    world = make_world(**COINBASE)
    whole = undisturbed(world)
    with spoiled(world) as spoiler:
        spoiler.spoil = without_fills
        assert world.run("sync").code == 0
        assert len(spoiler.to("/fills")) == 3, "twice as planned, once because of the orders"
        assert cures(world) == ["excache sync --account coinbase"]
        assert world.run("sync").code == 0
        assert cures(world) == ["excache sync --account coinbase --only fills --full"]
        assert world.run("sync").code == 0
        memory = world.repository().progress.memory("coinbase")
        assert revisited(memory)["fills spot"].times == 2, "not before tomorrow"
        spoiler.spoil = lambda passing, body: body
        requested_a_day_ago(world)
        assert world.run("sync").code == 0
    assert rows(world) == whole
    assert "orders_without_fills" not in codes(world)


def test_the_run_after_a_fault_that_lasted_a_run_heals_it(make_world: Callable[..., World]) -> None:
    world = make_world(**COINBASE)
    whole = undisturbed(world)
    with spoiled(world) as spoiler:
        spoiler.spoil = without_fills
        assert world.run("sync").code == 0
        assert cures(world) == ["excache sync --account coinbase"]
    assert world.run("sync").code == 0
    assert rows(world) == whole and cures(world) == []


def requested_a_day_ago(world: World) -> None:
    progress = world.repository().progress
    known = revisited(progress.memory("coinbase"))
    earlier = {name: replace(item, at_ms=item.at_ms - 86_400_000) for name, item in known.items()}
    progress.remember("coinbase", {REVISITS: stored(earlier)}, datetime.now(UTC))


def cures(world: World) -> list[str | None]:
    found = world.repository().derived.findings()
    return [item.hint for item in found if item.code == "orders_without_fills"]


def test_bybit_a_walk_in_a_circle_leaves_a_gap_that_the_next_run_fills(tmp_path: Path) -> None:
    """Three pages, of which the last one leads back to the first; then the exchange is well."""
    leads = {"end": "A"}

    def script(asked: Asked) -> Any:
        pages = {
            None: bybit([execution(1)], "A"),
            "A": bybit([execution(2)], "B"),
            "B": bybit([execution(3)], leads["end"]),
        }
        return pages[asked.params.get("cursor")]

    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    with adapter_for("bybit", script) as (adapter, stub):
        policy = stream(adapter, DataType.FILLS, "spot")
        key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")

        def walk() -> Walk:
            state = repository.ledger.state(key)
            return Walk(adapter, repository.ledger, SetClock(NOW), policy, state)

        week = Window(span=Span(NOW_MS - 3_600_000, NOW_MS))
        with pytest.raises(BadResponse, match="a circle"):
            walk().run([week], NOW_MS)
        assert len(stub.asked) == 5, "three pages, and the last one twice more"
        assert not repository.ledger.state(key).covered

        leads["end"] = ""
        walk().run([week], NOW_MS)
    assert repository.ledger.state(key).covered == Ranges.of((NOW_MS - 3_600_000, NOW_MS))
    assert {fill.fill_id for fill in repository.ledger.fills()} == {"e1", "e2", "e3"}
    repository.close()


def test_kraken_a_ledger_that_is_empty_once_is_requested_again_because_of_the_balances(
    make_world: Callable[..., World],
) -> None:
    """No total and no order contradicts the empty answer; what the wallet holds does."""
    world = make_world(**{**KRAKEN, "fills": 60})
    whole = undisturbed(world)

    def without_ledger(passing: Passing, body: Any) -> Any:
        if "Ledgers" not in passing.path:
            return body
        return {**body, "result": {**body["result"], "ledger": {}, "count": 0}}

    with spoiled(world) as spoiler:
        spoiler.spoil = without_ledger
        assert world.run("sync").code == 0
    assert rows(world) != whole
    assert world.run("sync").code == 0
    assert rows(world) == whole
