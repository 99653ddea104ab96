"""``excache status``: freshness, errors and runs; with ``--coverage`` the stored histories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.cli.accept import End, accept
from exchange_cache.cli.app import App
from exchange_cache.cli.grades import in_words, observations, weakest
from exchange_cache.cli.options import account_option, output_options
from exchange_cache.cli.unnamed import unnamed_accounts, unnamed_document, unnamed_lines
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.errors import NothingCached, UsageError
from exchange_cache.findings import Finding, marked, still_open
from exchange_cache.records import LEDGER_TYPES, DataType
from exchange_cache.render.coverage import CoverageRow, CoverageSpan
from exchange_cache.render.formats import FORMATS
from exchange_cache.value.freshness import verdicts

if TYPE_CHECKING:
    from exchange_cache.config.accounts import AccountSettings
    from exchange_cache.render.layout import Screen
    from exchange_cache.render.listing import Listing
    from exchange_cache.render.terminal import Terminal

#: A shorter gap is the overlap that the next run fetches again.
DAY_MS = 86_400_000
#: How many scopes of a bar are named.
SCOPES_NAMED = 4
#: What exchanges changed afterwards is shown for so long.
CHANGED_REACH = timedelta(days=30)


@click.command("status")
@account_option
@click.option(
    "--coverage", is_flag=True, help="Show how much of each history is stored, as bars over time."
)
@click.option("--all", "everything", is_flag=True, help="Show accepted findings too.")
@click.option(
    "--accept",
    "codes",
    multiple=True,
    metavar="CODE",
    help="Accept the open findings of this code (may be repeated).",
)
@click.option("--asset", metavar="ASSET", help="With --accept: only those of this asset.")
@click.option("--reason", metavar="TEXT", help="With --accept: why; prompted for on a terminal.")
@click.option(
    "--until",
    type=End(),
    metavar="DATE|30d",
    help="With --accept: its end (default: in 90 days).",
)
@output_options
@click.pass_obj
def command(
    app: App,
    accounts: tuple[str, ...],
    coverage: bool,
    everything: bool,
    codes: tuple[str, ...],
    asset: str | None,
    reason: str | None,
    until: datetime | None,
    form: str,
) -> int:
    """Show freshness, errors and coverage.

    Per account and data type: the age of the last success, whether it is stale, and the last error.
    Then the running sync and what is missing from the histories.

    An expected finding can be accepted with --accept and the code that --json shows. Only --all and
    JSON show it, until it changes or the acceptance ends.

    \b
    Examples:
      excache status
      excache status --coverage
      excache status --json
    """
    from exchange_cache.render.output import write_listing

    if codes:
        return accept(app, codes, accounts, asset, reason, until)
    if asset or reason or until:
        raise UsageError(
            "--asset, --reason and --until belong to --accept",
            hint="excache status --accept CODE --reason TEXT",
        )
    chosen = app.accounts(accounts)
    repository = app.cached()
    if repository is None or not (
        repository.progress.statuses() or repository.progress.runs(limit=1) or app.lock().holder()
    ):
        raise NothingCached("nothing is cached yet", hint="run excache sync first")
    if coverage:
        _write_coverage(app, repository, [account.name for account in chosen], form)
        return 0
    listing = _listing(app, repository, chosen, exact=FORMATS[form].exact, everything=everything)
    write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())
    return 0


def _listing(
    app: App,
    repository: ExchangeCacheRepository,
    chosen: Sequence[AccountSettings],
    *,
    exact: bool,
    everything: bool,
) -> Listing:
    """A matrix with notes for people, all rows for programs."""
    from exchange_cache.cli.runs import run_notes, runs_document
    from exchange_cache.cli.wallets import statuses_of
    from exchange_cache.config.limits import disabled_words
    from exchange_cache.exchanges import is_generic
    from exchange_cache.render.afterwards import afterwards_document, afterwards_lines
    from exchange_cache.render.portfolio_data import finding_document
    from exchange_cache.render.status import status_listing, status_rows
    from exchange_cache.render.wallets import lost_lines, wallet_lines, wallets_document

    names = [account.name for account in chosen]
    exchanges = {account.name: account.exchange for account in chosen}
    generic = frozenset(name for name, exchange in exchanges.items() if is_generic(exchange))
    now = app.now()
    with repository.snapshot():
        ages = verdicts(
            repository.progress.statuses(names), accounts=names, ttl=dict(app.settings.ttl), now=now
        )
    findings = _findings(app, repository, names)
    wallets = statuses_of(repository, chosen)
    changed = repository.ledger.revisions.afterwards(names, since=now - CHANGED_REACH)
    unnamed = unnamed_accounts(app, repository)
    if exact:
        beside = {
            **unnamed_document(unnamed),
            **wallets_document(wallets),
            **runs_document(app, repository),
            "changed_afterwards": afterwards_document(changed),
            "findings": [finding_document(found) for found in findings],
        }
        rows = status_rows(ages, now, exchanges=exchanges, generic=generic)
        return replace(rows, beside=beside)
    notes = [*run_notes(app, repository), *wallet_lines(wallets), *lost_lines(ages)]
    notes += [*afterwards_lines(changed), *disabled_words(app.settings), *unnamed_lines(unnamed)]
    shown = findings if everything else still_open(findings)
    return status_listing(
        ages, now, exchanges=exchanges, generic=generic, notes=notes, findings=shown
    )


def _findings(
    app: App, repository: ExchangeCacheRepository, names: Sequence[str]
) -> tuple[Finding, ...]:
    """The stored findings, what settings leave out, and accepted findings of the portfolio."""
    from exchange_cache.cli.runs import open_costs
    from exchange_cache.config.limits import own_limits

    accepted = repository.accepted.all()
    stored = [item.finding for item in repository.derived.findings(names)]
    stored += open_costs(app, repository)
    found = marked([*stored, *own_limits(app.settings, names)], accepted, app.now())
    if not accepted:
        return found
    warnings = app.accessor(repository).read(accounts=names).warnings
    return (*found, *(one for one in warnings if one.accepted is not None and one not in found))


def _write_coverage(
    app: App, repository: ExchangeCacheRepository, names: Sequence[str], form: str
) -> None:
    from exchange_cache.render.coverage import coverage_screen
    from exchange_cache.render.listing import Column, Listing
    from exchange_cache.render.output import write_listing

    now_ms = to_ms(app.now())  # coverage after now is the error of a clock that was ahead
    known = [state for name in names for state in repository.ledger.states(name)]
    states = [replace(state, covered=state.covered.until(now_ms)) for state in known]
    rows = tuple(row for state in states for row in _coverage_rows(state))
    keys = ("account", "data_type", "scope", "symbol", "state", "start", "end", "grade")
    columns = tuple(Column(key=key) for key in keys)

    def screen(shown: Terminal) -> Screen:
        never = {name: _never(repository.progress.memory(name)) for name in names}
        bars = _bars(states, never, _first_record(repository, names, app.now()), app.now())
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


def _coverage_rows(state: StreamState) -> Iterable[dict[str, object]]:
    key = state.key
    for start, end, name in spans_of(state, None):
        yield {
            "account": key.account,
            "data_type": str(key.data_type),
            "scope": key.scope,
            "symbol": key.symbol or None,
            "state": name,
            "start": from_ms(start),
            "end": from_ms(end),
            "grade": None if name != "complete" or state.grade is None else str(state.grade),
        }


def spans_of(state: StreamState, now: datetime | None) -> tuple[CoverageSpan, ...]:
    """A stream's history as (start, end, state): complete, retention, fetching, gap."""
    from exchange_cache.sync.plan import gaps, out_of_retention

    spans: list[CoverageSpan] = [(span.start_ms, span.end_ms, "complete") for span in state.covered]
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
    states: Sequence[StreamState], never: dict[str, dict[str, int]], start: int, now: datetime
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
        for number, (alike, spans) in enumerate(_alike(own, start, now)):
            line = scope + _counted(alike, 0 if number else missing)
            fate = filter(None, [in_words(weakest(alike)), _out_of_retention(alike, now)])
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
    states: Sequence[StreamState], start: int, now: datetime
) -> list[tuple[list[StreamState], tuple[CoverageSpan, ...]]]:
    """The largest group of symbols with equal ranges, and all others merged to the worst state."""
    from exchange_cache.render.coverage import merged_spans

    groups: dict[tuple[CoverageSpan, ...], list[StreamState]] = {}
    for state in states:
        groups.setdefault(_clipped(spans_of(state, now), start), []).append(state)
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


def _out_of_retention(states: Sequence[StreamState], now: datetime) -> str:
    """Since when the exchange serves this history; empty if it serves all of it."""
    floors = [
        state.floor_ms
        for state in states
        if state.floor_ms and any(name == "retention" for _, _, name in spans_of(state, now))
    ]
    return f"before {from_ms(max(floors)):%Y-%m-%d}: out of retention" if floors else ""


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
