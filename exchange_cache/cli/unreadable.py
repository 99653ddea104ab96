"""What a command does that meets a stored row which cannot be read: a sync removes all such rows
first and starts again; a command that only reads leaves them out, naming them."""

from __future__ import annotations

from pathlib import Path

from exchange_cache.cache.cells import UNREADABLE, UnreadableRow
from exchange_cache.cache.readable import NAMED, readable, unreadable
from exchange_cache.cli.app import App
from exchange_cache.errors import CacheError, CacheUnreadable, ExcacheError
from exchange_cache.findings import Finding

#: Commands that fetch, and so get back what is removed.
FETCHING = frozenset({"sync", "reload"})
_CURE = "excache sync repairs it"


def again(app: App, error: Exception, *, answered: bool) -> bool:
    """Whether the command is to be run again, since the rows that stopped it are out of its way.

    CacheUnreadable names them where it cannot be: it began to print, or may have changed something.
    """
    if not isinstance(error, (*UNREADABLE, CacheUnreadable)) or app.left_out:
        return False
    try:
        place = app.place
        found = readable(place) if isinstance(place, Path) and place.exists() else None
    except ExcacheError:
        return False  # config.toml or the file itself is at fault, which the error states
    if found is None:
        return False
    copy, rows = found
    if _fetches(app):
        copy.close()
        _repair(app)
        return True
    note(app)
    if answered or app.is_writing:
        copy.close()
        found_error = unreadable(place, rows)
        if app.words[:1] == ("import",):
            found_error.hint = f"{_CURE}; {app.if_interrupted}"
        raise found_error from error
    app.reopen(copy, tuple(_finding(row) for row in rows))
    for row in rows[:NAMED]:
        app.say(f"excache: {row}, so it is left out")
    more = f"{len(rows) - NAMED:,} more are left out; " if len(rows) > NAMED else ""
    app.say(f"         {more}{_CURE}")
    return True


def repaired(app: App) -> bool:
    """Whether a command that fetches has removed the rows that cannot be read, so that it is to be
    run again; False for any other, and where all can be read."""
    place = app.place
    found = readable(place) if _fetches(app) and isinstance(place, Path) else None
    if found is None:
        return False
    found[0].close()
    _repair(app)
    return True


def _fetches(app: App) -> bool:
    return app.words[:1] != () and app.words[0] in FETCHING


def left_to_sync(app: App, effect: str = "averages are not computed") -> bool:
    """Name the rows that cannot be read, which what was just stored waits for, unless this command
    named them; False without any."""
    place = app.place
    found = readable(place) if isinstance(place, Path) else None
    if found is None:
        return False
    copy, rows = found
    copy.close()
    note(app)
    if any(_CURE in line for line in app.said):
        return True
    for row in rows[:NAMED]:
        app.say(f"excache: {row}, so {effect}")
    more = f"{len(rows) - NAMED:,} more are like it; " if len(rows) > NAMED else ""
    app.say(f"         {more}{_CURE}")
    return True


def note(app: App) -> None:
    """Let the next sync search the whole cache for such rows, also where it meets none itself."""
    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.sync.repair_scene import EVERYBODY, SEARCHED

    try:
        repository = ExchangeCacheRepository.open(app.place)
        repository.progress.forget(EVERYBODY, SEARCHED)
        repository.close()
    except CacheError:
        return  # nothing can be noted where nothing can be written; then no sync can repair either


def _repair(app: App) -> None:
    """Remove every row that cannot be read, and say so."""
    from exchange_cache.sync.repair_cells import remove_unreadable
    from exchange_cache.sync.repair_scene import Scene

    exchanges = {account.name: account.exchange for account in app.settings.accounts}
    app.reopen()
    with app.lock() as lock:
        lock.acquire("sync", wait_seconds=60)
        line = remove_unreadable(Scene(app.repository(), app.now(), exchanges))
    if line is not None:
        app.say(f"excache: repaired: {line}")


def _finding(row: UnreadableRow) -> Finding:
    return Finding(
        code="unreadable_row",
        account=row.account,
        message=f"{row}, so it is not part of the figures",
        hint="excache sync",
    )
