"""Where the events of an average come from that no API served, for ``explain``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from exchange_cache.clock import to_ms
from exchange_cache.cost.basis import BasisStep

if TYPE_CHECKING:
    from exchange_cache.cache.provenance import Provenance
    from exchange_cache.cache.repository import ExchangeCacheRepository

#: By account and id of an event.
Origins = Mapping[tuple[str, str], "Provenance"]


def origins_of(
    repository: ExchangeCacheRepository, names: Sequence[str], steps: Sequence[BasisStep]
) -> Origins:
    """The files that these events come from."""
    if not steps:
        return {}
    times = [to_ms(step.time) for step in steps]
    return repository.ledger.origins(names, min(times), max(times))


def origin_words(step: BasisStep, origins: Origins) -> str:
    """``by file: ledgers.csv line 12``; empty for an event that an API served."""
    origin = origins.get((step.account, step.source_id))
    if origin is None:
        return ""
    by = "hand" if origin.origin == "manual" else origin.origin
    return f"by {by}: {origin.file} line {origin.line}"
