"""Lists and ``status`` are the same, to the last byte, whether what they need of config.toml is
read from the cache or from config.toml, by sqlite3 alone or by the database library."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.cli import configured
from exchange_cache.cli.app import App
from exchange_cache.cli.configured import KEY, configured_by, document, stored
from exchange_cache.cli.made_for import made_for
from exchange_cache.cli.main import _run
from exchange_cache.clock import SetClock
from tests.builders import NOW, at, order
from tests.cli.stored_home import StoredHome
from tests.cli.test_prepared import SETTINGS, SOON, Page, app_at, prepare, stored as filled

#: Every list with every filter, and ``status``.
QUESTIONS = (
    "balances",
    "balances --asset BTC --account other",
    "positions",
    "positions --symbol BTC/USDT:USDT",
    "positions --asset USDT --account main",
    "orders",
    "orders --status open --limit 3",
    "orders --asset BTC --since 7d --until 1d",
    "fills",
    "fills --limit 1",
    "fills --account main --account other --limit 50",
    "fills --asset BTC --symbol BTC/USDT",
    "transfers --kind deposit --limit 5",
    "transfers --asset ETH",
    "prices",
    "prices --all",
    "prices --asset BTC --account other",
    "status",
    "status --all",
    "status --account other --account main",
    "status --coverage",
)
#: What is wrong; the same code and the same words.
REFUSED = ("fills --account nobody", "status --account nobody", "balances --account ''")


@pytest.fixture
def home(tmp_path: Path) -> StoredHome:
    home = filled(tmp_path / "home")
    with closing(home.repository()) as repository:
        open_ones = [order(str(number), "open", created_at=at(-number)) for number in range(9)]
        repository.mirror.replace_open_orders("main", "spot", open_ones, 0)
    return home


def answer(home: StoredHome, words: str, form: str = "table") -> tuple[int, str, str]:
    out = Page()
    app = app_at(home, SOON + timedelta(hours=2), out)
    code = _run(app, [*words.replace("''", "").split(" "), "--format", form])
    return code, out.getvalue(), app.err.getvalue()  # type: ignore[attr-defined]


def answers(home: StoredHome) -> dict[str, tuple[int, str, str]]:
    found = {}
    for words in (*QUESTIONS, *REFUSED):
        for form in ("table", "json", "csv"):
            found[f"{words} {form}"] = answer(home, words, form)
    return found


def forget(home: StoredHome) -> None:
    with closing(home.repository()) as repository:
        repository.progress.forget("", KEY)


def is_known(home: StoredHome) -> bool:
    found = stored(app_at(home, SOON).paths)
    if found is None:
        return False
    found[1].close()
    return True


@pytest.mark.long
def test_every_answer_is_the_same_however_it_is_read(
    home: StoredHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the cache alone, by the settings, and by the repository."""
    prepare(home)
    assert is_known(home)
    alone = answers(home)
    assert {code for code, _, _ in alone.values()} == {0, 2}
    forget(home)
    assert answers(home) == alone
    monkeypatch.setattr("exchange_cache.cache.reader.open_reader", lambda path: None)
    monkeypatch.setattr(configured, "open_reader", lambda path: None)
    assert answers(home) == alone


def test_what_is_stored_is_what_the_settings_say(home: StoredHome) -> None:
    home.configure(
        before=f"{SETTINGS}\ncache_url = 'sqlite:///cache.sqlite3'",
        account='wallets = ["spot"]',
        other='enabled = false\n[accounts.third]\nexchange = "bitbank"\napi_key = { env = "K" }',
    )
    prepare(home)
    app = app_at(home, SOON)
    found = stored(app.paths)
    assert found is not None
    with closing(found[1]):
        expected = configured_by(app.settings, app.paths)
        assert document(found[0], "x") == document(expected, "x")
        assert found[0].cache == expected.cache == found[1].path
    names = [(one.name, one.exchange, one.enabled, one.generic) for one in found[0].accounts]
    assert names == [
        ("main", "binance", True, False),
        ("other", "bybit", False, False),
        ("third", "bitbank", True, True),
    ]
    offered, asked = found[0].accounts[0].wallets
    assert asked == ("spot",) and set(offered) > {"spot", "funding"}
    assert found[0].accounts[2].wallets == ((), ())


def test_a_setting_is_never_the_one_from_before(home: StoredHome) -> None:
    prepare(home)
    home.configure(before='ttl = "48h"\nbackground_refresh = false')
    assert not is_known(home)
    assert " stale" not in answer(home, "status")[1].split("\n\n")[0]
    home.configure(before=SETTINGS)
    assert " stale" in answer(home, "status")[1].split("\n\n")[0]


def test_another_program_reads_the_settings(
    home: StoredHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(home)
    monkeypatch.setattr("exchange_cache.cli.made_for.__version__", "9.9")
    assert not is_known(home)


def test_a_command_that_writes_leaves_it_once(home: StoredHome) -> None:
    forget(home)
    assert not is_known(home)
    prepare(home)
    path = home.folder / "cache.sqlite3"
    with closing(sqlite3.connect(path)) as cache:
        query = "SELECT value, updated_ms FROM exchange_memory WHERE key = ?"
        first = cache.execute(query, (KEY,)).fetchall()
        prepare(home, SOON + timedelta(hours=1))
        assert cache.execute(query, (KEY,)).fetchall() == first
    assert str(made_for(app_at(home, SOON).paths)) in first[0][0]
    assert "api_key" not in first[0][0]


def disabled(home: StoredHome) -> None:
    home.configure(account="enabled = false", other="enabled = false")


def without_accounts(home: StoredHome) -> None:
    (home.folder / "config.toml").write_text("min_value = 3\n")


def broken(home: StoredHome) -> None:
    home.configure(before="min_valu = 3")


def removed(home: StoredHome) -> None:
    (home.folder / "config.toml").unlink()


def without_a_cache(home: StoredHome) -> None:
    (home.folder / "cache.sqlite3").unlink()


def never_synced(home: StoredHome) -> None:
    with closing(home.repository()) as repository:
        repository.forget_account("main")
        repository.forget_account("other")


def damaged(home: StoredHome) -> None:
    (home.folder / "cache.sqlite3").write_bytes(b"no database " * 1000)


def of_a_later_program(home: StoredHome) -> None:
    with closing(sqlite3.connect(home.folder / "cache.sqlite3")) as cache, cache:
        cache.execute("INSERT INTO schema_migrations VALUES (999, 'later', 0)")


CAUSES: dict[Callable[[StoredHome], None], dict[str, int]] = {
    disabled: {"fills": 0, "status": 78},
    without_accounts: {"fills": 0, "status": 78},
    broken: {"fills": 78, "status": 78},
    removed: {"fills": 0, "status": 78},
    without_a_cache: {"fills": 66, "status": 66},
    never_synced: {"fills": 66, "status": 66},
    damaged: {"fills": 78, "status": 78},
    of_a_later_program: {"fills": 78, "status": 78},
}


def causes() -> Iterator[tuple[Callable[[StoredHome], None], str, int]]:
    for change, codes in CAUSES.items():
        for words, code in codes.items():
            yield change, words, code


@pytest.mark.parametrize(("change", "words", "code"), tuple(causes()))
def test_what_is_wrong_is_said_in_the_same_words(
    home: StoredHome,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[StoredHome], None],
    words: str,
    code: int,
) -> None:
    prepare(home)
    change(home)
    found = answer(home, words)
    assert found[0] == code
    monkeypatch.setattr("exchange_cache.cache.reader.open_reader", lambda path: None)
    monkeypatch.setattr(configured, "open_reader", lambda path: None)
    assert answer(home, words) == found


def test_a_reader_of_another_home_is_not_used(home: StoredHome, tmp_path: Path) -> None:
    prepare(home)
    app = app_at(home, SOON)
    assert app.configured.names == ("main", "other")
    other = StoredHome(folder=tmp_path / "second", clock=SetClock(NOW))
    other.configure(text='[accounts.third]\nexchange = "okx"\napi_key = { env = "K" }\n')
    env = {**app.env, "EXCACHE_HOME": str(other.folder)}
    moved = app.elsewhere(env=env)
    assert moved.configured.names == ("main", "other", "third")
    assert moved.reading() is None
    assert isinstance(app, App) and app.reading() is not None
    app.close()
