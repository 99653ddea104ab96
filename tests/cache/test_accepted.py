"""Accepted findings are kept until they end; a new acceptance of a finding replaces the old one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.findings import Acceptance, AcceptedFinding
from tests.builders import NOW

DAY = timedelta(days=1)
GAP = AcceptedFinding(
    code="gap",
    account="main",
    asset="BTC",
    statement="a gap of 3 days",
    acceptance=Acceptance(reason="known", at=NOW, until=NOW + DAY),
)


def test_an_acceptance_is_read_back_exactly(repository: ExchangeCacheRepository) -> None:
    repository.accepted.save([GAP], NOW)
    assert repository.accepted.all() == (GAP,)


def test_a_new_acceptance_of_a_finding_replaces_the_old_one(
    repository: ExchangeCacheRepository,
) -> None:
    again = replace(GAP, acceptance=Acceptance(reason="still known", at=NOW, until=NOW + 2 * DAY))
    repository.accepted.save([GAP], NOW)
    repository.accepted.save([again], NOW)
    assert repository.accepted.all() == (again,)


def test_another_statement_is_another_finding(repository: ExchangeCacheRepository) -> None:
    other = replace(GAP, statement="a gap of 4 days")
    repository.accepted.save([other, GAP], NOW)
    assert repository.accepted.all() == (GAP, other)


def test_saving_deletes_acceptances_that_have_ended(repository: ExchangeCacheRepository) -> None:
    repository.accepted.save([GAP], NOW)
    repository.accepted.save([], NOW + DAY - timedelta(milliseconds=1))
    assert repository.accepted.all() == (GAP,)
    repository.accepted.save([], NOW + DAY)
    assert repository.accepted.all() == ()
