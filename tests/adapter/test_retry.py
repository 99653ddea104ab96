"""How often and how patiently a request is repeated; time is a set clock, so nothing sleeps."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from exchange_cache.adapter.retry import RetryPolicy, call
from exchange_cache.clock import SetClock
from exchange_cache.errors import (
    Banned,
    ClockSkew,
    ExcacheError,
    ExchangeUnavailable,
    KeyRefused,
    RateLimited,
)
from tests.exchanges.builders import NOW, adapter_for
from tests.exchanges.stub import Answer, Asked


def run(
    *outcomes: ExcacheError | str, policy: RetryPolicy | None = None
) -> tuple[Any, list[float], int]:
    """The result (or the error) of a call that meets the outcomes in turn, what was slept, and how
    often the clock was measured."""
    clock, waiting, resyncs = SetClock(NOW), list(outcomes), []

    def action() -> str:
        outcome = waiting.pop(0)
        if isinstance(outcome, ExcacheError):
            raise outcome
        return outcome

    try:
        result: Any = call(
            action,
            policy=policy or RetryPolicy(),
            clock=clock,
            random=Random(7),
            on_skew=lambda: resyncs.append(1),
        )
    except ExcacheError as error:
        result = error
    return result, clock.slept, len(resyncs)


def test_an_unavailable_exchange_is_asked_three_times_with_growing_waits() -> None:
    down = ExchangeUnavailable("down")
    result, slept, _ = run(down, down, down, "never")
    assert result is down and len(slept) == 2
    assert 0.25 <= slept[0] <= 0.5 and 0.5 <= slept[1] <= 1.0


def test_success_ends_it() -> None:
    assert run(ExchangeUnavailable("down"), "ok")[0] == "ok"


@pytest.mark.parametrize("error", [KeyRefused("no"), Banned("no", retry_after=1.0)])
def test_a_refused_key_and_a_ban_are_never_repeated(error: ExcacheError) -> None:
    assert run(error, "never") == (error, [], 0)


def test_retry_after_is_honoured_up_to_our_patience() -> None:
    assert run(RateLimited("slow", retry_after=7.0), "ok")[1] == [7.0]
    long = RateLimited("slow", retry_after=300.0)
    assert run(long, "never") == (long, [], 0)


def test_a_refused_time_stamp_is_measured_once_and_asked_again() -> None:
    skew = ClockSkew("late")
    assert run(skew, "ok") == ("ok", [], 1)
    assert run(skew, skew, "never") == (skew, [], 1)


def test_the_adapter_measures_the_clock_and_goes_on() -> None:
    def script(asked: Asked) -> Any:
        if asked.path.endswith("/time"):
            return {"serverTime": 1_748_779_200_000 - 60_000}
        late = int(asked.params["timestamp"]) > 1_748_779_200_000 - 30_000
        return (
            Answer({"code": -1021, "msg": "Timestamp is ahead"}, 400) if late else {"balances": []}
        )

    with adapter_for("binance", script) as (adapter, stub):
        assert adapter.balances(adapter.policy.wallets[0]) == ()
        assert [asked.path.rsplit("/", 1)[1] for asked in stub.asked] == [
            "account",
            "time",
            "account",
        ]
        assert adapter.memory()["time_difference"] == 60_000


def test_an_adapter_retries_a_failing_server_without_sleeping_for_real() -> None:
    clock, answers = (
        SetClock(NOW),
        [Answer("<html>", 502), Answer("<html>", 502), Answer({"balances": []})],
    )
    with adapter_for("binance", lambda asked: answers.pop(0), clock=clock) as (adapter, stub):
        adapter.balances(adapter.policy.wallets[0])
        assert len(stub.asked) == 3
    assert sum(clock.slept) > 0.5
