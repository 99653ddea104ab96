"""What a run takes off this machine's clock, and what it says of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.adapter.exchange_time import ClockOffset
from exchange_cache.clock import SetClock
from exchange_cache.sync.clock_check import ahead_of_all, clock_notes, clock_warning, corrected
from tests.builders import NOW
from tests.sync.fake_port import FakeExchange, policy

MINUTE_MS = 60_000


def account(*offset_ms: int) -> FakeExchange:
    offset = ClockOffset(least_ms=offset_ms[0], most_ms=offset_ms[1]) if offset_ms else None
    return FakeExchange(policy(), clock_offset=offset)


def test_an_account_is_dated_by_its_exchange_and_waits_by_the_machine() -> None:
    machine = SetClock(NOW)
    clock = corrected(machine, account(7_000, 8_000))
    assert clock.now() == NOW - timedelta(seconds=8)
    clock.sleep(2)
    assert (machine.slept, clock.now()) == ([2], NOW - timedelta(seconds=6))


def test_a_run_is_dated_by_what_the_clock_is_ahead_of_every_exchange() -> None:
    ports = [account(7_000, 8_000), account(3_000, 4_000), account()]
    assert ahead_of_all(ports) == timedelta(seconds=4)
    assert ahead_of_all([*ports, account(-500, 500)]) == timedelta(0)
    assert ahead_of_all([account()]) == timedelta(0)


def test_one_sentence_names_the_exchanges_once() -> None:
    off = account(185 * MINUTE_MS, 186 * MINUTE_MS)
    (said,) = clock_notes([off, off, account(-10, 10)])
    assert said.startswith("this machine's clock is 3 h 5 min ahead of that of fake;")
    assert said.endswith("set this machine's clock (for example: timedatectl set-ntp true)")


@pytest.mark.parametrize(
    ("offset_ms", "said"),
    [
        (None, None),
        (MINUTE_MS, None),
        (MINUTE_MS + 1, "1 min ahead"),
        (-2 * MINUTE_MS, "2 min behind"),
        (49 * 60 * MINUTE_MS, "2 d 1 h ahead"),
    ],
)
def test_a_clock_is_off_beyond_a_minute(offset_ms: int | None, said: str | None) -> None:
    found = clock_warning(offset_ms, "kraken")
    assert (found is None) if said is None else (found is not None and said in found)
