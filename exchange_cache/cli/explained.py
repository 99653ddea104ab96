"""The steps of an average, and its reconciliation with the balance, as ``explain`` lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.cli.grades import graded, graded_lines
from exchange_cache.cli.runs import open_costs
from exchange_cache.cli.small_events import condensed_rows
from exchange_cache.cli.unnamed import unnamed_accounts, unnamed_document, unnamed_lines
from exchange_cache.clock import to_ms
from exchange_cache.cost.basis import AssetBasis, BasisStep, combine, joined_steps
from exchange_cache.cost.bounds import Bounds, bounds_of
from exchange_cache.cost.reconcile import Reconciled, difference_causes, reason_words, reconcile
from exchange_cache.cost.unrealised import unrealised_inside
from exchange_cache.errors import NothingCached
from exchange_cache.ledger.rates import priced_by
from exchange_cache.money import ZERO, to_text
from exchange_cache.render import words
from exchange_cache.value.places import UNLISTED, PlaceDifference, place_differences

if TYPE_CHECKING:
    from exchange_cache.cache.provenance import Provenance
    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.findings import Finding
    from exchange_cache.records import Balance
    from exchange_cache.render.listing import Listing
    from exchange_cache.sync.costs import CostSettings
    from exchange_cache.sync.explaining import Explained


def explained_listing(
    app: App,
    repository: ExchangeCacheRepository,
    asset: str,
    names: tuple[str, ...],
    settings: CostSettings,
    *,
    limit: int | None,
    condensed: bool,
) -> Listing:
    """The steps of an average of these accounts and its reconciliation with the balance."""
    from exchange_cache.render.afterwards import afterwards_lines
    from exchange_cache.render.explain import (
        bounds_document,
        bounds_lines,
        exchange_average_lines,
        explain_listing,
        pricing_lines,
        reconciliation_document,
    )
    from exchange_cache.sync.averages import average_checks
    from exchange_cache.sync.explaining import explained
    from exchange_cache.sync.known_rates import KnownRates

    rates = KnownRates(repository.derived, settings.reporting_asset)
    account = names[0] if len(names) == 1 else None
    book = explained(repository, settings, asset, account=account, newest=limit)
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
    rows = list(_rows(steps, _origins(repository, names, steps)))
    closing = _closing(
        result, basis, places, len(steps) if book.whole else book.events, settings.method
    )
    bounds = _bounds(repository, result, places, settings.reporting_asset)
    closing[-1:-1] = [*bounds_lines(bounds, result), *pricing_lines(steps, settings.income)]
    if limit is not None and (len(rows) > limit or not book.whole):
        rows = rows[-limit:]
        closing.append(
            f"the newest {limit:,} events are listed; to list each: excache explain {asset} --all"
        )
    if len(names) > 1:
        closing[1:1] = _own_averages(book, names)
    checks = average_checks(
        repository, rates, settings.reporting_asset, accounts=names, asset=asset
    )
    holders = {item.account for item in balances} | {one.account for one in own if one.account}
    grades = graded(repository, sorted(holders))
    closing[-1:-1] = [*exchange_average_lines(checks), *graded_lines(grades)]
    changed = repository.ledger.revisions.afterwards(names, asset=asset)
    closing[-1:-1] = afterwards_lines(changed)
    closing += [
        f"{one.message}: past prices may be missing; {one.hint}"
        for one in open_costs(app, repository)
    ]
    unnamed = _left_out(app, repository, book, asset)
    closing[-1:-1] = unnamed_lines(unnamed)
    if condensed:
        rows, summed = condensed_rows(rows)
        if summed:
            closing.append(
                f"{summed:,} consecutive small events are summed up; to list each: excache explain"
                f" {asset} --format plain"
            )
    reconciliation = reconciliation_document(result, basis, places, own, method=settings.method)
    reconciliation["bounds"] = bounds_document(bounds)
    reconciliation["income_policy"] = settings.income
    reconciliation["coverage"] = [
        {"account": account, "data_type": str(data_type), "grade": str(grade)}
        for account, data_type, grade in grades
    ]
    reconciliation.update(unnamed_document(unnamed))
    return explain_listing(
        "",
        rows,
        app.now(),
        closing=closing,
        exchange_averages=checks,
        changed=changed,
        reconciliation=reconciliation,
    )


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


def _own_averages(book: Explained, names: Sequence[str]) -> list[str]:
    """The average of each account, if they differ."""
    own = {
        account: basis
        for account, basis in book.by_account.items()
        if account in names and basis.average_entry_price is not None
    }
    if len({basis.average_entry_price for basis in own.values()}) < 2:
        return []
    lines = (
        f"{account} {words.price(basis.average_entry_price)}"
        for account, basis in sorted(own.items())
    )
    return [f"Average by account: {'   '.join(lines)}"]


def _origins(
    repository: ExchangeCacheRepository, names: Sequence[str], steps: Sequence[BasisStep]
) -> Mapping[tuple[str, str], Provenance]:
    """By account and id of an event: the file that it comes from."""
    if not steps:
        return {}
    times = [to_ms(step.time) for step in steps]
    return repository.ledger.origins(names, min(times), max(times))


def _rows(
    steps: Sequence[BasisStep], origins: Mapping[tuple[str, str], Provenance]
) -> Iterator[dict[str, object]]:
    for step in steps:
        origin = origins.get((step.account, step.source_id))
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
                    _of_file(origin),
                )
                if part
            ),
        }


def _of_file(origin: Provenance | None) -> str:
    """Where an event comes from that no API served."""
    return "" if origin is None else f"by {origin.origin}: {origin.file} line {origin.line}"


def _closing(
    result: Reconciled,
    basis: AssetBasis | None,
    places: Sequence[PlaceDifference],
    events: int,
    method: str,
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
        lines += [f"  likely: {cause}" for cause in difference_causes(result)]
    if result.average_entry_price is not None:
        average = words.price(result.average_entry_price)
        lines.append(
            f"Average entry price {average} explains {words.quantity(result.explained)} of"
            f" {words.quantity(result.balance)}"
        )
    lines += [] if basis is None else _set_aside(basis)
    lines += [f"  unknown: {reason_words(reason)}" for reason in result.reasons]
    digest = basis.inputs_sha256 if basis is not None and basis.inputs_sha256 else "-"
    lines.append(f"{events} events · inputs sha256 {digest} · method {method}")
    return lines


def _set_aside(basis: AssetBasis) -> list[str]:
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
