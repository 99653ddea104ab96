"""Since when the histories of an account are stored without a gap: pure, from what is stored of
each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from exchange_cache.clock import from_ms
from exchange_cache.data_types import DataType
from exchange_cache.scope_names import moves_funds, of_all_markets, trades

#: A shorter gap is the overlap that the next run fetches again.
_DAY_MS = 86_400_000
#: States of histories that the exchange does not have.
_NOT_THERE = {"symbol_unknown", "not_offered"}
KINDS = ("spot", "margin", "futures", "options", "trades", "transfers", "others")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is stored of one history; ``covered`` are its ranges in milliseconds, ascending, and
    ``start_ms`` is when it begins at the exchange."""

    account: str
    data_type: DataType
    scope: str
    state: str
    start_ms: int
    covered: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """A kind of history that is stored completely since a time; ``whole``: since its beginning.
    Without either, nothing of some part of it is stored yet."""

    kind: str
    since: datetime | None
    whole: bool = False


def complete_since(histories: Iterable[History]) -> dict[str, tuple[Complete, ...]]:
    """By account, each kind of trades, the deposits and withdrawals (``transfers``), and all other
    movements (``others``): each as complete as its least complete history."""
    starts: dict[tuple[str, str], list[int | None]] = {}
    for one in histories:
        if one.state not in _NOT_THERE:
            starts.setdefault((one.account, _kind(one)), []).append(_start(one))
    found: dict[str, list[Complete]] = {}
    for (account, kind), own in sorted(starts.items(), key=lambda item: KINDS.index(item[0][1])):
        known = [start for start in own if start is not None]
        latest = max(known, default=0) if len(known) == len(own) else None
        found.setdefault(account, []).append(
            Complete(
                kind=kind,
                since=from_ms(latest) if latest else None,
                whole=latest == 0,
            )
        )
    return {account: tuple(own) for account, own in found.items()}


def _kind(one: History) -> str:
    if one.data_type is DataType.FILLS:
        return trades(one.scope) or ("trades" if of_all_markets(one.scope) else "others")
    return "transfers" if moves_funds(one.scope) else "others"


def _start(one: History) -> int | None:
    """Since when a history is stored up to its end; 0 for all of it, None for nothing of it."""
    if not one.covered:
        return None
    since = one.covered[-1][0]
    for start, end in reversed(one.covered[:-1]):
        if since - end >= _DAY_MS:
            break
        since = min(since, start)
    return 0 if since - one.start_ms < _DAY_MS else since
