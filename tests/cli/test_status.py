"""``status`` states the same whether its parts were prepared or are computed."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.cache.revision_models import VERSIONS, Change, Version, VersionRow, row_key
from exchange_cache.cli import prepared as module
from exchange_cache.cli.main import _run
from tests.builders import NOW, at, fill
from tests.cli.conftest import Later
from tests.cli.stored_home import StoredHome
from tests.cli.test_prepared import SOON, Page, app_at, forget, prepare, run, stored
from tests.e2e.world import World

ACCEPT = ("status", "--accept", "unpriced", "--reason", "worthless")


@pytest.fixture
def home(tmp_path: Path) -> StoredHome:
    return stored(tmp_path / "home")


def shown(home: StoredHome, *words: str) -> str:
    out = Page()
    assert _run(app_at(home, SOON + timedelta(minutes=70), out), ["status", *words]) == 0
    return out.getvalue()


@pytest.mark.parametrize("accounts", [[], ["--account", "main"], ["--account", "other"]])
def test_accepted_findings_of_the_portfolio_are_the_prepared_ones(
    home: StoredHome, monkeypatch: pytest.MonkeyPatch, accounts: list[str]
) -> None:
    run(*ACCEPT)(home)
    forget(home)
    computed = [shown(home, *words, *accounts) for words in (["--json"], ["--all"])]
    prepare(home)
    monkeypatch.setattr("exchange_cache.cli.app.App.cached", None)  # must not be reached
    assert [shown(home, *words, *accounts) for words in (["--json"], ["--all"])] == computed
    accepted = [one for one in json.loads(computed[0])["findings"] if "accepted" in one]
    assert [(one["code"], one["asset"]) for one in accepted] == (
        [("unpriced", "KFEE")] if accounts != ["--account", "other"] else []
    )


def test_several_accounts_are_computed(home: StoredHome) -> None:
    home.configure(text='[accounts.third]\nexchange = "okx"\napi_key = { env = "K" }\n')
    prepare(home)
    names = ("main", "other")
    assert module.prepared_warnings(app_at(home, SOON), names) is None
    assert module.prepared_warnings(app_at(home, SOON), (*names, "third")) is not None
    assert module.prepared_warnings(app_at(home, SOON), ("main",)) is not None


@pytest.mark.parametrize("ago", [timedelta(days=2), timedelta(days=40)])
def test_what_exchanges_changed_is_shown_for_thirty_days(home: StoredHome, ago: timedelta) -> None:
    prepare(home)
    before = shown(home, "--json")
    gone = fill("1", "1.5", "30000", time=at(-100))
    with closing(home.repository()) as repository:
        rows = repository._database.select("SELECT * FROM exchange_fills WHERE fill_id = '1'", ())
        names = [
            name
            for _, name, *_ in repository._database.select("PRAGMA table_info(exchange_fills)", ())
        ]
        was = Version(
            row=row_key(gone),
            what=Change.VANISHED,
            former=dict(zip(names, rows[0], strict=True)),
            seen_at=NOW,
            replaced_at=NOW - ago,
        )
        repository._database.run(VersionRow.insert(**VERSIONS.encode(was)))
    changed = json.loads(shown(home, "--json"))["changed_afterwards"]
    assert [one["id"] for one in changed] == (["1"] if ago < timedelta(days=30) else [])
    assert json.loads(before)["changed_afterwards"] == []


def test_status_tells_stale_data(world: World) -> None:
    later = World(simulator=world.simulator, home=world.home, clock=Later(3))
    done = later.run("status")
    assert done.code == 0
    assert done.out.startswith("kraken stale. Last sync ") and "  ! 3 h " in done.out
    assert {row["state"] for row in later.run("status", "--json").json()["rows"]} <= {
        "stale",
        "not_offered",
    }


def test_status_tells_programs_the_findings_that_it_shows(synced: World) -> None:
    found = synced.run("status", "--json").json()["findings"]
    assert {"code", "account", "asset", "message", "hint"} == set(found[0])
    assert ("bybit", "out_of_retention") in {(one["account"], one["code"]) for one in found}
    shown = " ".join(synced.run("status", "--all").out.split())
    assert all(" ".join(one["message"].split()) in shown for one in found)
