"""Transfers that earlier versions stored without the word of their ledger, and so with a kind that
may be wrong: their histories are read again once, as far back as the exchange serves them.

What is no longer served keeps its kind, and its word stays unknown.
"""

from __future__ import annotations

from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import DataType
from exchange_cache.sync.repair_scene import (
    EVERYBODY,
    HOUR_MS,
    Scene,
    accounts_of,
    counted,
    opened,
)

#: The scopes of each account's histories that were looked at; new rows have their words.
SEEN = "repairs_of_words"


def unworded_transfers(scene: Scene) -> str | None:
    """Request the histories with a table of words again where rows have no word."""
    found = scene.repository.progress.memory(EVERYBODY).get(SEEN)
    known: dict[str, list[str]] = dict(found) if isinstance(found, dict) else {}
    rows: dict[str, int] = {}
    for account in scene.accounts:
        fresh = _scopes(scene, account) - set(known.get(account, ()))
        if fresh:
            rows[account] = sum(_read_again(scene, account, scope) for scope in sorted(fresh))
            known[account] = sorted(fresh | set(known.get(account, ())))
    if rows:
        scene.repository.progress.remember(EVERYBODY, {SEEN: known}, scene.now)
    count = sum(rows.values())
    if not count:
        return None
    return (
        f"{accounts_of(account for account, own in rows.items() if own)}:"
        f" {counted(count, 'transfer', 'transfers')} stored without the word of their ledger, to be"
        " read again"
    )


def _scopes(scene: Scene, account: str) -> set[str]:
    """The histories of an account that were read and whose policy has a table of words."""
    from exchange_cache.exchanges import MODULES

    if scene.exchange_of(account) not in MODULES:
        return set()
    states = scene.repository.ledger.states(account, DataType.TRANSFERS)
    streams = ((state, scene.stream_of(state)) for state in states)
    return {state.key.scope for state, stream in streams if stream is not None and stream.meanings}


def _read_again(scene: Scene, account: str, scope: str) -> int:
    """Remove the coverage of the time in which rows have no word; how many those are."""
    found = scene.store.unworded(account, scope)
    if found is None:
        return 0
    first_ms, last_ms, count = found
    for state in scene.repository.ledger.states(account, DataType.TRANSFERS):
        if state.key.scope == scope:
            start = max(first_ms - HOUR_MS, scene.served_from(state, to_ms(scene.now)))
            spans = Ranges.of((start, last_ms + HOUR_MS)) if start < last_ms else Ranges()
            scene.repository.ledger.save_state(opened(state, spans))
    return count
