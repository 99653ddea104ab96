"""sync, reload, status, account, basis, db, explain: their options, what they print where, and
their exit codes."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from exchange_cache.cache.filter import Filter
from exchange_cache.clock import SystemClock
from exchange_cache.money import EXACT
from tests.e2e.world import World


class Later:
    """The real clock, ahead by some hours: what was fresh is stale."""

    def __init__(self, hours: float) -> None:
        self._ahead = timedelta(hours=hours)
        self._clock = SystemClock()

    def now(self) -> datetime:
        return self._clock.now() + self._ahead

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


# --- sync -----------------------------------------------------------------------------------------


def test_sync_is_silent_when_all_is_well(world: World) -> None:
    done = world.run("sync")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_only_the_named_data_types_are_asked_for(world: World) -> None:
    seen = len(world.simulator.requests)
    assert world.run("sync", "--only", "balances", "--only", "prices").code == 0
    paths = {call.path.rsplit("/", 1)[-1] for call in list(world.simulator.requests)[seen:]}
    assert "Ticker" in paths
    assert any("Balance" in path for path in paths)
    assert not any("History" in path or "Ledgers" in path for path in paths)


def test_if_stale_asks_nothing_while_everything_is_fresh(world: World) -> None:
    seen = len(world.simulator.requests)
    assert world.run("sync", "--if-stale").code == 0
    assert len(world.simulator.requests) == seen


def test_full_asks_again_and_brings_deleted_rows_back(world: World) -> None:
    before = len(world.repository().ledger.fills())
    with sqlite3.connect(world.home / "cache.sqlite3") as connection:
        connection.execute("DELETE FROM exchange_fills WHERE rowid % 2")
    connection.close()
    assert world.run("sync", "--full").code == 0
    assert len(world.repository().ledger.fills()) == before


def test_quiet_is_accepted(world: World) -> None:
    assert world.run("sync", "-q", "--only", "prices").code == 0


# --- reload ---------------------------------------------------------------------------------------


def test_reload_asks_nothing_while_everything_is_fresh_and_says_how_to_force_it(
    world: World,
) -> None:
    seen = len(world.simulator.requests)
    done = world.run("reload")
    assert done.code == 0
    assert "excache reload --force" in done.out + done.err
    assert len(world.simulator.requests) == seen


def test_reload_force_shows_the_fill_just_made(world: World) -> None:
    made = world.simulator.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.001"))
    done = world.run("reload", "--force", "--account", "kraken")
    assert done.code == 0
    assert "New fills (kraken)" in done.out
    assert "fills +" in done.out
    listed = world.run("fills", "--limit", "20", "--json").json()["rows"]
    assert {str(fill.id) for fill in made} <= {row["fill_id"] for row in listed}


@pytest.mark.parametrize("form", ["table", "plain", "markdown", "csv", "json"])
def test_reload_in_every_format(world: World, form: str) -> None:
    done = world.run("reload", "--force", "--format", form)
    assert done.code == 0
    assert done.out


def test_json_of_a_reload(world: World) -> None:
    found = world.run("reload", "--force", "--json").json()
    assert {"schema", "as_of", "reporting_asset", "accounts", "new_fills", "assets"} <= found.keys()
    types = {row["data_type"]: row["state"] for row in found["accounts"][0]["types"]}
    assert types["balances"] == "ok"


# --- status ---------------------------------------------------------------------------------------


def test_status_tells_stale_data(world: World) -> None:
    later = World(simulator=world.simulator, home=world.home, clock=Later(3))
    done = later.run("status")
    assert done.code == 0
    assert "3 h stale" in done.out
    assert {row["state"] for row in later.run("status", "--json").json()["rows"]} <= {
        "stale",
        "not_offered",
    }


def test_coverage_as_data_says_from_when_to_when(synced: World) -> None:
    rows = synced.run("status", "--coverage", "--json").json()["rows"]
    keys = {"account", "data_type", "scope", "symbol", "state", "start", "end", "grade"}
    assert keys == set(rows[0])
    assert {"complete", "retention"} <= {row["state"] for row in rows}
    grades = {(row["state"], row["grade"]) for row in rows}
    assert ("complete", "proven") in grades and ("retention", None) in grades
    assert all(row["start"] < row["end"] for row in rows)
    shown = synced.run("status", "--coverage").out
    assert "out of retention" in shown and "complete" in shown


def test_a_stale_portfolio_says_how_old_it_is_with_the_cure(world: World) -> None:
    later = World(simulator=world.simulator, home=world.home, clock=Later(30))
    done = later.run("portfolio", "--no-refresh")
    assert done.code == 0
    health = next(line for line in done.out.splitlines() if line.startswith("kraken !"))
    assert "everything 1 d 6 h old" in health
    assert health.endswith("excache reload --account kraken")


# --- explain --------------------------------------------------------------------------------------


def test_explain_ends_in_the_reconciliation(synced: World) -> None:
    done = synced.run("explain", "BTC")
    assert done.code == 0
    closing = done.out[done.out.index("Held by events") :]
    assert "on exchanges" in closing and "difference" in closing and "inputs sha256" in closing
    assert "small events in a row are summed" in closing


def test_explain_for_programs_leaves_no_event_out(synced: World) -> None:
    rows = synced.run("explain", "BTC", "--json").json()["rows"]
    last = rows[-1]
    with localcontext(EXACT):
        assert sum(Decimal(row["quantity"]) for row in rows if row["quantity"]) == Decimal(
            last["held"]
        )
    assert not any("x funding" in row["event"] for row in rows)


def test_explain_tells_programs_the_reconciliation_and_the_hash(synced: World) -> None:
    document = synced.run("explain", "BTC", "--json").json()
    reported, last = document["reconciliation"], document["rows"][-1]
    assert reported["events_quantity"] == last["held"]
    truth = sum(
        Decimal(total)
        for account in ("main", "bybit", "kraken")
        for wallet in synced.truth(account)["balances"].values()
        for code, total in wallet.items()
        if code in {"BTC", "XXBT", "XBT.F", "LDBTC"}
    )
    assert Decimal(reported["balance"]) == truth
    assert Decimal(reported["difference"]) == truth - Decimal(last["held"])
    assert Decimal(reported["explained_quantity"]) + Decimal(reported["unknown_quantity"]) == truth
    assert len(reported["inputs_sha256"]) == 64
    assert {one["account"] for one in reported["account_averages"]} == {"main", "bybit", "kraken"}


def test_explain_names_the_account_that_lacks_history_and_since_when(synced: World) -> None:
    """ARB was bought before and sold after the day from which Bybit serves fills."""
    (place,) = synced.run("explain", "ARB", "--json").json()["reconciliation"]["accounts"]
    assert place["account"] == "bybit"
    assert (
        place["causes"][0].startswith("fills of spot")
        and "are out of retention" in place["causes"][0]
    )
    assert "bybit: " in synced.run("explain", "ARB").out
    holdings = synced.run("portfolio", "--json", "--no-refresh").json()["holdings"]
    (reasons,) = (row["unknown_reasons"] for row in holdings if row["asset"] == "ARB")
    assert place["causes"][0] in reasons[-1]


def test_status_tells_programs_the_findings_that_it_shows(synced: World) -> None:
    found = synced.run("status", "--json").json()["findings"]
    assert {"code", "account", "asset", "message", "hint"} == set(found[0])
    assert ("bybit", "out_of_retention") in {(one["account"], one["code"]) for one in found}
    shown = " ".join(synced.run("status").out.split())
    assert all(" ".join(one["message"].split()) in shown for one in found)


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_explain_by_every_method(synced: World, method: str) -> None:
    done = synced.run("explain", "EUR", "--account", "kraken", "--cost-method", method)
    assert done.code == 0
    assert f"method {method}" in done.out


def test_explain_of_what_nobody_holds_is_exit_66(synced: World) -> None:
    done = synced.run("explain", "NOSUCHASSET")
    assert (done.code, done.out) == (66, "")
    assert "no balance, fill or transfer of NOSUCHASSET" in done.err


# --- account --------------------------------------------------------------------------------------


def test_account_add_list_remove(world: World) -> None:
    added = world.process(
        "account", "add", "second", "-e", "kraken", "--no-check", stdin="key\nc2VjcmV0\n"
    )
    assert added.code == 0, added.err
    assert [row["account"] for row in world.run("account", "list", "--json").json()["rows"]] == [
        "kraken",
        "second",
    ]
    again = world.process(
        "account", "add", "second", "-e", "kraken", "--no-check", stdin="key\nc2VjcmV0\n"
    )
    assert again.code == 2 or again.code == 78
    assert "second" in again.err
    asked = world.process("account", "remove", "second", stdin="")
    assert asked.code == 2
    assert "--force" in asked.err
    assert world.process("account", "remove", "second", "--force").code == 0
    assert [row["account"] for row in world.run("account", "list", "--json").json()["rows"]] == [
        "kraken"
    ]


def test_history_is_forgotten_only_on_demand(world: World) -> None:
    assert world.run("account", "remove", "kraken", "--force").code == 0
    repository = world.repository()
    assert repository.ledger.fills(Filter(accounts=["kraken"]))
    repository.close()


def test_forget_history_deletes_the_rows(world: World) -> None:
    assert world.run("account", "remove", "kraken", "--force", "--forget-history").code == 0
    repository = world.repository()
    assert not repository.ledger.fills(Filter(accounts=["kraken"]))
    assert not repository.mirror.balances(["kraken"])
    repository.close()


def test_env_credentials_are_not_asked_for(world: World) -> None:
    done = world.process(
        "account",
        "add",
        "third",
        "-e",
        "kraken",
        "--env",
        "api_key=A",
        "--env",
        "secret=B",
        "--no-check",
        stdin="",
    )
    assert done.code == 0, done.err
    assert 'env = "A"' in (world.home / "config.toml").read_text()
    wrong = world.process(
        "account", "add", "fourth", "-e", "kraken", "--env", "pin=A", "--no-check", stdin=""
    )
    assert wrong.code == 2
    assert "kraken needs: api_key, secret" in wrong.err


def test_check_of_a_good_key(world: World) -> None:
    done = world.run("account", "check", "kraken")
    assert done.code == 0
    assert "clock offset" in done.out
    rows = world.run("account", "check", "--format", "json").json()["rows"]
    assert {
        row["result"] for row in rows if row["check"].startswith(("balances", "fills", "prices"))
    } == {"ok"}


def test_an_exchange_without_a_policy_of_its_own_is_called_generic(world: World) -> None:
    words = ("account", "add", "odd", "-e", "bitso", "--no-check")
    added = world.process(*words, stdin="key\nsecret\n")
    said = (
        "odd: excache has no policy of its own for bitso and reads it by the generic one: "
        "histories are walked by what is observed of the exchange, so they may be incomplete."
    )
    assert (added.code, added.err.splitlines()[-1]) == (0, said)
    listed = world.run("account", "list", "--json").json()["rows"]
    named = {row["account"]: (row["exchange"], row["generic"]) for row in listed}
    assert named == {"kraken": ("kraken", False), "odd": ("bitso", True)}
    assert "bitso (generic)" in world.run("account", "list").out
    assert "bitso (generic)" in world.run("status").out
    rows = world.run("status", "--json").json()["rows"]
    assert {(row["account"], row["generic"]) for row in rows} == {("kraken", False), ("odd", True)}
    assert said not in world.run("account", "check", "kraken").err
    assert world.run("account", "remove", "odd", "--force").code == 0


def test_account_check_calls_a_generic_exchange_generic(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = world.run("account", "check", "kraken", "--json").json()["rows"]
    assert {row["generic"] for row in checked} == {False}
    monkeypatch.setattr("exchange_cache.exchanges.is_generic", lambda exchange: True)
    done = world.run("account", "check", "kraken", "--json")
    assert {row["generic"] for row in done.json()["rows"]} == {True}
    assert done.err.startswith("kraken: excache has no policy of its own for kraken ")


# --- basis, db ------------------------------------------------------------------------------------


def test_a_stated_cost_explains_what_no_fill_does_and_can_be_taken_back(world: World) -> None:
    def unknown() -> Decimal:
        holdings = world.run("portfolio", "--json", "--no-refresh").json()["holdings"]
        return Decimal(next(row["unknown_quantity"] for row in holdings if row["asset"] == "ALGO"))

    before = unknown()
    assert before > 0
    done = world.run(
        "basis",
        "set",
        "ALGO",
        "--quantity",
        str(before),
        "--price",
        "0.2",
        "--at",
        "2023-01-01",
        "--note",
        "from a gift",
    )
    assert done.code == 0, done.err
    assert unknown() == 0
    rows = world.run("basis", "list", "--json").json()["rows"]
    assert [(row["asset"], row["price"], row["note"]) for row in rows] == [
        ("ALGO", "0.2", "from a gift")
    ]
    assert world.run("basis", "remove", str(rows[0]["number"])).code == 0
    assert unknown() == before
    assert world.run("basis", "remove", "77").code == 2


def test_a_stated_cost_that_can_be_applied_to_nothing_is_said_and_listed(world: World) -> None:
    """No deposit of ARB is stored: only the account says where such units were."""
    words = ("basis", "set", "ARB", "--price", "0.5", "--at", "2024-01-01")
    done = world.run(*words, "--quantity", "5")
    assert done.code == 0
    assert "explains nothing" in done.err and "--account" in done.err
    (row,) = world.run("basis", "list", "--json").json()["rows"]
    assert row["unused"] == "5"
    assert world.run("basis", "remove", "1").code == 0
    done = world.run(*words, "--quantity", "5", "--account", "kraken")
    assert (done.code, "explains nothing" in done.err) == (0, False)
    (row,) = world.run("basis", "list", "--json").json()["rows"]
    assert row["unused"] is None


def test_db_path_check_backup_migrate(world: World, tmp_path: Path) -> None:
    assert world.run("db", "path").out == f"{world.home / 'cache.sqlite3'}\n"
    checked = world.run("db", "check")
    assert checked.code == 0
    assert "sound" in checked.out and "exchange_fills" in checked.out
    copy = tmp_path / "backup.sqlite3"
    assert world.run("db", "backup", str(copy)).code == 0
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM exchange_fills").fetchone()[0] == len(
            world.repository().ledger.fills()
        )
    connection.close()
    again = world.run("db", "backup", str(copy))
    assert (again.code, "--force" in again.err) == (2, True)
    assert world.run("db", "backup", str(copy), "--force").code == 0
    assert world.run("db", "migrate").code == 0
