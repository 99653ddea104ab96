"""What the program got is known to every process, also to those that follow a killed one."""

from __future__ import annotations

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.data_types import NO_ACCOUNT
from exchange_cache.sync.alerting import deliver
from exchange_cache.sync.outbox import CLAIM, ELSEWHERE, Outbox
from tests.builders import NOW
from tests.sync.test_alerting import Program, alert


class Killed(BaseException):
    """The process ends at once."""


def test_one_of_two_processes_has_an_alert(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    one, other = Outbox(repository, clock, "a"), Outbox(repository, clock, "b")
    assert one.claim("x") and not other.claim("x")
    one.give("x")
    clock.sleep(CLAIM.total_seconds() + 1)
    assert not one.claim("x") and not other.claim("x")
    one.release("x")
    assert other.claim("x")


def test_a_process_that_is_killed_before_the_program_starts_loses_no_alert(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    def killed(text: str, started: object) -> str | None:
        raise Killed

    program = Program()
    with pytest.raises(Killed):
        deliver(repository, [alert("a"), alert("b")], killed, clock)
    deliver(repository, [alert("a"), alert("b")], program, clock)
    assert program.got == ["b"]
    clock.sleep(CLAIM.total_seconds())
    deliver(repository, [alert("a"), alert("b")], program, clock)
    assert program.got == ["b", "a"]


def test_a_process_that_is_killed_after_the_program_got_alerts_repeats_none(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    program = Program()

    def killed(text: str, started: object) -> str | None:
        program(text, started)  # type: ignore[arg-type]
        if len(program.got) > 1:
            raise Killed
        return None

    alerts = [alert(name) for name in "abc"]
    with pytest.raises(Killed):
        deliver(repository, alerts, killed, clock)
    clock.sleep(3600)
    deliver(repository, alerts, program, clock)
    assert program.got == ["a", "b", "c"]


def test_what_another_process_found_later_is_not_over(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    program, seen = Program(), clock.now()
    clock.sleep(5)
    deliver(repository, [alert("a")], program, clock, host="one")
    deliver(repository, [], program, clock, seen=seen, host="one")  # read before it held
    deliver(repository, [alert("a")], program, clock, host="one")
    assert program.got == ["a"]


def test_a_machine_of_other_accounts_does_not_end_an_alert(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    program = Program()
    for host, alerts in (("one", ["a"]), ("two", ["b"])) * 3:
        deliver(repository, [alert(name) for name in alerts], program, clock, host=host)
        clock.sleep(3600)
    assert program.got == ["a", "b"]
    deliver(repository, [], program, clock, host="one")
    deliver(repository, [alert("a")], program, clock, host="one")  # it ended, and holds again
    assert program.got == ["a", "b", "a"]
    for _ in range(20):
        clock.sleep(86400)
        deliver(repository, [alert("a")], program, clock, host="one")
        deliver(repository, [], program, clock, host="two")
    assert program.got == ["a", "b", "a"]
    clock.sleep(ELSEWHERE.total_seconds())
    deliver(repository, [], program, clock, host="two")
    deliver(repository, [alert("a")], program, clock, host="two")  # that machine is gone
    assert program.got == ["a", "b", "a", "a"]


def test_what_an_earlier_version_sent_is_not_sent_again(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    repository.progress.remember(NO_ACCOUNT, {"alerts_sent": {"a": to_ms(NOW)}}, NOW)
    program = Program()
    deliver(repository, [alert("a"), alert("b")], program, clock)
    assert program.got == ["b"]
