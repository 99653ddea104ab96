"""Which symbols to ask where an exchange needs one: pure, from everything an account ever touched,
crossed with what is listed.

Margin wallets trade on spot markets, but are a world of their own: only what they touched leads to
a symbol there, and only markets that may be traded on margin are swept, so that nobody's spot
symbols are asked twice.

Three classes, by how soon they deserve a request: *active* (traded before, held now, named by the
user) every run; *candidates* (an asset ever seen, in every quote) once soon; the *sweep* over all
other listed symbols, a few per run, until all were asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from exchange_cache.adapter.port import MarketInfo
from exchange_cache.cache.streams import StreamState
from exchange_cache.money import FIAT
from exchange_cache.records import MARGIN

#: A symbol without any row is asked again this often (unless its asset turns up).
REVISIT_EMPTY = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """All that is known of an account's activity in one category."""

    held: frozenset[str] = frozenset()  # assets with a balance now, any wallet
    seen: frozenset[str] = frozenset()  # assets in any fill, transfer or convert
    symbols: frozenset[str] = frozenset()  # symbols of fills, orders, positions, income rows
    configured: frozenset[str] = frozenset()  # symbols that the user named
    emptied: frozenset[str] = (
        frozenset()
    )  # assets that a wallet lists with zero: at some exchanges all, at others those once held
    held_codes: frozenset[str] = (
        frozenset()
    )  # what the exchange calls them: some codes have markets of their own (BETH/ETH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Symbols to ask, most promising first, each with the reason it is asked for."""

    active: tuple[tuple[str, str], ...]
    likely: tuple[tuple[str, str], ...]
    rest: tuple[str, ...]


def candidates(
    markets: Mapping[str, MarketInfo], category: str, touched: Touched, quotes: Iterable[str]
) -> Candidates:
    """Split a category's symbols by how soon they should be asked.

    Symbols not listed (delisted) are included where an asset that was seen is traded nowhere any
    more: it is crossed with ``quotes`` (most used first), since its old fills are still served by
    symbol.
    """
    listed = _listed(markets, category)
    active: dict[str, str] = {}
    for symbol in sorted(touched.configured):
        if (
            symbol in listed or symbol not in markets
        ):  # the unlisted may be known by the exchange still
            active.setdefault(symbol, "configured")
    for symbol in sorted(touched.symbols):
        active.setdefault(symbol, "traded")
    likely: dict[str, str] = {}
    for symbol, market in listed.items():
        if symbol in active:
            continue
        if market.base in touched.held or market.base in touched.held_codes:
            likely[symbol] = "held"
        elif market.base in touched.seen:
            likely[symbol] = "seen"
    unlisted: list[str] = []
    if category in {"spot", MARGIN}:
        for symbol in _delisted(listed, touched.held | touched.seen, quotes):
            likely.setdefault(symbol, "delisted")
        unlisted = _delisted(listed, touched.emptied, quotes)
    rest = tuple(
        [symbol for symbol in sorted(listed) if symbol not in active and symbol not in likely]
        + [symbol for symbol in unlisted if symbol not in active and symbol not in likely]
    )
    return Candidates(
        active=tuple(active.items()), likely=tuple(sorted(likely.items(), key=_soonest)), rest=rest
    )


def _listed(markets: Mapping[str, MarketInfo], category: str) -> dict[str, MarketInfo]:
    """The markets of a category: for margin the spot markets that allow it, all of them where the
    exchange does not state which do."""
    own = "spot" if category == MARGIN else category
    found = {symbol: market for symbol, market in markets.items() if market.category == own}
    marked = {symbol: market for symbol, market in found.items() if market.margin}
    return marked if category == MARGIN and marked else found


_ORDER = {"held": 0, "seen": 1, "delisted": 2}


def _soonest(item: tuple[str, str]) -> tuple[int, str]:
    return (_ORDER[item[1]], item[0])


def _delisted(
    listed: Mapping[str, MarketInfo], assets: Iterable[str], quotes: Iterable[str]
) -> list[str]:
    """Symbols of assets that are traded nowhere any more; money of states and quotes are priced,
    not traded, so never asked for."""
    chosen = tuple(quotes)
    known = {market.base for market in listed.values()} | {
        market.quote for market in listed.values()
    }
    gone = sorted(
        asset
        for asset in assets
        if asset not in known and asset not in chosen and asset not in FIAT
    )
    return [f"{asset}/{quote}" for asset in gone for quote in chosen]


def due(
    candidates: Candidates,
    states: Mapping[str, StreamState],
    now_ms: int,
    *,
    sweep_budget: int,
    full: bool = False,
) -> tuple[tuple[str, str], ...]:
    """The symbols to ask in this run, with reasons: active ones always, likely ones while new or
    old, then some of the rest."""
    chosen = dict(candidates.active)
    for symbol, reason in candidates.likely:
        state = states.get(symbol)
        if full or state is None or state.rows > 0 or reason == "held" or _old(state, now_ms):
            chosen.setdefault(symbol, reason)
    rest = list(candidates.rest)
    for symbol in rest:
        state = states.get(symbol)
        if state is not None and (state.rows > 0 or state.open is not None or state.cursor):
            chosen.setdefault(symbol, "traded")
    never = sorted(
        (symbol for symbol in rest if symbol not in chosen and not _asked(states.get(symbol))),
        key=lambda symbol: _tried(states.get(symbol)),
    )
    again = sorted(
        (
            symbol
            for symbol in rest
            if symbol not in chosen and _asked(states.get(symbol)) and _old(states[symbol], now_ms)
        ),
        key=lambda symbol: states[symbol].asked_ms or 0,
    )
    budget = len(rest) if full else sweep_budget
    for symbol in (never + again)[:budget]:
        chosen[symbol] = "sweep"
    return tuple(chosen.items())


def never_asked(candidates: Candidates, states: Mapping[str, StreamState]) -> tuple[str, ...]:
    """The listed symbols of which the exchange was never asked: until it is empty, completeness
    cannot be claimed."""
    everything = (
        [symbol for symbol, _ in candidates.active]
        + [symbol for symbol, _ in candidates.likely]
        + list(candidates.rest)
    )
    return tuple(symbol for symbol in everything if not _asked(states.get(symbol)))


def _asked(state: StreamState | None) -> bool:
    return state is not None and state.completed_ms is not None


def _tried(state: StreamState | None) -> int:
    """When a symbol was last asked in vain, 0 for never: those that fail always must not use up the
    budget of the others."""
    return 0 if state is None else state.asked_ms or 0


def _old(state: StreamState, now_ms: int) -> bool:
    return state.completed_ms is None or now_ms - state.completed_ms > REVISIT_EMPTY // timedelta(
        milliseconds=1
    )
