"""How much of an allowance is used, by the headers of an answer, and the wait that follows."""

from __future__ import annotations

import pytest

from exchange_cache.adapter.allowances import Allowance
from exchange_cache.adapter.pace import (
    MARGIN_MS,
    Used,
    from_memory,
    is_private,
    to_memory,
    used_of,
    wait_ms,
)

ALLOWANCES = (
    Allowance(header="x-weight-1m", a_minute={"api": 1000, "fapi": 200}),
    Allowance(header="x-orders-1m", a_minute={"api": 50}, suffix="-orders"),
)
MINUTE = 60_000
SPOT, FUTURES = "GET private account", "GET fapiPrivateV2 account"


@pytest.mark.parametrize(
    ("headers", "endpoint", "found"),
    [
        ({"X-Weight-1M": "900"}, SPOT, {"api": Used(0.9, MINUTE)}),
        ({"x-weight-1m": "50"}, FUTURES, {"fapi": Used(0.25, MINUTE)}),
        ({"x-orders-1m": "25"}, "POST private order", {"api-orders": Used(0.5, MINUTE)}),
        ({"x-weight-1m": "many"}, SPOT, {}),
        ({}, SPOT, {}),
        ({"x-weight-1m": "900"}, None, {}),
    ],
)
def test_the_share_of_each_pool_is_read_until_the_end_of_its_minute(
    headers: dict[str, str], endpoint: str | None, found: dict[str, Used]
) -> None:
    assert used_of(headers, endpoint, 12_345, allowances=ALLOWANCES) == found


def test_a_faster_pace_of_the_users_own_has_a_larger_allowance() -> None:
    found = used_of({"x-weight-1m": "900"}, SPOT, 0, allowances=ALLOWANCES, faster=2.0)
    assert found == {"api": Used(0.45, MINUTE)}


def test_a_request_waits_for_the_next_minute_when_its_pool_is_nearly_used_up() -> None:
    used = {"api": Used(0.9, MINUTE), "fapi": Used(0.5, MINUTE)}
    assert wait_ms(used, SPOT, 20_000) == 40_000 + MARGIN_MS
    assert wait_ms(used, FUTURES, 20_000) == 0
    assert wait_ms(used, SPOT, MINUTE) == 0, "the minute is over"
    assert wait_ms({"api": Used(1.0, 3 * MINUTE)}, SPOT, 20_000) == 0, "of a clock ahead"


def test_only_what_still_holds_is_remembered() -> None:
    used = {"api": Used(0.123456, MINUTE), "fapi": Used(0.5, 10)}
    kept = to_memory(used, 20)
    assert kept == {"api": [0.1235, MINUTE]}
    assert from_memory(kept) == {"api": Used(0.1235, MINUTE)}
    assert from_memory({"api": "damaged", "fapi": [1]}) == from_memory(None) == {}


@pytest.mark.parametrize(
    ("endpoint", "private"),
    [
        ("GET private v5/account", True),
        ("GET sapi asset/dribblet", True),
        ("GET public time", False),
        ("GET fapiPublic ping", False),
        (None, False),
    ],
)
def test_an_endpoint_of_a_section_that_is_not_public_needs_the_key(
    endpoint: str | None, private: bool
) -> None:
    assert is_private(endpoint) is private
