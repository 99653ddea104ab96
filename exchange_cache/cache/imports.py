"""Stores what files state, all of a file or nothing, and removes it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from exchange_cache.cache import file_coverage, merging, zone_check
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.differing import Difference, differences_of
from exchange_cache.cache.file_proofs import Proof, proofs
from exchange_cache.cache.imported_models import (
    FILES,
    FROM_FILE,
    LINKS,
    OF_A_FILE,
    FileCoverage,
    FileRow,
    ImportedFile,
    LinkRow,
)
from exchange_cache.cache.merged import KINDS, Merged
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.owner_check import refuse_other_owner
from exchange_cache.cache.row_names import RowNames
from exchange_cache.cache.table import selected
from exchange_cache.clock import to_ms
from exchange_cache.errors import StatementRefused
from exchange_cache.records import Fill, Order, Transfer
from exchange_cache.statements.chains import Chains
from exchange_cache.statements.matching import decimals
from exchange_cache.statements.table import Checkpoint, Found, LeftOut, Stated

_BATCH = 1_000
#: Why a row is none of the ledger whose amount is zero (0, -0, 0.000).
_NOTHING = "its amount is zero: it moves nothing"
Belongs = Callable[[Stated], Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a file brought. ``new`` rows are in the ledger through it, ``known`` ones were there;
    ``conflicting`` ones differ from the API's. ``first_lines`` are those of the reasons why rows
    were left out. ``open_ended`` is the number of the last line, where it has no end."""

    file: ImportedFile
    new: int
    known: int
    conflicting: int
    differences: tuple[Difference, ...]
    first_lines: Mapping[str, int]
    before: tuple[FileCoverage, ...]
    after: tuple[FileCoverage, ...]
    proofs: tuple[Proof, ...] = ()
    again: bool = False
    open_ended: int | None = None


class _Undone(Exception):
    """Carries the outcome of a second import that knows no more out of its transaction."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


@dataclass(slots=True)
class _Counted:
    """What the rows of a file amount to while they are stored."""

    records: int = 0
    start: datetime | None = None
    end: datetime | None = None
    digits: dict[str, int] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    first_lines: dict[str, int] = field(default_factory=dict)
    unknown: int = 0
    chains: Chains = field(default_factory=Chains)
    chained: bool = False
    stated: set[str] = field(default_factory=set)

    def leave(self, one: LeftOut) -> None:
        self.left[one.reason] += 1
        self.first_lines.setdefault(one.reason, one.line)
        self.unknown += one.unknown

    def count(self, record: Fill | Transfer | Order) -> None:
        self.records += 1
        time = record.created_at if isinstance(record, Order) else record.time
        self.start = time if self.start is None or time < self.start else self.start
        self.end = time if self.end is None or time > self.end else self.end
        figures = [(record.asset, record.quantity)] if isinstance(record, Transfer) else []
        if isinstance(record, Fill) and not record.is_derivative:
            figures = [(record.base, record.quantity), (record.quote, record.cost)]
        for asset, figure in figures:
            found = decimals(figure)
            if found > self.digits.get(asset, -1):
                self.digits[asset] = found


class Imports:
    """The imported files of a cache."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    # --- reading ----------------------------------------------------------------------------------

    def files(self, accounts: Iterable[str] | None = None) -> tuple[ImportedFile, ...]:
        """The imported files, oldest first."""
        query = selected(FileRow, FILES).order_by(FileRow.id)
        if accounts is not None:
            query = query.where(FileRow.account.in_(list(accounts)))
        return FILES.read(self._database.rows(query))

    def coverage(self, account: str) -> tuple[FileCoverage, ...]:
        """What files cover of the histories of an account."""
        return file_coverage.coverage_of(self._database, account)

    def proofs(self, account: str) -> tuple[Proof, ...]:
        """What the running balances in the files of an account prove."""
        return proofs(self._database, account)

    def in_ledger(self, file: int) -> int:
        """How many rows the ledger has through a file."""
        found = (
            self._database.select(
                f"SELECT count(*) FROM {kind.ledger} WHERE served_by = ?", (f"{FROM_FILE}{file}",)
            )[0][0]
            for kind in KINDS
        )
        return sum(int(number) for number in found)

    def misplaced(self, account: str) -> int:
        """How many rows of files the ledger holds that do not follow from them, or does not."""
        from exchange_cache.cache.merge_check import misplaced

        return misplaced(self._database, account)

    def known(self, account: str, digest: str) -> ImportedFile | None:
        """The file with these bytes, if it was imported."""
        query = selected(FileRow, FILES).where(FileRow.account == account, FileRow.digest == digest)
        return next(iter(FILES.read(self._database.rows(query))), None)

    # --- writing ----------------------------------------------------------------------------------

    def store(
        self,
        draft: ImportedFile,
        found: Iterable[Found],
        read: Callable[[], tuple[int, str | None]],
        belongs: Belongs,
    ) -> Outcome:
        """Store what a file states, in one transaction; ``read`` gives, after the last row, how
        many rows there were and whose, ``belongs`` the histories of a record. A file that was
        imported is read again only where rows of it were not known, and may be by now."""
        before = self.coverage(draft.account)
        same = self.known(draft.account, draft.digest)
        if same is not None and not same.unknown:
            return _again(same, before)
        try:
            with self._database.write():
                if same is not None:
                    self._remove(same)
                outcome = self._stored(draft, found, read, belongs, before)
                if same is not None and outcome.file.unknown >= same.unknown:
                    raise _Undone(_again(same, before))
        except _Undone as undone:
            return undone.outcome
        return outcome

    def undo(self, file: ImportedFile) -> None:
        """Remove a file and what the ledger has through it alone."""
        with self._database.write():
            self._remove(file)

    def _remove(self, file: ImportedFile) -> None:
        database = self._database
        self._clear(file.account, file.id)
        database.run(FileRow.delete().where(FileRow.id == file.id))
        if file.start_at is not None and file.end_at is not None:
            merging.merge(database, file.account, to_ms(file.start_at), to_ms(file.end_at))
        file_coverage.refresh(database, file.account)

    def _clear(self, account: str, number: int) -> None:
        """Delete the rows of a file; of a new one those that a fault left under its number."""
        for model in OF_A_FILE:
            own = (model.account == account, model.file_id == number)
            self._database.run(model.delete().where(*own))

    def refresh(self, account: str) -> None:
        """Compute anew what files cover, after the API stated more."""
        if merging.has_files(self._database, account):
            with self._database.write():
                file_coverage.refresh(self._database, account)

    def _stored(
        self,
        draft: ImportedFile,
        found: Iterable[Found],
        read: Callable[[], tuple[int, str | None]],
        belongs: Belongs,
        before: tuple[FileCoverage, ...],
    ) -> Outcome:
        database = self._database
        number = int(database.run(FileRow.insert(**FILES.encode(draft))))
        self._clear(draft.account, number)
        counted = _Counted()
        self._insert(number, draft, found, belongs, counted)
        rows, user = read()
        self._check_user(draft, user)
        file = replace(
            draft,
            id=number,
            start_at=counted.start,
            end_at=counted.end,
            rows=rows,
            records=counted.records,
            unknown=counted.unknown,
            left_out=dict(counted.left),
            digits=counted.digits,
            user=user,
            chained=counted.chained,
            stated=tuple(name for name in draft.histories if name in counted.stated),
        )
        database.run(FileRow.update(**FILES.encode(file)).where(FileRow.id == number))
        links = [
            LINKS.encode(replace(link, file=number), account=draft.account)
            for link in counted.chains.links()
        ]
        insert_many(database, LinkRow, links, "fail")
        zone_check.refuse_other_zone(database, file)
        if file.start_at is not None and file.end_at is not None:
            merging.merge(database, file.account, to_ms(file.start_at), to_ms(file.end_at))
        found_proofs = file_coverage.refresh(database, file.account)
        conflicting, differences = differences_of(database, file)
        new = self.in_ledger(number)
        refuse_other_owner(database, file, file.records - new)
        return Outcome(
            file=file,
            new=new,
            known=file.records - new - conflicting,
            conflicting=conflicting,
            differences=differences,
            first_lines=counted.first_lines,
            before=before,
            after=self.coverage(file.account),
            proofs=found_proofs,
        )

    def _insert(
        self,
        number: int,
        draft: ImportedFile,
        found: Iterable[Found],
        belongs: Belongs,
        counted: _Counted,
    ) -> None:
        waiting: dict[type, list[dict[str, Any]]] = {kind.record: [] for kind in KINDS}
        names = RowNames()
        for one in found:
            if isinstance(one, LeftOut):
                counted.leave(one)
            elif isinstance(one, Checkpoint):
                counted.chained = True
                counted.chains.add(one)
            elif _moves_nothing(one.record):
                counted.leave(LeftOut(line=one.lines[0], reason=_NOTHING))
            else:
                kind, record = _kind(one), _named(one, names)
                counted.count(record)
                counted.stated.update(belongs(one))
                rows = waiting[kind.record]
                rows.append(
                    kind.stated.encode(
                        record,
                        file_id=number,
                        number=counted.records,
                        line=one.lines[0],
                        exact=one.exact,
                        books_fees=one.books_fees,
                        rank=draft.rank,
                    )
                )
                if len(rows) >= _BATCH:
                    insert_many(self._database, kind.stated_model, rows, "fail")
                    rows.clear()
        for kind in KINDS:
            insert_many(self._database, kind.stated_model, waiting[kind.record], "fail")

    def _check_user(self, draft: ImportedFile, user: str | None) -> None:
        """Refuse a file of another user than that of the account's other files, or of the user of
        another account's."""
        files = [one for one in self.files() if one.user and one.exchange == draft.exchange]
        own = [one for one in files if one.account == draft.account]
        if user is None or any(one.user == user for one in own):
            return
        newest_first = (own or files)[::-1]
        other = next((one for one in newest_first if own or one.user == user), None)
        if other is not None:
            raise StatementRefused(
                f"is of the user {user}, but {other.name} of {other.account} is of {other.user}"
                if own
                else f"is of the user {user}, as {other.name} of the account {other.account} is",
                file=draft.name,
                hint="name the account that it belongs to: --account NAME",
            )


def _named(one: Stated, names: RowNames) -> Fill | Transfer | Order:
    """The record under the API's id, or under a name of its own where the file states none."""
    if one.exact or isinstance(one.record, Order):
        return one.record
    return names.named(one.record)


def _moves_nothing(record: Fill | Transfer | Order) -> bool:
    return isinstance(record, Transfer) and not record.quantity and record.fee is None


def _kind(one: Stated) -> Merged:
    return next(kind for kind in KINDS if isinstance(one.record, kind.record))


def _again(file: ImportedFile, covered: tuple[FileCoverage, ...]) -> Outcome:
    return Outcome(
        file=file,
        new=0,
        known=file.records,
        conflicting=0,
        differences=(),
        first_lines={},
        before=covered,
        after=covered,
        again=True,
    )
