"""What options select, and where a stream begins and ends."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOW, fill, transfer
from tests.cli.stored_home import StoredHome
from tests.export.nasty import day, nasty_home
from tests.export.test_beancount import home_of
from tests.export.test_koinly import plain
from tests.export.test_rows import lines_of


def kinds(lines: list[dict[str, Any]]) -> list[str]:
    return [line.get("kind", line["row"]) for line in lines]


def test_a_beginning_opens_what_was_held_then_lot_by_lot(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    text = home.run("export", "beancount", "--since", "2026-01-05", "--method", "fifo").out
    assert (
        '2026-01-05 * "main" "opening BTC"\n'
        '  time: "2026-01-05T00:00:00Z"\n'
        '  Assets:Main:BTC 2.997 BTC {{300.03 USDT, 2026-01-04, "1"}}\n'
        "  Equity:Opening:Main -300.03 USDT\n"
    ) in text
    assert kinds(lines_of(home, "--since", "2026-01-05", "--account", "main"))[1:5] == [
        *("opening", "opening", "sell", "closing")
    ]


def test_an_end_before_now_has_no_balances_of_exchanges_and_no_prices(tmp_path: Path) -> None:
    lines = lines_of(home_of(tmp_path), "--until", "2026-01-05")
    assert kinds(lines) == ["head", "deposit", "buy", "events_balance", "events_balance"]
    assert lines[-2]["quantity"] == "2.997"


def test_a_beginning_after_everything_has_what_is_held(tmp_path: Path) -> None:
    lines = lines_of(home_of(tmp_path), "--since", "2026-01-20", "--until", "2026-01-21")
    assert kinds(lines) == ["head", "opening", "opening", "events_balance", "events_balance"]


def test_the_other_half_of_a_selection_is_left_out_by_its_value(tmp_path: Path) -> None:
    words = ("beancount", "--asset", "btc", "--method", "fifo", "--until", "2026-01-20")
    text = home_of(tmp_path).run("export", *words).out
    assert "  Assets:Main:BTC -1 BTC {} @@ 119.5 USDT\n  Equity:Left-Out:Main 119.5 USDT\n" in text
    assert "Assets:Main:USDT" not in text


def test_a_move_from_an_account_that_is_not_selected(tmp_path: Path) -> None:
    home = plain(
        tmp_path,
        fill("1", "2", "100", time=day(1)),
        transfer("2", "1", kind="withdrawal", time=day(2), tx_id="0xabc"),
        transfer("3", "1", time=day(2, 7), account="other", tx_id="0xabc"),
    )
    found = lines_of(home, "--account", "other")
    assert next(line["changes"] for line in found if line["row"] == "entry")[0]["cost"] == "100"


@pytest.mark.parametrize("form", ["beancount", "hledger", "ledger"])
def test_a_file_states_what_is_left_out(tmp_path: Path, form: str) -> None:
    home = home_of(tmp_path)
    words = (
        "--account",
        "main",
        "--asset",
        "btc",
        "--since",
        "2026-01-05",
        "--until",
        "2026-01-20",
    )
    assert (
        "; a part: account main, asset BTC, from 2026-01-05T00:00:00Z, before 2026-01-20T00:00:00Z:"
        " everything else is left out\n"
    ) in home.run("export", form, *words).out
    assert "everything else" not in home.run("export", form).out


@pytest.mark.parametrize("form", ["beancount", "hledger", "ledger", "koinly", "csv", "jsonl"])
def test_the_same_cache_gives_the_same_file(tmp_path: Path, form: str) -> None:
    home = nasty_home(tmp_path)
    first = home.run("export", form).out
    home.clock.at = datetime.fromisoformat("2026-03-01T00:00:00+00:00")  # type: ignore[attr-defined]
    assert home.run("export", form).out == first
    assert len(first.splitlines()) > 60


def test_without_any_row_there_are_no_entries(tmp_path: Path) -> None:
    from exchange_cache.clock import SetClock

    home = StoredHome(folder=tmp_path / "home", clock=SetClock(NOW))
    home.configure()
    home.store(transfer("1", "5", "USDT", time=day(3)))
    assert kinds(lines_of(home, "--account", "other")) == ["head"]
