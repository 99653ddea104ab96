"""``excache status``: freshness, errors and runs; with ``--coverage`` the stored histories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.accept import End, accept
from exchange_cache.cli.app import App
from exchange_cache.cli.options import Text, account_option, completed, output_options
from exchange_cache.data_types import NO_ACCOUNT
from exchange_cache.errors import NothingCached, UsageError
from exchange_cache.render.formats import FORMATS

if TYPE_CHECKING:
    from exchange_cache.cache.reading import CacheReading
    from exchange_cache.cli.configured import Account
    from exchange_cache.findings import Finding
    from exchange_cache.ledger.afterwards import Afterwards
    from exchange_cache.render.listing import Listing
    from exchange_cache.render.status_page import StatusPage
    from exchange_cache.render.terminal import Terminal
    from exchange_cache.value.archives import ArchiveProgress
    from exchange_cache.value.freshness import Freshness
    from exchange_cache.value.unmoved import Unmoved

#: What exchanges changed afterwards is shown for so long.
CHANGED_REACH = timedelta(days=30)


@click.command("status")
@account_option
@click.option(
    "--coverage", is_flag=True, help="Show how much of each history is stored, as bars over time."
)
@click.option(
    "--missing",
    is_flag=True,
    help="Show what no call serves any more, and which file brings it.",
)
@click.option(
    "--all", "everything", is_flag=True, help="Show every detail, and accepted findings too."
)
@click.option(
    "--accept",
    "codes",
    multiple=True,
    metavar="CODE",
    shell_complete=completed("findings"),
    help="Accept the open findings of this code (may be repeated).",
)
@click.option(
    "--asset",
    metavar="ASSET",
    shell_complete=completed("assets"),
    help="With --accept: only those of this asset.",
)
@click.option(
    "--reason",
    type=Text(),
    metavar="TEXT",
    help="With --accept: why; prompted for on a terminal.",
)
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
    missing: bool,
    everything: bool,
    codes: tuple[str, ...],
    asset: str | None,
    reason: str | None,
    until: datetime | None,
    form: str,
) -> int:
    """Show freshness, errors and coverage.

    First whether everything is fresh, with the last sync and the next by cron. Then per account the
    age of its oldest data, since when its history is complete, and what is wrong; then what to do,
    each with its command.

    With --all or --account the ages per data type follow, the wallets, and every finding in full.

    An expected finding can be accepted with --accept and the code that --json shows. Only --all and
    JSON show it, until it changes or the acceptance ends.

    With --missing: per account the history that its exchange no longer serves, the file of its
    pages that brings it, with the command that reads it, and what it would explain of today's
    holdings, the most valuable first.

    \b
    Examples:
      excache status
      excache status --coverage
      excache status --missing
      excache status --json
    """
    if codes:
        return accept(app, codes, accounts, asset, reason, until)
    if asset or reason or until:
        raise UsageError(
            "--asset, --reason and --until belong to --accept",
            hint="how: excache help status",
        )
    chosen = app.chosen(accounts)
    repository = app.reading()
    if repository is None or not (
        repository.progress.accounts() or repository.progress.runs(limit=1) or app.lock().holder()
    ):
        app.accounts()  # without one, that is what is missing
        raise NothingCached("nothing is cached yet", hint="fetch it: excache sync")
    if coverage or missing:
        from exchange_cache.cli.coverage import write_histories

        write_histories(app, [account.name for account in chosen], form, coverage, missing)
        return 0
    from exchange_cache.render.output import write_listing

    facts = _facts(app, repository, chosen)
    if FORMATS[form].exact:
        listing = _rows(app, repository, facts)
        write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())
        return 0
    details = _details(app, repository, facts) if everything or accounts else None
    page = _page(app, repository, facts, everything=everything)
    _write_page(app, page, details, form)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What both the screen and programs need of the cache."""

    chosen: Sequence[Account]
    names: Sequence[str]
    exchanges: Mapping[str, str]
    generic: frozenset[str]
    ages: Sequence[Freshness]
    rested: Sequence[Unmoved]
    findings: Sequence[Finding]
    changed: Sequence[Afterwards]
    unnamed: tuple[str, ...]
    archives: Sequence[ArchiveProgress]


def _facts(app: App, repository: CacheReading, chosen: Sequence[Account]) -> _Facts:
    from exchange_cache.cli.runs import runs_of
    from exchange_cache.cli.unnamed import unnamed_accounts
    from exchange_cache.value.freshness import verdicts
    from exchange_cache.value.unmoved import unmoved

    names = [account.name for account in chosen]
    with repository.snapshot():
        known = repository.progress.statuses(names)
        rested = unmoved(known, runs_of(repository))
    return _Facts(
        chosen=chosen,
        names=names,
        exchanges={account.name: account.exchange for account in chosen},
        generic=frozenset(account.name for account in chosen if account.generic),
        ages=verdicts(known, accounts=names, ttl=app.configured.ttl, now=app.now()),
        rested=rested,
        findings=_findings(app, repository, names),
        changed=_changed(app, repository, names),
        unnamed=unnamed_accounts(app, repository),
        archives=_archives(app, repository, names),
    )


def _archives(
    app: App, repository: CacheReading, names: Sequence[str]
) -> tuple[ArchiveProgress, ...]:
    """How far files of the past are; most often none, which costs one statement."""
    if not repository.has_archives():
        return ()
    from exchange_cache.cli.archives import archives_of

    return archives_of(repository, names, app.now())


def _rows(app: App, repository: CacheReading, facts: _Facts) -> Listing:
    """All rows, for programs."""
    from dataclasses import replace

    from exchange_cache.cli.runs import replica_state, runs_document
    from exchange_cache.cli.unnamed import unnamed_document
    from exchange_cache.cli.wallets import statuses_of
    from exchange_cache.render.afterwards import afterwards_document
    from exchange_cache.render.findings_data import finding_document
    from exchange_cache.render.status import status_rows
    from exchange_cache.render.unmoved import unmoved_document
    from exchange_cache.render.wallets import wallets_document

    beside = {
        **unnamed_document(facts.unnamed),
        **wallets_document(statuses_of(repository, facts.chosen)),
        **runs_document(app, repository),
        **replica_state(app, repository),
        **unmoved_document(facts.rested),
        "archives": _archive_rows(facts.archives),
        "changed_afterwards": afterwards_document(facts.changed),
        "findings": [finding_document(found) for found in facts.findings],
    }
    rows = status_rows(facts.ages, app.now(), exchanges=facts.exchanges, generic=facts.generic)
    return replace(rows, beside=beside)


def _archive_rows(archives: Sequence[ArchiveProgress]) -> list[dict[str, object]]:
    if not archives:
        return []
    from exchange_cache.render.archives import archive_rows

    return archive_rows(archives)


def _details(app: App, repository: CacheReading, facts: _Facts) -> Listing:
    """The matrix of ages, runs, wallets, what rests, and every finding in full."""
    from exchange_cache.cli.runs import run_notes
    from exchange_cache.cli.wallets import statuses_of
    from exchange_cache.render.afterwards import afterwards_lines
    from exchange_cache.render.status import status_listing
    from exchange_cache.render.unmoved import unmoved_lines
    from exchange_cache.render.wallets import lost_lines, wallet_lines

    notes = [
        *run_notes(app, repository),
        *unmoved_lines(facts.rested, app.now()),
        *wallet_lines(statuses_of(repository, facts.chosen)),
        *lost_lines(facts.ages),
        *afterwards_lines(facts.changed),
    ]
    if facts.archives:
        from exchange_cache.render.archives import archive_lines

        notes += archive_lines(facts.archives, app.now())
    return status_listing(facts.ages, app.now(), notes=notes, findings=facts.findings)


def _page(app: App, repository: CacheReading, facts: _Facts, *, everything: bool) -> StatusPage:
    """What the screen states of the accounts."""
    from exchange_cache.cli.runs import run_state
    from exchange_cache.cli.unnamed import disabled_lines, unnamed_lines
    from exchange_cache.findings import still_open
    from exchange_cache.render.status_page import StatusPage
    from exchange_cache.render.todo import OVERSOLD, OWN
    from exchange_cache.render.words import count
    from exchange_cache.value.completeness import complete_since

    runs = run_state(app, repository)
    shown = still_open(facts.findings)
    sold = [one.account for one in shown if one.code == OVERSOLD and one.account]
    notes = [f"{one.account}: {one.message}." for one in shown if one.code in OWN]
    if facts.changed:
        rows = count(len(facts.changed), "row")
        notes.append(f"Exchanges changed {rows} afterwards: excache status --all")
    more = list(runs.todo)
    if facts.archives:
        from exchange_cache.render.archives import archive_todos

        more += archive_todos(facts.archives)
    return StatusPage(
        verdicts=facts.ages,
        exchanges=facts.exchanges,
        generic=facts.generic,
        complete=complete_since(repository.ledger.histories(facts.names)),
        findings=shown,
        oversold=repository.derived.oversold(sold, app.configured.reporting_asset) if sold else {},
        running=runs.running,
        workers=runs.workers,
        now=app.now(),
        last=runs.last,
        more=more,
        notes=(*notes, *disabled_lines(app), *unnamed_lines(facts.unnamed)),
        size=repository.size(),
        everything=everything,
    )


def _write_page(app: App, page: StatusPage, details: Listing | None, form: str) -> None:
    """The page, followed by the details per data type."""
    from exchange_cache.render.formats import Document, write
    from exchange_cache.render.layout import Screen
    from exchange_cache.render.status_page import status_screen

    def screen(terminal: Terminal) -> Screen:
        shown = status_screen(page, terminal)
        if details is None:
            return shown
        from exchange_cache.render.list_screen import listing_screen

        first, *rest = listing_screen(details, now=app.now(), terminal=terminal).blocks
        return Screen(blocks=(*shown.blocks, first._replace(spaced=True), *rest))

    document = Document(data=dict, rows=lambda: ([], iter(())), screen=screen)
    write(document, app.out, form=form, terminal=app.terminal())


def _changed(app: App, repository: CacheReading, names: Sequence[str]) -> tuple[Afterwards, ...]:
    """What exchanges changed afterwards; most often nothing, which costs one statement."""
    since, revisions = app.now() - CHANGED_REACH, repository.ledger.revisions
    return revisions.afterwards(names, since=since) if revisions.any_since(since) else ()


def _findings(app: App, repository: CacheReading, names: Sequence[str]) -> tuple[Finding, ...]:
    """The stored findings, what settings leave out, and accepted findings of the portfolio."""
    from exchange_cache.cli.runs import behind, open_costs
    from exchange_cache.findings import marked

    accepted = repository.accepted.all()
    stored = [item.finding for item in repository.derived.findings((*names, NO_ACCOUNT))]
    stored += [*open_costs(app, repository), *behind(app, repository)]
    limits = (one for one in app.configured.limits if one.account in names)
    found = marked([*stored, *limits], accepted, app.now())
    if not accepted:
        return found
    warnings = _warnings(app, names)
    return (*found, *(one for one in warnings if one.accepted is not None and one not in found))


def _warnings(app: App, names: Sequence[str]) -> tuple[Finding, ...]:
    """The warnings of the portfolio, prepared or computed."""
    from exchange_cache.cli.prepared import prepared_warnings

    found = prepared_warnings(app, names)
    if found is not None:
        return found
    whole = app.cached()
    assert whole is not None
    return app.accessor(whole).read(accounts=names).warnings
