"""The journal for hledger and ledger balances, and holds what the fills sum up to."""

from __future__ import annotations

import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.journal import write
from exchange_cache.clock import SetClock
from tests.builders import NOW, fill, price
from tests.cli.stored_home import StoredHome


@pytest.fixture
def journal(tmp_path: Path) -> tuple[Path, dict[str, Decimal]]:
    home = StoredHome(folder=tmp_path / "home", clock=SetClock(NOW))
    home.configure()
    home.store(
        fill("1", "0.5", "100", fees=("0.001 BTC",)),
        fill("2", "0.25", "200", side="sell", fees=("0.1 BNB",)),
        price("BTC/USDT", "300"),
    )
    file = tmp_path / "fills.journal"
    return file, write(home.folder / "cache.sqlite3", file)


def test_a_fill_is_a_transaction_with_its_cost_and_fees(
    journal: tuple[Path, dict[str, Decimal]],
) -> None:
    file, held = journal
    assert held == {"BTC": Decimal("0.249"), "USDT": Decimal(0), "BNB": Decimal("-0.1")}
    text = file.read_text()
    assert text.startswith('P 2026-01-31 "BTC" 300 "USDT"\n')
    assert '  assets:main  -0.25 "BTC" @@ 50 "USDT"\n  assets:main  50 "USDT"' in text


@pytest.mark.parametrize("program", ["hledger", "ledger"])
def test_the_programs_read_it(program: str, journal: tuple[Path, dict[str, Decimal]]) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    words = [program, "-f", str(journal[0]), "balance", "assets"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "0.249 BTC" in done.stdout.replace('"', "")
