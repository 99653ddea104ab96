"""``excache status``: freshness, errors and runs; with ``--coverage`` the stored histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.accept import End, accept
from exchange_cache.cli.app import App
from exchange_cache.cli.coverage import write_coverage
from exchange_cache.cli.options import account_option, output_options
from exchange_cache.cli.unmoved import runs_of
from exchange_cache.cli.unnamed import unnamed_accounts, unnamed_document, unnamed_lines
from exchange_cache.errors import NothingCached, UsageError
from exchange_cache.findings import Finding, marked, still_open
from exchange_cache.render.formats import FORMATS
from exchange_cache.value.freshness import verdicts
from exchange_cache.value.unmoved import unmoved

if TYPE_CHECKING:
    from exchange_cache.config.accounts import AccountSettings
    from exchange_cache.render.listing import Listing

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
        write_coverage(app, repository, [account.name for account in chosen], form)
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
    from exchange_cache.exchanges import is_generic
    from exchange_cache.render.afterwards import afterwards_document, afterwards_lines
    from exchange_cache.render.portfolio_data import finding_document
    from exchange_cache.render.status import status_listing, status_rows
    from exchange_cache.render.unmoved import unmoved_document, unmoved_lines
    from exchange_cache.render.wallets import lost_lines, wallet_lines, wallets_document

    names = [account.name for account in chosen]
    exchanges = {account.name: account.exchange for account in chosen}
    generic = frozenset(name for name, exchange in exchanges.items() if is_generic(exchange))
    now = app.now()
    with repository.snapshot():
        known = repository.progress.statuses(names)
        rested = unmoved(known, runs_of(repository))
    ages = verdicts(known, accounts=names, ttl=dict(app.settings.ttl), now=now)
    findings = _findings(app, repository, names)
    wallets = statuses_of(repository, chosen)
    changed = repository.ledger.revisions.afterwards(names, since=now - CHANGED_REACH)
    unnamed = unnamed_accounts(app, repository)
    if exact:
        beside = {
            **unnamed_document(unnamed),
            **wallets_document(wallets),
            **runs_document(app, repository),
            **unmoved_document(rested),
            "changed_afterwards": afterwards_document(changed),
            "findings": [finding_document(found) for found in findings],
        }
        rows = status_rows(ages, now, exchanges=exchanges, generic=generic)
        return replace(rows, beside=beside)
    notes = [
        *run_notes(app, repository),
        *unmoved_lines(rested, now),
        *wallet_lines(wallets),
        *lost_lines(ages),
    ]
    notes += [*afterwards_lines(changed), *unnamed_lines(unnamed)]
    shown = findings if everything else still_open(findings)
    return status_listing(
        ages, now, exchanges=exchanges, generic=generic, notes=notes, findings=shown
    )


def _findings(
    app: App, repository: ExchangeCacheRepository, names: Sequence[str]
) -> tuple[Finding, ...]:
    """The stored findings, and accepted ones of the portfolio."""
    accepted = repository.accepted.all()
    found = marked(
        [item.finding for item in repository.derived.findings(names)], accepted, app.now()
    )
    if not accepted:
        return found
    warnings = app.accessor(repository).read(accounts=names).warnings
    return (*found, *(one for one in warnings if one.accepted is not None and one not in found))
