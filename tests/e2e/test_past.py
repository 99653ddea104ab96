"""From a gap to its proof: what no call serves of a simulated OKX is listed, downloaded, imported,
and used at once by every figure; the walk of docs/past.md runs as it is written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.render.missing import NOTHING
from exchange_cache.simulator.downloads import write_downloads
from tests.e2e.world import World
from tests.test_house import ROOT

pytestmark = pytest.mark.long


class Past:
    """A synced OKX account, and the files of its page."""

    def __init__(self, world: World) -> None:
        self.world = world
        folder = world.home / "files"
        self.files = [str(one) for one in write_downloads(folder, world.simulator.venue)]
        assert world.run("sync").code == 0

    def json(self, *words: str) -> Any:
        done = self.world.run(*words, "--json")
        assert done.code == 0, done.err
        return done.json()

    def read(self) -> str:
        done = self.world.run("import", *self.files)
        assert done.code == 0, done.err
        return done.out

    def explained(self, asset: str) -> Any:
        return self.json("explain", asset)["reconciliation"]

    def largest(self) -> Any:
        """What explains most of today's holdings."""
        return self.json("status", "--missing")["rows"][0]["explains"][0]


@pytest.fixture
def past(make_world: Callable[..., World]) -> Past:
    return Past(make_world(seed=1, fills=300, accounts={"okx": "okx"}, history_days=None))


def test_every_figure_uses_an_import_at_once(past: Past) -> None:
    assert past.largest()
    before = {
        "explain": past.explained("ETH"),
        "pnl": past.json("pnl")["total"]["identity"]["realised"],
        "at": past.json("portfolio", "--at", "300d")["totals"]["value"],
        "history": past.json("history")["rows"][0],
        "codes": {one["code"] for one in past.json("status")["findings"]},
    }
    assert "sold_more_than_known" in before["codes"]
    past.read()
    after = past.explained("ETH")
    assert Decimal(after["difference"]) == 0 < Decimal(before["explain"]["difference"])
    assert Decimal(after["explained_quantity"]) > Decimal(before["explain"]["explained_quantity"])
    assert after["average_entry_price"] != before["explain"]["average_entry_price"]
    assert past.json("pnl")["total"]["identity"]["realised"] != before["pnl"]
    assert past.json("portfolio", "--at", "300d")["totals"]["value"] != before["at"]
    oldest = past.json("history")["rows"][0]
    assert oldest["source"] == "reconstructed"
    assert oldest["value"] != before["history"]["value"]
    codes = {one["code"] for one in past.json("status")["findings"]}
    assert "sold_more_than_known" not in codes
    assert not {one for one in codes if one.endswith("_unexplained")}
    assert NOTHING in " ".join(past.world.run("status", "--missing").out.split())


def test_undo_takes_it_out_of_every_figure_again(past: Past) -> None:
    before = [past.json("history")["rows"][0]["value"], past.explained("ETH")]
    past.read()
    for one in past.json("import", "list")["rows"]:
        assert past.world.run("import", "undo", str(one["id"])).code == 0
    assert [past.json("history")["rows"][0]["value"], past.explained("ETH")] == before


def test_a_cost_stated_by_hand_that_an_import_explains_is_pointed_out(past: Past) -> None:
    units = past.explained("ETH")["difference"]
    given = ("--account", "okx", "--quantity", units, "--price", "2500", "--at", "2025-01-01")
    assert past.world.run("basis", "set", "ETH", *given).code == 0
    assert "excache basis remove" not in past.world.run("basis", "list").out
    shown = " ".join(past.read().split())
    assert f"stated as 1 is superfluous for {units} units now" in shown
    assert "excache basis remove 1" in shown
    assert "excache basis remove 1" in past.world.run("basis", "list").out
    assert past.world.run("basis", "remove", "1").code == 0
    assert Decimal(past.explained("ETH")["difference"]) == 0


def test_the_walk_of_the_page_runs_as_it_is_written(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs/past.md").read_text("utf-8")
    walk = page[page.index("## A walk") :].split("\n## ")[0]
    commands = re.findall(r"^    excache (.+?)(?:  +#.*)?$", walk, re.M)
    assert len(commands) >= 6
    monkeypatch.chdir(past.world.home / "files" / "okx")
    for line in commands:
        words = [
            name
            for word in shlex.split(line)
            for name in (sorted(map(str, Path().glob(word))) if "*" in word else [word])
        ]
        done = past.world.run(*words)
        assert done.code == 0, f"{line}: {done.err}"
    states = {one["state"] for one in past.json("status", "--coverage")["rows"]}
    assert "proven" in states
