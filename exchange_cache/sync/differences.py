"""Balances that move away from what their events add up to: since when, and what is requested again
for it.

What a balance holds beside its events may be constant for good reasons (a past out of retention, a
product without a list). A difference that changes says that something happened since both last
agreed which no history brought. That time is requested again, and the difference is believed when
several requests did not explain it. Pure, but for the two functions at the end; the verdict is kept
in the memory of the account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

from exchange_cache.adapter.policy import ExchangePolicy, StreamPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import Clock, to_ms
from exchange_cache.cost.reconcile import ROUNDING
from exchange_cache.ledger.coverage import Span
from exchange_cache.money import EXACT, ZERO, to_text
from exchange_cache.records import DataType
from exchange_cache.sync.plan import Window, to_span_ms
from exchange_cache.sync.revisits import Revisited, from_id, walks_by_id, windows

#: Where the memory of an account keeps when its balances and events last agreed, and the doubt.
DIFFERENCES = "balance_differences"
#: After so many requests in vain a difference is believed.
BELIEVED_AFTER = 4
#: Where nothing ever agreed, a history without any row is requested again if it takes no more.
FEW_WINDOWS = 4
#: Balances and histories that were read within this time belong together.
TOGETHER = timedelta(minutes=15)
#: What every run requests again anyway.
_OVERLAP_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """The difference of an asset that is taken for granted, and when it was seen last."""

    difference: Decimal = ZERO
    at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Assets whose difference has changed since an instant (0: there was never another)."""

    assets: tuple[str, ...]
    since_ms: int
    revisited: Revisited = field(default_factory=Revisited)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is known of the balances of one account; ``checked_ms`` is the last comparison."""

    agreed: Mapping[str, Agreed] = field(default_factory=dict)
    doubt: Doubt | None = None
    checked_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What an asset's balance holds beside its events, and what counts as rounding."""

    asset: str
    amount: Decimal
    rounding: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a comparison found, and the verdict on the one before it."""

    before: Verdict
    found: tuple[Difference, ...]


def judged(
    before: Verdict, found: Iterable[Difference], now_ms: int, *, whole: bool = True
) -> Verdict:
    """The verdict after a comparison. An account begins without anything, so both agreed once,
    unless its histories do not reach back to there (``whole``)."""
    known = Agreed(at_ms=before.checked_ms)
    pairs = [(one, before.agreed.get(one.asset, known)) for one in found]
    moved = [
        (one, agreed) for one, agreed in pairs if abs(one.amount - agreed.difference) > one.rounding
    ]
    past = before.doubt.revisited if before.doubt is not None else Revisited()
    first = not before.checked_ms
    if not moved or past.times >= BELIEVED_AFTER or (first and not whole):
        agreed = {one.asset: Agreed(difference=one.amount, at_ms=now_ms) for one, _ in pairs}
        return Verdict(agreed=agreed, checked_ms=now_ms)
    return Verdict(
        agreed={
            one.asset: agreed
            if (one, agreed) in moved
            else Agreed(difference=one.amount, at_ms=now_ms)
            for one, agreed in pairs
        },
        doubt=Doubt(
            assets=tuple(sorted(one.asset for one, _ in moved)),
            since_ms=min(agreed.at_ms for _, agreed in moved),
            revisited=past,
        ),
        checked_ms=now_ms,
    )


Jobs = list[tuple[str, tuple[Window, ...]]]


def jobs_of(
    stream: StreamPolicy,
    states: Iterable[StreamState],
    verdict: Verdict,
    now_ms: int,
    id_before: Callable[[str, int], str | None],
) -> Jobs:
    """The windows of one history that a doubt requests again. ``id_before``: the id of a symbol's
    newest row from before an instant."""
    doubt = verdict.doubt
    if doubt is None or doubt.since_ms >= max(verdict.checked_ms - _OVERLAP_MS, 1):
        return []  # every run requests so much again
    own = [
        state
        for state in states
        if (state.key.data_type, state.key.scope) == (stream.data_type, stream.scope)
        and state.state == "ok"
        and _concerns(state.key.symbol, doubt.assets)
    ]
    if not doubt.since_ms:
        empty = [state for state in own if not state.rows and not state.key.symbol]
        made = [(state.key.symbol, _since(stream, 1, now_ms)) for state in empty]
        return [job for job in made if len(job[1]) <= FEW_WINDOWS]
    since_ms = doubt.since_ms - _OVERLAP_MS
    if walks_by_id(stream):
        return [
            (state.key.symbol, from_id(id_before(state.key.symbol, since_ms)))
            for state in own
            if state.rows
        ]
    return [(state.key.symbol, _since(stream, since_ms, now_ms)) for state in own]


def _since(stream: StreamPolicy, since_ms: int, now_ms: int) -> tuple[Window, ...]:
    return windows(stream, [Span(min(since_ms, now_ms - 1), now_ms)], now_ms)


def _concerns(symbol: str, assets: tuple[str, ...]) -> bool:
    """Whether the history of a symbol may explain assets; one without a symbol may explain all."""
    return not symbol or bool(set(symbol.replace(":", "/").split("/")) & set(assets))


def requested(verdict: Verdict, now_ms: int) -> Verdict:
    """The verdict after its doubt was requested again."""
    if verdict.doubt is None:
        return verdict
    doubt = replace(verdict.doubt, revisited=verdict.doubt.revisited.once_more(now_ms))
    return replace(verdict, doubt=doubt)


# --- kept in the memory of the account ------------------------------------------------------------


def stored(verdict: Verdict) -> dict[str, object]:
    doubt = verdict.doubt
    return {
        "agreed": {
            asset: {"difference": to_text(one.difference), "at_ms": one.at_ms}
            for asset, one in sorted(verdict.agreed.items())
        },
        "checked_ms": verdict.checked_ms,
        "doubt": None
        if doubt is None
        else {
            "assets": list(doubt.assets),
            "since_ms": doubt.since_ms,
            "times": doubt.revisited.times,
            "at_ms": doubt.revisited.at_ms,
        },
    }


def remembered(memory: Mapping[str, Any]) -> Verdict:
    kept = memory.get(DIFFERENCES)
    if not isinstance(kept, dict):
        return Verdict()
    doubt = kept["doubt"]
    return Verdict(
        agreed={
            asset: Agreed(difference=Decimal(one["difference"]), at_ms=int(one["at_ms"]))
            for asset, one in kept["agreed"].items()
        },
        checked_ms=int(kept["checked_ms"]),
        doubt=None
        if doubt is None
        else Doubt(
            assets=tuple(doubt["assets"]),
            since_ms=int(doubt["since_ms"]),
            revisited=Revisited(times=int(doubt["times"]), at_ms=int(doubt["at_ms"])),
        ),
    )


# --- read from the cache --------------------------------------------------------------------------


def note_differences(
    repository: ExchangeCacheRepository,
    account: str,
    policy: ExchangePolicy,
    clock: Clock,
    *,
    method: str,
    reporting_asset: str,
) -> Comparison | None:
    """Compare the balances of an account with its events, where a run has just read both; None
    where it has not."""
    now_ms = to_ms(clock.now())
    if not _read_together(repository, account, now_ms):
        return None
    before = remembered(repository.progress.memory(account))
    found = _differences(repository, account, method, reporting_asset)
    whole = _is_whole(policy, repository.ledger.states(account))
    verdict = judged(before, found, now_ms, whole=whole)
    repository.progress.remember(account, {DIFFERENCES: stored(verdict)}, clock.now())
    return Comparison(before=before, found=tuple(found))


def _is_whole(policy: ExchangePolicy, states: Iterable[StreamState]) -> bool:
    """Whether all histories reach back to the beginning: the exchange forgets none, and the user
    did not ask for a part."""
    begins = {
        (stream.data_type, stream.scope): stream.history_start_ms for stream in policy.streams
    }
    limited = any(
        stream.retention is not None or stream.newest_rows is not None
        for stream in policy.streams
        if stream.data_type is not DataType.ORDERS and not stream.brings_forward
    )
    return not limited and all(
        (state.history_start_ms or 0) <= begins.get((state.key.data_type, state.key.scope), 0)
        for state in states
        if state.key.data_type is not DataType.ORDERS
    )


def _read_together(repository: ExchangeCacheRepository, account: str, now_ms: int) -> bool:
    together = {DataType.BALANCES, DataType.FILLS, DataType.TRANSFERS}
    read = {
        status.data_type
        for status in repository.progress.statuses([account])
        if not status.part
        and status.state == "ok"
        and status.succeeded_at is not None
        and abs(now_ms - to_ms(status.succeeded_at)) <= to_span_ms(TOGETHER)
    }
    return together <= read


def _differences(
    repository: ExchangeCacheRepository, account: str, method: str, reporting_asset: str
) -> list[Difference]:
    """Of every asset whose total moves with events alone (not with the result of positions)."""
    held: dict[str, Decimal] = defaultdict(lambda: ZERO)
    floating = set()
    with localcontext(EXACT):
        for basis in repository.derived.bases(method, reporting_asset, account):
            held[basis.asset] -= basis.quantity
        rounding: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for balance in repository.mirror.balances([account]):
            held[balance.asset] += balance.total
            rounding[balance.asset] += abs(balance.total) * ROUNDING
            if balance.includes_unrealised:
                floating.add(balance.asset)
    return [
        Difference(asset=asset, amount=amount, rounding=rounding[asset])
        for asset, amount in sorted(held.items())
        if asset not in floating
    ]
