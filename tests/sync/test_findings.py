"""What is missing in the history becomes one finding per cause and place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.findings import history_findings
from tests.builders import NOW
from tests.sync.fake_port import DAY

FILLS = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
DEPOSITS = StreamKey(account="main", data_type=DataType.TRANSFERS, scope="deposits")
BEGIN, END = to_ms(NOW - 30 * DAY), to_ms(NOW)


def codes(repository: ExchangeCacheRepository) -> list[str]:
    return [item.code for item in history_findings(repository, "main", NOW)]


def done(*covered: tuple[int, int], **more: Any) -> StreamState:
    values: dict[str, Any] = {
        "floor_ms": BEGIN,
        "history_start_ms": BEGIN,
        "completed_ms": END,
        **more,
    }
    return StreamState(key=FILLS, covered=Ranges.of(*covered), **values)


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (done((BEGIN, END)), []),
        (done((BEGIN, END), floor_ms=BEGIN - 1, history_start_ms=0), ["out_of_retention"]),
        (done((BEGIN, END), history_start_ms=BEGIN - 1), ["out_of_retention"]),
        (done((BEGIN, BEGIN + 5), (END - 5, END)), ["gap"]),
        (done((BEGIN, BEGIN + 5), (BEGIN + 3_600_000, END)), []),
        (done((END - 5, END), completed_ms=None), ["incomplete"]),
        (done((BEGIN, END), open=Span(BEGIN, END), cursor={"x": 1}), ["incomplete"]),
        (done((BEGIN, END), state="failed", error="down"), ["history_failed"]),
        (done((BEGIN, END), state="no_permission"), ["no_permission"]),
        (done((BEGIN, END), state="symbol_unknown", source="traded"), ["symbol_unknown"]),
        (done((BEGIN, END), state="symbol_unknown", source="delisted"), []),
        (StreamState(key=FILLS, source="sweep"), []),
    ],
    ids=lambda value: "" if isinstance(value, StreamState) else ", ".join(value) or "nothing",
)
def test_every_gap_has_its_cause(
    repository: ExchangeCacheRepository, state: StreamState, found: list[str]
) -> None:
    repository.ledger.save_state(state)

    assert codes(repository) == found


def test_what_is_forgotten_sooner_is_kept_apart_from_the_rest(
    repository: ExchangeCacheRepository,
) -> None:
    """The shortest retention stood for everything: a week of dust sweeps stood for three months
    of fills."""
    for scope, days in (("spot", 30), ("linear", 30), ("dust", 7)):
        floor = to_ms(NOW - days * DAY)
        lost = done((floor, END), floor_ms=floor, history_start_ms=0)
        repository.ledger.save_state(replace(lost, key=replace(FILLS, scope=scope)))

    (found,) = history_findings(repository, "main", NOW)
    assert found.message == (
        f"fills of spot, linear futures before {NOW - 30 * DAY:%Y-%m-%d}, "
        f"fills of dust conversions before {NOW - 7 * DAY:%Y-%m-%d} are no longer served"
    )


def test_fills_asked_symbol_by_symbol_are_named_by_what_is_traded_and_their_symbols(
    repository: ExchangeCacheRepository,
) -> None:
    for symbol in ("BTC/USDT:USDT", "ETH/USDT:USDT"):
        lost = done((BEGIN, END), floor_ms=BEGIN, history_start_ms=0)
        key = replace(FILLS, scope="linear", symbol=symbol)
        repository.ledger.save_state(replace(lost, key=key))

    (found,) = history_findings(repository, "main", NOW)
    day = f"{from_ms(BEGIN):%Y-%m-%d}"
    assert found.message == (
        f"fills of linear futures (BTC/USDT:USDT, ETH/USDT:USDT) before {day} are no longer served"
    )


def test_two_causes_of_failure_are_both_kept(repository: ExchangeCacheRepository) -> None:
    for symbol, error in (("BTC/USDT", "down"), ("ETH/USDT", "an HTML page")):
        repository.ledger.save_state(
            replace(
                done((BEGIN, END), state="failed", error=error), key=replace(FILLS, symbol=symbol)
            )
        )
    repository.derived.replace_findings("main", history_findings(repository, "main", NOW), NOW)

    text = " ".join(item.message for item in repository.derived.findings())
    assert all(word in text for word in ("BTC/USDT", "down", "ETH/USDT", "an HTML page"))


def test_every_finding_names_its_account_its_place_and_its_cure(
    repository: ExchangeCacheRepository,
) -> None:
    repository.ledger.save_state(done((BEGIN, END), state="failed", error="down"))
    repository.ledger.save_state(replace(done((BEGIN, END), history_start_ms=0), key=DEPOSITS))

    found = list(history_findings(repository, "main", NOW))
    assert [(item.account, item.code, item.since) for item in found] == [
        ("main", "history_failed", NOW),
        ("main", "out_of_retention", NOW),
    ]
    assert found[0].hint == "excache sync --account main"
    assert "spot" in found[0].message and "down" in found[0].message
    assert "2026-01-01" in found[1].message and "deposits" in found[1].message
    assert list(history_findings(repository, "other", NOW)) == []
