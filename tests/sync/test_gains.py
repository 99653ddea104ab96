"""Closed lots of a whole ledger add up to the results that every other command shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.journal import Entry, Result
from exchange_cache.money import EXACT, ZERO
from exchange_cache.render.gains import row_of
from exchange_cache.simulator.venue import ALL_ACCOUNTS
from exchange_cache.sync import derivation
from exchange_cache.sync.costs import CostSettings, stored_bases
from exchange_cache.sync.gains import closed_lots, is_pooled
from exchange_cache.value.gains import GainsReport, TaxRules
from tests.e2e.world import World

METHODS = ("average", "fifo", "lifo", "hifo")
DEMO = ("main", "bybit", "kraken")


@pytest.fixture
def demo(synced: World) -> Iterator[ExchangeCacheRepository]:
    with closing(synced.repository()) as repository:
        yield repository


def settings(method: str, accounts: Iterable[str] = DEMO) -> CostSettings:
    return CostSettings(reporting_asset="USDT", method=method, accounts=tuple(accounts))


def by_place(entries: Iterable[Entry], *, pooled: bool) -> dict[tuple[str, str], Decimal]:
    """Results by account and asset, where there are any."""
    found: dict[tuple[str, str], Decimal] = {}
    with localcontext(EXACT):
        for one in entries:
            place = ("" if pooled else one.account, one.asset)
            value = one.value if isinstance(one, Result) else one.gain
            found[place] = found.get(place, ZERO) + (value or ZERO)
    return {place: value for place, value in found.items() if value}


def realised(bases: Iterable[AssetBasis], *, pooled: bool) -> dict[tuple[str, str], Decimal]:
    return {
        (one.account or "", one.asset): one.realised_pnl
        for one in bases
        if (one.account is None) == pooled and one.realised_pnl
    }


def shown(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Entries as rows; their places among events of one millisecond may differ."""
    counted = GainsReport(rules=TaxRules()).counted(entries)
    return [row_of(one) for one in counted]


def agrees(repository: ExchangeCacheRepository, own: CostSettings) -> int:
    """Compare every place of both kinds of books; how many places there are."""
    bases = stored_bases(repository, own)
    compared = 0
    for pooled in (True, False):
        entries = closed_lots(repository, own, accounts=own.accounts, pooled=pooled)
        expected = realised(bases, pooled=pooled)
        assert by_place(entries, pooled=pooled) == expected
        compared += len(expected)
    return compared


@pytest.mark.sampled(4)
@pytest.mark.parametrize("method", METHODS)
def test_lots_of_the_demo_add_up_to_every_realised_result(
    demo: ExchangeCacheRepository, method: str
) -> None:
    assert agrees(demo, settings(method)) > 20


@pytest.mark.long
def test_lots_of_all_six_exchanges_add_up_to_every_realised_result(
    make_world: Callable[..., World],
) -> None:
    world = make_world(accounts=ALL_ACCOUNTS, fills=1200, history_days=400)
    assert world.run("sync").code == 0
    with closing(world.repository()) as repository:
        for method in METHODS:
            assert agrees(repository, settings(method, ALL_ACCOUNTS)) > 40


@pytest.mark.long
def test_a_year_from_a_stored_state_is_that_of_the_whole(
    demo: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = settings("fifo")
    since, until = TaxRules().span(2025)
    for pooled in (True, False):
        whole = shown(closed_lots(demo, own, accounts=DEMO, pooled=pooled))
        part = closed_lots(demo, own, accounts=DEMO, pooled=pooled, since=since, until=until)
        assert shown(part) == [one for one in whole if since <= one["closed_at"] < until]
        monkeypatch.setattr(derivation, "STEP", 700)  # other windows


def test_an_asset_and_an_account_are_parts_of_the_whole(demo: ExchangeCacheRepository) -> None:
    own = settings("fifo")
    whole = shown(closed_lots(demo, own, accounts=DEMO, pooled=False))
    part = shown(closed_lots(demo, own, accounts=("kraken",), pooled=False, asset="ETH"))
    assert len(part) > 10
    assert part == [one for one in whole if (one["account"], one["asset"]) == ("kraken", "ETH")]


def test_books_are_pooled_as_in_the_portfolio(demo: ExchangeCacheRepository) -> None:
    own = settings("fifo")
    assert is_pooled(demo, own, DEMO, per_account=False)
    assert not is_pooled(demo, own, DEMO, per_account=True)
    assert not is_pooled(demo, own, ("main", "kraken"), per_account=False)


def test_one_window_at_a_time_is_in_memory(
    demo: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derivation, "STEP", 200)
    drained: list[int] = []
    known = derivation.Player.play

    def play(player: derivation.Player, start: datetime, end: datetime) -> None:
        holdings = player.fold.holdings.values()
        states = [state for one in holdings for state in one.states]
        drained.append(sum(len(one.journal.entries) for one in states if one.journal))
        known(player, start, end)

    monkeypatch.setattr(derivation.Player, "play", play)
    report = GainsReport(rules=TaxRules())
    for _ in report.counted(closed_lots(demo, settings("fifo"), accounts=DEMO, pooled=True)):
        pass
    assert len(drained) > 20 and set(drained) == {0}
    assert report.whole.disposals > 5000


def test_a_period_without_anything_is_empty(demo: ExchangeCacheRepository) -> None:
    end = datetime(2015, 1, 1, tzinfo=UTC)
    part = closed_lots(
        demo,
        settings("fifo"),
        accounts=DEMO,
        pooled=True,
        since=end - timedelta(days=1),
        until=end,
    )
    assert list(part) == []
