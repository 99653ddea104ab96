"""The accounts of the cache that config.toml does not name: removed ones, and those renamed there.

Every command leaves them out unless --account names them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App

if TYPE_CHECKING:
    from exchange_cache.cache.reading import CacheReading
    from exchange_cache.data_types import DataType
    from exchange_cache.records import Balance
    from exchange_cache.render.listing import Listing


def unnamed_accounts(app: App, repository: CacheReading) -> tuple[str, ...]:
    """Accounts of the cache that config.toml does not name."""
    named = set(app.configured.names)
    return tuple(name for name in repository.progress.accounts() if name not in named)


def unnamed_lines(names: Collection[str]) -> tuple[str, ...]:
    """The line that names what was left out, and how to show or move it."""
    if not names:
        return ()
    which = "which config.toml does not name"
    return (
        f"Left out: {', '.join(sorted(names))}, {which}. Shown with --account; if renamed there:"
        f" excache account rename {min(names)} NEW",
    )


def disabled_lines(app: App) -> tuple[str, ...]:
    """The line that names the accounts that are switched off; none without any."""
    names = [account.name for account in app.configured.accounts if not account.enabled]
    if not names:
        return ()
    return (
        f"Switched off by enabled = false in config.toml, so in no figure: {', '.join(names)}."
        f" Shown with --account {names[0]}.",
    )


def unnamed_document(names: Collection[str]) -> dict[str, object]:
    """The same for programs."""
    return {"unnamed_accounts": sorted(names)}


@dataclass(frozen=True, slots=True)
class Cached:
    """The cache with the accounts to list: the selected ones, or all enabled ones."""

    app: App
    repository: CacheReading
    accounts: tuple[str, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def ignored(self) -> tuple[tuple[str, str], ...]:
        """The accounts and assets that no list shows."""
        known = self.app.configured.ignored
        return tuple((name, asset) for name in self.accounts for asset in known.get(name, ()))

    def balances(self) -> list[Balance]:
        """The balances of these accounts without ignored assets."""
        ignored = set(self.ignored)
        return [
            row
            for row in self.repository.mirror.balances(self.accounts)
            if (row.account, row.asset) not in ignored
        ]

    def unfetched_lines(self, data_type: DataType) -> tuple[str, ...]:
        """The line that names the accounts of which a kind of data was never fetched whole."""
        from exchange_cache.value.freshness import unfetched

        statuses = self.repository.progress.statuses(self.accounts)
        missing = unfetched(statuses, self.accounts, data_type)
        if not missing:
            return ()
        what = f"{data_type}".replace("_", " ").capitalize()
        return (f"{what} of {', '.join(missing)} are not fetched yet: excache sync",)

    def ignored_lines(self) -> tuple[str, ...]:
        """The lines that name ignored assets."""
        return tuple(
            f"{one.account}: {one.message}."
            for one in self.app.configured.limits
            if one.account in self.accounts and one.code == "own_ignored"
        )

    def write(
        self,
        listing: Listing,
        form: str,
        data_type: DataType,
        *,
        notes: Sequence[str] = (),
        beside: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        """Print a list, followed by notes and what it leaves out."""
        from exchange_cache.render.output import write_listing

        unfetched = () if listing.rows else self.unfetched_lines(data_type)
        whole = replace(
            listing,
            notes=(*unfetched, *notes, *self.notes, *unnamed_lines(self.left_out)),
            beside={**beside, **unnamed_document(self.left_out)},
        )
        app = self.app
        write_listing(whole, app.out, form=form, terminal=app.terminal(), now=app.now())


def open_cached(app: App, accounts: Sequence[str]) -> Cached:
    """The cache, if it holds anything; selected accounts must exist in config.toml or the cache."""
    repository = app.filled_reading()
    named = app.configured.names
    unnamed = unnamed_accounts(app, repository)
    known = {*named, *unnamed}
    if accounts:
        from exchange_cache.config.faults import meant

        chosen = dict.fromkeys(meant(name, sorted(known), "account") for name in accounts)
        return Cached(app, repository, tuple(chosen), ())
    shown = tuple(account.name for account in app.configured.accounts if account.enabled)
    return Cached(app, repository, shown or named, unnamed, disabled_lines(app))
