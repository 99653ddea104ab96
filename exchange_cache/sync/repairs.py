"""What earlier versions stored wrongly, found and repaired before a sync begins: one function per
kind, one line for each that found.

Nothing here trusts a stored time more than the exchange's own. What is cut or deleted is asked
again as far back as the exchange serves it; rows are recognised by their keys, so to ask again
costs requests, never rows. A machine whose clock is behind would take everything stored for the
future: where an exchange's own times lie ahead of the clock, no time is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from exchange_cache.cache.repairing import FaultyRow, RunTime
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import DataType, FillKind
from exchange_cache.sync.costs import DERIVED_FROM
from exchange_cache.sync.repair_scene import (
    DAY_MS,
    END_MS,
    EVERYBODY,
    FIRST_MS,
    HOUR_MS,
    SEARCHED,
    SEARCHES,
    TOLERANCE_MS,
    Doubt,
    Scene,
    accounts_of,
    by_account,
    counted,
    moment_of,
    opened,
    without,
)

#: What comes with the histories of its own data type alone; orders have no kind.
_FROM_FILLS = frozenset({"", FillKind.TRADE, FillKind.LEVERAGED})


def repair(
    repository: ExchangeCacheRepository, now: datetime, exchanges: Mapping[str, str]
) -> tuple[str, ...]:
    """Repair what is faulty, the caller holding the writer lock; one line per kind that was found,
    none on a sound cache.
    """
    scene = Scene(repository, now, exchanges)
    lines = tuple(line for line in (one(scene) for one in REPAIRS) if line is not None)
    if lines:
        repository.progress.forget(EVERYBODY, DERIVED_FROM)
    if not scene.searched:
        repository.progress.remember(EVERYBODY, {SEARCHED: SEARCHES}, now)
    return lines


# --- a clock that was ahead ---------------------------------------------------------------------


def future_coverage(scene: Scene) -> str | None:
    """Coverage that a clock ahead claimed is cut back to what an earlier run proves, or to nothing
    that is still served.
    """
    if scene.clock_is_behind:
        return None
    states = scene.repository.ledger.states()
    doubts = [_doubt(scene, place) for place in scene.ahead]
    claimed = max(
        (
            max(state.covered.end_ms or 0, state.asked_ms or 0, state.completed_ms or 0)
            for state in states
        ),
        default=0,
    )
    if claimed > scene.latest_ms and all(doubt.to_ms < claimed for doubt in doubts):
        doubts.append(
            Doubt(doubts[0].from_ms if doubts else None, claimed)
        )  # the first run ahead has the oldest moment
    changed = []
    for state in states:
        cut = state
        for doubt in doubts:
            cut = without(
                cut,
                doubt,
                scene.served_from(state, min(doubt.to_ms, END_MS)) if doubt.from_ms is None else 0,
                scene.latest_ms,
            )
        if cut != state:
            scene.repository.ledger.save_state(cut)
            changed.append(state)
    if not changed:
        return None
    reach = max(state.covered.end_ms or 0 for state in changed)
    return (
        f"{accounts_of(state.key.account for state in changed)}: "
        f"{counted(len(changed), 'history', 'histories')} covered by a clock that was ahead "
        f"(up to {moment_of(reach)}); what it may have skipped is asked again"
    )


def _doubt(scene: Scene, place: int) -> Doubt:
    run = scene.runs[place]
    ended = (
        run.started_ms + DAY_MS if run.ended_ms is None else run.ended_ms
    )  # killed: nobody knows when
    return Doubt(scene.trusted_ms(place), max(run.started_ms, ended) + TOLERANCE_MS)


def request_times(scene: Scene) -> str | None:
    """Request times that lie ahead would make the next requests wait for them."""
    if scene.clock_is_behind:
        return None
    changed: dict[tuple[str, str], object] = {}
    for account, key, value, updated_ms in scene.store.memory():
        right = right_memory(key, value, updated_ms, scene.now_ms)
        if right != value:
            changed[account, key] = right
    if not changed:
        return None
    scene.store.change_memory(changed, scene.now_ms)
    names = (account or key.partition(" ")[2] for account, key in changed)
    return f"{accounts_of(names)}: request times that lay in the future are forgotten"


def right_memory(key: str, value: object, updated_ms: int, now_ms: int) -> object:
    """What a value of the memory should be: itself where it is right, None to forget it."""
    latest_ms = now_ms + TOLERANCE_MS
    if key in {"last_request_ms", "markets_at"}:
        return 0 if isinstance(value, int) and value > latest_ms else value
    if key == "used" and isinstance(value, Mapping):  # name -> [share, until]
        return {
            name: pool
            for name, pool in value.items()
            if not (isinstance(pool, list) and pool[1] > latest_ms)
        }
    if key == "dear" and isinstance(value, list):  # [at, cost]
        return [item for item in value if not (isinstance(item, list) and item[0] > latest_ms)]
    if key == "time_difference" and updated_ms > latest_ms:
        return None
    if key.startswith("pause ") and updated_ms > latest_ms:
        return None  # when it began is unknown; where it still holds, the exchange states it again
    return value


def sync_times(scene: Scene) -> str | None:
    """Times of runs, successes and rows that lie ahead would count as fresh until they have
    passed."""
    if scene.clock_is_behind:
        return None
    first = scene.ahead[0] if scene.ahead else len(scene.runs)
    back_ms = min(scene.trusted_ms(first) or scene.now_ms - DAY_MS, scene.now_ms - HOUR_MS)
    count = scene.store.cut_times(scene.latest_ms, back_ms, scene.now_ms)
    scene.store.set_run_times(_right_run(scene, place) for place in scene.ahead)
    count += len(scene.ahead)
    if not count:
        return None
    return (
        f"{counted(count, 'time', 'times')} of syncs and rows lay in the future; "
        "they are cut back, and what they date counts as old"
    )


def _right_run(scene: Scene, place: int) -> RunTime:
    """A run that was ahead, at the time of the one before it, or else of the one after it."""
    run = scene.runs[place]
    believed = [
        scene.runs[index].started_ms
        for index in range(len(scene.runs))
        if index not in scene.ahead and index < place
    ][-1:]
    following = [
        scene.runs[index].started_ms
        for index in range(place, len(scene.runs))
        if index not in scene.ahead
    ][:1]
    started = (believed or following or [scene.now_ms])[0]
    lasted = max(0, (run.ended_ms or run.started_ms) - run.started_ms)
    ended = (
        None if run.ended_ms is None else min(started + lasted, (following or [scene.now_ms])[0])
    )
    return replace(run, started_ms=started, ended_ms=ended)


def future_snapshots(scene: Scene) -> str | None:
    """When a snapshot dated in the future was taken is unknown. Where most runs lie ahead, the
    clock is behind: all are kept.
    """
    late = sum(run.started_ms > scene.latest_ms for run in scene.runs)
    if scene.clock_is_behind or 2 * late > len(scene.runs):
        return None
    count = scene.store.forget_snapshots(scene.latest_ms)
    return (
        f"{counted(count, 'snapshot', 'snapshots')} of the portfolio dated in the future, deleted"
        if count
        else None
    )


# --- rows ---------------------------------------------------------------------------------------


def impossible_times(scene: Scene) -> str | None:
    """A row dated 1970 or so has no known time: it is deleted, and all of its history that is still
    served is asked again.
    """
    return _deleted(
        scene, scene.store.rows_outside(FIRST_MS, END_MS), "with an impossible date (1970 or so)"
    )


def impossible_figures(scene: Scene) -> str | None:
    """A row that no record takes (a negative quantity, no number, an unknown side) breaks every
    reading: it is asked again.
    """
    if scene.searched:
        return None
    return _deleted(scene, scene.store.unreadable_rows(), "with impossible figures or words")


def _deleted(scene: Scene, faulty: Collection[FaultyRow], what: str) -> str | None:
    if not faulty:
        return None
    scene.store.delete(faulty)
    _ask_again(scene, faulty)
    return f"{by_account(faulty)} {what}, deleted; their histories are asked again"


def doubtful_fills(scene: Scene) -> str | None:
    """A fill that contradicts itself or its order may be a bad version: the hours around it are
    asked again, once.
    """
    if scene.searched:
        return None
    faulty = scene.store.doubtful_fills()
    if not faulty:
        return None
    _ask_again(scene, faulty, around_ms=HOUR_MS)
    return f"{by_account(faulty)} that contradict themselves or their order, to be asked again"


def _ask_again(scene: Scene, faulty: Iterable[FaultyRow], around_ms: int | None = None) -> None:
    """Open the coverage of the streams that may have added the rows: around their times, or all
    that is still served.
    """
    rows = tuple(faulty)
    for state in scene.repository.ledger.states():
        own = [row for row in rows if _brings(state, row)]
        if not own:
            continue
        floor = scene.served_from(state, scene.now_ms)
        spans = (
            [(floor, END_MS)]
            if around_ms is None
            else [(row.at_ms - around_ms, row.at_ms + around_ms) for row in own]
        )
        scene.repository.ledger.save_state(
            opened(state, Ranges.of(*spans).minus(Ranges.of((0, floor))))
        )


def _brings(state: StreamState, row: FaultyRow) -> bool:
    """Whether a row may have come with a history; converts and the like come with the transfers at
    some exchanges.
    """
    key = state.key
    if key.account != row.account:
        return False
    if row.data_type is DataType.TRANSFERS:
        return key.data_type is DataType.TRANSFERS and key.scope == row.place
    if row.kind not in _FROM_FILLS and key.data_type is DataType.TRANSFERS:
        return True
    return key.data_type is row.data_type and key.symbol in ("", row.place)


# --- past prices --------------------------------------------------------------------------------


def unserved_rates(scene: Scene) -> str | None:
    """A past price that one exchange does not serve was stored as served by nobody, for every
    account.
    """
    if scene.searched:
        return None
    count = scene.store.forget_unserved_rates()
    return (
        f"{counted(count, 'past price', 'past prices')} stored as served by nobody, "
        "to be asked again"
        if count
        else None
    )


def early_rates(scene: Scene) -> str | None:
    """A past price fetched by a clock that was ahead may be that of an hour that was not over."""
    if scene.clock_is_behind:
        return None
    count = scene.store.doubt_rates(scene.latest_ms)
    return (
        f"{counted(count, 'past price', 'past prices')} fetched by a clock that was ahead, "
        "to be asked again"
        if count
        else None
    )


#: In this order: trustworthy moments are read off the times of the runs before these are set right.
REPAIRS: tuple[Callable[[Scene], str | None], ...] = (
    future_coverage,
    request_times,
    early_rates,
    future_snapshots,
    sync_times,
    impossible_times,
    impossible_figures,
    doubtful_fills,
    unserved_rates,
)
