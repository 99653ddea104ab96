"""Notes what a file of an archive covers in the histories that it belongs to."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.adapter.archives import ArchivePolicy
from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.cache.ledger import Ledger
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.ledger.coverage import Ranges


def cover(
    ledger: Ledger, policy: ExchangePolicy, account: str, archive: ArchivePolicy, spans: Ranges
) -> None:
    """Add spans to the coverage of every history of an archive: of the whole account, or of each
    symbol that is known by now, since a file has the rows of all symbols."""
    states = {state.key: state for state in ledger.states(account)}
    for stream in policy.streams:
        if (stream.data_type, stream.scope) not in archive.covers:
            continue
        of_all = StreamKey(account=account, data_type=stream.data_type, scope=stream.scope)
        keys = {key for key in states if replace(key, symbol="") == of_all}
        for key in keys if stream.needs_symbol else keys | {of_all}:
            state = states.get(key) or StreamState(key=key)
            covered = state.covered.plus(spans)
            if covered != state.covered:
                ledger.save_state(replace(state, covered=covered))


def is_per_symbol(policy: ExchangePolicy, archive: ArchivePolicy) -> bool:
    """Whether histories of an archive are of one symbol each, more of which may be found later."""
    return any(
        stream.needs_symbol
        for stream in policy.streams
        if (stream.data_type, stream.scope) in archive.covers
    )
