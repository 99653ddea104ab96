"""The roles of ``db grants`` on a real server and on its streaming replica: a reader prints
everything and changes nothing, and a replica states how far it is behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.cache.migrations import TABLES
from exchange_cache.clock import SetClock, SystemClock
from exchange_cache.simulator.server import running_simulator
from tests.e2e.world import World
from tests.postgres import Cluster, missing

pytestmark = [pytest.mark.long, pytest.mark.sqlite]  # with a server of its own
READS = tuple(
    tuple(line.split())
    for line in """
portfolio
portfolio --json
portfolio --all --by account
portfolio --quote EUR
portfolio --cost-method fifo
portfolio --at 2026-01-02
portfolio BTC --no-refresh
balances
positions --json
orders
fills --json
transfers --format csv
prices
explain BTC
explain BTC --all --cost-method fifo
explain ETH --json
pnl
pnl --json
gains
gains --json --cost-method fifo
basis list
assets
import list
import template
export csv
export jsonl
export beancount
history
history --json
diff --since 7d
status
status --all
status --json
status --coverage
status --missing
stats
stats --json
stats --format prometheus
account list
db path
db check
db check --quick
db migrate
db grants
""".strip().splitlines()
)
WRITES = (
    ("sync",),
    ("sync", "--full"),
    ("reload", "--force"),
    ("basis", "set", "BTC", "--quantity", "1", "--price", "2", "--at", "2026-01-01"),
    ("status", "--accept", "own_start", "--reason", "known"),
    ("account", "rename", "kraken", "other"),
)


@dataclass
class Place:
    """A server with the roles of ``db grants``, and homes of one simulator for each role."""

    cluster: Cluster
    folder: Path
    first: World

    def home(self, role: str, cluster: Cluster | None = None, *, later: float = 0) -> World:
        """``later``: its clock is so many hours ahead, so that what is stored is stale."""
        number = sum(1 for _ in self.folder.iterdir())
        clock = SystemClock()
        if later:
            clock = SetClock(clock.now() + timedelta(hours=later))  # type: ignore[assignment]
        world = World.create(
            self.first.simulator, self.folder / f"home{number}", clock, history_days=10
        )
        url = (cluster or self.cluster).url("excache", f"excache_{role}")
        config = world.home / "config.toml"
        config.write_text(f'cache_url = "{url}"\n{config.read_text()}')
        return world

    def rows(self, cluster: Cluster | None = None) -> dict[str, object]:
        """A digest of each table."""
        one = "SELECT '{0}', md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {0} AS t"
        sql = " UNION ALL ".join(one.format(name) for name in sorted(TABLES))
        return {
            str(name): found for name, found in (cluster or self.cluster).execute(sql, "excache")
        }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if reason := missing():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("roles")
    with (
        Cluster.running() as cluster,
        running_simulator(seed=1, limit_scale=1000, fills=60) as simulator,
    ):
        first = World.create(simulator, folder / "first", history_days=10)
        cluster.script(first.run("db", "grants").out)
        found = Place(cluster, folder, first)
        for role in ("reader", "writer"):
            empty = found.home(role).run("sync")
            assert empty.code == 78, empty
            assert "has no tables yet, and excache_" in empty.err and "excache_owner" in empty.err
        assert found.home("reader").run("portfolio", "--no-refresh").code == 66
        done = found.home("owner").run("sync")
        assert (done.code, done.out, done.err) == (0, "", "")
        yield found


def read_all(world: World, words: tuple[tuple[str, ...], ...] = READS) -> None:
    for command in words:
        done = world.run(*command)
        assert done.code == 0, (command, done)
        assert done.out or done.err, command
    copy = world.home / "copy.sqlite3"
    assert world.run("db", "backup", str(copy)).code == 0
    assert world.run("db", "copy", "--to", f"sqlite:///{world.home}/other.sqlite3").code == 0


def changes_nothing(place: Place, world: World) -> None:
    """What a role that only reads is refused, and that no refresh was started."""
    for command in (*WRITES, ("portfolio", "--wait", "--max-age", "1s")):
        done = world.run(*command)
        assert done.code == 78, (command, done)
        assert "refuses this role" in done.err or "is a replica" in done.err
    assert not list(world.home.glob("*.refresh"))


def test_a_reader_prints_everything_and_changes_nothing(place: Place) -> None:
    before = place.rows()
    for later in (0, 5):  # fresh and stale
        reader = place.home("reader", later=later)
        read_all(reader)
        changes_nothing(place, reader)
    assert place.rows() == before


def test_costs_that_differ_are_named_for_a_reader_too(place: Place) -> None:
    reader = place.home("reader")
    place.cluster.execute("CREATE TABLE aside AS SELECT * FROM exchange_cost_basis", "excache")
    place.cluster.execute("UPDATE exchange_cost_basis SET cost = '7'", "excache")
    try:
        done = reader.run("db", "check")
        assert done.code == 78 and "stored costs differ from the ledger" in done.err
        assert "as a role that may write" in done.err
    finally:
        place.cluster.script(
            "\\connect excache\nTRUNCATE exchange_cost_basis;"
            "INSERT INTO exchange_cost_basis SELECT * FROM aside; DROP TABLE aside;"
        )


def test_a_writer_does_all_but_upgrade(place: Place) -> None:
    writer = place.home("writer")
    for command in (*WRITES, ("account", "rename", "other", "kraken")):
        done = writer.run(*command)
        assert done.code == 0, (command, done)
    read_all(writer)
    file = writer.home / "own.csv"
    config = writer.home / "config.toml"
    config.write_text(f'{config.read_text()}\n[accounts.cold]\nexchange = "manual"\n')
    file.write_text(writer.run("import", "template").out)
    assert writer.run("import", "--account", "cold", str(file)).code == 0
    number = writer.run("import", "list", "--json").json()["rows"][0]["id"]
    reader = place.home("reader")
    mine = reader.home / "config.toml"
    mine.write_text(f'{mine.read_text()}\n[accounts.cold]\nexchange = "manual"\n')
    read_all(reader, (("import", "list"), ("explain", "BTC"), ("portfolio",)))
    checked = reader.run("db", "check")
    assert checked.code == 0 and "imported files not compared" in checked.out
    assert writer.run("import", "undo", str(number)).code == 0
    assert writer.run("basis", "list").code == 0


def test_who_faces_an_older_schema_learns_the_name_of_the_owner(place: Place) -> None:
    place.cluster.execute("DELETE FROM schema_migrations WHERE version = 24", "excache")
    place.cluster.execute("ALTER TABLE portfolio_holdings RENAME TO aside", "excache")
    try:
        for role in ("reader", "writer"):
            world = place.home(role)
            for command in (("portfolio",), ("status",), ("fills",), ("sync",)):
                done = world.run(*command)
                assert done.code == 78 and done.out == "", (command, done)
                assert f"excache_{role} may not change that" in done.err
                assert "run excache db migrate once as the owner excache_owner" in done.err
    finally:
        place.cluster.execute("ALTER TABLE aside RENAME TO portfolio_holdings", "excache")
        place.cluster.execute("INSERT INTO schema_migrations VALUES (24, 'views', 0)", "excache")


def wait_until_current(reader: World) -> None:
    deadline = time.monotonic() + 30
    while True:
        state = reader.run("status", "--json").json()["replica"]
        if state["streams"] and not state["behind"]:
            return
        assert time.monotonic() < deadline, state
        time.sleep(0.1)


def test_a_replica_prints_everything_with_how_far_it_is_behind(place: Place) -> None:
    place.home("owner").run("sync", "--full")
    with place.cluster.standby() as standby:
        place.cluster.wait_for(standby)
        reader = place.home("reader", standby)
        assert place.home("reader").run("status", "--json").json()["replica"] is None
        wait_until_current(reader)
        before = place.rows(standby)
        read_all(reader)
        later = place.home("reader", standby, later=5)
        read_all(later)
        for world in (reader, later, place.home("owner", standby)):
            changes_nothing(place, world)
        assert place.rows(standby) == before
        assert "replica" not in reader.run("portfolio").out + reader.run("status").out

        standby.execute("SELECT pg_wal_replay_pause()")
        assert place.home("owner").run("sync", "--full").code == 0
        own = place.home("reader").run("portfolio", "--json").json()
        seen = reader.run("portfolio", "--json").json()
        for here, there in zip(own["freshness"], seen["freshness"], strict=True):
            assert here["succeeded_at"] > there["succeeded_at"]
            assert here["age_seconds"] <= there["age_seconds"]
        [warning] = [one for one in seen["warnings"] if one["code"] == "replica_behind"]
        assert "behind its primary" in warning["message"] and "paused" in warning["message"]
        for command in ("portfolio", "status"):
            assert "behind its primary" in reader.run(command).out
        state = reader.run("status", "--json").json()["replica"]
        assert (state["streams"], state["behind"], state["paused"]) == (True, True, True)
        standby.execute("SELECT pg_wal_replay_resume()")
        wait_until_current(reader)
        after = reader.run("portfolio", "--json").json()
        assert [one["succeeded_at"] for one in after["freshness"]] == [
            one["succeeded_at"] for one in own["freshness"]
        ]
        assert not [one for one in after["warnings"] if one["code"] == "replica_behind"]

        place.cluster.stop("fast")  # an hour later nobody knows what the primary has
        try:
            deadline = time.monotonic() + 30
            while reader.run("status", "--json").json()["replica"]["streams"]:
                assert time.monotonic() < deadline
            for command in ("portfolio", "status"):
                assert "is cut off from its primary" in reader.run(command).out
            state = reader.run("status", "--json").json()["replica"]
            assert (state["behind"], state["behind_seconds"]) == (None, None)
            assert state["newest_change_at"] is not None
        finally:
            place.cluster.start()
        wait_until_current(reader)
