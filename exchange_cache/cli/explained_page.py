"""What ``explain`` states on a screen: the answer, what it leaves out, and the newest events."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.cli.explained import Answer, at_of, set_aside, step_rows
from exchange_cache.cli.grades import graded_lines
from exchange_cache.cli.runs import open_costs
from exchange_cache.cli.small_events import condensed_rows
from exchange_cache.cli.unnamed import unnamed_lines
from exchange_cache.data_types import DataType

if TYPE_CHECKING:
    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.records import Transfer
    from exchange_cache.render.explain_page import ExplainPage
    from exchange_cache.sync.costs import CostSettings
    from exchange_cache.sync.explaining import Explained

_DAYS = re.compile(r"\d{4}-\d\d-\d\d")


def explained_page(
    app: App,
    repository: ExchangeCacheRepository,
    names: tuple[str, ...],
    settings: CostSettings,
    answer: Answer,
    *,
    limit: int,
    since: datetime | None,
) -> ExplainPage:
    """The answer for people: ``limit`` events, or all of those ``since`` a time."""
    from exchange_cache.render.afterwards import afterwards_lines
    from exchange_cache.render.explain import exchange_average_lines
    from exchange_cache.render.explain_page import ExplainPage
    from exchange_cache.render.rest import rest_of
    from exchange_cache.value.completeness import complete_since
    from exchange_cache.value.freshness import unfetched

    rows = [
        row
        for row in step_rows(answer.steps, answer.origins)
        if since is None or at_of(row) >= since
    ]
    shown, _ = condensed_rows(rows)
    asset, reporting = answer.result.asset, settings.reporting_asset
    return ExplainPage(
        result=answer.result,
        basis=answer.basis,
        reporting=reporting,
        price=_price(app, repository, names, asset),
        averages=own_averages(answer.book, names) if len(names) > 1 else (),
        rest=rest_of(
            answer.result,
            answer.basis,
            answer.own,
            answer.places,
            complete_since(repository.ledger.histories(answer.holders)),
            _curable(app, repository, [place.account for place in answer.places]),
            unfetched(
                repository.progress.statuses(answer.holders),
                answer.holders,
                DataType.FILLS,
                DataType.TRANSFERS,
            ),
            tuple(_received(repository, answer)),
        ),
        rows=[*reversed(shown if since else shown[-limit:])],
        events=answer.events,
        since=since,
        notes=(
            *(() if answer.basis is None else set_aside(answer.basis)),
            *exchange_average_lines(answer.checks),
            *graded_lines(answer.grades),
            *answer.breaks,
            *afterwards_lines(answer.changed),
            *(
                f"Past prices may be missing: {one.message}.   {one.hint}"
                for one in open_costs(app, repository)
            ),
            *unnamed_lines(answer.unnamed),
        ),
    )


def _received(repository: ExchangeCacheRepository, answer: Answer) -> Iterator[Transfer]:
    """What accounts received on the days of which units have no cost."""
    from exchange_cache.cache.filter import Filter
    from exchange_cache.render.rest import EACH

    for reason in answer.result.reasons:
        code, *rest = reason.split()
        days = _DAYS.findall(" ".join(rest))
        if days:
            first, last = (
                datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (min(days), max(days))
            )
            yield from repository.ledger.transfers(
                Filter(
                    accounts=answer.holders,
                    asset=answer.result.asset,
                    kind=code,
                    since=first,
                    until=last + timedelta(days=1),
                    limit=10 * EACH,
                )
            )


def _curable(
    app: App, repository: ExchangeCacheRepository, accounts: Sequence[str]
) -> frozenset[str]:
    """The accounts of which a file or an archive brings what no call serves any more."""
    from exchange_cache.cli.missing import sources_of

    return frozenset(
        account
        for account, (files, archives) in sources_of(app, repository, accounts).items()
        if archives or any(not file.reach for file in files)
    )


def _price(
    app: App, repository: ExchangeCacheRepository, names: tuple[str, ...], asset: str
) -> Decimal | None:
    """The present price, as the portfolio shows it."""
    reading = app.accessor(repository).read(accounts=names)
    return next((one.price for one in reading.holdings if one.asset == asset), None)


def own_averages(book: Explained, names: Sequence[str]) -> list[tuple[str, Decimal]]:
    """The average of each account, if they differ."""
    own = [
        (account, basis.average_entry_price)
        for account, basis in sorted(book.by_account.items())
        if account in names and basis.average_entry_price is not None
    ]
    return own if len({average for _, average in own}) > 1 else []
