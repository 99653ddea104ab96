"""The accounts of the cache that config.toml does not name: removed ones, and those renamed there.

Every command leaves them out unless --account names them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.config.faults import meant

if TYPE_CHECKING:
    from exchange_cache.records import Balance
    from exchange_cache.render.listing import Listing


def unnamed_accounts(app: App, repository: ExchangeCacheRepository) -> tuple[str, ...]:
    """Accounts of the cache that config.toml does not name."""
    named = {account.name for account in app.settings.accounts}
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


def unnamed_document(names: Collection[str]) -> dict[str, object]:
    """The same for programs."""
    return {"unnamed_accounts": sorted(names)}


@dataclass(frozen=True, slots=True)
class Cached:
    """The cache with the accounts to list: the selected ones, or all enabled ones."""

    app: App
    repository: ExchangeCacheRepository
    accounts: tuple[str, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def balances(self) -> list[Balance]:
        """The balances of these accounts without ignored assets."""
        ignored = self.app.reading_settings().ignored
        return [
            row
            for row in self.repository.mirror.balances(self.accounts)
            if row.asset not in ignored.get(row.account, ())
        ]

    def ignored_lines(self) -> tuple[str, ...]:
        """The lines that name ignored assets."""
        from exchange_cache.config.limits import own_limits

        found = own_limits(self.app.settings, self.accounts)
        return tuple(f"{one.account}: {one.message}." for one in found if one.code == "own_ignored")

    def write(self, listing: Listing, form: str) -> None:
        from exchange_cache.render.output import write_listing

        whole = replace(
            listing,
            notes=(*listing.notes, *self.notes, *unnamed_lines(self.left_out)),
            beside={**listing.beside, **unnamed_document(self.left_out)},
        )
        app = self.app
        write_listing(whole, app.out, form=form, terminal=app.terminal(), now=app.now())


def open_cached(app: App, accounts: Sequence[str]) -> Cached:
    """The cache, if it holds anything; selected accounts must exist in config.toml or the cache."""
    repository = app.filled()
    named = tuple(account.name for account in app.settings.accounts)
    unnamed = unnamed_accounts(app, repository)
    known = {*named, *unnamed}
    if accounts:
        chosen = dict.fromkeys(meant(name, sorted(known), "account") for name in accounts)
        return Cached(app, repository, tuple(chosen), ())
    from exchange_cache.config.limits import disabled_words

    shown = tuple(account.name for account in app.settings.accounts if account.enabled)
    return Cached(app, repository, shown or named, unnamed, disabled_words(app.settings))
