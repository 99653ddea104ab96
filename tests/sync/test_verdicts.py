"""What a failure or a rest means for the state of a stream."""

from __future__ import annotations

import pytest

from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.errors import (
    BadResponse,
    Banned,
    ClockSkew,
    ExchangeFault,
    ExchangeUnavailable,
    KeyRefused,
    NotOffered,
    OutOfRetention,
    PermissionMissing,
    RateLimited,
    SymbolUnknown,
)
from exchange_cache.records import DataType
from exchange_cache.sync.verdicts import as_found, belongs_to_symbol, raiser, stream_state

KEY = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


@pytest.mark.parametrize(
    ("error", "state", "of_symbol"),
    [
        (PermissionMissing("x"), "no_permission", False),
        (NotOffered("x"), "not_offered", False),
        (OutOfRetention("x"), "out_of_retention", True),
        (SymbolUnknown("x"), "failed", True),
        (BadResponse("x"), "failed", True),
        (ExchangeUnavailable("x"), "failed", False),
        (RateLimited("x"), "failed", False),
        (Banned("x"), "failed", False),
        (KeyRefused("x"), "failed", False),
        (ClockSkew("x"), "failed", False),
    ],
)
def test_an_error_has_a_state_and_concerns_one_symbol_or_all(
    error: ExchangeFault, state: str, of_symbol: bool
) -> None:
    assert (stream_state(error), belongs_to_symbol(error)) == (state, of_symbol)


def test_a_resting_history_repeats_its_last_result() -> None:
    assert as_found(StreamState(key=KEY, state="ok"), "main")() == (0, 0)
    absent = as_found(StreamState(key=KEY, state="not_offered", error="no margin"), "main")
    with pytest.raises(NotOffered, match="main: no margin"):
        absent()
    with pytest.raises(NotOffered, match="there is no such history"):
        as_found(StreamState(key=KEY, state="not_offered"), "main")()


def test_a_raiser_is_work_that_fails() -> None:
    with pytest.raises(BadResponse, match="why"):
        raiser(BadResponse("why"))()
