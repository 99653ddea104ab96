"""How much of each history is stored, for ``status --coverage``: no history is drawn as better than
it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from exchange_cache.cache.filter import Filter
from exchange_cache.cache.imported_models import FileCoverage
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.cli.app import App
from exchange_cache.cli.grades import in_words, observations, weakest
from exchange_cache.cli.runs import runs_of
from exchange_cache.cli.unmoved import unmoved_spans, unmoved_words
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.errors import UsageError
from exchange_cache.ledger.coverage import Grade, Ranges
from exchange_cache.records import LEDGER_TYPES, DataType
from exchange_cache.render import words
from exchange_cache.render.coverage import CoverageRow, CoverageSpan
from exchange_cache.scope_names import scope_name
from exchange_cache.value.unmoved import Checks

if TYPE_CHECKING:
    from exchange_cache.render.layout import Screen
    from exchange_cache.render.terminal import Terminal

#: What imported files cover, by account, data type and scope.
Files = Mapping[tuple[str, DataType, str], Sequence[FileCoverage]]
_NO_FILES: Files = MappingProxyType({})
#: A shorter gap is the overlap that the next run fetches again.
DAY_MS = 86_400_000
#: How many scopes of a bar are named.
SCOPES_NAMED = 4


def write_histories(
    app: App, names: Sequence[str], form: str, coverage: bool, missing: bool
) -> None:
    """Print what is stored of histories, or what is missing of them."""
    if coverage and missing:
        raise UsageError(
            "--coverage and --missing are two screens", hint="excache status --missing"
        )
    repository = app.cached()
    assert repository is not None  # status was refused without one
    if missing:
        from exchange_cache.cli.missing import write_missing

        write_missing(app, repository, names, form)
    else:
        write_coverage(app, repository, names, form)


def write_coverage(
    app: App, repository: ExchangeCacheRepository, names: Sequence[str], form: str
) -> None:
    """Print how much of each history of these accounts is stored."""
    from exchange_cache.cli.archive_coverage import archived, without
    from exchange_cache.render.coverage import coverage_screen
    from exchange_cache.render.listing import Column, Listing
    from exchange_cache.render.output import write_listing

    now_ms = to_ms(app.now())  # coverage after now is the error of a clock that was ahead
    known = [state for name in names for state in repository.ledger.states(name)]
    exchanges = {one.name: one.exchange for one in app.settings.accounts if one.name in names}
    made = archived(repository, exchanges)
    states = [
        without(replace(state, covered=state.covered.until(now_ms)), made.get(_history(state), ()))
        for state in known
    ]
    checks = Checks(repository.progress.statuses(names), runs_of(repository))
    files = _files(repository, names, (one for own in made.values() for one in own))
    rows = tuple(row for state in states for row in _coverage_rows(state, checks, files))
    keys = ("account", "data_type", "scope", "symbol", "state", "start", "end", "grade")
    columns = tuple(Column(key=key) for key in keys)

    def screen(shown: Terminal) -> Screen:
        never = {name: _never(repository.progress.memory(name)) for name in names}
        first = _first_record(repository, names, app.now())
        bars = _bars(states, never, first, app.now(), checks, files)
        return coverage_screen(bars, terminal=shown)

    beside = {"observations": observations(repository, names)}
    write_listing(
        Listing(title="", columns=columns, rows=rows, as_of=app.now(), beside=beside),
        app.out,
        form=form,
        terminal=app.terminal(),
        now=app.now(),
        screen=screen,
    )


def _never(memory: dict[str, object]) -> dict[str, int]:
    from exchange_cache.sync.findings import NEVER_ASKED

    found = memory.get(NEVER_ASKED)
    return (
        {str(scope): int(number) for scope, number in found.items()}
        if isinstance(found, dict)
        else {}
    )


def _history(state: StreamState) -> tuple[str, DataType, str]:
    return state.key.account, state.key.data_type, state.key.scope


def _files(
    repository: ExchangeCacheRepository, names: Iterable[str], archives: Iterable[FileCoverage]
) -> Files:
    """What imported files and archives cover, by history."""
    found: dict[tuple[str, DataType, str], list[FileCoverage]] = {}
    imported = (one for name in names for one in repository.imports.coverage(name))
    for one in (*imported, *archives):
        found.setdefault((one.account, one.data_type, one.scope), []).append(one)
    return found


def _coverage_rows(
    state: StreamState, checks: Checks, files: Files = _NO_FILES
) -> Iterable[dict[str, object]]:
    key = state.key
    for start, end, name in (*spans_of(state, None, files), *unmoved_spans(state, checks)):
        yield {
            "account": key.account,
            "data_type": str(key.data_type),
            "scope": key.scope,
            "symbol": key.symbol or None,
            "state": name,
            "start": from_ms(start),
            "end": from_ms(end),
            "grade": _grade(state, name),
        }


def _grade(state: StreamState, name: str) -> str | None:
    """What a range rests on; of files the state says it."""
    if name in {Grade.PROVEN, Grade.STATED}:
        return name
    return None if name != "complete" or state.grade is None else str(state.grade)


def spans_of(
    state: StreamState, now: datetime | None, files: Files = _NO_FILES
) -> tuple[CoverageSpan, ...]:
    """A stream's history as (start, end, state): complete, proven or stated by files, retention,
    fetching, gap."""
    from exchange_cache.sync.plan import gaps, out_of_retention

    spans: list[CoverageSpan] = [(span.start_ms, span.end_ms, "complete") for span in state.covered]
    for grade in (Grade.PROVEN, Grade.STATED):
        own = files.get(_history(state), ())
        known = Ranges.union_of(one.span for one in own if one.grade is grade)
        new = known.minus(state.covered)
        spans += [(span.start_ms, span.end_ms, str(grade)) for span in new]
        state = replace(state, covered=state.covered.plus(known))
    spans += [(span.start_ms, span.end_ms, "retention") for span in out_of_retention(state)]
    if state.open is not None:
        spans.append((state.open.start_ms, state.open.end_ms, "fetching"))
    until = state.covered.end_ms
    if until is not None and (state.completed_ms is not None or state.state == "failed"):
        spans += [
            (span.start_ms, span.end_ms, "gap")
            for span in gaps(state, until)
            if span.length_ms >= DAY_MS
        ]
    return tuple(sorted(spans))


def _bars(
    states: Sequence[StreamState],
    never: dict[str, dict[str, int]],
    start: int,
    now: datetime,
    checks: Checks,
    files: Files = _NO_FILES,
) -> list[CoverageRow]:
    """One bar per account, data type and stored range; scopes with equal ranges share one."""
    scopes: dict[tuple[str, DataType, str], list[StreamState]] = {}
    for state in states:
        if state.state == "symbol_unknown":
            continue  # the exchange has no history of it; a finding reports one that was traded
        scopes.setdefault((state.key.account, state.key.data_type, state.key.scope), []).append(
            state
        )
    bars: dict[tuple[str, DataType, tuple[CoverageSpan, ...], str], list[str]] = {}
    for (account, data_type, scope), own in scopes.items():
        missing = never.get(account, {}).get(scope, 0) if data_type is DataType.FILLS else 0
        for number, (alike, spans) in enumerate(_alike(own, start, now, files)):
            line = scope_name(scope) + _counted(alike, 0 if number else missing)
            rested = unmoved_words(alike, checks, now)
            lost = _out_of_retention(alike, now, files)
            fate = filter(None, [in_words(weakest(alike)), lost, rested])
            bars.setdefault((account, data_type, spans, "; ".join(fate)), []).append(line)
    ordered = sorted(
        bars.items(), key=lambda item: (item[0][0], LEDGER_TYPES.index(item[0][1]), item[1])
    )
    return [
        CoverageRow(
            label=f"{account} / {data_type}",
            spans=spans,
            note="; ".join(filter(None, [_few(names), retention])),
        )
        for (account, data_type, spans, retention), names in ordered
    ]


def _alike(
    states: Sequence[StreamState], start: int, now: datetime, files: Files
) -> list[tuple[list[StreamState], tuple[CoverageSpan, ...]]]:
    """The largest group of symbols with equal ranges, and all others merged to the worst state."""
    from exchange_cache.render.coverage import merged_spans

    groups: dict[tuple[CoverageSpan, ...], list[StreamState]] = {}
    for state in states:
        groups.setdefault(_clipped(spans_of(state, now, files), start), []).append(state)
    (spans, most), *others = sorted(groups.items(), key=lambda item: -len(item[1]))
    rest = [state for _, own in others for state in own]
    if not rest:
        return [(most, spans)]
    end = -(-to_ms(now) // DAY_MS) * DAY_MS
    return [
        (most, spans),
        (rest, merged_spans([own for own, _ in others], start // DAY_MS * DAY_MS, end)),
    ]


def _counted(states: Sequence[StreamState], missing: int) -> str:
    """The number of symbols in a history that is fetched by symbol."""
    if not states[0].key.symbol:
        return ""
    open_ = sum(state.completed_ms is None for state in states)
    parts = ["1 symbol" if len(states) == 1 else f"{len(states)} symbols"]
    parts += [f"{open_} of them still being fetched"] if open_ else []
    parts += [f"{missing} never requested"] if missing else []
    return f" ({', '.join(parts)})"


def _clipped(spans: Iterable[CoverageSpan], start: int) -> tuple[CoverageSpan, ...]:
    """The spans from ``start``, rounded to days, so that streams of the same day are equal."""
    found = {
        (max(begin, start) // DAY_MS * DAY_MS, -(-end // DAY_MS) * DAY_MS, state)
        for begin, end, state in spans
        if end > start
    }
    return tuple(sorted(found))


def _out_of_retention(states: Sequence[StreamState], now: datetime, files: Files) -> str:
    """Before when the exchange no longer serves this history; empty if it serves all of it."""
    spans = (span for state in states for span in spans_of(state, now, files))
    ends = [end for _, end, name in spans if name == "retention"]
    return f"before {words.day(from_ms(max(ends)))}: no longer served" if ends else ""


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:SCOPES_NAMED]) + (
        f" and {len(names) - SCOPES_NAMED} more" if len(names) > SCOPES_NAMED else ""
    )


def _first_record(repository: ExchangeCacheRepository, names: Sequence[str], now: datetime) -> int:
    """The start of the axis: the oldest stored fill, order or transfer, else a year ago."""
    oldest = [
        *(item.time for item in repository.ledger.fills(Filter(accounts=names, limit=1))),
        *(item.created_at for item in repository.ledger.orders(Filter(accounts=names, limit=1))),
        *(item.time for item in repository.ledger.transfers(Filter(accounts=names, limit=1))),
    ]
    return to_ms(
        min((moment for moment in oldest if moment is not None), default=now - timedelta(days=365))
    )
