"""Where excache keeps its files: one folder of the user's choice (``EXCACHE_HOME``) or the XDG base
folders.

Finding the places changes nothing; the ``ensure_…`` methods create folders, for their owner only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exchange_cache.errors import CacheUnwritable, ConfigError, DiskFull

FOLDER_MODE = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The places of one installation, all absolute; none of them needs to exist."""

    config_file: Path
    data_dir: Path
    state_dir: Path
    home: Path | None = None  # what a leading ~ means; None: the home folder of the process

    @property
    def config_dir(self) -> Path:
        return self.config_file.parent

    @property
    def secrets_dir(self) -> Path:
        """Where ``account add`` stores secrets as files."""
        return self.config_dir / "secrets"

    @property
    def cache_file(self) -> Path:
        return self.data_dir / "cache.sqlite3"

    @property
    def cache_url(self) -> str:
        """The default cache: ``sqlite:///`` followed by the absolute, unescaped file name."""
        return f"sqlite:///{self.cache_file}"

    @property
    def log_file(self) -> Path:
        return self.state_dir / "excache.log"

    def beside_config(self, name: str) -> Path:
        """A file named in config.toml, made absolute: relative names start at its folder, ``~`` at
        the home folder."""
        return absolute(name, home=self.home or Path.home(), base=self.config_dir)

    def ensure_config_dir(self) -> Path:
        """The folder of config.toml, created if needed; ConfigError if it cannot be written."""
        problem = make_private_folder(self.config_dir)
        if problem is not None:
            raise ConfigError(
                f"the configuration folder {self.config_dir} {problem}", hint=_cure(self.config_dir)
            )
        return self.config_dir

    def ensure_state_dir(self) -> Path:
        """The folder of logs, created if needed; CacheUnwritable if it cannot be written."""
        problem = make_private_folder(self.state_dir)
        if problem is not None:
            raise CacheUnwritable(
                f"the log folder {self.state_dir} {problem}", hint=_cure(self.state_dir)
            )
        return self.state_dir


def find_paths(env: Mapping[str, str]) -> Paths:
    """The places that the environment names: ``EXCACHE_HOME``, or XDG, or XDG's defaults below the
    home folder."""
    home = _home(env)
    if env.get("EXCACHE_HOME"):
        folder = absolute(env["EXCACHE_HOME"], home=home, base=Path.cwd())
        return Paths(
            config_file=folder / "config.toml", data_dir=folder, state_dir=folder, home=home
        )
    return Paths(
        config_file=_xdg(env, "XDG_CONFIG_HOME", home / ".config") / "config.toml",
        data_dir=_xdg(env, "XDG_DATA_HOME", home / ".local" / "share"),
        state_dir=_xdg(env, "XDG_STATE_HOME", home / ".local" / "state"),
        home=home,
    )


def absolute(text: str, *, home: Path, base: Path) -> Path:
    """A user's path, made absolute: a leading ``~`` is ``home``, a relative path is below
    ``base``."""
    if text == "~" or text.startswith("~/"):
        return Path(os.path.normpath(home / text[2:]))
    return Path(os.path.normpath(base / text))


def make_private_folder(folder: Path) -> str | None:
    """Create a folder and its missing parents with mode 0700; returns the problem as the end of a
    sentence, or None if it is writable."""
    try:
        _make(folder)
    except FileExistsError:
        return "is a file, not a folder"
    except OSError as exc:
        full = DiskFull.named(exc, folder)
        if full is not None:
            raise full from exc
        return f"cannot be created ({exc.strerror})"
    return None if os.access(folder, os.W_OK | os.X_OK) else "cannot be written by this user"


def _make(folder: Path) -> None:
    if folder.is_dir():
        return
    if not folder.parent.is_dir():
        _make(folder.parent)
    try:
        folder.mkdir(mode=FOLDER_MODE)
    except FileExistsError:
        if not folder.is_dir():  # another process may have created it meanwhile
            raise


def _cure(folder: Path) -> str:
    import shlex  # needed only here

    return (
        f"ls -ld {shlex.quote(str(folder))} shows its owner; or choose another place with"
        " EXCACHE_HOME"
    )


def _home(env: Mapping[str, str]) -> Path:
    if env.get("HOME"):
        return Path(env["HOME"])
    import pwd

    return Path(pwd.getpwuid(os.getuid()).pw_dir)


def _xdg(env: Mapping[str, str], name: str, default: Path) -> Path:
    """XDG tells programs to ignore a relative path in these variables."""
    folder = Path(env.get(name, ""))
    return (folder if folder.is_absolute() else default) / "excache"
