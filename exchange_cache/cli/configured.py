"""What lists and ``status`` need of config.toml and of the policies of its exchanges.

The last command that wrote to the cache left it there for this program and this config.toml, so
that a read loads neither. Otherwise it comes from the settings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from exchange_cache.cache.reader import CacheReader, open_reader
from exchange_cache.cli.cache_file import cache_of, place_of
from exchange_cache.cli.made_for import made_for
from exchange_cache.data_types import DataType
from exchange_cache.findings import Finding

if TYPE_CHECKING:
    from exchange_cache.cache.reading import CacheReading
    from exchange_cache.cache.server import Place
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
    """The accounts in the order of config.toml, and the settings beside them; ``ignored``: assets
    that are never shown, by account; ``limits``: what settings leave out."""

    def __init__(
        self,
        accounts: tuple[Account, ...],
        *,
        reporting_asset: str,
        ttl: Mapping[DataType, timedelta],
        cache: Place,
        ignored: Mapping[str, frozenset[str]],
        limits: tuple[Finding, ...],
        timezone: str,
    ) -> None:
        self.accounts = accounts
        self.reporting_asset = reporting_asset
        self.ttl = ttl
        self.cache = cache
        self.ignored = ignored
        self.limits = limits
        self.timezone = timezone

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(account.name for account in self.accounts)


def configured_by(settings: Settings, paths: Paths) -> Configured:
    """What the settings say."""
    from functools import partial

    from exchange_cache.config.limits import own_limits
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
        cache=place_of(settings.cache_url, paths),
        ignored=_ignored((one.name, one.ignore_assets) for one in settings.accounts),
        limits=tuple(own_limits(settings, {one.name for one in settings.accounts})),
        timezone=settings.timezone,
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
        "timezone": configured.timezone,
        "ignored": [[name, sorted(assets)] for name, assets in configured.ignored.items()],
        "limits": [[one.code, one.account, one.message] for one in configured.limits],
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
    return _loaded(found, reader.place), reader


def is_stored(repository: CacheReading, identity: str) -> bool:
    """Whether :func:`stored` finds it."""
    return _found(repository, identity) is not None


def _found(repository: CacheReading, identity: str | None) -> dict[str, Any] | None:
    found: dict[str, Any] = json.loads(repository.progress.remembered("", KEY) or "{}")
    return found if found.get("made_for") == identity else None


def _loaded(found: dict[str, Any], cache: Place) -> Configured:
    accounts = (
        Account(name, exchange, enabled=enabled, generic=generic, find=_known(*wallets))
        for name, exchange, enabled, generic, wallets in found["accounts"]
    )
    ttl = {DataType(name): us * _MICROSECOND for name, us in found["ttl_us"].items()}
    limits = (
        Finding(code=code, account=account, message=message)
        for code, account, message in found["limits"]
    )
    return Configured(
        tuple(accounts),
        reporting_asset=found["reporting_asset"],
        ttl=ttl,
        cache=cache,
        ignored=_ignored(found["ignored"]),
        limits=tuple(limits),
        timezone=found["timezone"],
    )


def _ignored(accounts: Iterable[tuple[str, Iterable[str]]]) -> dict[str, frozenset[str]]:
    found = {name: frozenset(assets) for name, assets in accounts}
    return {name: assets for name, assets in found.items() if assets}


def _known(offered: list[str], asked: list[str]) -> Callable[[], Wallets]:
    return lambda: (tuple(offered), tuple(asked))
