"""``excache basis``: costs that the user states."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click
import pytest

from exchange_cache.clock import SetClock
from tests.builders import NOW, at, balance, fill, price
from tests.cli.stored_home import StoredHome
from tests.e2e.world import World


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
    """No deposit of ATOM is stored: only the account says where such units were."""
    words = ("basis", "set", "ATOM", "--price", "0.5", "--at", "2024-01-01")
    done = world.run(*words, "--quantity", "5")
    assert done.code == 0
    assert "has no effect" in done.err and "--account" in done.err
    (row,) = world.run("basis", "list", "--json").json()["rows"]
    assert row["unused"] == "5"
    assert world.run("basis", "remove", "1").code == 0
    done = world.run(*words, "--quantity", "5", "--account", "kraken")
    assert (done.code, "has no effect" in done.err) == (0, False)
    (row,) = world.run("basis", "list", "--json").json()["rows"]
    assert row["unused"] is None


@pytest.fixture
def home(tmp_path: Path) -> StoredHome:
    """Five BTC are held, and the stored history explains two of them."""
    made = StoredHome(folder=tmp_path / "home", clock=SetClock(at=NOW))
    made.configure(before="background_refresh = false")
    made.store(balance("5"), price("BTC/USDT", "100"), fill("1", "2", "90", time=at(1)))
    return made


WITHOUT_PRICE = (
    *("basis", "set", "BTC", "--account", "main"),
    *("--quantity", "3", "--at", "2026-01-01"),
)


def test_without_a_terminal_a_missing_price_is_refused(home: StoredHome) -> None:
    done = home.run(*WITHOUT_PRICE)
    assert (done.code, done.out) == (2, "")
    assert done.err == "excache: what did one BTC cost?\n         add --price NUMBER\n"


def test_on_a_terminal_the_price_is_prompted_for(
    home: StoredHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def prompted(label: str, **more: object) -> Decimal:
        asked.append(label)
        return Decimal(70)

    monkeypatch.setattr("exchange_cache.cli.basis.can_ask", lambda app: True)
    monkeypatch.setattr(click, "prompt", prompted)
    assert home.run(*WITHOUT_PRICE).code == 0
    assert asked == ["Price of one BTC in USDT"]
    assert home.run("explain", "BTC").out.startswith("BTC: bought at 78.00 USDT on average (5)")
