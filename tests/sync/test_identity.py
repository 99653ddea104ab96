"""Fingerprints of keys and users, and the findings for one account under two names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.errors import ExchangeUnavailable
from exchange_cache.sync.identity import (
    add_finding,
    ask_users,
    fingerprint,
    identity_findings,
    known_key,
    remember_key,
    remember_user,
    salt_of,
    same_user,
)
from tests.builders import NOW
from tests.sync.fake_port import FakeExchange, policy


class Named(FakeExchange):
    """An exchange that names the user of a key, or fails to."""

    user: str | Exception = "17"

    def user_id(self) -> str | None:
        self.requests += 1
        if isinstance(self.user, Exception):
            raise self.user
        return self.user


def test_a_fingerprint_depends_on_its_salt_and_on_every_part() -> None:
    mark = fingerprint(b"salt", "okx", "key")
    assert len(mark) == 16 and mark == fingerprint(b"salt", "okx", "key")
    others = {
        fingerprint(b"other", "okx", "key"),
        fingerprint(b"salt", "okxkey"),
        fingerprint(b"salt", "okx", "key "),
    }
    assert len(others | {mark}) == 4


def test_a_cache_keeps_its_salt(repository: ExchangeCacheRepository) -> None:
    salt = salt_of(repository, NOW)
    assert len(salt) == 32 and salt_of(repository, NOW + timedelta(days=1)) == salt


def test_the_key_of_an_account_is_the_one_it_was_last_opened_with(
    repository: ExchangeCacheRepository,
) -> None:
    assert known_key(repository, "main") is None
    remember_key(repository, "main", "old", NOW)
    remember_key(repository, "main", "new", NOW)
    assert (known_key(repository, "main"), known_key(repository, "other")) == ("new", None)


def test_a_shared_key_is_one_finding_however_often_it_is_found(
    repository: ExchangeCacheRepository,
) -> None:
    add_finding(repository, "main", "first", None, NOW)
    add_finding(repository, "main", "second", "a hint", NOW)
    found = [(one.code, one.message, one.hint) for one in repository.derived.findings(["main"])]
    assert found == [("same_key", "second", "a hint")]


def test_one_user_under_two_keys_is_a_finding_of_both(repository: ExchangeCacheRepository) -> None:
    for account, user in (("a", "17"), ("b", "17"), ("c", "18"), ("d", None)):
        remember_user(repository, account, "okx", user, NOW)
    accounts = ("a", "b", "c", "d")
    assert [same_user(repository, name, accounts) for name in accounts] == [("b",), ("a",), (), ()]
    (finding,) = identity_findings(repository, "a", accounts, NOW)
    assert (finding.code, finding.hint) == ("same_user", "excache account remove a")
    assert finding.message.startswith("the exchange names the same user for b: ")


@pytest.mark.parametrize(("exchange", "requests"), [("okx", 1), ("kraken", 0)])
def test_the_user_is_requested_once_per_key_and_only_where_another_account_may_have_it(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: str, requests: int
) -> None:
    port = Named(policy(exchange="okx"))
    remember_key(repository, "main", "key", NOW)
    for _ in range(2):
        notes = ask_users(repository, [port], {"main": "okx", "other": exchange}, clock)
        assert (notes, port.requests) == ((), requests)


def test_an_exchange_that_does_not_answer_is_a_note(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = Named(policy(exchange="okx"))
    port.user = ExchangeUnavailable("down")
    notes = ask_users(repository, [port], {"main": "okx", "other": "okx"}, clock)
    assert notes == ("main: the user of its key is unknown: down",)
