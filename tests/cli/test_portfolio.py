"""``excache portfolio``: the machine interface key by key, its options, and what it loads and
writes as a process."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest

from exchange_cache.clock import SetClock, to_ms
from tests.cli.conftest import Later
from tests.e2e.world import World

TOP = {
    "schema",
    "as_of",
    "reporting_asset",
    "totals",
    "holdings",
    "positions",
    "freshness",
    "warnings",
}
TOTALS = {
    "value",
    "priced_value",
    "stale_value",
    "unpriced_assets",
    "realised_pnl",
    "unrealised_pnl",
}
HOLDING = {
    "asset",
    "quantity",
    "price",
    "price_as_of",
    "price_route",
    "value",
    "average_entry_price",
    "explained_quantity",
    "unknown_quantity",
    "unknown_reasons",
    "unrealised_pnl",
    "realised_pnl",
    "wallets",
}
WALLET = {"account", "wallet", "free", "used", "total", "fetched_at"}
POSITION = {
    "account",
    "symbol",
    "side",
    "contracts",
    "contract_size",
    "base_quantity",
    "entry_price",
    "mark_price",
    "notional",
    "unrealised_pnl",
    "settle_asset",
    "leverage",
    "liquidation_price",
}
FRESHNESS = {"account", "data_type", "state", "succeeded_at", "age_seconds", "error"}
WARNING = {"code", "account", "asset", "message"}


@pytest.fixture(scope="module")
def document(synced: World) -> dict[str, Any]:
    done = synced.run("portfolio", "--json", "--no-refresh")
    assert (done.code, done.err) == (0, "")
    found = done.json()
    assert isinstance(found, dict)
    return found


def test_every_promised_key_is_there(document: dict[str, Any]) -> None:
    assert document.keys() >= TOP
    assert document["schema"] == 1
    assert document["totals"].keys() >= TOTALS
    for name, promised in (
        ("holdings", HOLDING),
        ("positions", POSITION),
        ("freshness", FRESHNESS),
        ("warnings", WARNING),
    ):
        assert document[name], name
        assert all(row.keys() >= promised for row in document[name]), name
    assert all(wallet.keys() >= WALLET for row in document["holdings"] for wallet in row["wallets"])


def test_figures_are_text_times_are_utc_ages_are_seconds(document: dict[str, Any]) -> None:
    for row in document["holdings"]:
        for key in (
            "quantity",
            "price",
            "value",
            "average_entry_price",
            "explained_quantity",
            "unrealised_pnl",
            "realised_pnl",
        ):
            assert row[key] is None or (
                isinstance(row[key], str) and Decimal(row[key]).is_finite() and "E" not in row[key]
            )
        assert sum(Decimal(wallet["total"]) for wallet in row["wallets"]) == Decimal(
            row["quantity"]
        )
        assert Decimal(row["explained_quantity"]) + Decimal(row["unknown_quantity"]) == Decimal(
            row["quantity"]
        )
        assert all("@" in step for step in row["price_route"])
    for row in document["freshness"]:
        assert row["state"] in {"fresh", "stale", "missing", "not_offered"}
        assert row["age_seconds"] is None or isinstance(row["age_seconds"], int)
    assert document["as_of"].endswith("Z")
    datetime.fromisoformat(document["as_of"])


def test_the_total_is_the_sum_of_its_parts(document: dict[str, Any]) -> None:
    totals = document["totals"]
    with localcontext(prec=100):
        assert Decimal(totals["value"]) == Decimal(totals["priced_value"]) + Decimal(
            totals["stale_value"]
        )
    assert totals["unpriced_assets"] == [
        row["asset"] for row in document["holdings"] if row["value"] is None
    ]


def test_csv_has_a_row_per_holding_with_the_names_of_the_json(
    synced: World, document: dict[str, Any]
) -> None:
    header, *rows = list(
        csv.reader(io.StringIO(synced.run("portfolio", "--format", "csv", "--no-refresh").out))
    )
    assert header[:2] == ["asset", "quantity"]
    assert set(header) <= set(document["holdings"][0])
    assert [row[0] for row in rows] == [row["asset"] for row in document["holdings"]]


# --- options --------------------------------------------------------------------------------------


def test_only_the_accounts_asked_for_are_counted(synced: World) -> None:
    found = synced.run("portfolio", "--json", "--no-refresh", "-a", "kraken").json()
    assert {wallet["account"] for row in found["holdings"] for wallet in row["wallets"]} == {
        "kraken"
    }
    assert {row["account"] for row in found["freshness"]} == {"kraken"}


def test_another_quote_values_everything_in_it(synced: World, document: dict[str, Any]) -> None:
    found = synced.run("portfolio", "--json", "--no-refresh", "--quote", "EUR").json()
    assert found["reporting_asset"] == "EUR"
    assert next(row["price"] for row in found["holdings"] if row["asset"] == "EUR") == "1"
    assert 0 < Decimal(found["totals"]["value"]) < Decimal(document["totals"]["value"])


@pytest.mark.sampled(4)
@pytest.mark.parametrize("by", ["asset", "account", "wallet", "exchange"])
@pytest.mark.parametrize("form", ["table", "plain", "markdown"])
def test_groups_and_forms(synced: World, by: str, form: str) -> None:
    done = synced.run("portfolio", "--no-refresh", "--by", by, "--format", form)
    assert (done.code, done.err) == (0, "")
    assert "BTC" in done.out and "Portfolio" in done.out
    if by != "asset":
        assert "kraken" in done.out


def test_small_holdings_are_summed_in_one_line(synced: World) -> None:
    done = synced.run("portfolio", "--no-refresh", "--min-value", "5000")
    assert "below 5,000 USDT (--all)" in done.out
    assert (
        "below 5,000 USDT"
        not in synced.run(*("portfolio", "--no-refresh", "--min-value", "5000", "--all")).out
    )


def test_an_age_that_is_not_met_is_exit_75_after_the_answer(synced: World) -> None:
    done = synced.run("portfolio", "--no-refresh", "--max-age", "1s", "--json")
    assert done.code == 75
    assert done.json()["freshness"][0]["state"] == "stale"
    assert "excache portfolio --wait" in done.err
    assert synced.run("portfolio", "--no-refresh", "--max-age", "365d", "--json").code == 0


def test_wait_syncs_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(world.simulator.requests)
    assert world.run("portfolio", "--wait", "--json").code == 0
    assert len(world.simulator.requests) == before, "everything was fresh"
    clock = SetClock(at=world.clock.now() + timedelta(minutes=1))
    monkeypatch.setattr(world.simulator.venue, "clock", lambda: to_ms(clock.now()))
    later = replace(world, clock=clock)
    done = later.run("portfolio", "--wait", "--max-age", "30s", "--json")
    assert done.code == 0, done.err
    assert len(world.simulator.requests) > before


@pytest.mark.parametrize("columns", [80, 100, 140, 200])
def test_no_line_is_wider_than_the_terminal(synced: World, columns: int) -> None:
    shown = on_a_terminal(synced, columns, "portfolio", "--no-refresh")
    assert [line for line in shown.splitlines() if _cells(line) > columns] == []


def _cells(line: str) -> int:
    from exchange_cache.render.layout import cells

    return cells(line)


# --- as a process ---------------------------------------------------------------------------------

_PROBE = """
import atexit, os, sys
def tell():
    with open(os.environ["LOADED"], "w") as file:
        file.write(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
atexit.register(tell)
"""
HEAVY = {
    "ccxt",
    "requests",
    "aiohttp",
    "asyncio",
    "rich",
    "tabulate",
    "freezegun",
    "urllib3",
    "cryptography",
    "keyring",
    "pytest",
}


def loaded(world: World, tmp_path: Any, *words: str, tty: bool = False, **env: str) -> set[str]:
    (tmp_path / "sitecustomize.py").write_text(_PROBE)
    reported = tmp_path / "loaded"
    env = {"PYTHONPATH": str(tmp_path), "LOADED": str(reported), **env}
    if tty:
        on_a_terminal(world, 120, *words, **env)
    else:
        done = world.process(*words, env=env)
        assert done.code == 0, done.err
    return set(reported.read_text().split()) & HEAVY


def on_a_terminal(world: World, columns: int, *words: str, **env: str) -> str:
    """What a command writes to a real terminal, as text."""
    master, slave = pty.openpty()
    os.set_blocking(master, True)
    everything = {**world.env, "TERM": "xterm-256color", "COLUMNS": str(columns), **env}
    process = subprocess.Popen(
        [sys.executable, "-m", "exchange_cache", *words],
        env=everything,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        close_fds=True,
    )
    os.close(slave)
    pieces = []
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(master)
    assert process.wait(timeout=30) == 0
    return plain(b"".join(pieces).decode())


def plain(text: str) -> str:
    import re

    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("form", "tty", "expected"),
    [
        ("json", False, set()),
        ("csv", False, set()),
        ("table", False, set()),
        ("plain", False, {"tabulate"}),
        ("markdown", False, {"tabulate"}),
        ("json", True, set()),
        ("table", True, {"rich"}),
        ("plain", True, {"tabulate"}),
    ],
)
def test_the_portfolio_loads_only_what_its_format_needs(
    synced: World, tmp_path: Any, form: str, tty: bool, expected: set[str]
) -> None:
    assert (
        loaded(synced, tmp_path, "portfolio", "--no-refresh", "--format", form, tty=tty) == expected
    )


@pytest.mark.parametrize(
    "words",
    [
        ("balances",),
        ("fills", "--limit", "5"),
        ("status",),
        ("explain", "EUR"),
        ("history",),
        ("stats",),
    ],
)
def test_no_reading_command_loads_a_client_library(
    synced: World, tmp_path: Any, words: tuple[str, ...]
) -> None:
    assert loaded(synced, tmp_path, *words, "--json") == set()


def test_colour_only_on_a_terminal_and_never_under_no_color(synced: World) -> None:
    raw = subprocess.run(
        [sys.executable, "-m", "exchange_cache", "portfolio", "--no-refresh"],
        env=synced.env,
        capture_output=True,
        check=True,
    ).stdout
    assert b"\x1b" not in raw
    assert "━" in on_a_terminal(synced, 140, "portfolio", "--no-refresh", NO_COLOR="1")


def test_json_in_a_pipe_is_one_document(synced: World) -> None:
    done = synced.process("portfolio", "--json", "--no-refresh")
    assert json.loads(done.out)["schema"] == 1
    assert done.err == ""


def test_another_quote_states_results_of_the_whole_only_if_its_rates_are_known(
    synced: World,
) -> None:
    document = synced.run("portfolio", "--quote", "EUR", "--json", "--no-refresh").json()
    assert document["reporting_asset"] == "EUR"
    assert [item["code"] for item in document["warnings"]].count("quote_rates_missing") == 1
    assert document["totals"]["realised_pnl"] is None
    assert document["totals"]["unrealised_pnl"] is None


def test_another_cost_method_changes_averages_and_nothing_else(synced: World) -> None:
    average = {
        row["asset"]: row
        for row in synced.run("portfolio", "--json", "--no-refresh").json()["holdings"]
    }
    fifo = {
        row["asset"]: row
        for row in synced.run(
            "portfolio", "--cost-method", "fifo", "--json", "--no-refresh"
        ).json()["holdings"]
    }
    assert {asset: row["quantity"] for asset, row in fifo.items()} == {
        asset: row["quantity"] for asset, row in average.items()
    }
    assert fifo["BTC"]["average_entry_price"] != average["BTC"]["average_entry_price"]
    assert fifo["USDT"]["average_entry_price"] == average["USDT"]["average_entry_price"] == "1"


def test_json_tells_each_accounts_own_average_beside_the_pooled_one(synced: World) -> None:
    row = next(
        row
        for row in synced.run("portfolio", "--json", "--no-refresh").json()["holdings"]
        if row["asset"] == "BTC"
    )
    assert {own["account"] for own in row["account_averages"]} == {"main", "bybit", "kraken"}


def test_a_stale_portfolio_says_how_old_it_is_with_the_cure(world: World) -> None:
    later = World(simulator=world.simulator, home=world.home, clock=Later(30))
    done = later.run("portfolio", "--no-refresh")
    assert done.code == 0
    health = next(line for line in done.out.splitlines() if line.startswith("! kraken:"))
    assert "everything 1 d 6 h old" in health
    assert health.endswith("excache reload --account kraken")


def test_assets_are_selected_by_name_with_totals_of_their_own(synced: World) -> None:
    whole = synced.run("portfolio", "--no-refresh", "--json").json()
    some = synced.run("portfolio", "btc", "ETH", "BTC", "--no-refresh", "--json").json()
    assert some["assets"] == ["BTC", "ETH"]
    own = [one for one in whole["holdings"] if one["asset"] in {"BTC", "ETH"}]
    assert some["holdings"] == own
    traded = {one["symbol"].split("/")[0] for one in whole["positions"]}
    traded |= {one["settle_asset"] for one in whole["positions"]}
    plain = [one for one in whole["holdings"] if one["value"] and one["asset"] not in traded][:3]
    names = [one["asset"] for one in plain]
    with localcontext(prec=60):
        value = sum(Decimal(one["value"]) for one in plain)
        found = synced.run("portfolio", *names, "--no-refresh", "--json").json()
        assert Decimal(found["totals"]["value"]) == value
    assert found["positions"] == []
    shown = synced.run("portfolio", "BTC", "--no-refresh").out
    assert shown.startswith("BTC   ")
    assert "EUR " not in shown.split("Positions")[0]


def test_assets_are_selected_at_an_earlier_moment_too(synced: World) -> None:
    done = synced.run("portfolio", "BTC", "--at", "7d", "--json")
    assert done.code == 0
    assert {one["asset"] for one in done.json()["holdings"]} <= {"BTC"}
    assert done.json()["assets"] == ["BTC"]


def test_an_asset_that_nobody_holds_is_said(template: World) -> None:
    done = template.run("portfolio", "ATOM", "--no-refresh")
    assert done.code == 0
    assert "No account holds ATOM." in done.out
