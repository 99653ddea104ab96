"""The Python API: its page runs in a process that has no ccxt, and its names are those listed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache import api
from exchange_cache.api import Cache, Disposal, Method, Result, open_cache
from exchange_cache.errors import NothingCached, UsageError
from tests.e2e.world import World

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
#: What no reader needs: the packages of syncs and of the simulated exchanges.
ABSENT = ("ccxt", "aiohttp", "requests", "keyring", "PIL", "openpyxl")
_WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
"""


@pytest.fixture
def cache(synced: World) -> Iterator[Cache]:
    with open_cache(synced.home) as found:
        yield found


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_page_runs_without_ccxt(synced: World, number: int) -> None:
    script = _WITHOUT.format(absent=ABSENT) + EXAMPLES[number]
    done = subprocess.run(
        [sys.executable, "-c", script], env=synced.env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) >= 2


def test_every_stable_name_is_listed() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(api.__all__)
    assert all(hasattr(api, name) for name in api.__all__)


def test_every_method_and_field_that_is_listed_exists() -> None:
    for name, text in re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE):
        kind = getattr(api, name)
        known = {one.name for one in fields(kind)} if is_dataclass(kind) else set()
        for word in re.findall(r"`(\w+)`", text):
            assert word in known or hasattr(kind, word), f"{name}.{word}"
    public = {name for name in vars(Cache) if not name.startswith("_")}
    row = next(line for line in PAGE.splitlines() if line.startswith("| `Cache`"))
    assert set(re.findall(r"`(\w+)`", row)) == {"Cache", *public}


def test_the_values_are_those_of_the_commands(cache: Cache, synced: World) -> None:
    shown = synced.run("portfolio", "--no-refresh", "--cost-method", "fifo", "--json").json()
    reading = cache.portfolio(method="fifo")
    assert reading.totals.value == Decimal(shown["totals"]["value"])
    assert reading.totals.realised_pnl == Decimal(shown["totals"]["realised_pnl"])
    assert [one.asset for one in reading.holdings if one.value] != []
    pooled = [one for one in cache.averages(method=Method.FIFO) if one.account is None]
    total = sum((one.realised_pnl or Decimal(0) for one in pooled), Decimal(0))
    assert round(total, 12) == round(Decimal(shown["totals"]["realised_pnl"]), 12)
    lists = {
        "fills": cache.fills(),
        "transfers": cache.transfers(),
        "orders": cache.orders(),
        "balances": cache.balances(),
        "positions": cache.positions(),
    }
    for name, found in lists.items():
        rows = synced.run(name, "--json").json()["rows"]
        vanished = sum(bool(row.get("vanished")) for row in rows)
        assert len(found) == len(rows) - vanished > 0, name
    assert len(cache.history()) == len(synced.run("history", "--recorded", "--json").json()["rows"])


def test_what_is_chosen_is_read(cache: Cache) -> None:
    fills = cache.fills(accounts=["kraken"], asset="ETH")
    assert fills and {one.account for one in fills} == {"kraken"}
    assert list(fills) == sorted(fills, key=lambda one: one.time)
    middle = fills[len(fills) // 2].time
    before = cache.fills(accounts=["kraken"], asset="ETH", until=middle)
    after = cache.fills(accounts=["kraken"], asset="ETH", since=middle)
    assert (*before, *after) == fills
    assert {str(one.kind) for one in cache.transfers(kind="deposit")} == {"deposit"}
    assert {str(one.status) for one in cache.orders(status="open")} == {"open"}
    assert {one.account for one in cache.averages(accounts=["bybit"])} == {"bybit"}
    assert cache.portfolio(accounts=["bybit"]).accounts == ("bybit",)


def test_gains_come_one_by_one(cache: Cache) -> None:
    found = cache.gains(method="fifo", per_account=True)
    first = next(found)
    assert isinstance(first, (Disposal, Result))
    late = list(cache.gains(method="fifo", since=first.closed_at + timedelta(days=600)))
    assert late and all(one.closed_at > first.closed_at + timedelta(days=599) for one in late)


def test_what_does_not_exist_is_an_error(cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        cache.fills(accounts=["nobody"])
    with pytest.raises(ValueError, match="nokind"):
        cache.transfers(kind="nokind")
    (tmp_path / "config.toml").write_text(
        '[accounts.main]\nexchange = "kraken"\napi_key = { env = "K" }\nsecret = { env = "S" }\n'
    )
    with pytest.raises(NothingCached):
        open_cache(tmp_path)
    assert not (tmp_path / "cache.sqlite3").exists()
