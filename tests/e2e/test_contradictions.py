"""Pages that contradict themselves or the orders, over HTTP: nothing is lost and called complete,
and the run after the fault leaves the ledger of an undisturbed one, without ``--full``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.e2e.spoiling import Passing, spoiled
from tests.e2e.test_kills import ledger
from tests.e2e.world import World


def codes(world: World) -> set[str]:
    return {item.code for item in world.repository().derived.findings()}


def failed(world: World) -> set[tuple[str, str]]:
    return {
        (item.data_type.value, item.part)
        for item in world.repository().progress.statuses(None)
        if item.state == "failed" and item.part
    }


def rows(world: World) -> Any:
    return ledger(world.home / "cache.sqlite3")


def undisturbed(world: World) -> Any:
    """The ledger of a sync in which nothing goes wrong; the cache is gone then."""
    done = world.run("sync")
    assert done.code == 0, done.err
    found = rows(world)
    for leftover in world.home.glob("cache.sqlite3*"):
        leftover.unlink()
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
