"""What statements about stored history rest on, for ``status --coverage`` and ``explain``: proven
by a reviewed policy, observed of the exchange, stated by a file, or assumed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import from_ms
from exchange_cache.ledger.coverage import Grade
from exchange_cache.records import DataType

_WORDS = {
    Grade.OBSERVED: "observed, not proven",
    Grade.STATED: "stated by a file, not proven",
    Grade.ASSUMED: "assumed complete, not proven",
}


def weakest(states: Iterable[StreamState]) -> Grade | None:
    """The weakest grade of several histories; None where none is graded."""
    grade: Grade | None = None
    for state in states:
        if state.grade is not None and state.covered:
            grade = state.grade.with_(grade)
    return grade


def in_words(grade: Grade | None) -> str:
    """A grade for people; nothing where coverage is proven, or its grade unknown."""
    return "" if grade is None else _WORDS.get(grade, "")


def observations(
    repository: ExchangeCacheRepository, names: Iterable[str]
) -> list[dict[str, object]]:
    """What was observed of the exchanges of accounts, for programs."""
    from exchange_cache.adapter.observation import in_words, to_memory
    from exchange_cache.sync.observations import kept

    return [
        {
            "account": name,
            "data_type": str(data_type),
            "scope": scope,
            "observed_at": from_ms(known.at_ms),
            "statement": in_words(known.seen),
            **to_memory(known.seen),
        }
        for name in names
        for (data_type, scope), known in sorted(kept(repository.progress.memory(name)).items())
    ]


def graded(
    repository: ExchangeCacheRepository, exchanges: Mapping[str, str]
) -> list[tuple[str, DataType, Grade]]:
    """Per account (with its exchange) and kind of event, what its coverage rests on."""
    from exchange_cache.cli.archive_coverage import archived

    made = [one for own in archived(repository, exchanges).values() for one in own]
    found = []
    for account in exchanges:
        states = repository.ledger.states(account)
        for data_type in (DataType.FILLS, DataType.TRANSFERS):
            grade = weakest(state for state in states if state.key.data_type is data_type)
            for one in made:
                if grade is not None and (one.account, one.data_type) == (account, data_type):
                    grade = one.grade.with_(grade)
            if grade is not None:
                found.append((account, data_type, grade))
    return found


def graded_lines(found: Iterable[tuple[str, DataType, Grade]]) -> list[str]:
    """What is not proven, for people."""
    return [
        f"Coverage of {account} {data_type}: {in_words(grade)}"
        for account, data_type, grade in found
        if grade is not Grade.PROVEN
    ]
