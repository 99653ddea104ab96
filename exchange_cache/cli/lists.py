"""The list commands: balances, positions, orders, fills, transfers, prices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.filters import (
    asset_option,
    history_options,
    listed_account_option,
    meant_words,
    opened,
    priced_symbol_option,
    symbol_option,
)
from exchange_cache.cli.meant import refuse_range
from exchange_cache.cli.options import OneOf, output_options
from exchange_cache.cli.recent import Recent
from exchange_cache.data_types import DataType
from exchange_cache.kinds import OrderStatus, TransferKind
from exchange_cache.render.formats import FORMATS

if TYPE_CHECKING:
    from exchange_cache.cache.reading import CacheReading
    from exchange_cache.records import Fill, Order, Transfer
    from exchange_cache.render.lists import Origins


def _vanished(repository: CacheReading, data_type: DataType) -> Any:
    return repository.ledger.revisions.vanished(data_type)


def _origins(
    repository: CacheReading,
    data_type: DataType,
    rows: Sequence[Fill | Transfer | Order],
    form: str,
) -> Origins:
    """The files that rows come from, for the formats that print them."""
    return repository.ledger.provenance(data_type, rows) if FORMATS[form].exact else {}


@click.command("balances")
@listed_account_option
@asset_option
@output_options
@click.pass_obj
def balances(app: App, accounts: tuple[str, ...], asset: str | None, form: str) -> None:
    """List balances per account and wallet.

    The state of each wallet follows: held, empty, not requested (switched off), no permission.

    \b
    Examples:
      excache balances
      excache balances --asset BTC --format csv
    """
    from exchange_cache.cli.wallets import lost_parts, statuses_of
    from exchange_cache.render.lists import balances_listing
    from exchange_cache.render.wallets import lost_lines, wallet_lines, wallets_document

    cached = opened(app, accounts)
    repository = cached.repository
    asset, _ = meant_words(cached, asset)
    rows = cached.balances()
    listing = balances_listing(
        [row for row in rows if asset in (None, row.asset, row.code)], app.now()
    )
    wallets = statuses_of(
        repository, (one for one in app.configured.accounts if one.name in cached.accounts)
    )
    notes = (
        *cached.ignored_lines(),
        *wallet_lines(wallets),
        *lost_lines(lost_parts(app, repository, cached.accounts, DataType.BALANCES)),
    )
    cached.write(listing, form, DataType.BALANCES, notes=notes, beside=wallets_document(wallets))


@click.command("positions")
@listed_account_option
@asset_option
@symbol_option
@output_options
@click.pass_obj
def positions(
    app: App, accounts: tuple[str, ...], asset: str | None, symbol: str | None, form: str
) -> None:
    """List open derivative positions.

    \b
    Examples:
      excache positions
      excache positions --symbol BTC/USDT:USDT --json
    """
    from exchange_cache.cli.wallets import lost_parts
    from exchange_cache.render.lists import positions_listing
    from exchange_cache.render.wallets import lost_lines

    cached = opened(app, accounts)
    repository = cached.repository
    asset, symbol = meant_words(cached, asset, symbol)
    rows = repository.mirror.positions(cached.accounts)
    shown = [
        row
        for row in rows
        if symbol in (None, row.symbol)
        and (asset is None or asset in (row.symbol.split("/")[0], row.settle_asset))
    ]
    notes = lost_lines(lost_parts(app, repository, cached.accounts, DataType.POSITIONS))
    cached.write(positions_listing(shown, app.now()), form, DataType.POSITIONS, notes=notes)


@click.command("orders")
@listed_account_option
@asset_option
@symbol_option
@click.option(
    "--status",
    type=OneOf([str(status) for status in OrderStatus]),
    help="Only orders of this status.",
)
@history_options
@output_options
@click.pass_obj
def orders(
    app: App,
    accounts: tuple[str, ...],
    asset: str | None,
    symbol: str | None,
    status: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    everything: bool,
    reverse: bool,
    form: str,
) -> None:
    """List orders, newest first on a terminal.

    Closed, canceled and expired orders remain in the cache after the exchange has deleted them.

    \b
    Examples:
      excache orders --status open
      excache orders --symbol BTC/USDT --since 30d
    """
    from exchange_cache.cache.filter import Filter
    from exchange_cache.cli.wallets import lost_parts
    from exchange_cache.render.lists import orders_listing
    from exchange_cache.render.wallets import lost_lines

    refuse_range(since, until)
    cached = opened(app, accounts)
    recent = Recent.of(app, form, limit=limit, everything=everything, reverse=reverse)
    repository = cached.repository
    asset, symbol = meant_words(cached, asset, symbol)
    rows = repository.ledger.orders(
        Filter(
            accounts=cached.accounts,
            asset=asset,
            symbol=symbol,
            status=status,
            since=since,
            until=until,
            limit=recent.limit,
            newest_first=True,
            vanished=True,
            ignored=cached.ignored,
        )
    )
    notes = lost_lines(lost_parts(app, repository, cached.accounts, DataType.ORDERS))
    vanished = _vanished(repository, DataType.ORDERS)
    origins = _origins(repository, DataType.ORDERS, rows, form)
    listing = orders_listing(recent.arranged(rows), app.now(), vanished, origins)
    notes = (*notes, *recent.notes(rows), *cached.ignored_lines())
    cached.write(listing, form, DataType.ORDERS, notes=notes)


@click.command("fills")
@listed_account_option
@asset_option
@symbol_option
@history_options
@output_options
@click.pass_obj
def fills(
    app: App,
    accounts: tuple[str, ...],
    asset: str | None,
    symbol: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    everything: bool,
    reverse: bool,
    form: str,
) -> None:
    """List executed trades, newest first on a terminal.

    Converts, dust sweeps and fiat purchases are listed too: they are trades that exchanges do not
    call so.

    \b
    Examples:
      excache fills --asset BTC
      excache fills --account main --since 2026-01-01 --format csv
    """
    from exchange_cache.cache.filter import Filter
    from exchange_cache.render.lists import fills_listing

    refuse_range(since, until)
    cached = opened(app, accounts)
    recent = Recent.of(app, form, limit=limit, everything=everything, reverse=reverse)
    repository = cached.repository
    asset, symbol = meant_words(cached, asset, symbol)
    rows = repository.ledger.fills(
        Filter(
            accounts=cached.accounts,
            asset=asset,
            symbol=symbol,
            since=since,
            until=until,
            limit=recent.limit,
            newest_first=True,
            vanished=True,
            ignored=cached.ignored,
        )
    )
    vanished = _vanished(repository, DataType.FILLS)
    origins = _origins(repository, DataType.FILLS, rows, form)
    listing = fills_listing(recent.arranged(rows), app.now(), vanished, origins)
    notes = (*recent.notes(rows), *cached.ignored_lines())
    cached.write(listing, form, DataType.FILLS, notes=notes)


@click.command("transfers")
@listed_account_option
@asset_option
@click.option(
    "--kind",
    type=OneOf([str(kind) for kind in TransferKind]),
    metavar="KIND",
    help=f"Only transfers of this kind: {', '.join(TransferKind)}.",
)
@history_options
@output_options
@click.pass_obj
def transfers(
    app: App,
    accounts: tuple[str, ...],
    asset: str | None,
    kind: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    everything: bool,
    reverse: bool,
    form: str,
) -> None:
    """List deposits, withdrawals and income.

    \b
    Examples:
      excache transfers --kind deposit
      excache transfers --asset ETH --since 1w
    """
    from exchange_cache.cache.filter import Filter
    from exchange_cache.render.lists import transfers_listing

    refuse_range(since, until)
    cached = opened(app, accounts)
    recent = Recent.of(app, form, limit=limit, everything=everything, reverse=reverse)
    repository = cached.repository
    asset, _ = meant_words(cached, asset)
    rows = repository.ledger.transfers(
        Filter(
            accounts=cached.accounts,
            asset=asset,
            kind=kind,
            since=since,
            until=until,
            limit=recent.limit,
            newest_first=True,
            vanished=True,
            ignored=cached.ignored,
        )
    )
    vanished = _vanished(repository, DataType.TRANSFERS)
    origins = _origins(repository, DataType.TRANSFERS, rows, form)
    listing = transfers_listing(recent.arranged(rows), app.now(), vanished, origins)
    notes = (*recent.notes(rows), *cached.ignored_lines())
    cached.write(listing, form, DataType.TRANSFERS, notes=notes)


@click.command("prices")
@listed_account_option
@asset_option
@priced_symbol_option
@click.option(
    "--all", "everything", is_flag=True, help="All cached markets, not only those of held assets."
)
@output_options
@click.pass_obj
def prices(
    app: App,
    accounts: tuple[str, ...],
    asset: str | None,
    symbol: str | None,
    everything: bool,
    form: str,
) -> None:
    """List cached prices.

    \b
    Examples:
      excache prices
      excache prices --symbol BTC/USDT --json
    """
    from exchange_cache.render.lists import prices_listing
    from exchange_cache.render.priced import missing_price_lines, old_price_lines, unpriced

    cached = opened(app, accounts)
    repository = cached.repository
    asset, symbol = meant_words(cached, asset, symbol)
    rows = repository.mirror.prices()
    limit = app.configured.ttl[DataType.PRICES]
    reporting = app.configured.reporting_asset
    held = {row.asset for row in cached.balances()} | {reporting}
    shown = [
        row
        for row in rows
        if row.account in cached.accounts
        and symbol in (None, row.symbol)
        and (asset is None or asset in (row.base, row.quote))
        and (everything or asset or symbol or (row.base in held and row.quote in held))
    ]
    needed = {asset} if asset else held if symbol is None else set()
    missing = unpriced(rows, needed - {reporting}) if rows else ()
    notes = (*old_price_lines(shown, app.now(), limit), *missing_price_lines(missing))
    cached.write(prices_listing(shown, app.now()), form, DataType.PRICES, notes=notes)
