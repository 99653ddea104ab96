"""``excache account check``: what a key can read."""

from __future__ import annotations

import pytest

from exchange_cache.cli.key_check import _cure, _reasons
from exchange_cache.exchanges import policy_for
from tests.e2e.world import World


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
        "odd: excache has no policy of its own for bitso and uses the generic one: "
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


def test_check_names_what_is_not_read_at_the_exchange(world: World) -> None:
    """People read one sentence per account, programs one row per item."""
    named = policy_for("kraken").not_read
    screen = " ".join(world.run("account", "check", "kraken").out.split())
    assert f"kraken: not read: {'; '.join(named)}." in screen
    rows = world.run("account", "check", "kraken", "--json").json()["rows"]
    assert [row["result"] for row in rows if row["check"] == "not read"] == list(named)
    assert {row["error"] for row in rows if row["check"] == "not read"} == {None}


@pytest.mark.parametrize(
    ("hint", "cure"),
    [
        (None, None),
        ("export REQUESTS_CA_BUNDLE=FILE", "export REQUESTS_CA_BUNDLE=FILE"),
        ("excache account check main", None),
        ("excache account check main; Bybit uses this code", "Bybit uses this code"),
        ("allow this address; then: excache account check main", "allow this address"),
    ],
)
def test_a_cure_does_not_recommend_the_check_itself(hint: str | None, cure: str | None) -> None:
    assert _cure("main", hint) == cure


def test_reads_that_fail_for_one_reason_share_their_cure() -> None:
    rows = [
        {
            "account": "main",
            "check": check,
            "error": f"kraken did not answer ({check}): timed out",
            "hint": "plug it in",
        }
        for check in ("balances spot", "prices spot")
    ]
    [found] = _reasons(rows)
    assert found.message == "kraken did not answer: timed out (balances spot, prices spot)"
    assert found.hint == "plug it in"
