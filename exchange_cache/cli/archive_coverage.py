"""What archives cover of each history, and what it rests on. The exchange makes their files, but
only running balances that close show that nothing is missing in them: that is proven, and all else
is stated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from exchange_cache.cache.archive_reading import ArchiveState
from exchange_cache.cache.file_proofs import Proof
from exchange_cache.cache.imported_models import FileCoverage, ImportedFile
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Grade, Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.archive_rows import ARCHIVE

History = tuple[str, DataType, str]


def archived(
    repository: ExchangeCacheRepository, exchanges: Mapping[str, str]
) -> dict[History, tuple[FileCoverage, ...]]:
    """What the archives that were read cover, by history; ``exchanges`` are those of accounts."""
    from exchange_cache.exchanges import policy_for

    orders = [
        one
        for one in repository.archives.orders([*exchanges])
        if one.state is ArchiveState.READ and one.start_ms < one.end_ms
    ]
    found: dict[History, tuple[FileCoverage, ...]] = {}
    for account in {one.account: None for one in orders}:
        files = [one for one in repository.imports.files([account]) if one.origin == ARCHIVE]
        proofs = repository.imports.proofs(account)
        for archive in policy_for(exchanges[account]).archives:
            own = (one for one in orders if (one.account, one.archive) == (account, archive.name))
            spans = Ranges.union_of(Span(one.start_ms, one.end_ms) for one in own)
            for data_type, scope in archive.covers if spans else ():
                since_ms = _closed_since(f"{data_type}/{scope}", files, proofs)
                proven = spans.minus(Ranges.of((0, since_ms))) if since_ms is not None else Ranges()
                found[account, data_type, scope] = tuple(
                    FileCoverage(
                        account=account,
                        data_type=data_type,
                        scope=scope,
                        span=span,
                        grade=grade,
                        words=archive.title,
                    )
                    for grade, part in (
                        (Grade.PROVEN, proven),
                        (Grade.STATED, spans.minus(proven)),
                    )
                    for span in part
                )
    return found


def _closed_since(
    history: str, files: Iterable[ImportedFile], proofs: Iterable[Proof]
) -> int | None:
    """From when on the balances in the archives of a history close; None where they do not."""
    tables = {one.table for one in files if history in one.histories}
    closed = [one for one in proofs if one.table in tables and one.is_closed]
    if not closed:
        return None
    return min(max((to_ms(one.at) for one in proof.breaks), default=0) for proof in closed)


def without(state: StreamState, covered: Iterable[FileCoverage]) -> StreamState:
    """A history with what its pages served, without what archives cover before that, or in place
    of pages that serve everything."""
    spans = Ranges.union_of(one.span for one in covered)
    if state.floor_ms is not None and spans and spans.spans[0].start_ms < state.floor_ms:
        spans = spans.until(state.floor_ms)
    return replace(state, covered=state.covered.minus(spans))
