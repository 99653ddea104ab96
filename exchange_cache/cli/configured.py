"""What lists and ``status`` need of config.toml and of the policies of its exchanges.

The last command that wrote to the cache left it there for this program and this config.toml, so
that a read loads neither. Otherwise it comes from the settings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exchange_cache.cache.reader import CacheReader, open_reader
from exchange_cache.cli.cache_file import cache_of
from exchange_cache.cli.made_for import made_for
from exchange_cache.data_types import DataType

if TYPE_CHECKING:
    from exchange_cache.cache.reading import CacheReading
    from exchange_cache.config.paths import Paths
    from exchange_cache.config.settings import Settings

#: The key in the memory of the cache; it belongs to no account.
KEY = "configured"
_MICROSECOND = timedelta(microseconds=1)
#: The wallets that an exchange offers, and those of them that are read.
Wallets = tuple[tuple[str, ...], tuple[str, ...]]


class Account:
    """One account of config.toml; ``generic``: its exchange has no policy of its own."""

    def __init__(
        self, name: str, exchange: str, *, enabled: bool, generic: bool, find: Callable[[], Wallets]
    ) -> None:
        self.name = name
        self.exchange = exchange
        self.enabled = enabled
        self.generic = generic
        self._find = find

    @property
    def wallets(self) -> Wallets:
        """Those of a generic exchange are not known."""
        return self._find()


class Configured:
    """The accounts in the order of config.toml, and the settings beside them."""

    def __init__(
        self,
        accounts: tuple[Account, ...],
        *,
        reporting_asset: str,
        ttl: Mapping[DataType, timedelta],
        cache: Path,
    ) -> None:
        self.accounts = accounts
        self.reporting_asset = reporting_asset
        self.ttl = ttl
        self.cache = cache

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(account.name for account in self.accounts)


def configured_by(settings: Settings) -> Configured:
    """What the settings say."""
    from functools import partial

    from exchange_cache.config.settings import sqlite_file
    from exchange_cache.exchanges import is_generic, wallets_of

    accounts = (
        Account(
            one.name,
            one.exchange,
            enabled=one.enabled,
            generic=is_generic(one.exchange),
            find=partial(wallets_of, one.exchange, one.wallets, one.name),
        )
        for one in settings.accounts
    )
    return Configured(
        tuple(accounts),
        reporting_asset=settings.reporting_asset,
        ttl=dict(settings.ttl),
        cache=sqlite_file(settings.cache_url),
    )


def document(configured: Configured, identity: str) -> dict[str, object]:
    """What :func:`stored` reads, for one program and config.toml (``made_for``)."""
    return {
        "made_for": identity,
        "accounts": [
            [one.name, one.exchange, one.enabled, one.generic, one.wallets]
            for one in configured.accounts
        ],
        "reporting_asset": configured.reporting_asset,
        "ttl_us": {str(name): ttl // _MICROSECOND for name, ttl in configured.ttl.items()},
    }


def stored(paths: Paths) -> tuple[Configured, CacheReader] | None:
    """What a command left in the cache, and the opened cache; None without it, or if the program
    or config.toml has changed since."""
    identity = made_for(paths)
    cache = None if identity is None else cache_of(paths)
    reader = None if cache is None else open_reader(cache)
    if reader is None:
        return None
    found = _found(reader, identity)
    if found is None:
        reader.close()
        return None
    return _loaded(found, reader.path), reader


def is_stored(repository: CacheReading, identity: str) -> bool:
    """Whether :func:`stored` finds it."""
    return _found(repository, identity) is not None


def _found(repository: CacheReading, identity: str | None) -> dict[str, Any] | None:
    found: dict[str, Any] = json.loads(repository.progress.remembered("", KEY) or "{}")
    return found if found.get("made_for") == identity else None


def _loaded(found: dict[str, Any], cache: Path) -> Configured:
    accounts = (
        Account(name, exchange, enabled=enabled, generic=generic, find=_known(*wallets))
        for name, exchange, enabled, generic, wallets in found["accounts"]
    )
    ttl = {DataType(name): us * _MICROSECOND for name, us in found["ttl_us"].items()}
    return Configured(
        tuple(accounts), reporting_asset=found["reporting_asset"], ttl=ttl, cache=cache
    )


def _known(offered: list[str], asked: list[str]) -> Callable[[], Wallets]:
    return lambda: (tuple(offered), tuple(asked))
