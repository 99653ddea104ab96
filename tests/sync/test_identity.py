"""Fingerprints of keys and users, and the findings for one account under two names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.sync.identity import (
    add_finding,
    fingerprint,
    identity_findings,
    known_key,
    needs_user,
    remember_key,
    remember_user,
    salt_of,
    same_users,
    users_of,
)
from tests.builders import NOW
from tests.sync.fake_port import FakeExchange, policy


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
    assert same_users(users_of(repository), accounts) == {"a": ("b",), "b": ("a",)}
    found = identity_findings(repository, accounts, NOW)
    assert list(found) == ["a", "b"]
    finding = found["a"]
    assert (finding.code, finding.hint) == ("same_user", "excache account remove a")
    assert finding.message.startswith("the exchange names the same user for b: ")


@pytest.mark.parametrize(
    ("exchange", "names_user", "needed"),
    [("okx", True, True), ("kraken", True, False), ("okx", False, False)],
)
def test_the_user_is_needed_once_per_key_and_only_where_another_account_may_have_it(
    repository: ExchangeCacheRepository, exchange: str, names_user: bool, needed: bool
) -> None:
    question = KeyQuestion(method="any", read=lambda _: KeyRights(), names_user=names_user)
    port = FakeExchange(policy(exchange="okx", key_question=question))
    remember_key(repository, "main", "key", NOW)
    exchanges = {"main": "okx", "other": exchange}
    assert needs_user(repository, port, exchanges) is needed
    remember_user(repository, "main", "okx", "17", NOW)
    assert not needs_user(repository, port, exchanges)
