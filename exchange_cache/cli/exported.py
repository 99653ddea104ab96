"""Builds an export, and writes it to stdout or to a file."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp
from typing import TextIO

from exchange_cache import __version__
from exchange_cache.cli.app import App
from exchange_cache.cli.meant import asset_meant
from exchange_cache.errors import DiskFull, UsageError
from exchange_cache.export.entries import Head, Item, Price
from exchange_cache.export.formats import EXPORTS, Export
from exchange_cache.export.stream import Selection
from exchange_cache.render.machine import write_csv
from exchange_cache.sync.exporting import exported


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
        chosen=bool(accounts),
    )
    with repository.snapshot():
        items = exported(
            repository,
            settings,
            selection,
            named=app.reading_settings().named,
            prices=lambda: _prices(app),
        )
        if output is None:
            _write(app, EXPORTS[form], head, items, app.out)
        else:
            with whole_file(Path(output)) as file:
                _write(app, EXPORTS[form], head, items, file)
    if output is not None:
        app.say(f"{output} written")


def _write(app: App, export: Export, head: Head, items: Iterator[Item], stream: TextIO) -> None:
    module = importlib.import_module(f"exchange_cache.export.{export.module}")
    found = getattr(module, export.function)(head, items)
    if export.columns:
        write_csv(getattr(module, export.columns), found, stream, raw=app.raw)
        return
    for line in found:
        stream.write(line + "\n")


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A file that is renamed when it is whole, so that no half of an export ever has its name; what
    is there and no regular file (a pipe, a device) is written to."""
    place = path.resolve()
    try:
        if place.exists() and not place.is_file():
            with place.open("w", encoding="utf-8", newline="") as stream:
                yield stream
            return
        handle, name = mkstemp(dir=place.parent, prefix=f".{place.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                yield file
            Path(name).replace(place)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        wrong = UsageError(f"{path} cannot be written ({error.strerror})", hint="name another file")
        raise DiskFull.named(error, path) or wrong from error


def _prices(app: App) -> tuple[Price, ...]:
    """The prices of everything held, as the portfolio shows them."""
    reading = app.accessor(app.filled()).read()
    return tuple(
        Price(asset=one.asset, price=one.price, at=one.price_as_of)
        for one in sorted(reading.holdings, key=lambda one: one.asset)
        if one.price is not None and one.price_as_of is not None
    )
