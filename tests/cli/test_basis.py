"""``excache basis``: costs that the user states."""

from __future__ import annotations

from decimal import Decimal

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
