"""Shell completion of values: accounts of config.toml, assets and symbols of the cache. It reads
the cache by sqlite3 alone, and reports nothing: the command itself does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click import Context, Group, Parameter
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

from exchange_cache.cache import completing
from exchange_cache.cli.cache_file import cache_of

if TYPE_CHECKING:
    from exchange_cache.cli.app import App


def _accounts(app: App) -> list[str]:
    """The accounts of config.toml in its order, then those that only the cache names."""
    return list(dict.fromkeys([*_configured(app), *_cached(app, completing.ACCOUNTS)]))


def _configured(app: App) -> list[str]:
    import tomllib

    try:
        found = tomllib.loads(app.paths.config_file.read_text(encoding="utf-8")).get("accounts")
    except (OSError, ValueError):
        return []
    return list(found) if isinstance(found, dict) else []


def _cached(app: App, query: str) -> list[str]:
    try:
        cache = cache_of(app.paths)
    except OSError:
        return []
    if not isinstance(cache, Path):
        return []  # a key press waits for no server
    return completing.values(cache, query)


def _exchanges(app: App) -> list[str]:
    """Those with a policy of their own."""
    from exchange_cache.exchanges import MODULES

    return list(MODULES)


def _zones(app: App) -> list[str]:
    from zoneinfo import available_timezones

    return sorted(available_timezones())


def _credentials(app: App) -> list[str]:
    from exchange_cache.config.sources import CREDENTIAL_DOCS

    return [f"{name}=" for name in CREDENTIAL_DOCS]


#: What can be completed.
VALUES: Mapping[str, Callable[[App], list[str]]] = {
    "configured accounts": _configured,
    "accounts": _accounts,
    "assets": lambda app: _cached(app, completing.ASSETS),
    "symbols": lambda app: _cached(app, completing.SYMBOLS),
    "priced symbols": lambda app: _cached(app, completing.PRICED),
    "findings": lambda app: _cached(app, completing.CODES),
    "stated costs": lambda app: _cached(app, completing.STATED),
    "imported files": lambda app: _cached(app, completing.IMPORTED),
    "exchanges": _exchanges,
    "zones": _zones,
    "credentials": _credentials,
}


def matching(app: App, what: str, incomplete: str) -> list[CompletionItem[Any]]:
    """The values that begin with what is typed, in any case."""
    return beginning(VALUES[what](app), incomplete)


def beginning(values: Iterable[str], incomplete: str) -> list[CompletionItem[Any]]:
    """The values that begin with what is typed, in any case."""
    start = incomplete.casefold()
    return [CompletionItem(one) for one in values if one.casefold().startswith(start)]


def wallets_matching(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem[Any]]:
    """The wallets of the exchange that ``--exchange`` names before."""
    from exchange_cache.exchanges import wallets_of

    offered, _ = wallets_of(str(ctx.params.get("exchange")), None, "")
    return beginning(offered, incomplete)


def commands_matching(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem[Any]]:
    """The commands below the words before."""
    found = ctx.find_root()
    for word in ctx.params.get("words") or ():
        group = found.command
        below = group.get_command(found, word) if isinstance(group, Group) else None
        if below is None:
            return []
        found = Context(below, info_name=word, parent=found)
    group = found.command
    names = group.list_commands(found) if isinstance(group, Group) else ()
    return beginning(names, incomplete)


def _option_of(incomplete: str) -> str:
    """``--asset=`` of ``--asset=B``; empty for a value that stands alone."""
    option, mark, _ = incomplete.partition("=")
    return option + mark if mark and incomplete.startswith("-") else ""


@add_completion_class
class Bash(BashComplete):
    """Bash ends words at each ``:`` and ``=``, so that it must get only what follows the last one
    of ``BTC/USDT:USDT``, and the words must be found in the line."""

    source_template = BashComplete.source_template.replace(
        "COMP_CWORD=$COMP_CWORD ",
        'COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" ',
    )
    _kept = 0  # so many characters of the value stay as they are

    def get_completion_args(self) -> tuple[list[str], str]:
        if "COMP_LINE" not in os.environ:  # a script of click's own, or of an earlier version
            return super().get_completion_args()
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)
        incomplete = "" if line[-1:].isspace() else words.pop()
        value = incomplete.removeprefix(_option_of(incomplete))
        if line.endswith(value) and ":" in os.environ.get("COMP_WORDBREAKS", ""):
            self._kept = value.rfind(":") + 1
        return words[1:], incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{item.type},{item.value[self._kept :]}"


class _WholeWords(ShellComplete):
    """These shells replace the word, so ``--asset=B`` must become ``--asset=BTC``."""

    _option = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        self._option = _option_of(incomplete)
        return args, incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        whole = CompletionItem(f"{self._option}{item.value}", item.type, item.help)
        return super().format_completion(whole)


@add_completion_class
class Zsh(_WholeWords, ZshComplete):
    """With the option that stands before a value."""


@add_completion_class
class Fish(_WholeWords, FishComplete):
    """With the option that stands before a value."""
