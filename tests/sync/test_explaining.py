"""The cost of one asset with its newest steps, by few rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.ledger_rows import FILLS
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.sync import derivation
from exchange_cache.sync.explaining import explained
from tests.cost.builders import basis_book, fill
from tests.cost.test_fold import RENAMES
from tests.sync.test_derivation import closing_at, keep
from tests.sync.test_past_states import derive, of


@pytest.fixture
def repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ExchangeCacheRepository]:
    monkeypatch.setattr(derivation, "STEP", 4)
    with closing_at(tmp_path / "cache") as made:
        yield made


def trades(number: int) -> list[Any]:
    return [
        fill("buy", "1", str(1 + hour), hour=hour, account="ab"[hour % 2], fill_id=f"{hour:03}")
        for hour in range(number)
    ]


def test_all_steps_are_those_of_the_plain_computation(
    repository: ExchangeCacheRepository,
) -> None:
    rows = trades(20)
    keep(repository, *rows)
    derive(repository)
    found = explained(repository, of(AssetEvents()), "BTC")
    plain = basis_book(*rows, explain=("BTC",))
    assert found.whole
    assert found.steps == plain.steps["BTC"]
    assert found.account_steps["a"] == plain.account_steps["a", "BTC"]
    assert found.pooled is not None
    assert found.pooled.cost == plain.pooled["BTC"].cost
    assert (found.events, found.accounts) == (20, {"a", "b"})


def test_the_newest_steps_are_the_last_of_all(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(repository, *trades(40))
    derive(repository)
    whole = explained(repository, of(AssetEvents()), "BTC")
    read: list[int] = []
    each = FILLS.each

    def noted(rows: Any) -> Iterator[Any]:
        for one in each(rows):
            read.append(1)
            yield one

    monkeypatch.setattr(FILLS, "each", noted)
    found = explained(repository, of(AssetEvents()), "BTC", newest=5)
    assert not found.whole
    assert found.events == 40
    assert len(found.steps) >= 5
    assert found.steps == whole.steps[-len(found.steps) :]
    assert len(read) < 20
    assert found.pooled == whole.pooled


def test_rows_of_other_assets_are_not_read(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(
        repository,
        *(fill("buy", "1", "1", symbol="ETH/USDT", hour=hour, account="a") for hour in range(9)),
        fill("buy", "2", "1", symbol="XXX/USDT", hour=3, account="a"),
    )
    derive(repository, RENAMES)
    read: list[str] = []
    each = FILLS.each

    def noted(rows: Any) -> Iterator[Any]:
        for one in each(rows):
            read.append(one.base)
            yield one

    monkeypatch.setattr(FILLS, "each", noted)
    found = explained(repository, of(RENAMES), "YYY")
    assert found.pooled is not None
    assert (found.pooled.quantity, found.pooled.cost) == (4, 2)
    assert set(read) == {"XXX"}
