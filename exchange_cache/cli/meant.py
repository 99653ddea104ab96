"""What a word of the command line means among the words that the cache knows, and which words no
command accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.config.faults import meant
from exchange_cache.errors import UsageError


def asset_meant(app: App, repository: ExchangeCacheRepository, word: str) -> str:
    """The asset of the cache that a word names, in any case; UsageError with the nearest."""
    found = _found(word, repository.vocabulary.assets(), str.casefold)
    if len(found) == 1:
        return found.pop()
    known = {app.settings.reporting_asset, *_all(repository.vocabulary.assets())}
    return meant(word, sorted(known), "asset", hint="see which there are: excache balances")


def account_meant(app: App, repository: ExchangeCacheRepository, word: str) -> str:
    """The account of config.toml or of the cache that a word names."""
    named = {account.name for account in app.settings.accounts}
    return meant(word, sorted({*named, *repository.progress.accounts()}), "account")


def symbol_meant(app: App, repository: ExchangeCacheRepository, word: str) -> str:
    """The symbol of the cache that a word names, in any case and with any signs or none
    (``btc-usdt``, ``BTCUSDT``); UsageError with the nearest."""
    for key in (str.casefold, _letters, _market):
        found = _found(word, repository.vocabulary.symbols(), key)
        if len(found) == 1:
            symbol = found.pop()
            _say_others(app, repository, word, symbol)
            return symbol
        if found:
            near = " or ".join(f'"{one}"' for one in sorted(found))
            raise UsageError(f'there is no symbol "{word}"; did you mean {near}?')
    known = sorted(_all(repository.vocabulary.symbols()))
    return meant(word, known, "symbol", hint="see which there are: excache prices --all")


def _say_others(app: App, repository: ExchangeCacheRepository, word: str, symbol: str) -> None:
    """Report how a word without signs is read, if other markets have the same assets."""
    if word.casefold() == symbol.casefold():
        return
    others = {
        other
        for other in _all(repository.vocabulary.symbols())
        if _market(other) == _market(symbol) and other != symbol
    }
    if others:
        app.say(f"excache: {word} is read as {symbol}; there is also {', '.join(sorted(others))}")


def _found(word: str, stages: Iterable[frozenset[str]], key: Callable[[str], str]) -> set[str]:
    """The known words that equal ``word`` by a key; itself if it is one."""
    alike: set[str] = set()
    for known in stages:
        if word in known:
            return {word}
        alike |= {one for one in known if key(one) == key(word)}
    return alike


def _all(stages: Iterable[frozenset[str]]) -> set[str]:
    return {word for known in stages for word in known}


def _letters(symbol: str) -> str:
    """A symbol without its signs."""
    return "".join(mark for mark in symbol.casefold() if mark.isalnum())


def _market(symbol: str) -> str:
    """The assets that a market trades, whatever it settles in."""
    return _letters(symbol.partition(":")[0])


def refuse_range(since: datetime | None, until: datetime | None) -> None:
    """UsageError if a range of times ends before it begins."""
    if since is not None and until is not None and since >= until:
        raise UsageError(
            f"--since must be before --until: {since:%Y-%m-%d %H:%M} is not before"
            f" {until:%Y-%m-%d %H:%M} UTC"
        )
