"""What goes wrong in a user's life: a clear message with the cure, the right exit code, and nothing
cached lost."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange_cache.simulator.server import running_simulator
from tests.e2e.world import Result, World

LEDGERS = ("exchange_fills", "exchange_orders", "exchange_transfers", "exchange_balances")


def edit(world: World, old: str, new: str) -> None:
    file = world.home / "config.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def once(world: World) -> None:
    """No retries, so that a test of a failure does not wait for them."""
    edit(world, "reporting_asset", "retries = 0\nreporting_asset")


def rows(world: World) -> dict[str, int]:
    repository = world.repository()
    try:
        return {table: repository.table_counts()[table] for table in LEDGERS}
    finally:
        repository.close()


@pytest.fixture
def nothing_lost(world: World) -> Callable[[], None]:
    before = rows(world)
    assert all(before.values())

    def check() -> None:
        after = rows(world)
        assert {
            table: count for table, count in before.items() if after[table] < count
        } == {}  # other tests trade at this exchange
        assert "EUR" in world.run("portfolio", "--no-refresh").out

    return check


def refused(done: Result, code: int, *words: str) -> None:
    """The exit code, nothing on stdout, every word on stderr, and no traceback."""
    assert done.code == code, done.err
    assert done.out == ""
    for word in words:
        assert word in done.err, done.err
    assert "Traceback" not in done.err
    assert "a bug in excache" not in done.err


# --- configuration --------------------------------------------------------------------------------


def test_an_unknown_exchange_names_the_nearest(
    world: World, nothing_lost: Callable[[], None]
) -> None:
    edit(world, 'exchange = "kraken"', 'exchange = "krakn"')
    refused(world.run("sync"), 78, "kraken: no exchange is called 'krakn'", "did you mean kraken")
    nothing_lost()


def test_an_unknown_exchange_is_not_added(world: World) -> None:
    done = world.process(
        "account", "add", "other", "--exchange", "binanse", "--no-check", stdin="a\nb\n"
    )
    refused(done, 2, "binanse", 'did you mean "binance"')


def test_an_unknown_configuration_key_names_its_line_and_the_right_one(
    world: World, nothing_lost: Callable[[], None]
) -> None:
    edit(world, 'exchange = "kraken"', 'exchange = "kraken"\napi_secret = "x"')
    for command in ("sync", "portfolio", "status"):
        refused(
            world.run(command),
            78,
            "config.toml line 5",
            'unknown key "api_secret" in [accounts.kraken]',
            'did you mean "secret"?',
        )
    edit(world, 'api_secret = "x"\n', "")
    nothing_lost()


def test_all_configuration_faults_are_reported_at_once(world: World) -> None:
    edit(world, "reporting_asset", 'ttl = "1 fortnight"\nreporting_aset')
    done = world.run("sync")
    refused(done, 78, "ttl", 'did you mean "reporting_asset"')
    assert len(done.err.strip().splitlines()) == 2


def test_no_accounts_configured_tells_how_to_begin(world: World) -> None:
    (world.home / "config.toml").write_text("")
    for words in (("sync",), ("portfolio",), ("reload",), ("status",), ("account", "check")):
        refused(
            world.run(*words), 78, "no accounts configured", "excache account add", "excache demo"
        )
    assert "excache account add" in world.run("account", "list").out


def test_an_account_that_is_not_configured_names_those_that_are(world: World) -> None:
    for words in (
        ("portfolio",),
        ("sync",),
        ("reload",),
        ("status",),
        ("fills",),
        ("explain", "BTC"),
    ):
        refused(world.run(*words, "--account", "krakn"), 2, "krakn", "kraken")


# --- secrets --------------------------------------------------------------------------------------


def test_a_missing_variable_is_named_with_how_to_set_it(
    world: World, nothing_lost: Callable[[], None]
) -> None:
    edit(world, 'secret = { file = "kraken.secret" }', 'secret = { env = "KRAKEN_SECRET" }')
    refused(
        world.run("sync"),
        78,
        "kraken: secret: the environment variable KRAKEN_SECRET is not set",
        "export KRAKEN_SECRET=",
    )
    refused(world.run("account", "check"), 78, "kraken: secret", "KRAKEN_SECRET")
    nothing_lost()


def test_a_missing_secret_file_is_named(world: World, nothing_lost: Callable[[], None]) -> None:
    file = world.home / "kraken.secret"
    file.unlink()
    refused(world.run("sync"), 78, f"kraken: secret: the file {file} does not exist")
    nothing_lost()


def test_a_secret_file_open_to_others_is_refused_with_the_command_that_fixes_it(
    world: World, nothing_lost: Callable[[], None]
) -> None:
    file = world.home / "kraken.secret"
    file.chmod(0o644)
    refused(world.run("sync"), 78, f"{file} has mode 0644", f"chmod 600 {file}")
    file.chmod(0o600)
    assert world.run("sync").code == 0
    nothing_lost()


def test_a_malformed_secret_is_reported_as_such_and_never_shown(
    world: World, nothing_lost: Callable[[], None]
) -> None:
    (world.home / "kraken.secret").write_text("this is not base64!\n")
    done = world.run("sync")
    refused(
        done,
        77,
        "kraken: the secret is malformed: it is not valid base64",
        "excache account check kraken",
    )
    assert "not base64!" not in done.err
    nothing_lost()


# --- keys -----------------------------------------------------------------------------------------


def test_a_refused_key_names_the_account_and_the_exchanges_words(
    world: World, nothing_lost: Callable[[], None]
) -> None:
    (world.home / "kraken.key").write_text("KEYTHATNOBODYKNOWS\n")
    refused(
        world.run("sync"),
        77,
        "kraken: kraken refused the key",
        "EAPI:Invalid key",
        "excache account check kraken",
    )
    assert world.run("account", "check").code == 77
    shown = world.run("portfolio", "--no-refresh")
    assert shown.code == 0
    assert shown.out.count("EAPI:Invalid key") == 1
    assert shown.out.count("excache account check kraken") == 1
    nothing_lost()


def test_a_wrong_secret_is_a_refused_key(world: World, nothing_lost: Callable[[], None]) -> None:
    (world.home / "kraken.secret").write_text("aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=\n")
    refused(world.run("sync"), 77, "kraken refused the key", "EAPI:Invalid signature")
    nothing_lost()


def test_a_key_without_permission_keeps_what_is_cached(
    world: World, nothing_lost: Callable[[], None]
) -> None:
    world.simulator.venue.set_permissions("kraken", can_read=False)
    done = world.run("sync")
    refused(
        done,
        1,
        "kraken: balances spot",
        "does not let this key read that",
        "EGeneral:Permission denied",
    )
    assert len(done.err.strip().splitlines()) == 1
    checked = world.run("account", "check")
    assert checked.code == 77
    assert checked.out.count("Permission denied") == 1
    nothing_lost()


def test_a_key_that_may_trade_or_withdraw_is_warned_of_loudly(tmp_path: Path) -> None:
    with running_simulator(
        seed=1, fills=100, limit_scale=1000, accounts={"main": "binance"}
    ) as simulator:
        world = World.create(simulator, tmp_path / "home")
        simulator.venue.set_permissions("main", can_trade=True, can_withdraw=True)
        done = world.run("account", "check", "--json")
        assert done.code == 0
        assert "WARNING: main: this key may TRADE and WITHDRAW" in done.err
        assert "read-only key at binance" in done.err
        reported = {row["check"]: row["result"] for row in done.json()["rows"]}
        assert (reported["may trade"], reported["may withdraw"]) == ("yes", "yes")
        assert re.fullmatch(r"-?\d+ ms", reported["clock offset"])
        simulator.venue.set_permissions("main", can_trade=False, can_withdraw=False)
        assert "WARNING" not in world.run("account", "check").err


@pytest.mark.long
@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("rights", "said"),
    [({"can_trade": True}, "TRADE"), ({"can_trade": True, "can_withdraw": True}, "TRADE and")],
)
def test_a_key_that_may_do_more_than_read_is_said_by_status_and_once_by_sync(
    tmp_path: Path, rights: dict[str, bool], said: str
) -> None:
    with running_simulator(
        seed=1, fills=100, limit_scale=1000, accounts={"main": "binance"}
    ) as simulator:
        world = World.create(simulator, tmp_path / "home")
        simulator.venue.set_permissions("main", **rights)
        first = world.run("sync")
        assert first.code == 0
        assert f"excache: main: this key may {said}" in first.err
        assert world.run("sync").err == ""
        shown = world.run("status").out
        assert f"this key may {said}" in shown
        assert "read-only key" in shown
        (finding,) = [
            one
            for one in world.run("status", "--json").json()["findings"]
            if one["code"] == "key_rights"
        ]
        assert finding["account"] == "main"


# --- the exchange and the way to it ---------------------------------------------------------------


def test_an_exchange_that_is_down_keeps_its_old_rows_with_their_age(
    world: World, nothing_lost: Callable[[], None]
) -> None:
    once(world)
    world.simulator.stop_exchange("kraken")
    done = world.run("sync")
    refused(done, 69, "excache: kraken: kraken did not answer")
    assert len(done.err.strip().splitlines()) == 1
    health = next(
        line
        for line in world.run("portfolio", "--no-refresh").out.splitlines()
        if line.startswith("! kraken:")
    )
    assert "last try failed" in health
    assert health.count("did not answer") == 1
    assert health.endswith("excache reload --account kraken")
    nothing_lost()


def test_a_name_that_does_not_resolve_is_reported_as_such(
    world: World, nothing_lost: Callable[[], None]
) -> None:
    once(world)
    file = world.home / "config.toml"
    file.write_text(re.sub(r"http://127\.0\.0\.1:\d+", "http://nobody.invalid", file.read_text()))
    refused(world.run("sync"), 69, "kraken: kraken did not answer", "name cannot be resolved")
    nothing_lost()


def test_a_wrong_clock_asks_for_the_clock_to_be_set(
    world: World, nothing_lost: Callable[[], None]
) -> None:
    once(world)
    world.simulator.fault("kraken", "", 1000, "skew")
    refused(world.run("sync"), 75, "kraken refused the time stamp", "clock")
    nothing_lost()


@pytest.mark.parametrize("kind", ["html200", "empty200", "truncated"])
def test_a_body_that_is_no_answer_never_empties_a_wallet(
    world: World, nothing_lost: Callable[[], None], kind: str
) -> None:
    once(world)
    world.simulator.fault("kraken", "Balance", 1000, kind)
    refused(
        world.run("sync"),
        1,
        "kraken: balances spot",
        "an answer that differs from its documentation",
    )
    assert "<" not in world.run("status").out
    nothing_lost()


def test_a_rate_limit_is_reported_and_keeps_everything(
    world: World, nothing_lost: Callable[[], None]
) -> None:
    once(world)
    world.simulator.fault("kraken", "Balance", 1, "429")
    refused(world.run("sync", "--only", "balances"), 75, "kraken asks us to slow down")
    nothing_lost()


# --- the cache ------------------------------------------------------------------------------------


def test_an_empty_cache_is_exit_66_with_the_next_command(fresh: World) -> None:
    for words in (
        ("portfolio", "--no-refresh"),
        ("balances",),
        ("status",),
        ("history",),
        ("explain", "BTC"),
        ("pnl",),
        ("gains",),
    ):
        refused(fresh.run(*words), 66, "excache sync")


def test_a_corrupt_cache_is_left_as_it_is(world: World) -> None:
    cache = world.home / "cache.sqlite3"
    for beside in world.home.glob("cache.sqlite3-*"):
        beside.unlink()
    rubbish = b"this is no database " * 500
    cache.write_bytes(rubbish)
    for words in (("portfolio",), ("sync",), ("reload",), ("fills",), ("db", "check")):
        refused(world.run(*words), 78, str(cache), "damaged", "mv ")
    assert cache.read_bytes() == rubbish
    assert world.run("db", "path").out.strip() == str(cache)


def test_a_cache_of_a_newer_version_is_not_opened(world: World) -> None:
    cache = world.home / "cache.sqlite3"
    with sqlite3.connect(cache) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (999, 'of the future', 0)")
    connection.close()
    for words in (("portfolio",), ("sync",), ("fills",)):
        refused(world.run(*words), 78, str(cache), "schema 999", "nothing was changed", "upgrade")


def test_an_unwritable_folder_is_named_with_the_cure(world: World) -> None:
    (world.home / "file").write_text("in the way")
    place = world.home / "file" / "below" / "cache.sqlite3"
    edit(world, "reporting_asset", f'cache_url = "sqlite:///{place}"\nreporting_asset')
    for words in (("sync",), ("portfolio",), ("reload",)):
        refused(world.run(*words), 78, str(place), "EXCACHE_HOME")


def test_a_home_below_a_file_is_named(tmp_path: Path, world: World) -> None:
    (tmp_path / "file").write_text("in the way")
    home = {"EXCACHE_HOME": str(tmp_path / "file" / "below")}
    done = world.process(
        "account", "add", "k", "-e", "kraken", "--no-check", stdin="key\nc2VjcmV0\n", env=home
    )
    refused(done, 78, str(tmp_path / "file"), "EXCACHE_HOME")


# --- assets ---------------------------------------------------------------------------------------


def test_unknown_asset_codes_are_kept_verbatim(synced: World) -> None:
    held = {
        row["asset"]: row
        for row in synced.run("portfolio", "--json", "--no-refresh").json()["holdings"]
    }
    assert held["币安人生"]["quantity"] != "0"
    assert held["KFEE"]["value"] is None
    assert (
        "KFEE"
        in synced.run("portfolio", "--json", "--no-refresh").json()["totals"]["unpriced_assets"]
    )
    shown = synced.run("portfolio", "--no-refresh").out
    assert "KFEE" in shown.partition("no price: ")[2].splitlines()[0]
