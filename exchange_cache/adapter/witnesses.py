"""Which histories every run requests, because they show what balances may not show, or because
there are few."""

from __future__ import annotations

from exchange_cache.adapter.policy import ExchangePolicy, StreamPolicy
from exchange_cache.records import TransferKind

#: An exchange with no more histories than this, each of which one request reads, has no other.
FEW = 8


def is_witness(policy: ExchangePolicy, stream: StreamPolicy) -> bool:
    """Whether every run requests a history: its policy says so, it reports deposits (the wallet
    that receives them may have been empty), or the exchange has few."""
    if stream.witness or stream.newest_rows is not None:
        return True
    deposits = stream.transfer_kind is TransferKind.DEPOSIT and not stream.optional
    return (deposits and _is_one(stream)) or has_few(policy)


def has_few(policy: ExchangePolicy) -> bool:
    """Whether the exchange has few histories, each of the whole account."""
    return len(policy.streams) <= FEW and all(map(_is_one, policy.streams))


def _is_one(stream: StreamPolicy) -> bool:
    return not stream.needs_symbol and stream.fan_out is None
