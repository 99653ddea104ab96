"""What a word of the command line means among the words that the cache knows, and which words no
command accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.errors import UsageError

if TYPE_CHECKING:
    from exchange_cache.cache.reading import CacheReading


def asset_meant(app: App, repository: CacheReading, word: str) -> str:
    """The asset of the cache that a word names, in any case; UsageError with the nearest."""
    from exchange_cache.config.faults import meant

    found = _found(word, repository.vocabulary.assets(), str.casefold)
    if len(found) == 1:
        return found.pop()
    known = {app.configured.reporting_asset, *_all(repository.vocabulary.assets())}
    return meant(word, sorted(known), "asset", hint="see which there are: excache balances")


def quote_meant(app: App, word: str | None) -> str | None:
    """The asset to value in; any word, as long as nothing is cached."""
    repository = app.cached()
    if word is None or repository is None or repository.is_empty():
        return word
    return asset_meant(app, repository, word)


def account_meant(app: App, repository: CacheReading, word: str) -> str:
    """The account of config.toml or of the cache that a word names."""
    from exchange_cache.config.faults import meant

    named = set(app.configured.names)
    return meant(word, sorted({*named, *repository.progress.accounts()}), "account")


def symbol_meant(app: App, repository: CacheReading, word: str) -> str:
    """The symbol of the cache that a word names, in any case and with any signs or none
    (``btc-usdt``, ``BTCUSDT``); UsageError with the nearest."""
    from exchange_cache.config.faults import meant

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
    nearest = _nearest(word, known)
    if nearest is not None:
        raise UsageError(f'there is no symbol "{word}"; did you mean "{nearest}"?')
    return meant(word, known, "symbol", hint="see which there are: excache prices --all")


def _say_others(app: App, repository: CacheReading, word: str, symbol: str) -> None:
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


def _nearest(word: str, known: Iterable[str]) -> str | None:
    """The symbol whose letters are nearest, whatever the signs; two letters that changed places are
    one mistake. None if none is near."""
    from difflib import get_close_matches

    typed = _letters(word)
    alike: dict[str, str] = {}
    for symbol in known:
        alike.setdefault(_market(symbol), symbol)
    near = get_close_matches(typed, alike, n=8, cutoff=0.6)
    if not near:
        return None
    return alike[min(near, key=lambda one: (_mistakes(typed, one), abs(len(typed) - len(one))))]


def _mistakes(one: str, other: str) -> int:
    """How many letters are added, left out, replaced, or exchanged with the next one."""
    rows = [list(range(len(other) + 1))]
    for i, left in enumerate(one, 1):
        row = [i]
        for j, right in enumerate(other, 1):
            best = min(row[-1] + 1, rows[-1][j] + 1, rows[-1][j - 1] + (left != right))
            if i > 1 and j > 1 and (left, one[i - 2]) == (other[j - 2], right):
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def _market(symbol: str) -> str:
    """The assets that a market trades, whatever it settles in."""
    return _letters(symbol.partition(":")[0])


def refuse_range(since: datetime | None, until: datetime | None) -> None:
    """UsageError if a range of times ends before it begins."""
    if since is not None and until is not None and since >= until:
        from exchange_cache.render import words

        raise UsageError(
            f"--since must be before --until: {words.minute(since)} is not before"
            f" {words.zoned_minute(until)}"
        )
