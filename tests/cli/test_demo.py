"""Options of the demo; what it shows is tested by its own run."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from exchange_cache.cli.app import App
from exchange_cache.cli.demo import _many, _past
from exchange_cache.cli.main import _run
from exchange_cache.clock import SystemClock
from exchange_cache.errors import UsageError
from tests.e2e.world import Result
from tests.postgres import Cluster, name_of

EXCHANGES = {"bybit", "kraken"}


def test_so_many_accounts_of_an_exchange_are_added_to_the_first() -> None:
    assert _many(None, EXCHANGES) == {}
    assert _many("bybit=1", EXCHANGES) == {}
    assert _many("bybit=3", EXCHANGES) == {"bybit02": "bybit", "bybit03": "bybit"}
    assert len(_many("kraken=20", EXCHANGES)) == 19


@pytest.mark.parametrize(
    "wrong", ["bybit", "bybit=", "bybit=0", "bybit=many", "okx=2", "bybit=101"]
)
def test_anything_else_is_a_usage_error_that_names_the_exchanges(wrong: str) -> None:
    with pytest.raises(UsageError) as caught:
        _many(wrong, EXCHANGES)
    assert wrong in caught.value.message
    assert caught.value.hint == "one of bybit, kraken, and a number up to 100"


def test_the_last_line_leads_to_the_past_in_a_home_that_is_left() -> None:
    assert _past(Path("/somewhere/demo")).endswith(
        "EXCACHE_HOME=/somewhere/demo excache status --missing"
    )
    assert _past(None).endswith(": excache demo --serve, then excache status --missing")


def demo(home: Path, *words: str) -> Result:
    out, err = io.StringIO(), io.StringIO()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    app = App(env=env, clock=SystemClock(), out=out, err=err)
    code = _run(app, ["demo", "--fills", "100", *words])
    return Result(code=code, out=out.getvalue(), err=err.getvalue())


@pytest.mark.long
def test_the_demo_has_its_cache_on_a_server_that_is_empty(tmp_path: Path, cluster: Cluster) -> None:
    url = cluster.create()
    done = demo(tmp_path, "--cache-url", url, "--home", str(tmp_path / "home"))
    assert done.code == 0, done.err
    assert "Portfolio" in done.out and "from the cache" in done.err
    assert not (tmp_path / "home" / "cache.sqlite3").exists()
    ((fills,),) = cluster.execute("SELECT count(*) FROM exchange_fills", name_of(url))
    assert isinstance(fills, int) and fills > 50

    again = demo(tmp_path, "--cache-url", url)
    assert (again.code, again.out) == (2, "")
    assert "holds a cache already" in again.err


def test_a_password_in_the_address_of_the_demo_is_refused(tmp_path: Path) -> None:
    done = demo(tmp_path, "--cache-url", "postgresql://me:hidden@127.0.0.1/demo")
    assert done.code == 2
    assert "hidden" not in done.err
