import os
import stat
from pathlib import Path

import pytest

from exchange_cache.config.paths import Paths, find_paths
from exchange_cache.errors import CacheUnwritable, ConfigError


def test_excache_home_is_one_folder_for_everything():
    paths = find_paths(
        {"EXCACHE_HOME": "/srv/excache", "HOME": "/home/u", "XDG_CONFIG_HOME": "/ignored"}
    )
    assert paths.config_file == Path("/srv/excache/config.toml")
    assert paths.cache_file == Path("/srv/excache/cache.sqlite3")
    assert paths.log_file == Path("/srv/excache/excache.log")
    assert paths.cache_url == "sqlite:////srv/excache/cache.sqlite3"


def test_relative_excache_home_starts_at_the_working_folder_and_tilde_at_home(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert (
        find_paths({"EXCACHE_HOME": ".demo/../x", "HOME": "/home/u"}).config_file
        == tmp_path / "x" / "config.toml"
    )
    assert find_paths({"EXCACHE_HOME": "~/x", "HOME": "/home/u"}).config_file == Path(
        "/home/u/x/config.toml"
    )


@pytest.mark.parametrize(
    "env",
    [
        {},
        {
            "EXCACHE_HOME": "",
            "XDG_CONFIG_HOME": "relative",
            "XDG_DATA_HOME": "",
            "XDG_STATE_HOME": "./x",
        },
    ],
)
def test_without_variables_the_defaults_of_xdg_hold(env):
    paths = find_paths({"HOME": "/home/u", **env})
    assert paths.config_file == Path("/home/u/.config/excache/config.toml")
    assert paths.data_dir == Path("/home/u/.local/share/excache")
    assert paths.state_dir == Path("/home/u/.local/state/excache")


def test_xdg_variables_are_followed():
    paths = find_paths(
        {"HOME": "/home/u", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s"}
    )
    assert (paths.config_dir, paths.data_dir, paths.state_dir) == (
        Path("/c/excache"),
        Path("/d/excache"),
        Path("/s/excache"),
    )


def test_without_home_the_user_database_is_asked():
    assert find_paths({}).config_file.is_absolute()


def test_finding_paths_creates_nothing(tmp_path):
    find_paths({"EXCACHE_HOME": str(tmp_path / "new")})
    assert list(tmp_path.iterdir()) == []


def test_folders_and_their_parents_are_created_for_their_owner_alone(tmp_path):
    paths = Paths(
        config_file=tmp_path / "a/b/config.toml",
        data_dir=tmp_path / "e",
        state_dir=tmp_path / "c/d",
    )
    for made in (
        paths.ensure_config_dir(),
        paths.ensure_state_dir(),
        paths.ensure_state_dir(),
    ):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700


def test_a_file_in_the_place_of_a_folder_is_reported_with_its_cure(tmp_path):
    (tmp_path / "x").write_text("")
    paths = Paths(
        config_file=tmp_path / "x/config.toml", data_dir=tmp_path / "x/y", state_dir=tmp_path / "x"
    )
    cure = f"ls -ld {tmp_path}/x shows its owner; or choose another place with EXCACHE_HOME"
    with pytest.raises(ConfigError) as config:
        paths.ensure_config_dir()
    assert (config.value.message, config.value.hint) == (
        f"the configuration folder {tmp_path}/x is a file, not a folder",
        cure,
    )
    with pytest.raises(CacheUnwritable) as state:
        paths.ensure_state_dir()
    assert (state.value.message, state.value.hint) == (
        f"the log folder {tmp_path}/x is a file, not a folder",
        cure,
    )


def test_a_folder_that_cannot_be_written_is_reported_with_its_cure(tmp_path, monkeypatch):
    paths = Paths(config_file=tmp_path / "config.toml", data_dir=tmp_path, state_dir=tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CacheUnwritable) as caught:
        paths.ensure_state_dir()
    assert caught.value.message == f"the log folder {tmp_path} cannot be written by this user"
    with pytest.raises(
        ConfigError, match=f"the configuration folder {tmp_path} cannot be written by this user"
    ):
        paths.ensure_config_dir()


def test_a_folder_that_cannot_be_created_says_why(tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(CacheUnwritable) as caught:
        Paths(
            config_file=tmp_path, data_dir=tmp_path, state_dir=tmp_path / "new"
        ).ensure_state_dir()
    assert (
        caught.value.message
        == f"the log folder {tmp_path}/new cannot be created (Permission denied)"
    )
