"""The steps of an average, and its reconciliation with the balance, as ``explain`` lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.cli.chain_breaks import first_breaks
from exchange_cache.cli.grades import graded
from exchange_cache.cli.origins import Origins, origin_words, origins_of
from exchange_cache.cli.unnamed import unnamed_accounts, unnamed_document
from exchange_cache.cost.basis import AssetBasis, BasisStep, combine, joined_steps
from exchange_cache.cost.bounds import Bounds, bounds_of
from exchange_cache.cost.reconcile import Reconciled, difference_causes, reason_words, reconcile
from exchange_cache.cost.unrealised import unrealised_inside
from exchange_cache.errors import NothingCached
from exchange_cache.ledger.rates import priced_by
from exchange_cache.money import ZERO, grouped, to_text
from exchange_cache.render import words
from exchange_cache.value.places import UNLISTED, PlaceDifference, place_differences

if TYPE_CHECKING:
    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.cost.reported_averages import AverageCheck
    from exchange_cache.findings import Finding
    from exchange_cache.ledger.afterwards import Afterwards
    from exchange_cache.ledger.coverage import Grade
    from exchange_cache.records import Balance, DataType
    from exchange_cache.render.listing import Listing
    from exchange_cache.sync.costs import CostSettings
    from exchange_cache.sync.explaining import Explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known about an asset: its steps (the newest ones, if ``book`` is not whole), and how
    they reconcile with the balance."""

    book: Explained
    basis: AssetBasis | None
    steps: tuple[BasisStep, ...]
    own: Sequence[AssetBasis]
    result: Reconciled
    places: Sequence[PlaceDifference]
    bounds: Bounds | None
    checks: Sequence[AverageCheck]
    grades: Sequence[tuple[str, DataType, Grade]]
    changed: Sequence[Afterwards]
    unnamed: tuple[str, ...]
    holders: Sequence[str]
    origins: Origins
    breaks: tuple[str, ...]

    @property
    def events(self) -> int:
        return len(self.steps) if self.book.whole else self.book.events


def answered(
    app: App,
    repository: ExchangeCacheRepository,
    asset: str,
    names: tuple[str, ...],
    settings: CostSettings,
    *,
    newest: int | None,
) -> Answer:
    """The steps of an average of these accounts and its reconciliation with the balance."""
    from exchange_cache.sync.averages import average_checks
    from exchange_cache.sync.explaining import explained
    from exchange_cache.sync.known_rates import KnownRates

    rates = KnownRates(repository.derived, settings.reporting_asset)
    account = names[0] if len(names) == 1 else None
    book = explained(repository, settings, asset, account=account, newest=newest)
    if not book.whole and account is None and not book.accounts <= set(names):
        book = explained(repository, settings, asset)  # steps of some accounts are joined whole
    basis, steps = _chosen(book, names)
    held = app.reading_settings().named(repository.mirror.balances(names))
    balances = [item for item in held if item.asset == asset]
    if basis is None and not balances:
        raise NothingCached(
            f"no balance, fill or transfer of {asset} is cached",
            hint="see how it is spelled: excache balances",
        )
    own = [one for name, one in book.by_account.items() if name in names]
    limits = [one for one in app.reading_settings().own_limits if one.account in names]
    result, places = _reconciled(repository, asset, names, balances, basis, own, settings, limits)
    exchanges = {one.name: one.exchange for one in app.settings.accounts}
    holders = {item.account for item in balances} | {one.account for one in own if one.account}
    return Answer(
        book=book,
        basis=basis,
        steps=steps,
        own=own,
        result=result,
        places=places,
        bounds=_bounds(repository, result, places, settings.reporting_asset),
        checks=average_checks(
            repository, rates, settings.reporting_asset, accounts=names, asset=asset
        ),
        grades=graded(repository, {name: exchanges[name] for name in sorted(holders)}),
        changed=repository.ledger.revisions.afterwards(names, asset=asset),
        unnamed=_left_out(app, repository, book, asset),
        holders=sorted(holders),
        origins=origins_of(repository, names, steps),
        breaks=first_breaks(repository, sorted(holders), asset),
    )


def explained_listing(
    app: App,
    repository: ExchangeCacheRepository,
    names: tuple[str, ...],
    settings: CostSettings,
    answer: Answer,
    *,
    limit: int | None,
    since: datetime | None = None,
) -> Listing:
    """Every step with its reconciliation, for programs and for ``--all``."""
    from exchange_cache.render.explain import (
        bounds_document,
        explain_listing,
        reconciliation_document,
    )

    rows = [
        row
        for row in step_rows(answer.steps, answer.origins)
        if since is None or at_of(row) >= since
    ]
    rows = rows if limit is None else rows[-limit:]
    reconciliation = reconciliation_document(
        answer.result, answer.basis, answer.places, answer.own, method=settings.method
    )
    reconciliation["bounds"] = bounds_document(answer.bounds)
    reconciliation["income_policy"] = settings.income
    reconciliation["coverage"] = [
        {"account": account, "data_type": str(data_type), "grade": str(grade)}
        for account, data_type, grade in answer.grades
    ]
    reconciliation["first_breaks"] = list(answer.breaks)
    reconciliation.update(unnamed_document(answer.unnamed))
    return explain_listing(
        "",
        rows,
        app.now(),
        closing=_audit(answer, settings),
        exchange_averages=answer.checks,
        changed=answer.changed,
        reconciliation=reconciliation,
    )


def at_of(row: Mapping[str, object]) -> datetime:
    time = row["time"]
    assert isinstance(time, datetime)
    return time


def _reconciled(
    repository: ExchangeCacheRepository,
    asset: str,
    names: Sequence[str],
    balances: Sequence[Balance],
    basis: AssetBasis | None,
    own: Sequence[AssetBasis],
    settings: CostSettings,
    limits: Sequence[Finding],
) -> tuple[Reconciled, tuple[PlaceDifference, ...]]:
    """What the events explain of the balances, in total and per account."""
    inside = unrealised_inside(repository.mirror.positions(names), balances)
    result = reconcile(
        basis,
        sum((item.total for item in balances), ZERO),
        asset=asset,
        reporting_asset=settings.reporting_asset,
        unrealised_inside=inside.by_asset.get(asset, ZERO),
    )
    findings = [*limits, *(item.finding for item in repository.derived.findings(names))]
    places = place_differences(
        asset, bases=own, balances=balances, findings=findings, inside=inside.by_place
    )
    return result, places


def _bounds(
    repository: ExchangeCacheRepository,
    result: Reconciled,
    places: Sequence[PlaceDifference],
    quote: str,
) -> Bounds | None:
    """The bounds of an average by the stored price ranges of its asset."""
    from exchange_cache.sync.arrivals import days_together, remembered

    ranges = {
        (one.since, one.until): (one.low, one.high)
        for one, _ in repository.derived.ranges(quote)
        if one.asset == result.asset and one.low is not None and one.high is not None
    }
    arrivals = (
        remembered(repository.progress.memory(place.account)).get(result.asset)
        for place in places
        if place.difference > 0
    )
    return bounds_of(result, ranges, days_together(arrivals))


def _chosen(
    book: Explained, names: Sequence[str]
) -> tuple[AssetBasis | None, tuple[BasisStep, ...]]:
    """The basis of an asset at these accounts, as the portfolio shows it, and its steps."""
    if len(names) == 1:
        return book.by_account.get(names[0]), book.account_steps.get(names[0], ())
    if book.accounts <= set(names):
        return book.pooled, book.steps
    own = {name: book.account_steps.get(name, ()) for name in names}
    return combine([book.by_account[name] for name in names if name in book.by_account]), (
        joined_steps(own)
    )


def _left_out(
    app: App, repository: ExchangeCacheRepository, book: Explained, asset: str
) -> tuple[str, ...]:
    """The accounts with events or a balance of the asset that config.toml does not name."""
    held = {item.account for item in repository.mirror.balances() if item.asset == asset}
    return tuple(
        name
        for name in unnamed_accounts(app, repository)
        if name in held or name in book.by_account
    )


def step_rows(steps: Sequence[BasisStep], origins: Origins) -> Iterator[dict[str, object]]:
    for step in steps:
        fees = ", ".join(f"fee {to_text(fee.amount)} {fee.asset}" for fee in step.fees)
        where = f" {step.symbol}" if step.symbol else ""
        yield {
            "time": step.time,
            "event": f"{step.kind}{where}",
            "account": step.account,
            "quantity": step.quantity_delta,
            "price": step.price,
            "held": step.held_after,
            "unknown": step.unknown_after,
            "cost_held": step.cost_after,
            "average": step.average_after,
            "priced_by": priced_by(step.resolution),
            "note": "; ".join(
                part
                for part in (
                    fees,
                    step.note,
                    f"id {step.source_id}" if step.source_id else "",
                    origin_words(step, origins),
                )
                if part
            ),
        }


def _audit(answer: Answer, settings: CostSettings) -> list[str]:
    """How the events add up to the balance, and what the average rests on."""
    from exchange_cache.render.explain import bounds_lines, pricing_lines

    result, basis = answer.result, answer.basis
    digest = basis.inputs_sha256 if basis is not None and basis.inputs_sha256 else "-"
    return [
        *_closing(result, basis, answer.places),
        *bounds_lines(answer.bounds, result),
        *answer.breaks,
        *pricing_lines(answer.steps, settings.income),
        f"{answer.events} events · inputs sha256 {digest} · method {settings.method}",
    ]


def _closing(
    result: Reconciled,
    basis: AssetBasis | None,
    places: Sequence[PlaceDifference],
) -> list[str]:
    lines = [
        f"Held by events {words.quantity(result.events_quantity)}   on exchanges"
        f" {words.quantity(result.balance)}   difference {words.quantity(result.difference)}"
    ]
    if result.unrealised_inside:
        lines.append(
            f"  the balance on exchanges includes {words.quantity(result.unrealised_inside)} of"
            " unrealised results, which no event explains"
        )
    lines += [f"  {_place(place)}" for place in places]
    if not places or any(UNLISTED in place.causes for place in places):
        lines += [f"  likely: {cause}" for cause in difference_causes(result, grouped)]
    if result.average_entry_price is not None:
        average = words.price(result.average_entry_price)
        lines.append(
            f"The average {average} covers {words.quantity(result.explained)} of"
            f" {words.quantity(result.balance)}"
        )
    lines += [] if basis is None else set_aside(basis)
    lines += [f"  unknown: {reason_words(reason)}" for reason in result.reasons]
    return lines


def set_aside(basis: AssetBasis) -> list[str]:
    """The units that no balance contains, although they are the user's."""
    lines = []
    if basis.unread_quantity:
        lines.append(
            f"In wallets that are not read: {words.quantity(basis.unread_quantity)}, cost"
            f" {words.price(-basis.unread)}; no balance contains them"
        )
    if basis.subscribed_quantity:
        lines.append(
            f"Subscribed, and nothing allotted yet: {words.quantity(basis.subscribed_quantity)},"
            f" cost {words.price(-basis.subscribed)}"
        )
    return lines


def _place(place: PlaceDifference) -> str:
    """An account whose events and balance differ: by how much, and the likely causes."""
    return (
        f"{place.account}: {words.quantity(place.events)} by events,"
        f" {words.quantity(place.balance)} held, difference {words.quantity(place.difference)};"
        f" likely: {', '.join(place.causes)}"
    )
