"""Where the cache is, without reading the settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange_cache.config.paths import Paths


def cache_of(paths: Paths) -> Path | None:
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
    return paths.beside_config(str(url).removeprefix("sqlite:///"))
