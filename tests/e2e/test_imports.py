"""Statements of a simulated exchange, imported by the command line before and after syncs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cli.app import App
from exchange_cache.cli.ports import open_port
from tests.e2e.test_reconcile import differences
from tests.e2e.world import World
from tests.homes import table

COLUMNS = (
    *("txid", "refid", "time", "type", "subtype", "aclass", "subclass", "asset", "wallet"),
    *("amount", "fee", "balance", "amountusd", "feeusd", "balanceusd", "feecurrency"),
)


def statement(world: World, path: Path, *, until: float = 1e12, since: float = 0) -> list[Any]:
    """Kraken's ledgers.csv, from what its API serves; written here, by nothing of the product's
    readers. Returns the entries in it."""
    app = App(env=world.env, clock=world.clock, out=None, err=None)  # type: ignore[arg-type]
    account = next(one for one in app.settings.accounts if one.exchange == "kraken")
    port: Any = open_port(app, account)
    entries: dict[str, Any] = {}
    while True:
        page = port._session.client.privatePostLedgers({"ofs": len(entries)})["result"]
        if not page["ledger"]:
            break
        entries |= page["ledger"]
    port.close()
    app.close()
    oldest_first = list(entries.items())[::-1]  # rows of one moment are in this order
    rows = sorted(oldest_first, key=lambda item: float(item[1]["time"]))
    rows = [item for item in rows if since <= float(item[1]["time"]) < until]
    with path.open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for name, row in rows:
            time = datetime.fromtimestamp(int(float(row["time"])), UTC)
            known = {**row, "txid": name, "time": f"{time:%Y-%m-%d %H:%M:%S}"}
            known["wallet"] = "spot / main"
            writer.writerow([known.get(column, "") for column in COLUMNS])
    return rows


def ledger(world: World) -> list[tuple[Any, ...]]:
    """All fills and transfers, without when and by what they were seen."""
    found: list[tuple[Any, ...]] = []
    for name in ("exchange_fills", "exchange_transfers"):
        for row in table(world.cache, name):
            kept = {key: row[key] for key in row if key not in {"seen_ms", "served_by"}}
            found.append((name, *sorted((key, str(value)) for key, value in kept.items())))
    return sorted(found)


@pytest.fixture
def kraken(make_world: Callable[..., World]) -> World:
    return make_world(seed=3, fills=120, accounts={"kraken": "kraken"}, history_days=None)


def test_a_statement_before_a_sync_after_it_and_twice_gives_one_ledger(
    kraken: World, tmp_path: Path
) -> None:
    path = tmp_path / "ledgers.csv"
    entries = statement(kraken, path)
    first = kraken.run("import", str(path), "--json")
    assert first.code == 0, first.err
    (row,) = first.json()["rows"]
    assert row["rows"] == len(entries)
    assert (row["known"], row["conflicting"], row["left_out"]) == (0, 0, 0)
    assert row["new"] > 100
    assert "fetched again" not in kraken.run("sync").err
    assert differences(kraken, "kraken") == {}
    synced = ledger(kraken)
    again = kraken.run("import", str(path), "--json").json()["rows"][0]
    assert (again["new"], again["again"]) == (0, True)
    copy = tmp_path / "copy.csv"
    copy.write_text(path.read_text() + "\n")
    after = kraken.run("import", str(copy), "--json").json()["rows"][0]
    assert (after["new"], after["conflicting"]) == (0, 0)
    assert ledger(kraken) == synced
    undone = kraken.run("import", "undo", "1")
    assert undone.code == 0, undone.err
    assert ledger(kraken) == synced


def test_the_past_that_the_api_does_not_serve_is_proven_and_explained(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    """Only a few days are requested of the API; the file brings the rest."""
    kraken = make_world(seed=3, fills=120, accounts={"kraken": "kraken"}, history_days=300)
    assert kraken.run("sync").code == 0
    lost = json.loads(kraken.run("explain", "BTC", "--json").out)["reconciliation"]
    path = tmp_path / "ledgers.csv"
    statement(kraken, path)
    result = kraken.run("import", str(path), "--json").json()["rows"][0]
    assert result["first_break"] is None
    assert {one["grade"] for one in result["coverage"]} == {"proven"}
    found = json.loads(kraken.run("explain", "BTC", "--json").out)["reconciliation"]
    assert differences(kraken, "kraken") == {}
    assert float(found["explained_quantity"]) >= float(lost["explained_quantity"])
    fills = kraken.run("fills", "--json", "--all").json()["rows"]
    by_file = [one for one in fills if one["provenance"] == "file"]
    assert by_file
    assert {one["file"] for one in by_file} == {"ledgers.csv"}
    assert all(one["line"] > 1 for one in by_file)
    steps = kraken.run("explain", "BTC", "--all", "--json").out
    assert "by file: ledgers.csv line" in steps
    states = kraken.run("status", "--coverage", "--json").json()["rows"]
    assert "proven" in {one["state"] for one in states}


def test_a_file_with_a_missing_row_names_the_first_break(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    kraken = make_world(seed=3, fills=120, accounts={"kraken": "kraken"}, history_days=300)
    path = tmp_path / "ledgers.csv"
    statement(kraken, path)
    assert kraken.run("sync").code == 0
    lines = path.read_text().splitlines()
    (tmp_path / "cut.csv").write_text("\n".join([*lines[:60], *lines[64:], ""]))
    result = kraken.run("import", str(tmp_path / "cut.csv"), "--json").json()["rows"][0]
    assert "begins with" in result["first_break"]
    found = kraken.run("status", "--json").json()["findings"]
    (broken,) = (one for one in found if one["code"] == "chain_broken")
    assert result["first_break"] in broken["message"]
    explained = kraken.run("explain", broken["asset"])
    assert "First break of the imported ledgers of kraken:" in explained.out
    assert result["first_break"].split(" begins")[0] in explained.out


def test_a_refused_file_stores_nothing_and_names_its_line(kraken: World, tmp_path: Path) -> None:
    path = tmp_path / "ledgers.csv"
    statement(kraken, path)
    text = path.read_text()
    (tmp_path / "excel.csv").write_text(text.replace('"0.0000","', '"1.2E+05","', 1))
    result = kraken.run("import", str(tmp_path / "excel.csv"))
    assert result.code == 65
    assert "digits are gone" in result.err
    assert "excel.csv:" in result.err
    assert kraken.run("import", "list", "--json").json()["rows"] == []
    assert ledger(kraken) == []


def test_a_dry_run_stores_nothing(kraken: World, tmp_path: Path) -> None:
    path = tmp_path / "ledgers.csv"
    statement(kraken, path)
    result = kraken.run("import", str(path), "--dry-run")
    assert result.code == 0, result.err
    assert "dry run" in result.out
    assert ledger(kraken) == []
