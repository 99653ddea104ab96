"""Builds what commands use: clock, paths, settings, cache, lock and terminals."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, TextIO, TypeVar

import click

from exchange_cache.clock import Clock, SystemClock
from exchange_cache.errors import ConfigError
from exchange_cache.visible import visible
from exchange_cache.zones import localised, zone_of

if TYPE_CHECKING:
    from exchange_cache.adapter.shared import Shared
    from exchange_cache.adapter.wire import Tap
    from exchange_cache.cache.reader import CacheReader
    from exchange_cache.cache.reading import CacheReading
    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.cache.server import Place
    from exchange_cache.cli.configured import Account, Configured
    from exchange_cache.config.accounts import AccountSettings
    from exchange_cache.config.paths import Paths
    from exchange_cache.config.secrets import Credentials
    from exchange_cache.config.settings import Settings
    from exchange_cache.findings import Finding
    from exchange_cache.ledger.asset_events import AssetEvents
    from exchange_cache.portfolio.accessor import PortfolioDataAccessor, ReadingSettings
    from exchange_cache.render.terminal import Terminal
    from exchange_cache.sync.costs import CostSettings
    from exchange_cache.sync.lock import WriterLock

Reading = TypeVar("Reading", bound="CacheReading")


class App:
    """The dependencies of every command, built on first use."""

    def __init__(
        self,
        *,
        env: Mapping[str, str],
        clock: Clock,
        out: TextIO,
        err: TextIO,
        tap: Tap | None = None,
    ) -> None:
        self.env = env
        self.clock = clock
        self.out = out
        self.err = err
        self.tap = tap  # observes the wire of the connections that are opened
        self.interrupted = False
        self.if_interrupted = "what was fetched so far is saved"  # said after Ctrl-C
        self.words: tuple[str, ...] = ()  # the command line
        self.raw, self.colour = False, "auto"  # --raw, --color
        self.said: list[str] = []
        self.left_out: tuple[Finding, ...] = ()  # rows that cannot be read
        #: Revealed in this process: nothing that is written may hold one.
        self.secrets: set[str] = set()
        #: Account -> its credentials around which blanks were left out.
        self.blanks: dict[str, tuple[str, ...]] = {}
        self.resolved: dict[str, Credentials] = {}  # compared, not yet connected
        self.fence: list[str] = []  # the locks of a server without which nothing is written
        self._shared: Shared | None = None
        self._settings: Settings | None = None
        self._repository: ExchangeCacheRepository | None = None
        self._reading: ExchangeCacheRepository | None = None
        self._made_for: str | None = None  # the configuration that the settings come from
        self._configured: Configured | None = None
        self._reader: CacheReader | None = None
        self.timezone = ""  # the setting, where it is known without config.toml
        self._zone: tzinfo | None = None

    def dated(self, clock: Clock) -> App:
        """The same by another clock."""
        from copy import copy

        found = copy(self)
        found.clock = clock
        return found

    def elsewhere(
        self,
        *,
        env: Mapping[str, str] | None = None,
        settings: Settings | None = None,
        tap: Tap | None = None,
    ) -> App:
        """The same for another home or other settings, with a cache of its own."""
        from copy import copy

        found = copy(self)
        found.env = self.env if env is None else env
        found.tap = tap
        found._settings, found._made_for, found.fence = settings, None, []
        found._repository = found._reading = None
        found._configured = found._reader = found._zone = None
        return found

    @classmethod
    def from_environment(cls) -> App:
        return cls(env=os.environ, clock=SystemClock(), out=sys.stdout, err=sys.stderr)

    def now(self) -> datetime:
        return self.clock.now()

    @property
    def shared(self) -> Shared:
        """What the connections of this process share: their pace, and market lists."""
        from exchange_cache.adapter.shared import Shared

        if self._shared is None:
            self._shared = Shared()
        return self._shared

    def say(self, text: str) -> None:
        """Print a line for people, which is never part of the answer."""
        from exchange_cache.render.messages import write_message

        text = localised(text)
        self.said.append(text)
        write_message(text, self.err, self.error_terminal())

    def answer(self, text: str, *, end: str = "\n") -> None:
        """Print text that is the answer, without a screen layout."""
        click.echo(visible(text, keep="\n") + end, nl=False, file=self.out)

    # --- configuration ----------------------------------------------------------------------------

    @property
    def paths(self) -> Paths:
        from exchange_cache.config.paths import find_paths

        return find_paths(self.env)

    @property
    def settings(self) -> Settings:
        if self._settings is None:
            from exchange_cache.cli.made_for import made_for
            from exchange_cache.config.settings import load_settings

            self._made_for = made_for(self.paths)  # first: the file may change while it is read
            self._settings = load_settings(self.paths)
        return self._settings

    @property
    def configured(self) -> Configured:
        """What lists need of the settings; they are loaded if the cache does not hold it."""
        if self._configured is None:
            from exchange_cache.cli.configured import configured_by, stored

            is_usable = self._settings is None and not self.left_out
            found = stored(self.paths) if is_usable else None
            if found is None:
                self._configured = configured_by(self.settings, self.paths)
            else:
                self._configured, self._reader = found
        return self._configured

    def zone(self) -> tzinfo:
        """The time zone of screens and of the days that options name; ConfigError if TZ, which
        ``timezone = "local"`` follows, names none."""
        if self._zone is None:
            name = self.timezone or self.configured.timezone
            try:
                self._zone = zone_of(name, self.env)
            except ValueError as error:
                raise ConfigError(f"timezone: {name!r} {error}") from error
        return self._zone

    def chosen(self, names: Iterable[str] = ()) -> tuple[Account, ...]:
        """Like :meth:`accounts`, without loading the settings if the cache holds what lists need
        of them."""
        selected = set(names)
        known = self.configured.accounts
        found = [one for one in known if (one.name in selected if selected else one.enabled)]
        if not found or (selected and len(found) < len(selected)):
            selected = {one.name for one in self.accounts(selected)}  # or states what is wrong
            found = [one for one in known if one.name in selected]
        return tuple(found)

    def accounts(self, names: Iterable[str] = ()) -> tuple[AccountSettings, ...]:
        """The named accounts, or all enabled ones.

        A ConfigError or UsageError states what is wrong.
        """
        from exchange_cache.config.settings import choose_accounts, require_accounts

        chosen = tuple(names)
        return choose_accounts(self.settings, chosen) if chosen else require_accounts(self.settings)

    def asset_events(self) -> AssetEvents:
        """The asset events in force: those of the shipped list and of config.toml."""
        from exchange_cache.exchanges.asset_events import events_in_force

        accounts = self.settings.accounts
        exchanges = {account.name: account.exchange for account in accounts}
        names = {account.name: account.asset_names for account in accounts}
        return events_in_force(self.settings.asset_events, exchanges, self.now(), names)

    def cost_settings(
        self, method: str | None = None, accounts: Iterable[str] | None = None
    ) -> CostSettings:
        """How cost is derived, for all configured accounts or some, by the configured method or
        another one."""
        from exchange_cache.sync.costs import CostSettings

        settings = self.settings
        names = [one.name for one in settings.accounts] if accounts is None else accounts
        return CostSettings(
            reporting_asset=settings.reporting_asset,
            method=method or settings.cost_method,
            accounts=tuple(names),
            sources=tuple(account.name for account in settings.price_accounts),
            income=settings.income,
            assets=self.asset_events(),
            sweeps=settings.sweep_budget > 0,
        )

    # --- the cache --------------------------------------------------------------------------------

    @property
    def place(self) -> Place:
        if self._configured is not None:
            return self._configured.cache
        from exchange_cache.cli.cache_file import place_of

        return place_of(self.settings.cache_url, self.paths)

    def repository(self) -> ExchangeCacheRepository:
        """The cache for writing, created or migrated if needed."""
        if self._repository is None:
            from exchange_cache.cache.repository import ExchangeCacheRepository

            self._repository = ExchangeCacheRepository.open(self._private(self.place), self.fence)
        return self._repository

    def cached(self) -> ExchangeCacheRepository | None:
        """The cache for reading; None if there is none yet."""
        if self._repository is not None:
            return self._repository
        if self._reading is None:
            from exchange_cache.cache.repository import ExchangeCacheRepository

            self._reading = ExchangeCacheRepository.open_existing(self._private(self.place))
        return self._reading

    def reading(self) -> CacheReading | None:
        """The cache for lists, opened with as little as possible; None if there is none yet."""
        place = self.configured.cache
        if self._repository is not None or self._reading is not None:
            return self.cached()
        if self._reader is None:
            from exchange_cache.cache.reader import open_reader

            self._reader = open_reader(self._private(place))
        return self._reader or self.cached()

    def _private(self, cache: Place) -> Place:
        """The same cache, taken from others who may read its file."""
        file = cache if isinstance(cache, os.PathLike) else None
        if file is not None and os.access(file, os.F_OK) and file.stat().st_mode & 0o077:
            from exchange_cache.cli.cache_file import private

            private(cache, self.say)
        return cache

    @property
    def is_writing(self) -> bool:
        return self._repository is not None

    def reopen(
        self, copy: ExchangeCacheRepository | None = None, left_out: tuple[Finding, ...] = ()
    ) -> None:
        """Open the cache anew when it is next needed, or read from a copy without some rows."""
        self.close()
        self._reader = self._repository = self._configured = None
        self._reading, self.left_out = copy, left_out

    def filled_reading(self) -> CacheReading:
        """The cache for lists; NothingCached if it is missing or empty."""
        return self._filled(self.reading())

    def filled(self) -> ExchangeCacheRepository:
        """The same, as a repository."""
        return self._filled(self.cached())

    def _filled(self, reading: Reading | None) -> Reading:
        if reading is None or reading.is_empty():
            from exchange_cache.cli.nothing import nothing_cached

            self.accounts()  # without one, that is what is missing
            raise nothing_cached(reading)
        return reading

    def lock(self) -> WriterLock:
        from exchange_cache.sync.locks import lock_of

        return lock_of(self.place, self.clock, self.fence)

    def accessor(self, repository: ExchangeCacheRepository) -> PortfolioDataAccessor:
        """An accessor without syncs; :mod:`exchange_cache.cli.accessor` builds one that syncs."""
        from exchange_cache.portfolio.accessor import PortfolioDataAccessor

        return PortfolioDataAccessor(repository, self.clock, self.reading_settings())

    def reading_settings(self) -> ReadingSettings:
        from exchange_cache.cli.reading_settings import settings_now

        return settings_now(self.settings, self.now(), self.left_out, self.place, self.cached)

    # --- terminals --------------------------------------------------------------------------------

    def terminal(self) -> Terminal:
        return self._detected(self.out)._replace(raw=self.raw)

    def error_terminal(self) -> Terminal:
        return self._detected(self.err)

    def _detected(self, stream: TextIO) -> Terminal:
        from exchange_cache.render.terminal import detect

        found = detect(stream, self.env)
        return found if self.colour == "auto" else found._replace(colour=self.colour == "always")

    def say_unlisted(self) -> None:
        """Name the accounts whose exchange ccxt does not have, unless this command did so."""
        if self._settings is None:
            return
        from exchange_cache.config.exchange_ids import unlisted

        for account, sentence in unlisted(self._settings.accounts):
            if not any(account.name in line and account.exchange in line for line in self.said):
                self.say(f"excache: {account.name}: {sentence}")

    def written(self) -> tuple[ExchangeCacheRepository, str] | None:
        """The cache that this command opened for writing, and the configuration (``made_for``)."""
        if self._repository is None or self._settings is None or self._made_for is None:
            return None
        return self._repository, self._made_for

    def close(self) -> None:
        for repository in (self._reader, self._reading, self._repository):
            if repository is not None and not self.interrupted:
                repository.close()
