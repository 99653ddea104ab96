"""Imports files for a command: finds the account of each, and stores what its reader states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from exchange_cache.cli.app import App
from exchange_cache.errors import StatementRefused, UsageError

if TYPE_CHECKING:
    from exchange_cache.cache.imported_models import ImportedFile
    from exchange_cache.cache.imports import Outcome
    from exchange_cache.config.accounts import AccountSettings
    from exchange_cache.statements.opening import Source
    from exchange_cache.statements.reading import Recognised
    from exchange_cache.statements.table import Desks, FileContext, Names, Table


@dataclass(slots=True)
class Importer:
    """Imports files into the accounts of config.toml. ``chosen`` is the account that the user
    named, ``zone`` the zone that they stated."""

    app: App
    chosen: AccountSettings | None = None
    zone: tzinfo | None = None
    _opened: dict[str, tuple[Names, Desks | None]] = field(default_factory=dict)

    def recognised(self, source: Source) -> Recognised:
        """The table of a file: one of the named account's exchange if there is one, else of any."""
        from exchange_cache.exchanges import MANUAL
        from exchange_cache.exchanges.files import tables
        from exchange_cache.statements.reading import recognise

        if self.chosen is not None:
            own = (*tables(self.chosen.exchange), *tables(MANUAL))
            try:
                if own:
                    return recognise(source, own)
            except StatementRefused:
                if not _is_known(source, tables()):
                    raise
        return recognise(source, tables())

    def account_of(self, known: Recognised) -> AccountSettings:
        """The account that a file belongs to; StatementRefused or UsageError where it is not
        clear."""
        from exchange_cache.exchanges import MANUAL
        from exchange_cache.exchanges.files import reads

        exchange, name = known.table.exchange, known.source.name
        if self.chosen is not None:
            if exchange != MANUAL and not reads(known.table, self.chosen.exchange):
                raise StatementRefused(
                    f"is the {known.table.name} of {exchange}, and {self.chosen.name} is an account"
                    f" of {self.chosen.exchange}",
                    file=name,
                )
            return self.chosen
        accounts = self.app.settings.accounts
        own = [one for one in accounts if one.enabled and reads(known.table, one.exchange)]
        if len(own) == 1:
            return own[0]
        if not own:
            raise StatementRefused(
                f"is the {known.table.name} of {exchange}, and no account of {exchange} is"
                " configured",
                file=name,
                hint=f"excache account add {exchange} --exchange {exchange}",
            )
        names = " or ".join(f"--account {one.name}" for one in own)
        raise UsageError(f"{name}: is of {exchange}, which has several accounts", hint=names)

    def store(self, known: Recognised, account: AccountSettings) -> Outcome:
        """Store what a file states."""
        from exchange_cache.exchanges import policy_for
        from exchange_cache.exchanges.files import belonging
        from exchange_cache.statements.reading import Reading, context_of
        from exchange_cache.sync.repair_figures import mark_right

        context = context_of(known, self._context(account), self.zone)
        reading = Reading(known)
        mark_right(self.app.repository(), account.name, self.app.now())
        outcome = self.app.repository().imports.store(
            self._draft(known, account, context),
            reading.found(context),
            lambda: (reading.count, reading.user or _user_in(known.preamble)),
            belonging(known.table, policy_for(account.exchange)),
        )
        if account.by_hand:
            from exchange_cache.sync.by_hand import derive_balances

            derive_balances(self.app.repository(), account.name, self.app.now())
        return replace(outcome, open_ended=reading.open_ended)

    def _draft(
        self, known: Recognised, account: AccountSettings, context: FileContext
    ) -> ImportedFile:
        from exchange_cache.cache.imported_models import ImportedFile
        from exchange_cache.exchanges import MANUAL, policy_for
        from exchange_cache.exchanges.files import histories_of

        table, now = known.table, self.app.now()
        offset = context.zone.utcoffset(now.replace(tzinfo=None))
        return ImportedFile(
            id=0,
            account=account.name,
            exchange=table.exchange,
            origin="manual" if table.exchange == MANUAL else "file",
            name=known.source.name,
            digest=known.source.digest,
            table=table.name,
            edition=table.edition,
            rank=table.rank,
            imported_at=now,
            start_at=None,
            end_at=None,
            rows=0,
            records=0,
            unknown=0,
            histories=histories_of(table, policy_for(account.exchange)),
            zone_minutes=0 if offset is None else int(offset.total_seconds()) // 60,
        )

    def _context(self, account: AccountSettings) -> FileContext:
        from datetime import UTC

        from exchange_cache.statements.table import FileContext

        if account.name not in self._opened:
            self._opened[account.name] = self._names(account)
        names, desk = self._opened[account.name]
        return FileContext(
            account=account.name,
            file_name="",
            preamble=(),
            columns=(),
            zone=UTC,
            names=names,
            desk=desk,
        )

    def _names(self, account: AccountSettings) -> tuple[Names, Desks | None]:
        """What is known of the account's exchange: from the cache, or by one public request."""
        from exchange_cache.cli.ports import statement_desks
        from exchange_cache.exchanges.manual.names import WrittenNames

        if account.by_hand:
            return WrittenNames(), None
        return statement_desks(self.app, account)


@contextmanager
def on_a_copy(app: App) -> Iterator[App]:
    """The same on a copy of its cache, which is deleted afterwards: what a command would do is
    seen while another one writes to the cache."""
    import tempfile

    known = app.cached()
    with tempfile.TemporaryDirectory(prefix="excache-") as folder:
        place = Path(folder) / "cache.sqlite3"
        if known is not None:
            known.backup(place)
        settings = replace(app.settings, cache_url=f"sqlite:///{place}")
        with closing(app.elsewhere(settings=settings)) as copy:
            yield copy


def _is_known(source: Source, tables: Sequence[Table]) -> bool:
    from exchange_cache.statements.reading import recognise

    try:
        recognise(source, tables)
    except StatementRefused:
        return False
    return True


def _user_in(preamble: Sequence[str]) -> str | None:
    """The user that the lines above a header name (``UID: 100,…``)."""
    for line in preamble:
        word, colon, rest = line.strip('"\ufeff ').partition(":")
        if colon and word.strip().lower() in {"uid", "user id"}:
            found = rest.split(",")[0].strip().strip('"')
            return found or None
    return None


def opened(paths: Sequence[str], stack: ExitStack) -> Iterator[tuple[str, list[Source]]]:
    """The files of rows of each path that the user gave; ``-`` is stdin."""
    import sys

    from exchange_cache.statements.opening import sources

    for text in paths:
        path = Path(text)
        if text == "-":
            yield text, sources(_spooled(sys.stdin.buffer, "stdin", stack), name="stdin")
        elif path.is_fifo():  # excache import <(…)
            with path.open("rb") as stream:
                place = _spooled(stream, text, stack)
            yield text, sources(place, name=text)
        else:
            yield text, sources(path)


def _spooled(stream: BinaryIO, name: str, stack: ExitStack) -> Path:
    """What is read once, as a file, since a table is looked at before it is read."""
    import shutil
    import tempfile

    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="excache-")))
    place = folder / "stream"
    try:
        with place.open("wb") as out:
            shutil.copyfileobj(stream, out)
    except OSError as error:
        raise StatementRefused(
            f"cannot be kept in {folder.parent} while it is read: {error.strerror}",
            file=name,
            hint="save it as a file, or set TMPDIR to a folder with room",
        ) from error
    return place
