"""``excache account``: accounts are added, listed and removed."""

from __future__ import annotations

from exchange_cache.cache.filter import Filter
from tests.e2e.world import World


def test_account_add_list_remove(world: World) -> None:
    added = world.process(
        "account", "add", "second", "-e", "kraken", "--no-check", stdin="key\nc2VjcmV0\n"
    )
    assert added.code == 0, added.err
    assert [row["account"] for row in world.run("account", "list", "--json").json()["rows"]] == [
        "kraken",
        "second",
    ]
    again = world.process(
        "account", "add", "second", "-e", "kraken", "--no-check", stdin="key\nc2VjcmV0\n"
    )
    assert again.code == 2 or again.code == 78
    assert "second" in again.err
    asked = world.process("account", "remove", "second", stdin="")
    assert asked.code == 2
    assert "--force" in asked.err
    assert world.process("account", "remove", "second", "--force").code == 0
    assert [row["account"] for row in world.run("account", "list", "--json").json()["rows"]] == [
        "kraken"
    ]


def test_history_is_forgotten_only_on_demand(world: World) -> None:
    assert world.run("account", "remove", "kraken", "--force").code == 0
    repository = world.repository()
    assert repository.ledger.fills(Filter(accounts=["kraken"]))
    repository.close()


def test_forget_history_deletes_the_rows(world: World) -> None:
    assert world.run("account", "remove", "kraken", "--force", "--forget-history").code == 0
    repository = world.repository()
    assert not repository.ledger.fills(Filter(accounts=["kraken"]))
    assert not repository.mirror.balances(["kraken"])
    repository.close()


def test_env_credentials_are_not_asked_for(world: World) -> None:
    done = world.process(
        "account",
        "add",
        "third",
        "-e",
        "kraken",
        "--env",
        "api_key=A",
        "--env",
        "secret=B",
        "--no-check",
        stdin="",
    )
    assert done.code == 0, done.err
    assert 'env = "A"' in (world.home / "config.toml").read_text()
    wrong = world.process(
        "account", "add", "fourth", "-e", "kraken", "--env", "pin=A", "--no-check", stdin=""
    )
    assert wrong.code == 2
    assert "there are api_key, secret" in wrong.err
