"""``excache db path | check | backup | migrate | copy | grants``: maintenance of the cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exchange_cache.cache.filter import Filter
from exchange_cache.cli.app import App
from exchange_cache.cli.db_server import copy, grants
from exchange_cache.cli.tables import TABLES
from exchange_cache.errors import CacheCorrupt, CacheUnwritable, NothingCached, UsageError

if TYPE_CHECKING:
    from exchange_cache.cache.repository import ExchangeCacheRepository

#: How many assets a quick check computes again. The reporting asset is none of them: every row
#: moves it.
SAMPLE = 3
_ANY = Filter(limit=1, vanished=True)


@click.group("db")
def command() -> None:
    """Maintain the cache.

    Everything that was fetched is in one SQLite file, or on a PostgreSQL server (cache_url). Every
    command upgrades it by itself.

    \b
    Example:
      excache db path
    """


@command.command("path")
@click.pass_obj
def path(app: App) -> None:
    """Print the path of the cache, or the address of its server.

    \b
    Example:
      excache db path
    """
    app.answer(str(app.place))


def _existing(app: App) -> ExchangeCacheRepository:
    repository = app.cached()
    if repository is None:
        raise NothingCached(f"there is no cache at {app.place} yet", hint="fetch it: excache sync")
    return repository


@command.command("check")
@click.option(
    "--quick",
    is_flag=True,
    help="Compute the costs of three assets anew, not of all, and not of the reporting asset.",
)
@click.pass_obj
def check(app: App, quick: bool) -> None:
    """Check the cache and its costs, and print what it holds.

    Looks for damage, computes every stored cost again from nothing and compares the two. Costs that
    differ are derived again by the next sync.

    \b
    Examples:
      excache db check
      excache db check --quick
    """
    from exchange_cache.cache.readable import unreadable
    from exchange_cache.cli.unreadable import note

    repository = _existing(app)
    faults = repository.check()
    if faults:
        raise CacheCorrupt(
            f"the cache {repository.place} is damaged: {'; '.join(faults[:5])}",
            hint=(
                "restore it from a backup (excache db backup creates one), or move it away and run"
                " excache sync"
            ),
        )
    if invalid := repository.unreadable_rows():
        note(app)
        raise CacheCorrupt(
            *unreadable(repository.place, invalid).args, hint="excache sync repairs it"
        )
    app.answer(f"{repository.place}: sound, schema {repository.schema_version()}")
    app.answer(f"  {_check_costs(app, repository, quick=quick)}")
    for line in () if quick else _check_files(app, repository):
        app.answer(f"  {line}")
    held = [
        (TABLES[table], f"{rows:,}") for table, rows in repository.table_counts().items() if rows
    ]
    wide = max((len(words) for words, _ in held), default=0)
    most = max((len(rows) for _, rows in held), default=0)
    for words, rows in held:
        app.answer(f"  {words:<{wide}}  {rows:>{most}}")


def _check_files(app: App, reading: ExchangeCacheRepository) -> Iterator[str]:
    """Compare the rows that the ledger holds of files with those that follow from the files."""
    accounts = sorted({one.account for one in reading.imports.files()})
    if not accounts:
        return
    from exchange_cache.cache.repository import ExchangeCacheRepository

    try:
        with closing(ExchangeCacheRepository.open(app.place)) as repository, app.lock() as lock:
            lock.acquire("db check", wait_seconds=60)
            numbers = {name: repository.imports.misplaced(name) for name in accounts}
    except CacheUnwritable:
        yield "rows of imported files not compared: that needs a role that may write"
        return
    if wrong := {name: number for name, number in numbers.items() if number}:
        named = ", ".join(f"{name} {number:,}" for name, number in wrong.items())
        raise CacheCorrupt(
            f"rows of imported files differ from the files: {named}",
            hint="remove the files and import them again; please report this as a bug",
        )
    yield f"rows of the imported files of {', '.join(accounts)} are those of the files"


def _check_costs(app: App, repository: ExchangeCacheRepository, *, quick: bool) -> str:
    """Compare the stored costs with a computation from nothing: how that ended."""
    import random

    from exchange_cache.sync.cost_check import wrong_costs

    if not (repository.ledger.fills(_ANY) or repository.ledger.transfers(_ANY)):
        return "no costs to compare: no fill or transfer is stored"
    settings = app.cost_settings()
    states = repository.cost_states(settings.reporting_asset)
    assets = states.assets()
    others = [one for one in assets if one != settings.reporting_asset]
    chosen = random.sample(others, min(len(others), SAMPLE)) if quick else None
    wrong = wrong_costs(repository, settings, chosen)
    if wrong is None:
        return "costs not compared: rows wait to be derived (excache sync)"
    if wrong:
        cure = "excache sync derives them again; please report this as a bug"
        try:
            states.forget()
        except CacheUnwritable:
            cure = "run excache db check as a role that may write; please report this as a bug"
        found = f"stored costs differ from the ledger: {'; '.join(wrong[:5])}"
        raise CacheCorrupt(found, hint=cure)
    return f"costs of {len(chosen or assets):,} assets are those of the ledger, by every method"


@command.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.pass_obj
def backup(app: App, target: Path, force: bool) -> None:
    """Write a consistent copy of the cache into a file.

    Other processes can read and write during the backup. Of a cache on a server the copy is a
    SQLite file as well, which cache_url may name.

    \b
    Example:
      excache db backup ~/excache-backup.sqlite3
    """
    if target.exists() and not force:
        raise UsageError(f"{target} exists already", hint="choose another name, or add --force")
    place = app.place
    if target.exists() and isinstance(place, Path) and place.exists() and target.samefile(place):
        raise UsageError(f"{target} is the cache itself", hint="choose another name")
    _existing(app).backup(target)
    app.say(f"Wrote {target} ({target.stat().st_size:,} bytes).")


@command.command("migrate")
@click.pass_obj
def migrate(app: App) -> None:
    """Bring the cache's schema up to date.

    Every command does this automatically.

    \b
    Example:
      excache db migrate
    """
    app.say(f"{_existing(app).place}: schema {_existing(app).schema_version()} is current.")


command.add_command(copy)
command.add_command(grants)
