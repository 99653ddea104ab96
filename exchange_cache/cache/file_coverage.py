"""What imported files cover of histories.

Ranges that ``cache.file_proofs`` proves are proven. All else is stated by a file, of the histories
of which it has rows, never beyond its first and last row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.file_proofs import Proof, proofs
from exchange_cache.cache.imported_models import (
    FILE_COVERAGE,
    FileCoverage,
    FileCoverageRow,
    ImportedFile,
)
from exchange_cache.cache.merging import files_of
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.streams import StreamState
from exchange_cache.cache.table import selected
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Grade, Ranges, Span
from exchange_cache.records import DataType


def refresh(database: CacheDatabase, account: str) -> tuple[Proof, ...]:
    """Compute anew what the files of an account cover, inside the caller's transaction."""
    found = proofs(database, account)
    by_table = {proof.table: proof for proof in found}
    files: dict[str, list[ImportedFile]] = {}
    for file in files_of(database, account):
        if file.start_at is not None:
            files.setdefault(file.table, []).append(file)
    rows = {}
    for table, own in files.items():
        for one in _covered(account, own, by_table.get(table)):
            rows[one.data_type, one.scope, one.span, one.grade] = one
    database.run(FileCoverageRow.delete().where(FileCoverageRow.account == account))
    insert_many(
        database, FileCoverageRow, [FILE_COVERAGE.encode(one) for one in rows.values()], "replace"
    )
    return found


def _covered(
    account: str, files: Sequence[ImportedFile], proof: Proof | None
) -> Iterator[FileCoverage]:
    """The ranges of the files of one table, by history: what its chains prove, of every history
    that the table covers; else what each file states, of those of which it has rows."""
    ranges = _ranges(files)
    names = ", ".join(dict.fromkeys(file.name for file in files))
    proven = Ranges()
    if proof is not None and proof.is_closed:
        proven = _bridged(proof, ranges, _proven_since(proof, ranges))
    why = _why(proof, names)
    for history in dict.fromkeys(name for file in files for name in file.histories):
        stated = _ranges(file for file in files if history in file.stated)
        data_type, _, scope = history.partition("/")
        for grade, spans, words in (
            (Grade.PROVEN, proven, names),
            (Grade.STATED, stated.minus(proven), why),
        ):
            for span in spans:
                yield FileCoverage(
                    account=account,
                    data_type=DataType(data_type),
                    scope=scope,
                    span=span,
                    grade=grade,
                    words=words,
                )


def _ranges(files: Iterable[ImportedFile]) -> Ranges:
    return Ranges.union_of(span for file in files if (span := _span(file)) is not None)


def _bridged(proof: Proof, ranges: Ranges, since_ms: int) -> Ranges:
    """The ranges of files from a moment on, with the time between two of them where every chain
    goes on, or begins with nothing, behind it."""
    begun = [to_ms(one.start) for one in proof.proven.values() if not one.from_zero]
    spans = [
        Span(max(since_ms, span.start_ms), span.end_ms) for span in ranges if since_ms < span.end_ms
    ]
    holes = [
        Span(one.end_ms, two.start_ms)
        for one, two in pairwise(spans)
        if not any(one.end_ms <= start for start in begun)
    ]
    return Ranges.union_of([*spans, *holes])


def _span(file: ImportedFile) -> Span | None:
    if file.start_at is None or file.end_at is None:
        return None
    return Span(to_ms(file.start_at), to_ms(file.end_at) + 1)


def _proven_since(proof: Proof, ranges: Ranges) -> int:
    broken = {(one.chain, one.asset) for one in proof.breaks}
    starts = [to_ms(one.start) for place, one in proof.proven.items() if place in broken]
    return max(starts, default=ranges.start_ms or 0)


def _why(proof: Proof | None, names: str) -> str:
    """Why a range is not proven."""
    if proof is None:
        return names
    first = proof.first_break
    if first is not None:
        return f"{names}: {first.words}"
    if proof.absent:
        return f"{names}: they have no row of {', '.join(proof.absent[:4])}, which the API states"
    if proof.open:
        assets = ", ".join(sorted({asset for _, asset in proof.open})[:4])
        return f"{names}: the balances of {assets} reach nothing that the exchange states"
    return names


def coverage_of(database: CacheDatabase, account: str) -> tuple[FileCoverage, ...]:
    """What files cover of the histories of an account, as it was computed last."""
    query = selected(FileCoverageRow, FILE_COVERAGE).where(FileCoverageRow.account == account)
    return FILE_COVERAGE.read(database.rows(query.order_by(FileCoverageRow.start_ms)))


def with_files(
    states: Iterable[StreamState], covered: Iterable[FileCoverage]
) -> tuple[StreamState, ...]:
    """Histories with what files cover of them: for what is missing, not for what to request."""
    known: dict[tuple[str, DataType, str], list[Span]] = {}
    for one in covered:
        known.setdefault((one.account, one.data_type, one.scope), []).append(one.span)
    return tuple(
        replace(state, covered=state.covered.plus(Ranges.union_of(own)))
        if (own := known.get((state.key.account, state.key.data_type, state.key.scope)))
        else state
        for state in states
    )
