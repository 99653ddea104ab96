"""``excache account rename OLD NEW``: gives an account another name in config.toml and in the
cache."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import completed
from exchange_cache.errors import UsageError

if TYPE_CHECKING:
    from exchange_cache.cache.repository import ExchangeCacheRepository

LOCK_WAIT_SECONDS = 60


@click.command("rename")
@click.argument("old", shell_complete=completed("accounts"))
@click.argument("new")
@click.pass_obj
def command(app: App, old: str, new: str) -> None:
    """Rename an account, with everything that is stored of it.

    Changes its name in config.toml, where comments and order stay, moves the secrets that excache
    stores, and gives all its cached rows the new name. If it was renamed in config.toml by hand,
    only the cached rows are moved; rows that were fetched again under the new name are joined with
    them. After an error nothing has changed.

    \b
    Examples:
      excache account rename main spot
      excache account list
    """
    with app.lock() as lock:
        lock.acquire("account rename", wait_seconds=LOCK_WAIT_SECONDS)
        moved = _rename(app, old, new)
    app.say(f"Renamed {old} to {new}; {moved:,} cached rows have the new name.")


def _rename(app: App, old: str, new: str) -> int:
    """Rename in config.toml, unless that is done, and in the cache; returns the number of rows."""
    from exchange_cache.cli.basis import derive_again
    from exchange_cache.config.editing import tidy

    tidy(app.paths)
    repository = None if app.cached() is None else app.repository()
    old = _known(app, repository, old)
    _refuse_two_accounts(repository, old, new)
    with _in_config(app, repository, old, new):
        if repository is None:
            return 0
        moved = repository.move_account(old, new)
    app._settings = None
    derive_again(app)
    return moved


def _known(app: App, repository: ExchangeCacheRepository | None, name: str) -> str:
    """The account of config.toml or of the cache that a name means."""
    from exchange_cache.config.faults import meant

    named = {account.name for account in app.settings.accounts}
    cached = () if repository is None else repository.progress.accounts()
    return meant(name, sorted({*named, *cached}), "account")


def _in_config(
    app: App, repository: ExchangeCacheRepository | None, old: str, new: str
) -> AbstractContextManager[None]:
    from exchange_cache.config.renaming import renamed_account

    named = {account.name for account in app.settings.accounts}
    cached = () if repository is None else repository.progress.accounts()
    if old not in named and new in named and old in cached:
        return nullcontext()
    return renamed_account(app.paths, old, new)


def _refuse_two_accounts(repository: ExchangeCacheRepository | None, old: str, new: str) -> None:
    """UsageError if the cache has rows of both names and none that both have."""
    cached = () if repository is None else repository.progress.accounts()
    if repository is None or new not in cached or old not in cached or old == new:
        return
    if old not in repository.former_names([old], [new]):
        raise UsageError(
            f"the cache has rows of {new} too, and none of them is one of {old}: these are two"
            " accounts",
            hint="choose another name",
        )
