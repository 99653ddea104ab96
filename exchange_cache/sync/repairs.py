"""Finds and repairs what earlier versions stored wrongly, before a sync starts: one function per
kind, one line for each kind found.

The exchange's own times take precedence over stored ones. What is cut or deleted is requested again
as far back as the exchange serves it; rows are identified by their keys, so a repeated request
duplicates none. On a machine whose clock is behind, every stored time would look like the future:
where an exchange's own times are ahead of the clock, no time is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from exchange_cache.cache.repairing import FaultyRow, RunTime
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.sync.costs import DERIVED_FROM
from exchange_cache.sync.repair_cells import unreadable_cells
from exchange_cache.sync.repair_figures import misread_figures
from exchange_cache.sync.repair_markets import misread_markets
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
    request_again,
    without,
)
from exchange_cache.sync.repair_words import unworded_transfers


def repair(
    repository: ExchangeCacheRepository, now: datetime, exchanges: Mapping[str, str]
) -> tuple[str, ...]:
    """Repair faulty rows and times; one line per kind that was found. The caller holds the writer
    lock."""
    scene = Scene(repository, now, exchanges)
    lines = tuple(line for line in (one(scene) for one in REPAIRS) if line is not None)
    if lines:
        repository.progress.forget(EVERYBODY, DERIVED_FROM)
    if not scene.searched:
        repository.progress.remember(EVERYBODY, {SEARCHED: SEARCHES}, now)
    return lines


# --- a clock that was ahead ---------------------------------------------------------------------


def future_coverage(scene: Scene) -> str | None:
    """Cut coverage that a clock ahead claimed back to what an earlier run proves; without one, to
    what is no longer served."""
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
        # The first run that was ahead has the oldest trustworthy moment.
        doubts.append(Doubt(doubts[0].from_ms if doubts else None, claimed))
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
        f"(up to {moment_of(reach)}); what it may have skipped is fetched again"
    )


def _doubt(scene: Scene, place: int) -> Doubt:
    run = scene.runs[place]
    # The end of a killed run is unknown.
    ended = run.started_ms + DAY_MS if run.ended_ms is None else run.ended_ms
    return Doubt(scene.trusted_ms(place), max(run.started_ms, ended) + TOLERANCE_MS)


def request_times(scene: Scene) -> str | None:
    """Forget request times in the future: the next requests would wait for them."""
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
    """The correct value of an entry in the memory: itself where it is valid, None to forget it."""
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
        return None  # its start is unknown; if it still lasts, the exchange states it again
    return value


def sync_times(scene: Scene) -> str | None:
    """Cut back future times of runs, successes and rows: they would count as fresh until then."""
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
        "they are cut back, and their data counts as stale"
    )


def _right_run(scene: Scene, place: int) -> RunTime:
    """A run that was ahead, moved to the time of the run before it, or else of the one after it."""
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
    """Delete snapshots dated in the future, whose true time is unknown. Where most runs are ahead,
    the clock is behind, and all are kept."""
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
    """Delete rows with an impossible time (1970), and request all of their histories that is still
    served again."""
    return _deleted(
        scene, scene.store.rows_outside(FIRST_MS, END_MS), "with an impossible date (1970 or so)"
    )


def impossible_figures(scene: Scene) -> str | None:
    """Delete rows that no record accepts (a negative quantity, no number, an unknown side), and
    request them again."""
    if scene.searched:
        return None
    return _deleted(scene, scene.store.unreadable_rows(), "with impossible figures or words")


def _deleted(scene: Scene, faulty: Collection[FaultyRow], what: str) -> str | None:
    if not faulty:
        return None
    scene.store.delete(faulty)
    request_again(scene, faulty)
    return f"{by_account(faulty)} {what}, deleted; their histories are fetched again"


def doubtful_fills(scene: Scene) -> str | None:
    """Request the hours around fills that contradict themselves or their order again, once."""
    if scene.searched:
        return None
    faulty = scene.store.doubtful_fills()
    if not faulty:
        return None
    request_again(scene, faulty, around_ms=HOUR_MS)
    return f"{by_account(faulty)} that contradict themselves or their order, to be fetched again"


# --- past prices --------------------------------------------------------------------------------


def unserved_rates(scene: Scene) -> str | None:
    """Forget past prices that were stored as unserved for every account although only one exchange
    was asked."""
    if scene.searched:
        return None
    count = scene.store.forget_unserved_rates()
    return (
        f"{counted(count, 'past price', 'past prices')} stored as served by no exchange, "
        "to be fetched again"
        if count
        else None
    )


def early_rates(scene: Scene) -> str | None:
    """Mark past prices that were fetched while the clock was ahead: their hour may not have been
    over."""
    if scene.clock_is_behind:
        return None
    count = scene.store.doubt_rates(scene.latest_ms)
    return (
        f"{counted(count, 'past price', 'past prices')} fetched while the clock was ahead, "
        "to be fetched again"
        if count
        else None
    )


#: In this order: trustworthy moments are read from the times of runs before those are corrected,
#: and what is left of rows that cannot be read is removed last.
REPAIRS: tuple[Callable[[Scene], str | None], ...] = (
    future_coverage,
    request_times,
    early_rates,
    future_snapshots,
    sync_times,
    impossible_times,
    impossible_figures,
    doubtful_fills,
    misread_markets,
    misread_figures,
    unworded_transfers,
    unserved_rates,
    unreadable_cells,
)
