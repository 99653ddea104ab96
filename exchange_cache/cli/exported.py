"""Builds an export, and writes it to stdout or to a file."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from exchange_cache import __version__
from exchange_cache.cli.app import App
from exchange_cache.cli.export import EXPORTS
from exchange_cache.cli.meant import asset_meant
from exchange_cache.errors import UsageError
from exchange_cache.export.entries import Head, Item, Price
from exchange_cache.export.stream import Selection
from exchange_cache.sync.exporting import exported

if TYPE_CHECKING:
    from exchange_cache.cli.export import Writer


def write_export(
    app: App,
    form: str,
    output: str | None,
    *,
    accounts: tuple[str, ...],
    asset: str | None,
    since: datetime | None,
    until: datetime | None,
    method: str | None,
) -> None:
    """Write everything that the options select."""
    if since is not None and until is not None and since >= until:
        raise UsageError("--since must be before --until")
    repository = app.filled()
    chosen = {account.name: account.exchange for account in app.accounts(accounts)}
    settings = app.cost_settings(method)
    selection = Selection(
        accounts=frozenset(chosen),
        asset=None if asset is None else asset_meant(app, repository, asset),
        since=since,
        until=until,
    )
    head = Head(
        reporting_asset=settings.reporting_asset,
        method=settings.method,
        version=__version__,
        accounts=tuple(sorted(chosen.items())),
        asset=selection.asset,
        since=since,
        until=until,
    )
    with repository.snapshot():
        items = exported(
            repository,
            settings,
            selection,
            named=app.reading_settings().named,
            prices=lambda: _prices(app),
        )
        lines = _writer(form)(head, items)
        if output is None:
            _write(app, lines)
        else:
            _write_file(app, Path(output), lines)


def _writer(form: str) -> Writer:
    module, _, name = EXPORTS[form].partition(":")
    found: Writer = getattr(importlib.import_module(f"exchange_cache.export.{module}"), name)
    return found


def _prices(app: App) -> tuple[Price, ...]:
    """The prices of everything held, as the portfolio shows them."""
    reading = app.accessor(app.filled()).read()
    return tuple(
        Price(asset=one.asset, price=one.price, at=one.price_as_of)
        for one in sorted(reading.holdings, key=lambda one: one.asset)
        if one.price is not None and one.price_as_of is not None
    )


def _write(app: App, lines: Iterator[str]) -> None:
    for line in lines:
        app.out.write(line + "\n")


def _write_file(app: App, path: Path, lines: Iterator[str]) -> None:
    """Write beside the file and rename, so that it is never half of an export."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            for line in lines:
                file.write(line + "\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    app.say(f"{path} written")
