"""What the lists share: the options that select rows, and the words that they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.meant import asset_meant, symbol_meant
from exchange_cache.cli.options import MOST, Moment, Until, Whole, account_option, completed
from exchange_cache.cli.recent import SCREEN

if TYPE_CHECKING:
    from exchange_cache.cli.unnamed import Cached

Decorated = Callable[..., Any]


def listed_account_option(command: Decorated) -> Decorated:
    """Lists also show accounts that config.toml does not name."""
    return account_option(command, "accounts")


def asset_option(command: Decorated) -> Decorated:
    return click.option(
        "--asset", metavar="ASSET", shell_complete=completed("assets"), help="Only this asset."
    )(command)


def history_options(command: Decorated) -> Decorated:
    """The time range, the number and the order of rows."""
    command = click.option(
        "--reverse", is_flag=True, help="The other order: on a terminal the newest row last."
    )(command)
    command = click.option(
        "--all",
        "everything",
        is_flag=True,
        help=f"Every row on a terminal too, not only the newest {SCREEN}.",
    )(command)
    command = click.option(
        "--limit", type=Whole(1, MOST), help="At most this many rows, the newest ones."
    )(command)
    command = click.option("--until", type=Until(), help="Only before this time (exclusive).")(
        command
    )
    return click.option(
        "--since", type=Moment(), help="Only from this time: 2026-01-31, yesterday, 7d, 6m …"
    )(command)


def priced_symbol_option(command: Decorated) -> Decorated:
    return symbol_option(command, "priced symbols")


def symbol_option(command: Decorated, values: str = "symbols") -> Decorated:
    """``--symbol``; ``values`` are completed."""
    return click.option(
        "--symbol",
        metavar="SYMBOL",
        shell_complete=completed(values),
        help="Only this symbol, such as BTC/USDT.",
    )(command)


def opened(app: App, accounts: tuple[str, ...]) -> Cached:
    from exchange_cache.cli.unnamed import open_cached

    return open_cached(app, accounts)


def meant_words(
    cached: Cached, asset: str | None, symbol: str | None = None
) -> tuple[str | None, str | None]:
    """The asset and the symbol in the spelling of the cache; UsageError if it has none like it."""
    return (
        None if asset is None else asset_meant(cached.app, cached.repository, asset),
        None if symbol is None else symbol_meant(cached.app, cached.repository, symbol),
    )
