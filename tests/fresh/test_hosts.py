"""Runs whose requests are redirected, and accounts whose settings lead elsewhere or weaken TLS:
what is said, and what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exchanges.stub import Answer, StubServer
from tests.fresh.helpers import Home

UNCHECKED = (
    "kraken: certificates are not checked (verify = false in config.toml): anybody on the way can"
    " read and change what is exchanged"
)


def rebase(home: Home, base: str) -> None:
    """Send the account's requests to another server, each with the path that it had."""
    config = home.home / "config.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace(f"http://127.0.0.1:{home.simulator.port}", base),
        encoding="utf-8",
    )


def weaken(home: Home, line: str) -> None:
    """One more setting in the account's ccxt table."""
    config = home.home / "config.toml"
    head = "[accounts.kraken.ccxt]\n"
    text = config.read_text(encoding="utf-8")
    assert head in text
    config.write_text(text.replace(head, f"{head}{line}\n"), encoding="utf-8")


def rows(home: Home) -> list[dict[str, Any]]:
    """The cached balances without their age, which goes on while the test runs."""
    found = home.run("balances", "--account", "kraken", "--json").json()["rows"]
    return [{key: value for key, value in row.items() if key != "age_seconds"} for row in found]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_sync_fails_and_keeps_the_old_rows_with_their_time(
    synced: Home, status: int
) -> None:
    synced.configure("retries = 0")
    balances = rows(synced)
    ages = synced.run("status", "--json").json()["rows"]
    with StubServer(lambda asked: {}) as stranger:
        location = f"{stranger.url}/steal"
        with StubServer(
            lambda asked: Answer({}, status=status, headers={"Location": location})
        ) as stub:
            rebase(synced, stub.url)
            done = synced.run("sync")
        assert stub.asked and stranger.asked == []
    assert done.code == 69
    assert (
        f"{status}, a redirect to the host {stranger.url.removeprefix('http://')}, which is not"
        " followed" in done.err
    )
    assert rows(synced) == balances
    kept = synced.run("status", "--json").json()["rows"]
    assert [row["succeeded_at"] for row in kept] == [row["succeeded_at"] for row in ages]


@pytest.mark.parametrize(
    "words", [("sync",), ("reload", "--force"), ("portfolio", "--wait"), ("account", "check")]
)
def test_every_run_says_that_certificates_are_not_checked(
    synced: Home, words: tuple[str, ...]
) -> None:
    weaken(synced, "verify = false")
    synced.age(2)
    done = synced.run(*words)
    assert done.code == 0
    assert done.err.splitlines().count(f"excache: {UNCHECKED}") == 1


def test_a_host_of_its_own_is_said_in_the_run_and_in_the_list(synced: Home) -> None:
    said = (
        "kraken: requests go to mirror.example, as urls or hostname in config.toml says, not to"
        " ccxt's own hosts"
    )
    weaken(synced, 'hostname = "mirror.example"')
    assert synced.run("sync").err == f"excache: {said}\n"
    [row] = synced.run("account", "list", "--json").json()["rows"]
    assert row["warnings"] == [said]
    assert "mirror.example" in synced.run("account", "list").out


def test_a_stand_in_on_this_machine_is_not_worth_a_word(synced: Home) -> None:
    assert synced.run("sync").err == ""
    [row] = synced.run("account", "list", "--json").json()["rows"]
    assert row["warnings"] == []


def test_a_guard_that_config_would_switch_off_stops_before_anything_is_sent(synced: Home) -> None:
    weaken(synced, 'read_allowlist = ["POST private AddOrder"]')
    asked = len(synced.simulator.requests)
    done = synced.run("sync")
    assert done.code == 78 and "accounts.kraken.ccxt.read_allowlist is refused" in done.err
    assert len(synced.simulator.requests) == asked
