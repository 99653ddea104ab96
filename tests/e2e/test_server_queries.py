"""What a reading asks a server: how many connections and statements, which do not grow with the
history. A commit and what ends a statement count as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from exchange_cache.clock import SetClock, SystemClock
from tests.cache.postgres.counting import sent
from tests.e2e.world import World
from tests.homes import HOMES
from tests.postgres import Cluster

pytestmark = [pytest.mark.long, pytest.mark.sqlite]  # with a server of its own

#: Connections and statements of a command, at most.
MOST = {
    "portfolio": (1, 2),
    "portfolio --json": (1, 15),
    "fills": (1, 7),
    "status": (2, 24),
}


@pytest.fixture
def shared(
    cluster: Cluster, make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    monkeypatch.setattr(HOMES, "cluster", cluster)
    with HOMES.during_a_test():
        world = make_world(accounts={"kraken": "kraken"}, fills=400, history_days=None)
        assert world.run("sync").code == 0
        yield world


def asked(cluster: Cluster, world: World, words: str) -> tuple[int, int]:
    """The connections, and the statements of all of them."""
    url = HOMES.places[world.home].url
    found = sent(cluster, url, lambda: world.run(*words.split()))
    return len({one.connection for one in found}), len(found)


def test_a_command_asks_no_more_than_that(cluster: Cluster, shared: World) -> None:
    for words, (connections, statements) in MOST.items():
        found = asked(cluster, shared, words)
        assert found[0] <= connections and found[1] <= statements, (words, found)


def test_stale_data_cost_three_short_connections_more(cluster: Cluster, shared: World) -> None:
    """Whether it may write, who syncs, and how the last run ended."""
    shared.clock = SetClock(SystemClock().now() + timedelta(hours=3))
    connections, statements = asked(cluster, shared, "portfolio --json")
    assert connections <= 4 and statements <= 15 + 6, (connections, statements)
