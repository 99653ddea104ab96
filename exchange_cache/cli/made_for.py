"""What a prepared answer depends on besides the cache: the program and its configuration."""

from __future__ import annotations

import os
from binascii import crc32
from pathlib import Path
from typing import TYPE_CHECKING

from exchange_cache import __version__

if TYPE_CHECKING:
    from exchange_cache.config.paths import Paths

_PACKAGE = Path(__file__).parents[1]
#: What decides what is shown, besides the version: a checkout changes without it.
_PROGRAM = ("", "cache", "cli", "config", "cost", "exchanges", "portfolio", "render", "value")


def made_for(paths: Paths) -> str | None:
    """The program and config.toml in one text; None without a config.toml.

    The text of config.toml is not stored: it may hold secrets.
    """
    try:
        text = paths.config_file.read_bytes()
        info = paths.config_file.stat()
        program = max(_changes(_PACKAGE / name) for name in _PROGRAM)
    except OSError:
        return None
    identity = f"{info.st_ino} {info.st_ctime_ns} {info.st_mtime_ns} {info.st_size} {crc32(text)}"
    return f"{__version__} {program} {paths.config_file} {identity}"


def _changes(folder: Path) -> int:
    """When a module of the folder, or of one inside it, was changed last."""
    newest = 0
    with os.scandir(folder) as found:
        for one in found:
            if one.name.endswith(".py"):
                newest = max(newest, one.stat().st_mtime_ns)
            elif folder != _PACKAGE and not one.name.startswith("__") and one.is_dir():
                newest = max(newest, _changes(folder / one.name))
    return newest
