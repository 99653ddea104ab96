"""``excache import`` and its commands, on the account of a small world."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exchange_cache.clock import to_ms
from exchange_cache.exchanges.manual.files import TEMPLATE
from exchange_cache.statements.reading import Reading
from exchange_cache.statements.table import FileContext, Found
from exchange_cache.sync.locks import lock_of
from tests.e2e.world import World

LEDGER = "txid,refid,time,type,subtype,aclass,asset,amount,fee,balance\n"
ROWS = (
    "LAAAAA-1,R1,2019-03-03 10:00:00,deposit,,currency,XXBT,1.5,0,1.5\n"
    "LAAAAA-2,T1,2019-03-04 10:00:00,trade,,currency,XXBT,-0.5,0,1.0\n"
    "LAAAAA-3,T1,2019-03-04 10:00:00,trade,,currency,ZEUR,1700,4.42,1695.58\n"
    ",R9,2019-03-05 10:00:00,withdrawal,,currency,ZEUR,-10,0,\n"
)


@pytest.fixture
def ledgers(tmp_path: Path) -> Path:
    path = tmp_path / "ledgers.csv"
    path.write_text(LEDGER + ROWS)
    return path


@pytest.fixture
def cold(world: World) -> World:
    """The world with an account without an API beside it."""
    config = world.home / "config.toml"
    config.write_text(f'{config.read_text()}\n[accounts.cold]\nexchange = "manual"\n')
    return world


def test_a_file_states_what_it_brought(world: World, ledgers: Path) -> None:
    result = world.run("import", str(ledgers))
    assert result.code == 0, result.err
    assert "kraken ledgers" in result.out
    assert "left out 1, first in line 5: a pending or failed copy" in result.out
    assert "Undo: excache import undo 1" in result.out
    assert "\n  fills spot, transfers account ledger: " in result.out  # as every screen names them
    (row,) = world.run("import", str(ledgers), "--json").json()["rows"]
    assert (row["again"], row["new"]) == (True, 0)


def test_two_rows_under_one_id_that_differ_are_named(world: World, ledgers: Path) -> None:
    copied = ROWS.splitlines(keepends=True)[0].replace(",1.5,0,1.5", ",1.75,0,1.75")
    ledgers.write_text(LEDGER + ROWS + copied)
    result = world.run("import", str(ledgers), "--json")
    assert result.code == 0, result.err
    (row,) = result.json()["rows"]
    stated = {"line": 6, "what": "quantity", "file": "1.75 BTC", "api": "1.5 BTC", "within": True}
    assert (row["conflicting"], row["differences"]) == (1, [stated])


def test_the_list_names_the_files_and_undo_removes_one(world: World, ledgers: Path) -> None:
    before = world.run("transfers", "--json", "--all").json()["rows"]
    world.run("import", str(ledgers))
    (row,) = world.run("import", "list", "--json").json()["rows"]
    assert (row["file"], row["in_ledger"], row["rows"]) == ("ledgers.csv", 2, 4)
    undone = world.run("import", "undo", "1")
    assert "Removed ledgers.csv: 2 rows" in undone.err
    assert world.run("transfers", "--json", "--all").json()["rows"] == before
    assert world.run("import", "undo", "1").code == 2


def test_several_files_of_which_one_is_refused(world: World, ledgers: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(LEDGER.replace("balance", "balance,novelty") + "\n")
    result = world.run("import", str(other), str(ledgers))
    assert result.code == 65
    assert "other.csv:1: looks like the ledgers of kraken" in result.err
    assert "novelty" in result.err
    assert "ledgers.csv" in result.out


def test_a_dry_run_states_the_same_while_another_run_writes(world: World, ledgers: Path) -> None:
    lock = lock_of(world.home / "cache.sqlite3", world.clock)
    assert lock.try_acquire("sync")
    before = world.run("transfers", "--json", "--all").json()["rows"]
    with lock:
        dry = world.run("import", str(ledgers), "--dry-run", "--json")
    assert dry.code == 0, dry.err
    (seen,) = dry.json()["rows"]
    assert world.run("import", "list", "--json").json()["rows"] == []
    assert world.run("transfers", "--json", "--all").json()["rows"] == before
    (real,) = world.run("import", str(ledgers), "--json").json()["rows"]
    assert seen == {**real, "id": None, "dry_run": True}


def test_without_market_list_and_network_the_cure_is_stated_at_once(
    fresh: World, ledgers: Path
) -> None:
    fresh.simulator.stop_exchange("kraken")
    started = fresh.clock.monotonic()
    result = fresh.run("import", str(ledgers))
    assert fresh.clock.monotonic() - started < 5
    assert result.code == 69
    assert "kraken: its files are read by its market list, which is not cached" in result.err
    assert "excache sync --account kraken stores it; then import again" in result.err
    assert fresh.run("import", "list", "--json").json()["rows"] == []


def test_the_market_list_of_another_account_of_the_exchange_serves_without_network(
    world: World, ledgers: Path
) -> None:
    config = world.home / "config.toml"
    other = (
        '[accounts.other]\nexchange = "kraken"\napi_key = { env = "K" }\nsecret = { env = "S" }\n'
    )
    config.write_text(f"{config.read_text()}\n{other}")
    world.simulator.stop_exchange("kraken")
    result = world.run("import", str(ledgers), "--account", "other", "--json")
    assert result.code == 0, result.err
    assert result.json()["rows"][0]["new"] == 2


def test_a_last_line_without_an_end_is_named(world: World, ledgers: Path) -> None:
    ledgers.write_text((LEDGER + ROWS).rstrip("\n"))
    result = world.run("import", str(ledgers))
    assert "line 5, its last one, has no line end" in result.out


def _hour_without_rates(world: World) -> datetime:
    """The begin of an hour about 200 days ago of which no past price is stored."""
    with closing(sqlite3.connect(world.home / "cache.sqlite3")) as cache:
        spans = cache.execute(
            "SELECT at_ms, at_ms + 1000 * resolution_s FROM asset_rates"
        ).fetchall()
    hour = (world.clock.now() - timedelta(days=200)).replace(minute=0, second=0, microsecond=0)
    while any(start - 3_600_000 <= to_ms(hour) <= end + 3_600_000 for start, end in spans):
        hour -= timedelta(hours=1)
    return hour


def test_the_next_sync_fetches_the_past_prices_of_new_rows(world: World, tmp_path: Path) -> None:
    moment = f"{_hour_without_rates(world):%Y-%m-%d %H:00:00}"
    path = tmp_path / "ledgers.csv"
    path.write_text(
        f"{LEDGER}LAAAAA-2,T1,{moment},trade,,currency,XXBT,0.5,0,1.0\n"
        f"LAAAAA-3,T1,{moment},trade,,currency,ZEUR,-17000,4.42,1695.58\n"
    )
    assert world.run("import", str(path)).code == 0

    def unpriced() -> bool:
        steps = world.run("explain", "BTC", "--all", "--json").json()["rows"]
        (own,) = (one for one in steps if "by file: ledgers.csv" in one["note"])
        return "cost unknown" in own["note"]

    assert unpriced()
    assert world.run("sync").code == 0
    assert not unpriced()
    assert "no_rate" not in world.run("status", "--json").out


def test_a_zip_is_read_like_its_files(world: World, ledgers: Path, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(ledgers, "ledgers.csv")
    assert world.run("import", str(path)).code == 0
    (row,) = world.run("import", "list", "--json").json()["rows"]
    assert row["file"] == "export.zip/ledgers.csv"


def test_stdin_is_read_like_a_file(world: World) -> None:
    result = world.process("import", "-", "--json", stdin=LEDGER + ROWS)
    assert result.code == 0, result.err
    assert json.loads(result.out)["rows"][0]["file"] == "stdin"


def test_a_pipe_is_read_like_a_file(world: World, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(LEDGER + ROWS,))
    writer.start()
    result = world.run("import", str(pipe), "--json")
    writer.join()
    assert result.code == 0, result.err
    assert result.json()["rows"][0]["file"] == str(pipe)


@pytest.mark.parametrize(
    ("files", "words"),
    [(["b.csv"], "nothing was stored"), (["a.csv", "b.csv"], "stored: a.csv; import the others")],
)
def test_ctrl_c_states_which_files_are_stored(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], words: str
) -> None:
    (tmp_path / "a.csv").write_text(LEDGER + ROWS)
    (tmp_path / "b.csv").write_text(LEDGER + ROWS.replace("LAAAAA", "LBBBBB"))
    whole = Reading.found

    def stopped(reading: Reading, context: FileContext) -> Iterator[Found]:
        yield from whole(reading, context)
        if context.file_name == "b.csv":
            raise KeyboardInterrupt

    monkeypatch.setattr(Reading, "found", stopped)
    result = world.run("import", *(str(tmp_path / name) for name in files))
    assert result.code == 130
    assert f"interrupted; {words}" in result.err
    stored = [row["file"] for row in world.run("import", "list", "--json").json()["rows"]]
    assert stored == files[:-1]


def test_another_exchange_s_file_is_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "fills.csv"
    path.write_text("portfolio,trade id\n1,2\n")
    assert world.run("import", str(path)).code == 65


def test_an_account_of_another_exchange_is_refused(cold: World, ledgers: Path) -> None:
    result = cold.run("import", str(ledgers), "--account", "cold")
    assert result.code == 65
    assert "is the ledgers of kraken, and cold is an account of manual" in result.err


def test_what_is_no_zone_is_refused(world: World, ledgers: Path) -> None:
    assert world.run("import", str(ledgers), "--zone", "Mars").code == 2


@pytest.mark.parametrize("words", [("--accont", "x"), ("--zone", "Mars", "x.csv"), ("--dry-run",)])
def test_a_wrong_option_is_named_by_the_command_that_was_typed(
    cold: World, words: tuple[str, ...]
) -> None:
    done = cold.run("import", *words)
    assert done.code == 2
    assert done.err.startswith("excache import: ")
    assert done.err.endswith("         excache import --help\n")
    assert "files" not in done.err


def test_the_form_fills_an_account_without_an_api(cold: World, tmp_path: Path) -> None:
    path = tmp_path / "form.csv"
    path.write_text(cold.run("import", "template").out)
    assert path.read_text() == TEMPLATE
    result = cold.run("import", str(path))
    assert result.code == 0, result.err
    balances = cold.run("balances", "--account", "cold", "--json").json()["rows"]
    assert {row["asset"]: row["total"] for row in balances} == {"BTC": "0.3998", "ETH": "0.01"}
    held = cold.run("portfolio", "--account", "cold", "--no-refresh", "--json").json()
    assert held["totals"]["unpriced_assets"] == []
    answer = cold.run("explain", "BTC", "--account", "cold", "--json")
    assert "by hand: form.csv line 2" in answer.out


def test_an_account_without_an_api_is_added_without_a_key(cold: World) -> None:
    result = cold.run("account", "add", "vault", "--exchange", "manual")
    assert result.code == 0, result.err
    assert "Its rows come from files" in result.err
    assert cold.run("sync", "--account", "vault", "--account", "cold").code == 0
    checked = cold.run("account", "check", "vault")
    assert "has no API" in checked.out + checked.err


def test_a_form_for_one_of_several_accounts_names_them(
    cold: World, tmp_path: Path, ledgers: Path
) -> None:
    cold.run("account", "add", "vault", "--exchange", "manual")
    path = tmp_path / "form.csv"
    path.write_text(TEMPLATE)
    result = cold.run("import", str(path))
    assert result.code == 2
    assert "--account cold or --account vault" in result.err
    both = cold.run("import", str(path), str(ledgers))  # a file that is refused stops no other
    assert both.code == 2
    assert "ledgers.csv" in both.out
    assert cold.run("import", str(path), "--account", "vault").code == 0


def test_a_stated_cost_that_an_import_makes_superfluous_is_named(
    cold: World, tmp_path: Path
) -> None:
    """Units that were deposited without a cost turn out to come from another account."""
    header = "time,type,asset,quantity,quote,cost\n"
    deposit, other = tmp_path / "deposit.csv", tmp_path / "other.csv"
    deposit.write_text(f"{header}2024-01-05 10:00:00,deposit,ADA,10,,\n")
    assert cold.run("import", str(deposit)).code == 0
    words = ["ADA", "--quantity", "10", "--price", "2", "--at", "2024-01-05T10:00"]
    assert cold.run("basis", "set", *words).code == 0
    assert [row["unused"] for row in cold.run("basis", "list", "--json").json()["rows"]] == [None]
    cold.run("account", "add", "vault", "--exchange", "manual")
    other.write_text(
        f"{header}2024-01-04 10:00:00,buy,ADA,10,EUR,5\n2024-01-05 09:58:00,withdrawal,ADA,10,,\n"
    )
    result = cold.run("import", str(other), "--account", "vault")
    assert "The cost that you stated as 1 is superfluous for 10 units now" in result.out
    assert "excache basis remove 1" in result.out


def test_a_sync_skips_an_account_without_an_api_in_silence(cold: World) -> None:
    result = cold.run("sync", "--account", "cold")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert "stale" not in cold.run("status", "--account", "cold").out
    both = cold.run("sync")
    assert both.code == 0, both.err
    assert "cold" not in both.err
