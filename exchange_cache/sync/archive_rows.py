"""Reads a fetched file of an archive by the reader of its table, as an imported file is read.

Its rows carry the API's ids, so they merge with those that the API served, and the API's count. The
exchange itself states what the file covers, so its whole period is covered, rows or not.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.imported_models import ImportedFile
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import StatementRefused
from exchange_cache.exchanges.files import belonging, histories_of, tables
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.statements.opening import Source, sources
from exchange_cache.statements.reading import Reading, context_of, recognise
from exchange_cache.statements.table import FileContext
from exchange_cache.sync.archive_cover import cover
from exchange_cache.sync.archive_files import ArchiveFile, Receive, Received

#: The origin of a file that an exchange made on order.
ARCHIVE = "archive"
#: What a file without rows says instead of a header.
_NO_ROWS = (b"No data",)


def receiver(repository: ExchangeCacheRepository, clock: Clock) -> Receive:
    """Reads files into a cache."""

    def receive(port: ExchangePort, file: ArchiveFile) -> Received:
        return _Reader(repository, clock, port, file).received()

    return receive


class _Reader:
    """Reads one file."""

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        clock: Clock,
        port: ExchangePort,
        file: ArchiveFile,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._port = port
        self._file = file

    def received(self) -> Received:
        rows = new = 0
        span = self._file.span
        for source in sources(Path(self._file.name), name=self._file.name, content=self._file.body):
            stored = None if _says_nothing(source) else self._stored(source)
            if stored is not None:
                rows, new = rows + stored[0], new + stored[1]
                span = self._covered(stored[2])
        ledger, policy = self._repository.ledger, self._port.policy
        cover(ledger, policy, self._file.account, self._file.archive, Ranges((span,)))
        return Received(rows=rows, new_rows=new, span=span)

    def _stored(self, source: Source) -> tuple[int, int, ImportedFile]:
        """Store the rows of one table; rows, new ones, and the file."""
        policy = self._port.policy
        recognised = recognise(source, tables(policy.exchange))
        names, desk = self._port.for_statements()
        base = FileContext(
            account=self._file.account,
            file_name=source.name,
            preamble=(),
            columns=(),
            zone=UTC,
            names=names,
            desk=desk,
            history=self._file.archive.covers[0][1],
        )
        reading = Reading(recognised)
        found = reading.found(context_of(recognised, base, UTC))
        table = recognised.table
        draft = ImportedFile(
            id=0,
            account=self._file.account,
            exchange=policy.exchange,
            origin=ARCHIVE,
            name=self._file.name,
            digest=source.digest,
            table=table.name,
            edition=table.edition,
            rank=table.rank,
            imported_at=self._clock.now(),
            start_at=None,
            end_at=None,
            rows=0,
            records=0,
            unknown=0,
            histories=histories_of(table, policy),
        )
        outcome = self._repository.imports.store(
            draft, found, lambda: (reading.count, reading.user), belonging(table, policy)
        )
        return outcome.file.rows, outcome.new, outcome.file

    @property
    def _is_of_orders(self) -> bool:
        return all(data_type is DataType.ORDERS for data_type, _ in self._file.archive.covers)

    def _covered(self, stored: ImportedFile) -> Span:
        """The period that the rows lie in. A file whose rows lie in another period than the one
        that was ordered covers that one: an exchange may name periods differently."""
        span = self._file.span
        if stored.start_at is None or stored.end_at is None:
            return span
        first_ms, last_ms = to_ms(stored.start_at), to_ms(stored.end_at)
        if span.start_ms <= first_ms and last_ms < span.end_ms:
            return span
        if self._is_of_orders and first_ms < span.end_ms and span.start_ms <= last_ms:
            return span  # an order may be listed in the period in which it ended
        around = Span(first_ms, last_ms + 1)
        periods = self._file.archive.periods(around, to_ms(self._clock.now()))
        if len(periods) == 1:
            return periods[0].span
        raise StatementRefused(
            f"has rows from {_day(stored.start_at)} to {_day(stored.end_at)}, which are not those"
            f" of {self._file.period}",
            file=self._file.name,
        )


def _says_nothing(source: Source) -> bool:
    """Whether a file says that there are no rows, and has no header."""
    with source.lines() as lines:
        first = next(lines, "")
        return first.encode().startswith(_NO_ROWS) and next(lines, None) is None


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
