"""The accounts of the cache that config.toml does not name: removed ones, and those renamed there.

Every command leaves them out unless --account names them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.errors import UsageError

if TYPE_CHECKING:
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
    for name in accounts:
        if name not in known:
            raise UsageError(
                f"there is no account {name!r}",
                hint=f"known accounts: {', '.join(sorted(known)) or 'none'}",
            )
    if accounts:
        return Cached(app, repository, tuple(accounts), ())
    from exchange_cache.config.limits import disabled_words

    shown = tuple(account.name for account in app.settings.accounts if account.enabled)
    return Cached(app, repository, shown or named, unnamed, disabled_words(app.settings))
