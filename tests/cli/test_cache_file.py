"""The place of the cache is that of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_cache.cli.cache_file import cache_of
from exchange_cache.config.paths import find_paths
from exchange_cache.config.settings import load_settings, sqlite_file


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
