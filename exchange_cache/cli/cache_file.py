"""Where the cache is, without reading the settings, and that others may not read it."""

from __future__ import annotations

import glob
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange_cache.cache.server import Place
    from exchange_cache.config.paths import Paths


#: What a group and all others may do with a file.
OTHERS = 0o077


def place_of(url: str, paths: Paths) -> Place:
    """The place that ``cache_url`` names; a server's files of this machine lie in its data
    folder."""
    if url.startswith("sqlite:///"):
        return paths.beside_config(url.removeprefix("sqlite:///"))
    from hashlib import sha256

    from exchange_cache.cache.server import Server

    return Server(url, paths.data_dir / f"server-{sha256(url.encode()).hexdigest()[:12]}")


def cache_of(paths: Paths) -> Place | None:
    """Where the cache should be; a wrong place holds no answer for this configuration. OSError
    without a config.toml."""
    text = paths.config_file.read_bytes()
    if b"cache_url" not in text:
        return paths.cache_file
    import tomllib

    try:
        url = tomllib.loads(text.decode())["cache_url"]
    except (ValueError, KeyError):
        return None
    return place_of(str(url), paths)


def private(cache: Place, say: Callable[[str], None]) -> None:
    """Take the file of the cache from others who may read it, and say so."""
    if not isinstance(cache, Path):
        return
    try:
        mode = cache.stat().st_mode & 0o777
        if not mode & OTHERS:
            return
        for file in (cache, *cache.parent.glob(f"{glob.escape(cache.name)}[-.]*")):
            file.chmod(file.stat().st_mode & ~OTHERS)
    except FileNotFoundError:
        return  # there is none yet, or SQLite has just deleted its log
    except OSError as error:
        say(f"excache: others may read the cache {cache}, which cannot be changed: {error}")
        return
    say(f"excache: others could read the cache {cache} (mode {mode:04o}); now only you can")
