"""Parts of a history in words: its scopes, and its symbols where each symbol has its own."""

from __future__ import annotations

from collections.abc import Iterable

from exchange_cache.clock import from_ms
from exchange_cache.scope_names import scope_name

#: The most usual scopes stand first.
_FIRST = ("spot", "margin", "linear", "inverse", "option")
_NAMED = 4

#: A scope, and its symbol ('' if the scope has one history).
Place = tuple[str, str]


def scope_words(places: Iterable[Place]) -> str:
    """The scopes, with their symbols in parentheses where each has its own history."""
    places = tuple(places)
    found = {scope: None for scope, _ in places}
    ordered = [scope for scope in _FIRST if scope in found]
    ordered += [scope for scope in found if scope not in _FIRST]
    scopes = list(dict.fromkeys(map(scope_name, ordered)))
    symbols = [place for place in places if place[1]]
    return f"{_few(scopes)} ({symbol_words(symbols)})" if symbols else _few(scopes)


def symbol_words(places: Iterable[Place]) -> str:
    """The first symbols of histories, or their scopes where a scope has one history."""
    return _few(list(dict.fromkeys(symbol or scope_name(scope) for scope, symbol in places)))


def before_words(data_type: str, lost: Iterable[tuple[int, Place]]) -> str:
    """``fills of spot before 2024-11-29, fills of options before 2026-06-02``, from the time (ms)
    before which each part is not stored; the names of transfers stand alone."""
    by_day: dict[str, list[Place]] = {}
    for floor_ms, place in sorted(lost):
        by_day.setdefault(f"{from_ms(floor_ms):%Y-%m-%d}", []).append(place)
    return ", ".join(
        f"{'' if data_type == 'transfers' else f'{data_type} of '}{scope_words(own)} before {day}"
        for day, own in by_day.items()
    )


def _few(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
