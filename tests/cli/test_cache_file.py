"""The place of the cache is that of the settings, and only its owner may read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_cache.cli.cache_file import cache_of
from exchange_cache.config.paths import find_paths
from exchange_cache.config.settings import load_settings, sqlite_file
from tests.e2e.world import World


@pytest.mark.parametrize(
    "config",
    [
        "",
        'reporting_asset = "EUR"',
        'cache_url = "sqlite:///elsewhere/own.db"',
        'cache_url = "sqlite:////var/tmp/own.db"',
        "# cache_url = 'sqlite:///no.db'\ncache_url = 'sqlite:///~/own.db'",
    ],
)
def test_the_cache_is_where_the_settings_say(tmp_path: Path, config: str) -> None:
    (tmp_path / "config.toml").write_text(config)
    paths = find_paths({"EXCACHE_HOME": str(tmp_path), "HOME": str(tmp_path)})
    assert cache_of(paths) == sqlite_file(load_settings(paths).cache_url)


@pytest.mark.parametrize("config", ["# cache_url", "cache_url = ", "[other]\ncache_url = 'x'"])
def test_a_place_that_is_not_stated_plainly_is_left_to_the_settings(
    tmp_path: Path, config: str
) -> None:
    (tmp_path / "config.toml").write_text(config)
    assert cache_of(find_paths({"EXCACHE_HOME": str(tmp_path), "HOME": "/"})) is None


@pytest.mark.parametrize(
    "words", [("portfolio", "--no-refresh"), ("balances",), ("status",), ("sync",), ("stats",)]
)
def test_a_cache_that_others_may_read_is_tightened_with_a_word(
    world: World, words: tuple[str, ...]
) -> None:
    cache = world.home / "cache.sqlite3"
    lock = world.home / "cache.sqlite3.lock"
    before = cache.stat().st_mode & 0o777
    for file in (cache, lock):
        file.chmod(0o644)
    done = world.run(*words)
    said = f"others could read the cache {cache} (mode 0644); now only you can"
    assert done.code == 0
    assert " ".join(done.err.split()).count(said) == 1
    assert {file.stat().st_mode & 0o777 for file in (cache, lock)} == {before} == {0o600}
    assert "others could read" not in world.run(*words).err
