"""Which symbols to request where an exchange needs one: pure, from the assets and symbols of an
account and the listed markets.

Margin wallets trade on spot markets but separately: only their own assets lead to symbols, and the
sweep includes only markets that allow margin, so that spot symbols are not requested twice.

Three classes: *active* symbols (traded before, held now, named by the user) in every run; *likely*
ones (an asset that was seen, in every quote) once and soon; the *sweep* over all other listed
symbols, a few per run, until all were requested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from exchange_cache.adapter.port import MarketInfo
from exchange_cache.cache.streams import StreamState
from exchange_cache.money import FIAT
from exchange_cache.records import MARGIN

#: A symbol without rows is requested again after this time, or sooner when its asset is seen.
REVISIT_EMPTY = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The known activity of an account in one category."""

    held: frozenset[str] = frozenset()  # assets with a balance now, any wallet
    seen: frozenset[str] = frozenset()  # assets in any fill, transfer or convert
    symbols: frozenset[str] = frozenset()  # symbols of fills, orders, positions, income rows
    configured: frozenset[str] = frozenset()  # symbols that the user named
    #: Assets that a wallet lists with zero: at some exchanges all, at others those once held.
    emptied: frozenset[str] = frozenset()
    #: The exchange's codes of held assets: some have markets of their own (BETH/ETH).
    held_codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Symbols to request, the most promising first, each with its reason."""

    active: tuple[tuple[str, str], ...]
    likely: tuple[tuple[str, str], ...]
    rest: tuple[str, ...]


def candidates(
    markets: Mapping[str, MarketInfo], category: str, touched: Touched, quotes: Iterable[str]
) -> Candidates:
    """Split a category's symbols by how soon to request them.

    Delisted symbols are included: an asset that was seen and is no longer traded is combined with
    ``quotes`` (most used first), since the exchange still serves its old fills by symbol.
    """
    listed = _listed(markets, category)
    active: dict[str, str] = {}
    for symbol in sorted(touched.configured):
        if symbol in listed or symbol not in markets:  # the exchange may know an unlisted one
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


def ended(symbol: str) -> str | None:
    """The category that the symbol of an unlisted contract states; None of a pair.

    Exchanges serve the history of a contract that ended, by its symbol, and income may be all that
    names it.
    """
    pair, _, tail = symbol.partition(":")
    settle, *stated = tail.split("-")
    if not settle:
        return None
    if len(stated) > 1:
        return "option"
    return "linear" if settle == pair.partition("/")[2] else "inverse"


def _listed(markets: Mapping[str, MarketInfo], category: str) -> dict[str, MarketInfo]:
    """The markets of a category; for margin the spot markets that allow it, or all where the
    exchange does not state it."""
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
    """Symbols of assets that are no longer traded, without fiat money and quotes."""
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
    """The symbols to request in this run, with reasons: all active ones, likely ones that are new
    or due again, then some of the rest."""
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
    """The symbols that were never requested; while there are any, the history may be
    incomplete."""
    everything = (
        [symbol for symbol, _ in candidates.active]
        + [symbol for symbol, _ in candidates.likely]
        + list(candidates.rest)
    )
    return tuple(symbol for symbol in everything if not _asked(states.get(symbol)))


def _asked(state: StreamState | None) -> bool:
    return state is not None and state.completed_ms is not None


def _tried(state: StreamState | None) -> int:
    """When a symbol was last requested, 0 for never: symbols that always fail must not use up the
    budget of the others."""
    return 0 if state is None else state.asked_ms or 0


def _old(state: StreamState, now_ms: int) -> bool:
    return state.completed_ms is None or now_ms - state.completed_ms > REVISIT_EMPTY // timedelta(
        milliseconds=1
    )
