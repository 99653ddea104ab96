"""Two accounts that are one at the exchange: the same key is refused before anything is sent, the
same user is a finding."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cli.app import App
from exchange_cache.cli.identity import refuse_shared_keys
from exchange_cache.clock import SystemClock
from exchange_cache.simulator.server import running_simulator
from tests.e2e.world import World

SAID = "the accounts main and second have the same key at kraken"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two accounts of one exchange with keys of their own, synced a moment ago."""
    accounts = {"main": "kraken", "second": "kraken"}
    with running_simulator(seed=1, fills=10, limit_scale=1000, accounts=accounts) as simulator:
        home = tmp_path_factory.mktemp("template") / "home"
        made = World.create(simulator, home, history_days=3)
        done = made.run("sync")
        assert (done.code, done.err) == (0, "")
        yield made


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    home = tmp_path / "home"
    shutil.copytree(template.home, home)
    template.simulator.dialects["kraken"].forget_nonces()  # type: ignore[attr-defined]
    return replace(template, home=home)


@pytest.fixture
def unsynced(world: World) -> World:
    for file in world.home.glob("cache.sqlite3*"):
        file.unlink()
    return world


def key_of(world: World, account: str) -> str:
    return (world.home / f"{account}.key").read_text().strip()


def configure(world: World, before: str, after: str) -> None:
    config = world.home / "config.toml"
    text = config.read_text()
    assert before in text
    config.write_text(text.replace(before, after))


def by_file(world: World) -> dict[str, str]:
    """The block was copied: both name one file."""
    configure(world, '"second.key"', '"main.key"')
    return {}


def by_content(world: World) -> dict[str, str]:
    """Another file with the same key, and blanks that a paste left."""
    (world.home / "second.key").write_text(f"{key_of(world, 'main')} \n\n")
    return {}


def by_variable(world: World) -> dict[str, str]:
    configure(world, 'api_key = { file = "second.key" }', 'api_key = { env = "SECOND_KEY" }')
    return {"SECOND_KEY": key_of(world, "main")}


def by_command(world: World) -> dict[str, str]:
    words = f'["cat", "{world.home / "main.key"}"]'
    configure(world, 'api_key = { file = "second.key" }', f"api_key = {{ command = {words} }}")
    return {}


FORMS = (by_file, by_content, by_variable, by_command)
COMMANDS = (
    ("sync",),
    ("sync", "--only", "balances"),
    ("reload", "--force"),
    ("portfolio", "--wait", "--max-age", "1s"),
    ("account", "check"),
)


def refusal(world: World, env: dict[str, str], *words: str) -> str:
    """What a command says that must end with 78 without any request."""
    with closing(sqlite3.connect(world.home / "cache.sqlite3")) as cache:
        if cache.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'exchange_sync_status'"
        ).fetchone():
            cache.execute("UPDATE exchange_sync_status SET succeeded_ms = succeeded_ms - 10000")
            cache.commit()
    before = len(world.simulator.requests)
    done = world.run(*words, env=env)
    assert (done.code, len(world.simulator.requests) - before) == (78, 0), done
    assert key_of(world, "main") not in done.out + done.err
    return done.err


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("words", [("sync",), ("account", "check")], ids=" ".join)
def test_the_same_key_is_refused_naming_both_whatever_form_it_has(
    unsynced: World, form: Callable[[World], dict[str, str]], words: tuple[str, ...]
) -> None:
    assert SAID in refusal(unsynced, form(unsynced), *words)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_that_asks_an_exchange_refuses_it(
    world: World, words: tuple[str, ...]
) -> None:
    assert SAID in refusal(world, by_content(world), *words)


def test_what_was_refused_is_a_finding_of_both_until_a_sync_succeeds(world: World) -> None:
    own = (world.home / "second.key").read_text()
    refusal(world, by_content(world), "sync")
    shown = world.run("portfolio", "--no-refresh").out
    assert shown.count("have the same key at kraken") == 1
    assert "! main, second: " in shown
    found = world.run("status", "--json").json()["findings"]
    assert {one["account"] for one in found if one["code"] == "same_key"} == {"main", "second"}
    (world.home / "second.key").write_text(own)
    world.simulator.dialects["kraken"].forget_nonces()  # type: ignore[attr-defined]
    assert world.run("sync", "--only", "balances").code == 0
    assert "same_key" not in {
        one["code"] for one in world.run("status", "--json").json()["findings"]
    }


@pytest.mark.parametrize("alone", ["main", "second"])
@pytest.mark.parametrize("form", FORMS)
def test_an_account_that_is_synced_alone_is_held_against_the_key_of_the_other(
    world: World, form: Callable[[World], dict[str, str]], alone: str
) -> None:
    env = form(world)
    if (
        form is not by_file and alone == "main"
    ):  # the last run of second left another key's fingerprint
        refused = world.run("sync", "--account", "second", env=env)
        assert refused.code == 78
    assert SAID in refusal(world, env, "sync", "--account", alone)


def disable(world: World, account: str) -> None:
    block = f"[accounts.{account}]\n"
    configure(world, block, f"{block}enabled = false\n")


def test_a_disabled_account_whose_cached_rows_count_is_compared(world: World) -> None:
    disable(world, "main")
    assert SAID in refusal(world, by_content(world), "sync")


def test_a_disabled_account_of_which_nothing_is_cached_counts_nothing(unsynced: World) -> None:
    disable(unsynced, "main")
    (unsynced.home / "main.key").write_text((unsynced.home / "second.key").read_text())
    done = unsynced.run("sync", "--only", "balances")
    assert (done.code, done.err) == (0, "")


def test_a_key_that_moved_from_one_account_to_the_other_is_no_shared_one(world: World) -> None:
    moved = {name: (world.home / f"main.{name}").read_text() for name in ("key", "secret")}
    for name, text in moved.items():
        (world.home / f"main.{name}").write_text((world.home / f"second.{name}").read_text())
        (world.home / f"second.{name}").write_text(text)
    done = world.run("sync", "--account", "second", "--only", "balances")
    assert (done.code, done.err) == (0, "")


def test_a_missing_secret_of_the_other_account_refuses_nothing(world: World) -> None:
    (world.home / "main.key").unlink()
    assert world.run("sync", "--account", "second", "--only", "balances").code == 0


def test_no_key_and_no_part_of_one_lies_in_the_cache(world: World) -> None:
    stored = b"".join(file.read_bytes() for file in world.home.glob("cache.sqlite3*"))
    assert b"key_fingerprint" in stored
    for account in ("main", "second"):
        for name in ("key", "secret"):
            assert (world.home / f"{account}.{name}").read_bytes().strip()[:12] not in stored


def test_two_caches_know_the_same_key_by_different_fingerprints(
    world: World, tmp_path: Path
) -> None:
    from exchange_cache.sync.identity import known_key

    other = replace(world, home=tmp_path / "other")
    shutil.copytree(world.home, other.home, ignore=shutil.ignore_patterns("cache*"))
    world.simulator.dialects["kraken"].forget_nonces()  # type: ignore[attr-defined]
    assert other.run("sync", "--only", "balances").code == 0
    one, two = (known_key(made.repository(), "main") for made in (world, other))
    assert one is not None and two is not None and one != two


@pytest.mark.parametrize("words", [(), ("--env", "api_key=NEW_KEY")], ids=["typed", "env"])
def test_an_account_with_a_key_that_exists_is_not_added(
    world: World, words: tuple[str, ...]
) -> None:
    before = (world.home / "config.toml").read_text()
    typed = "" if words else f"{key_of(world, 'main')}\n"
    done = world.process(
        "account", "add", "third", "--exchange", "kraken", *words,
        stdin=f"{typed}c2VjcmV0\n", env={"NEW_KEY": f"{key_of(world, 'main')} "},
    )  # fmt: skip
    assert done.code == 78
    assert "the accounts main and third have the same key at kraken" in done.err
    assert "give third a key of its own" in done.err
    assert key_of(world, "main") not in done.out + done.err
    assert (world.home / "config.toml").read_text() == before
    assert not list(world.home.glob("secrets/third*"))


def test_one_wallet_address_in_two_accounts_is_refused_however_it_is_written(
    tmp_path: Path,
) -> None:
    address = "0x00000000000000000000000000000000000000Ab"
    with running_simulator(accounts={}) as simulator:
        world = World.create(simulator, tmp_path / "home")
        accounts = (("main", address), ("second", address.lower()))
        blocks = [
            f'[accounts.{name}]\nexchange = "hyperliquid"\nwallet_address = "{own}"\n'
            for name, own in accounts
        ]
        (world.home / "config.toml").write_text("\n".join(blocks))
        done = world.run("sync")
    assert done.code == 78
    assert "the accounts main and second have the same key at hyperliquid" in done.err


# --- one user under two keys ----------------------------------------------------------------------


@pytest.mark.parametrize("exchange", ["bybit", "okx", "kucoin", "coinbase"])
def test_one_user_under_two_keys_is_a_finding_of_both_and_asked_once_per_key(
    tmp_path: Path, exchange: str
) -> None:
    accounts = {"main": exchange, "second": exchange, "other": exchange}
    with running_simulator(seed=1, fills=5, limit_scale=1000, accounts=accounts) as simulator:
        known = simulator.venue.state.accounts
        known["second"] = replace(known["second"], uid=known["main"].uid)
        world = World.create(simulator, tmp_path / "home", history_days=2)
        done = world.run("sync", "--only", "balances")
        assert done.code == 0, done.err
        found = world.run("status", "--json").json()["findings"]
        same = {one["account"]: one["message"] for one in found if one["code"] == "same_user"}
        assert set(same) == {"main", "second"}
        assert "the exchange names the same user for second:" in same["main"]
        assert "these accounts are one" in world.run("portfolio", "--no-refresh").out.replace(
            "\n  ", " "
        )
        before = len(simulator.requests)
        assert world.run("sync", "--only", "balances").code == 0
        asked = [row.path for row in list(simulator.requests)[before:]]
        words = ("query-api", "account/config", "user/api-key", "key_permissions")
        assert not any(word in path for path in asked for word in words)
        checked = world.run("account", "check", "second")
        assert "the exchange names the same user for main" in " ".join(checked.out.split())
        in_json = world.run("account", "check", "second", "--json")
        assert "WARNING: second: the exchange names the same user for main" in in_json.err


def test_an_account_that_is_alone_at_its_exchange_is_not_asked_whose_it_is(tmp_path: Path) -> None:
    with running_simulator(
        seed=1, fills=5, limit_scale=1000, accounts={"main": "bybit"}
    ) as simulator:
        world = World.create(simulator, tmp_path / "home", history_days=2)
        assert world.run("sync", "--only", "balances", "--only", "prices").code == 0
        before = len(simulator.requests)
        world.run("sync", "--only", "balances")
        assert not any("query-api" in row.path for row in list(simulator.requests)[before:])


@pytest.mark.parametrize("number", [3, 30])
def test_any_number_of_accounts_is_compared_by_as_many_statements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    sections = []
    for one in range(number):
        place = tmp_path / f"a{one}.key"
        place.write_text(f"key{one}")
        place.chmod(0o600)
        key = f'{{ file = "a{one}.key" }}'
        sections.append(
            f'[accounts.a{one}]\nexchange = "kraken"\napi_key = {key}\nsecret = {key}\n'
        )
    (tmp_path / "config.toml").write_text("\n".join(sections))
    env = {"EXCACHE_HOME": str(tmp_path)}
    app = App(env=env, clock=SystemClock(), out=StringIO(), err=StringIO())
    refuse_shared_keys(app, app.accounts(()))
    sent: list[Any] = []
    rows = CacheDatabase.rows
    monkeypatch.setattr(
        CacheDatabase, "rows", lambda self, query: sent.append(query) or rows(self, query)
    )
    refuse_shared_keys(app, app.accounts(()))
    assert len(sent) == 3
