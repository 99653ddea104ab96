"""What happens to syncs when the server of the cache fails under them: nothing is lost, nothing
doubled, and the next run continues."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
from exchange_cache.clock import CorrectedClock, SystemClock
from exchange_cache.simulator.server import running_simulator
from tests.e2e.test_server import ledger
from tests.e2e.world import Result, World
from tests.mounted import mounted
from tests.postgres import Cluster, faketime, missing
from tests.proxy import proxied

pytestmark = [pytest.mark.long, pytest.mark.sqlite]  # with a server of its own
DAYS = 5


@dataclass
class Scene:
    """A server that a test may break, and the rows that a cache in a file has."""

    cluster: Cluster
    folder: Path
    alone: World
    number: Iterator[int] = field(default_factory=count)

    def home(self, url: str, *, ahead: timedelta = timedelta(0)) -> World:
        clock = CorrectedClock(SystemClock(), lambda: -ahead)
        folder = self.folder / f"home{next(self.number)}"
        world = World.create(self.alone.simulator, folder, clock)
        # Every history begins on the same day, whatever day a clock has.
        start = (self.alone.home / "config.toml").read_text().splitlines()[0]
        config = world.home / "config.toml"
        config.write_text(f'{start}\ncache_url = "{url}"\n{config.read_text()}')
        return world

    def continues(self, url: str) -> None:
        """The next run stores what a run without a fault does, once."""
        world = self.home(url)
        state = world.run("status")
        assert state.code in {0, 66}, state
        done = world.run("sync")
        assert (done.code, done.out, done.err) == (0, "", "")
        checked = world.run("db", "check")
        assert checked.code == 0 and "are those of the ledger" in checked.out, checked
        place = Server(url, self.folder / "place")
        with (
            closing(ExchangeCacheRepository.open(place)) as shared,
            closing(self.alone.repository()) as single,
        ):
            found, expected = ledger(shared), ledger(single)
        for name, rows in expected.items():
            assert sorted({*found[name]} ^ {*rows}) == []
        assert found == expected


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    if reason := missing():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("faults")
    with (
        Cluster.running() as cluster,
        running_simulator(seed=1, limit_scale=1000, fills=40) as simulator,
    ):
        alone = World.create(simulator, folder / "alone", history_days=DAYS)
        assert alone.run("sync").code == 0
        yield Scene(cluster, folder, alone)


def is_tried_later(done: Result, words: str) -> None:
    """A run that cron may repeat: nothing on stdout, one sentence and its cure on stderr."""
    assert (done.code, done.out) == (75, ""), done
    assert words in done.err and "Traceback" not in done.err and "a bug in" not in done.err
    assert len(done.err.splitlines()) == 2, done.err


@pytest.mark.parametrize(("number", "heard"), [(8, False), (7, True)])
def test_a_connection_is_cut_while_a_page_is_committed(
    scene: Scene, number: int, heard: bool
) -> None:
    url = scene.cluster.create()
    with proxied(scene.cluster.folder, number, heard=heard) as proxy:
        world = scene.home(url.replace(str(scene.cluster.folder), str(proxy.folder)))
        is_tried_later(world.run("sync"), "stored is unharmed")
        assert proxy.acted
    scene.continues(url)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_server_restarts_in_the_middle_of_a_page(scene: Scene, mode: str) -> None:
    url = scene.cluster.create()

    def restart() -> None:
        scene.cluster.stop(mode)
        scene.cluster.start()

    with proxied(scene.cluster.folder, 8, restart) as proxy:
        world = scene.home(url.replace(str(scene.cluster.folder), str(proxy.folder)))
        is_tried_later(world.run("sync"), "stored is unharmed")
        assert proxy.acted
    scene.continues(url)


def test_a_server_is_down(scene: Scene) -> None:
    url = scene.cluster.create()
    world = scene.home(url)
    scene.cluster.stop("fast")
    try:
        for command in (
            ("sync",),
            ("portfolio",),
            ("status",),
            ("fills", "--json"),
            ("db", "check"),
        ):
            is_tried_later(world.run(*command), "does not answer")
    finally:
        scene.cluster.start()
    scene.continues(url)


def test_a_role_has_no_connection_left(scene: Scene) -> None:
    url = scene.cluster.create().replace("owner@", "narrow@")
    name = url.partition("@/")[2].partition("?")[0]
    scene.cluster.execute("CREATE ROLE narrow LOGIN CONNECTION LIMIT 1")
    scene.cluster.execute(f"ALTER DATABASE {name} OWNER TO narrow")
    is_tried_later(scene.home(url).run("sync"), "is busy")
    scene.cluster.execute("ALTER ROLE narrow CONNECTION LIMIT 50")
    scene.continues(url)


def test_the_disk_of_the_server_is_full(scene: Scene) -> None:
    small = scene.cluster.folder / "small"
    with mounted(small, "40m"):
        shutil.chown(small, *scene.cluster.owner)
        scene.cluster.execute(f"CREATE TABLESPACE small LOCATION '{small}'")
        scene.cluster.execute("CREATE DATABASE crammed TABLESPACE small")
        url = scene.cluster.url("crammed")
        world = scene.home(url)
        ExchangeCacheRepository.open(Server(url, world.home / "x")).close()
        others = small / "others"
        others.write_bytes(bytes(shutil.disk_usage(small).free - 200_000))
        is_tried_later(world.run("sync"), "no space left on device")
        assert world.run("status").code in {0, 66}
        others.unlink()
        scene.continues(url)
        scene.cluster.execute("DROP DATABASE crammed WITH (FORCE)")
        scene.cluster.execute("DROP TABLESPACE small")


def test_a_replica_takes_over_with_less_than_its_primary_had(scene: Scene, tmp_path: Path) -> None:
    with Cluster.running() as primary, primary.standby() as standby:
        url = primary.create()
        name = url.partition("@/")[2].partition("?")[0]
        both = (
            f"postgresql://owner@/{name}?host={primary.folder},{standby.folder}"
            "&target_session_attrs=read-write"
        )

        def cut(number: int) -> None:
            with proxied(primary.folder, number) as proxy:
                through = both.replace(str(primary.folder), str(proxy.folder))
                is_tried_later(scene.home(through).run("sync"), "stored is unharmed")
                assert proxy.acted

        cut(7)
        primary.wait_for(standby)
        standby.stop("fast")  # what follows, it does not get
        cut(5)
        had = primary.execute("SELECT count(*) FROM exchange_coverage", name)
        primary.stop("immediate")
        is_tried_later(scene.home(both).run("sync"), "does not answer")
        standby.start()
        is_tried_later(scene.home(both).run("sync"), "target_session_attrs")
        standby.promote()
        assert standby.execute("SELECT count(*) FROM exchange_coverage", name) <= had
        scene.continues(both)
        primary.start()


@pytest.mark.parametrize("ahead", ["+1d", "-1d"])
def test_the_clock_of_the_server_decides_nothing(scene: Scene, ahead: str) -> None:
    if faketime() is None:
        pytest.skip("libfaketime is not installed (apt-get install faketime)")
    url = scene.cluster.create()
    scene.cluster.stop("fast")
    scene.cluster.ahead = ahead
    scene.cluster.start()
    try:
        [(now,)] = scene.cluster.execute("SELECT extract(epoch FROM now())::bigint")
        apart = int(str(now)) - SystemClock().now().timestamp()
        assert abs(abs(apart) - 86400) < 600
        scene.continues(url)
        world = scene.home(url)
        rows = world.run("status", "--json").json()["rows"]
        assert all(one["age_seconds"] < 600 for one in rows if one["age_seconds"] is not None)
        assert world.run("sync", "--if-stale").code == 0
    finally:
        scene.cluster.stop("fast")
        scene.cluster.ahead = ""
        scene.cluster.start()


def test_machines_whose_clocks_differ_share_a_cache(scene: Scene) -> None:
    url = scene.cluster.create()
    ahead = scene.home(url, ahead=timedelta(minutes=10))
    late = scene.home(url, ahead=timedelta(minutes=-10))
    right = scene.home(url)
    first = ahead.run("sync")
    assert first.code == 0 and "this machine's clock is" in first.err
    for row in right.run("status", "--json").json()["rows"]:
        assert row["state"] != "stale" and 0 <= (row["age_seconds"] or 0) < 300, row
    for world in (right, late, right, late, right):
        done = world.run("sync", "--full", "--only", "balances")
        # Kraken refuses a key whose nonces, made from the clock, do not rise.
        failed = [line for line in done.err.splitlines() if line.startswith("excache: kraken: ")]
        assert done.code == bool(failed), done
        assert all("Invalid nonce" in line for line in failed), done
        repaired = [line for line in done.err.splitlines() if "repaired" in line]
        assert all("request times" in line for line in repaired), "rows keep their times"
    assert right.run("sync", "--if-stale").code == 0
    scene.continues(url)
