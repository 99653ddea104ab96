"""The past that no call serves any more, for ``status --missing``: per account what it would
explain, and which file or archive brings it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.value.missing import (
    ArchiveSource,
    FileSource,
    Lost,
    MissingPast,
    Units,
    by_worth,
    fewest,
)

if TYPE_CHECKING:
    from exchange_cache.adapter.policy import ExchangePolicy
    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.config.accounts import AccountSettings
    from exchange_cache.data_types import DataType
    from exchange_cache.render.layout import Screen
    from exchange_cache.render.terminal import Terminal
    from exchange_cache.value.archives import ArchiveProgress

#: Histories that the exchange does not have.
_NOT_THERE = {"symbol_unknown", "not_offered"}


def write_missing(
    app: App, repository: ExchangeCacheRepository, names: Sequence[str], form: str
) -> None:
    """Print what is missing of the past of these accounts."""
    from exchange_cache.render.listing import Listing
    from exchange_cache.render.missing import COLUMNS, missing_rows, missing_screen
    from exchange_cache.render.output import write_listing

    found = missing_past(app, repository, names)
    asset = app.settings.reporting_asset

    unfinished = _unfinished(repository, names)

    def screen(shown: Terminal) -> Screen:
        return missing_screen(found, asset, app.now(), shown, unfinished=unfinished)

    listing = Listing(
        title="",
        columns=COLUMNS,
        rows=tuple(missing_rows(found)),
        as_of=app.now(),
        beside={"reporting_asset": asset, "unfinished": list(unfinished)},
    )
    terminal = app.terminal()
    write_listing(listing, app.out, form=form, terminal=terminal, now=app.now(), screen=screen)


def _unfinished(repository: ExchangeCacheRepository, names: Sequence[str]) -> tuple[str, ...]:
    """The accounts of which syncs have not yet fetched all that is served."""
    from exchange_cache.data_types import DataType

    kinds = (DataType.FILLS, DataType.TRANSFERS)
    return tuple(
        name
        for name in names
        if any(
            one.completed_ms is None and one.state not in _NOT_THERE
            for kind in kinds
            for one in repository.ledger.states(name, kind)
        )
    )


def missing_past(
    app: App, repository: ExchangeCacheRepository, names: Sequence[str]
) -> tuple[MissingPast, ...]:
    """Per account what its exchange no longer serves and nothing stores, the most worth first."""
    lost = _lost(app, repository, names)
    units = _units(app, repository, [*lost]) if lost else {}
    oversold = repository.derived.oversold([*lost], app.settings.reporting_asset) if lost else {}
    sources = sources_of(app, repository, names)
    settings = [one for one in app.settings.accounts if one.name in lost]
    return by_worth(
        MissingPast(
            account=one.name,
            exchange=one.exchange,
            lost=lost[one.name],
            units=units.get(one.name, ()),
            oversold=oversold.get(one.name, ()),
            files=sources[one.name][0],
            archives=sources[one.name][1],
            named=_is_one_of_several(app, one),
        )
        for one in settings
    )


def sources_of(
    app: App, repository: ExchangeCacheRepository, names: Sequence[str]
) -> dict[str, tuple[tuple[FileSource, ...], tuple[ArchiveSource, ...]]]:
    """By account of which something is no longer served: the files and archives that bring it."""
    from exchange_cache.cli.archives import archives_of
    from exchange_cache.exchanges import policy_for

    lost = _lost(app, repository, names)
    progress = archives_of(repository, [*lost], app.now()) if lost else ()
    found = {}
    for one in app.settings.accounts:
        if one.name in lost:
            policy, own = policy_for(one.exchange), lost[one.name]
            files = _files(one.exchange, policy, own)
            found[one.name] = files, tuple(_archives(policy, own, progress, one.name))
    return found


def _lost(
    app: App, repository: ExchangeCacheRepository, names: Sequence[str]
) -> dict[str, tuple[Lost, ...]]:
    """By account, the histories of which something is lost; none of those written by hand."""
    accounts = [one for one in app.settings.accounts if one.name in names and not one.by_hand]
    found = {one.name: lost_histories(repository, one.name) for one in accounts}
    return {name: own for name, own in found.items() if own}


def lost_histories(repository: ExchangeCacheRepository, account: str) -> tuple[Lost, ...]:
    """The histories of fills and transfers that pages no longer serve and nothing stores."""
    from exchange_cache.cache.file_coverage import with_files
    from exchange_cache.data_types import DataType
    from exchange_cache.sync.plan import out_of_retention

    found: dict[tuple[DataType, str], Lost] = {}
    covered = repository.imports.coverage(account)
    for kind in (DataType.FILLS, DataType.TRANSFERS):
        for state in with_files(repository.ledger.states(account, kind), covered):
            start_ms = (ranges := out_of_retention(state)).start_ms
            end_ms = ranges.end_ms
            if state.state in _NOT_THERE or start_ms is None or end_ms is None:
                continue
            place = kind, state.key.scope
            before = found.get(place)
            found[place] = Lost(
                data_type=kind,
                scope=state.key.scope,
                start_ms=start_ms if before is None else min(start_ms, before.start_ms),
                end_ms=end_ms if before is None else max(end_ms, before.end_ms),
            )
    return tuple(found.values())


def _is_one_of_several(app: App, account: AccountSettings) -> bool:
    from exchange_cache.exchanges import family_of

    own = family_of(account.exchange)
    same = [one for one in app.settings.accounts if one.enabled and family_of(one.exchange) == own]
    return len(same) > 1


# --- what it would explain ------------------------------------------------------------------------


def _units(
    app: App, repository: ExchangeCacheRepository, names: Sequence[str]
) -> dict[str, tuple[Units, ...]]:
    """By account, the units held today that no stored row explains, the most valuable first."""
    prices = _prices(app, repository, names)
    found: dict[str, list[Units]] = {}
    for account, asset, quantity in _unseen(app, repository, names):
        price = prices.get((account, asset))
        value = None if price is None else quantity * price
        found.setdefault(account, []).append(Units(asset=asset, quantity=quantity, value=value))
    return {
        account: tuple(sorted(own, key=lambda one: (one.value is None, -(one.value or 0))))
        for account, own in found.items()
    }


def _unseen(
    app: App, repository: ExchangeCacheRepository, names: Sequence[str]
) -> Iterator[tuple[str, str, Decimal]]:
    from exchange_cache.cost.reconcile import reconcile, unseen_units
    from exchange_cache.cost.unrealised import unrealised_inside
    from exchange_cache.money import ZERO
    from exchange_cache.sync.costs import stored_bases

    reading, settings = app.reading_settings(), app.cost_settings()
    bases = {(one.account, one.asset): one for one in stored_bases(repository, settings)}
    balances = reading.named(repository.mirror.balances(names))
    inside = unrealised_inside(repository.mirror.positions(names), balances).by_place
    held: dict[tuple[str, str], Decimal] = {}
    for one in balances:
        if one.asset not in reading.ignored.get(one.account, ()):
            place = one.account, one.asset
            held[place] = held.get(place, ZERO) + one.total
    for (account, asset), quantity in held.items():
        basis = bases.get((account, asset))
        result = reconcile(
            basis,
            quantity,
            asset=asset,
            reporting_asset=settings.reporting_asset,
            unrealised_inside=inside.get((account, asset), ZERO),
        )
        left = unseen_units(result, basis)
        if left:
            yield account, asset, left


def _prices(
    app: App, repository: ExchangeCacheRepository, names: Sequence[str]
) -> dict[tuple[str, str], Decimal]:
    """By account and asset, the price that the portfolio shows."""
    holdings = app.accessor(repository).read().holdings
    return {
        (account, one.asset): price
        for one in holdings
        for account in names
        if (price := one.own_prices.get(account, one.price)) is not None
    }


# --- where it comes from --------------------------------------------------------------------------


def _files(exchange: str, policy: ExchangePolicy, lost: Sequence[Lost]) -> tuple[FileSource, ...]:
    """The files of an exchange's pages that bring the lost histories."""
    from exchange_cache.exchanges.files import histories_of, tables

    named = {f"{one.data_type}/{one.scope}": one.place for one in lost}
    sources: dict[str, FileSource] = {}
    for table in tables(exchange):
        brings = tuple(named[one] for one in histories_of(table, policy) if one in named)
        if table.name not in sources and not table.ordered:
            sources[table.name] = FileSource(
                table=table.name, page=table.page, reach=table.reach, places=brings
            )
    return fewest([*sources.values()], lost)


def _archives(
    policy: ExchangePolicy,
    lost: Sequence[Lost],
    progress: Iterable[ArchiveProgress],
    account: str,
) -> Iterator[ArchiveSource]:
    """The archives that bring lost histories and are not finished."""
    own = {one.title: one for one in progress if one.account == account and one.is_open}
    for archive in policy.archives:
        places: list[tuple[DataType, str]] = [
            one.place
            for one in lost
            if one.place in archive.covers and one.end_ms > archive.begins_ms
        ]
        if places and archive.title in own:
            yield ArchiveSource(progress=own[archive.title], places=tuple(places))
