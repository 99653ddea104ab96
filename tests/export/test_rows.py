"""CSV and JSON lines: every change with its units, cost and results, exact."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.export.rows import COLUMNS
from exchange_cache.money import EXACT, ZERO
from tests.cli.stored_home import StoredHome
from tests.export.nasty import HOSTILE, nasty_home
from tests.export.test_beancount import home_of
from tests.export.test_programs import METHODS, bases_of


def lines_of(home: StoredHome, *words: str) -> list[dict[str, Any]]:
    done = home.run("export", "jsonl", *words)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def rows_of(home: StoredHome, *words: str) -> list[dict[str, str]]:
    done = home.run("export", "csv", *words)
    assert done.code == 0, done.err
    return list(csv.DictReader(io.StringIO(done.out, newline="")))


def test_a_line_is_an_entry_with_its_changes(tmp_path: Path) -> None:
    lines = lines_of(home_of(tmp_path), "--account", "main", "--method", "fifo")
    assert lines[0] == {
        "row": "head",
        "schema": 1,
        "reporting_asset": "USDT",
        "method": "fifo",
        "accounts": [{"account": "main", "exchange": "binance"}],
        "asset": None,
        "since": None,
        "until": None,
    }
    assert lines[3] == {
        "row": "entry",
        "time": "2026-01-05T06:00:00Z",
        "kind": "sell",
        "account": "main",
        "to_account": None,
        "symbol": "BTC/USDT",
        "id": "2",
        "price": "120",
        "tx_id": None,
        "note": None,
        "fees": [{"asset": "USDT", "amount": "0.5"}],
        "flags": [],
        "changes": [
            change("USDT", "119.5", "119.5"),
            change("BTC", "-1", f"-{COST}", worth="119.5", gain=GAIN),
        ],
    }
    assert [line["row"] for line in lines[4:]] == ["entry", "balance", "balance", "price"]
    assert lines[-1]["price"] == "130"


#: 300.03 / 2.997, on the grid of costs.
COST = "100.11011011011011011011011011011"
GAIN = "19.38988988988988988988988988989"


def change(asset: str, units: str, cost: str, **more: str | None) -> dict[str, str | None]:
    zeros = dict.fromkeys(("gain", "unexplained", "written_off"), "0")
    rest = dict.fromkeys(("owed", "opened", "settled", "lent"), "0")
    about = {"account": "main", "part": None, "asset": asset, "quantity": units, "flow": "trade"}
    return {**about, "cost": cost, "worth": None, **zeros, "units": units, **rest, **more}


def test_a_row_has_the_columns_that_are_documented(tmp_path: Path) -> None:
    rows = rows_of(home_of(tmp_path), "--account", "main")
    assert tuple(rows[0]) == COLUMNS
    assert [row["row"] for row in rows] == ["change"] * 6 + ["balance"] * 2 + ["price"]
    sale = next(row for row in rows if row["kind"] == "sell" and row["asset"] == "BTC")
    assert (sale["quantity"], sale["worth"], sale["fees"]) == ("-1", "119.5", "0.5 USDT")


def test_what_a_spreadsheet_would_compute_is_guarded_unless_raw(tmp_path: Path) -> None:
    home = nasty_home(tmp_path)
    assert HOSTILE in {row["asset"] for row in rows_of(home)}
    guarded = {row["fees"] for row in rows_of(home) if row["fees"].startswith("'-")}
    assert guarded == {"'-0.02 USDT", "'-0.003 BNB, 0.0001 BTC"}
    assert "-0.02 USDT" in {row["fees"] for row in rows_of(home, "--raw")}


@pytest.mark.parametrize("method", METHODS)
def test_the_changes_add_up_to_costs_results_and_balances(tmp_path: Path, method: str) -> None:
    home = nasty_home(tmp_path)
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(lambda: ZERO)
    lines = lines_of(home, "--method", method)
    with localcontext(EXACT):
        for one in (one for line in lines if line["row"] == "entry" for one in line["changes"]):
            if one["part"] in {"unread", "subscribed"}:
                continue  # no balance contains them
            for name in ("cost", "gain", "unexplained", "written_off", "units", "owed", "opened"):
                if one["part"] is None or name != "cost":
                    sums[one["account"], one["asset"], name] += Decimal(one[name])
    for basis in bases_of(home, method):
        place = (basis.account or "", basis.asset)
        expected = {"gain": basis.trading_pnl, "unexplained": basis.unexplained_proceeds}
        expected["written_off"] = basis.written_off
        if basis.asset != "USDT":  # whose difference to the balance has a cost
            expected["cost"] = basis.cost
        assert {name: sums[*place, name] for name in expected} == expected, place
    for line in lines:
        if line["row"] == "balance":
            place = (line["account"], line["asset"])
            held = sums[*place, "units"] + sums[*place, "opened"] - sums[*place, "owed"]
            assert held == Decimal(line["quantity"]), place
