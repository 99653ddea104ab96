"""What keys may do besides reading: asked once a day, said once, and a finding while it holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.errors import ExchangeUnavailable
from exchange_cache.sync.identity import remember_key, same_users, users_of
from exchange_cache.sync.key_rights import (
    ask_keys,
    remember_rights,
    rights_findings,
    rights_of,
)
from tests.builders import NOW
from tests.sync.fake_port import FakeExchange, policy

QUESTION = KeyQuestion(method="any", read=lambda answer: KeyRights(), names_user=True)
SAID = (
    "main: this key may TRADE and WITHDRAW; excache only reads; make a read-only key at the"
    " exchange and replace this one"
)


class Stating(FakeExchange):
    """An exchange that states the rights of a key, or fails to."""

    stated: KeyRights | Exception = KeyRights(can_trade=True, can_withdraw=True, user_id="17")

    def key_rights(self) -> KeyRights:
        self.requests += 1
        if isinstance(self.stated, Exception):
            raise self.stated
        return self.stated


def port_of(exchange: str = "okx") -> Stating:
    return Stating(policy(exchange=exchange, key_question=QUESTION))


def test_rights_are_asked_once_a_day_and_said_once(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = port_of()
    remember_key(repository, "main", "key", clock.now())
    assert ask_keys(repository, [port], {"main": "okx"}, clock) == (SAID,)
    assert ask_keys(repository, [port], {"main": "okx"}, clock) == ()
    assert port.requests == 1
    clock.at += timedelta(days=1)
    assert ask_keys(repository, [port], {"main": "okx"}, clock) == ()
    assert port.requests == 2
    (finding,) = rights_findings(repository, "main", clock.now())
    assert (finding.code, finding.message) == ("key_rights", "this key may TRADE and WITHDRAW")
    assert finding.hint is not None and "read-only key" in finding.hint


def test_another_key_is_asked_at_once(repository: ExchangeCacheRepository, clock: SetClock) -> None:
    port = port_of()
    remember_key(repository, "main", "key", clock.now())
    ask_keys(repository, [port], {"main": "okx"}, clock)
    remember_key(repository, "main", "other", clock.now())
    assert list(rights_findings(repository, "main", clock.now())) == []
    port.stated = KeyRights(can_trade=False, can_withdraw=False)
    assert ask_keys(repository, [port], {"main": "okx"}, clock) == ()
    assert (port.requests, rights_of(repository, "main")) == (2, ())


def test_a_right_that_was_taken_away_is_no_finding_and_a_new_one_is_said(
    repository: ExchangeCacheRepository,
) -> None:
    remember_key(repository, "main", "key", NOW)
    trade = KeyRights(can_trade=True, can_withdraw=False)
    assert list(remember_rights(repository, "main", trade, NOW)) == [
        SAID.replace(" and WITHDRAW", "")
    ]
    both = KeyRights(can_trade=True, can_withdraw=True)
    assert list(remember_rights(repository, "main", both, NOW)) == [SAID]
    unstated = KeyRights()
    assert list(remember_rights(repository, "main", unstated, NOW)) == []
    assert rights_of(repository, "main") == ("trade", "withdraw"), "nothing said otherwise"
    none = KeyRights(can_trade=False, can_withdraw=False)
    assert list(remember_rights(repository, "main", none, NOW)) == []
    assert list(rights_findings(repository, "main", NOW)) == []


@pytest.mark.parametrize(("other", "users"), [("okx", ("second",)), ("kraken", ("second",))])
def test_the_user_of_a_key_comes_from_the_same_request(
    repository: ExchangeCacheRepository, clock: SetClock, other: str, users: tuple[str, ...]
) -> None:
    ports = [port_of(), port_of()]
    ports[1].account = "second"
    for port in ports:
        remember_key(repository, port.account, port.account, clock.now())
    for _ in range(2):
        ask_keys(repository, ports, {"main": "okx", "second": other}, clock)
    assert [port.requests for port in ports] == [1, 1]
    assert same_users(users_of(repository), ("main", "second"))["main"] == users


def test_an_exchange_that_does_not_answer_is_a_note_only_where_the_user_matters(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = port_of()
    port.stated = ExchangeUnavailable("down")
    assert ask_keys(repository, [port], {"main": "okx"}, clock) == ()
    assert ask_keys(repository, [port], {"main": "okx", "other": "okx"}, clock) == (
        "main: the user of its key is unknown: down",
    )


def test_a_time_of_a_clock_that_was_ahead_does_not_postpone_the_question(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = port_of()
    ahead = SetClock(at=clock.now() + timedelta(days=400))
    ask_keys(repository, [port], {"main": "okx"}, ahead)
    ask_keys(repository, [port], {"main": "okx"}, clock)
    assert port.requests == 2
