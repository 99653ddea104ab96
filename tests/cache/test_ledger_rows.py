"""The rows of the ledger, window by window and no more than asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings, strategies as st

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import to_ms
from exchange_cache.cost.suspected_events import MOMENT, suspected_swaps
from exchange_cache.cost.unclassified import unclassified_findings
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.fill_order import fill_order
from exchange_cache.ledger.rates import Rates as AllRates
from exchange_cache.records import Fill, FillKind, Transfer
from tests.cache.counting import steps
from tests.cost.builders import Rates, at, contract, fill, transfer
from tests.cost.test_fold import RENAMES
from tests.cost.test_properties import histories
from tests.effort import examples
from tests.sync.test_derivation import closing_at, keep

LAST = at(1000)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    with closing_at(tmp_path / "cache") as made:
        yield made


def ids(rows: object) -> list[str]:
    return [one.fill_id for one in rows]  # type: ignore[attr-defined]


def test_a_window_has_the_fills_of_its_time_in_their_order(
    repository: ExchangeCacheRepository,
) -> None:
    fills = [
        fill("buy", "1", "1", hour=1, fill_id="10"),
        fill("buy", "1", "1", hour=1, fill_id="9"),
        replace(fill("buy", "1", "1", hour=1, fill_id="8"), sequence=2),
        fill("buy", "1", "1", hour=2, fill_id="7"),
    ]
    keep(repository, *fills)
    rows = repository.ledger_rows()
    assert ids(rows.fills(at(0), at(2))) == ids(sorted(fills[:3], key=fill_order))
    assert ids(rows.fills(at(2), LAST)) == ["7"]
    streamed = repository.ledger_rows(streamed=True)
    assert ids(streamed.fills(at(0), LAST)) == ids(rows.fills(at(0), LAST))


def test_converts_are_apart_and_leveraged_fills_left_out(
    repository: ExchangeCacheRepository,
) -> None:
    keep(
        repository,
        fill("buy", "1", "1", fill_id="c", kind=FillKind.CONVERT),
        fill("buy", "1", "1", fill_id="l", kind=FillKind.LEVERAGED),
        fill("buy", "1", "1", fill_id="t"),
        contract("buy", "1", "1", fill_id="d"),
    )
    rows = repository.ledger_rows()
    assert ids(rows.fills(at(-1), LAST)) == ["d", "t"]
    assert ids(rows.derivatives(at(-1), LAST)) == ["d"]
    assert ids(rows.converts()) == ["c"]


def test_accounts_that_do_not_count_and_rows_of_other_codes_are_left_out(
    repository: ExchangeCacheRepository,
) -> None:
    keep(
        repository,
        fill("buy", "1", "1", fill_id="other account", account="b"),
        fill("buy", "1", "1", symbol="ETH/USDT", fill_id="other code"),
        fill("buy", "1", "1", "0.1 BTC", symbol="ETH/USDT", fill_id="fee"),
        fill("buy", "1", "1", symbol="ETH/BTC", fill_id="quote"),
        contract("buy", "1", "1", symbol="XRP/USD:BTC", fill_id="settle"),
        transfer("reward", "1", "ETH", fee="1 BTC", transfer_id="fee"),
        transfer("reward", "1", "ETH", transfer_id="other"),
    )
    rows = repository.ledger_rows({"b"}, {"BTC"})
    assert rows.accounts() == {"main"}
    assert sorted(ids(rows.fills(at(-1), LAST))) == ["fee", "quote", "settle"]
    assert [one.transfer_id for one in rows.transfers(at(-1), LAST)] == ["fee"]


def test_places_in_time(repository: ExchangeCacheRepository) -> None:
    rows = repository.ledger_rows()
    assert (rows.next_time(0), rows.last_time()) == (None, None)
    keep(repository, fill("buy", "1", "1", hour=3), transfer("reward", "1", hour=5))
    assert rows.next_time(0) == to_ms(at(3))
    assert rows.next_time(to_ms(at(3)) + 1) == rows.last_time() == to_ms(at(5))
    assert rows.time_after(0, 1) is None  # of each table
    keep(repository, fill("buy", "1", "1", hour=4))
    assert rows.time_after(0, 1) == to_ms(at(4))


@settings(max_examples=examples(40), deadline=None, phases=[Phase.generate])
@given(histories(), st.sampled_from([AssetEvents(), RENAMES]))
def test_the_rows_for_findings_give_those_of_all_rows(
    events: list[Fill | Transfer], assets: AssetEvents
) -> None:
    with TemporaryDirectory() as folder, closing_at(Path(folder) / "cache") as repository:
        keep(repository, *events)
        rows, whole = repository.ledger_rows(), repository.ledger.transfers()
        rates = AllRates(Rates({"BTC": "7", "XXX": "2"}), "USDT", assets)
        named = unclassified_findings(rows.unclassified(assets.codes()), rates, assets)
        assert list(named) == list(unclassified_findings(whole, rates, assets))
        moment = round(MOMENT.total_seconds() * 1000)
        swaps = suspected_swaps(rows.exchanged(assets.codes(), moment), assets)
        assert list(swaps) == list(suspected_swaps(whole, assets))


def test_findings_read_only_the_rows_that_may_be_one(repository: ExchangeCacheRepository) -> None:
    keep(
        repository,
        *(transfer("reward", "1", "DOT", hour=hour) for hour in range(50)),
        *(transfer("deposit", "1", "DOT", hour=hour) for hour in range(50)),
        transfer("adjustment", "-4", "OLD", hour=20, transfer_id="out"),
        transfer("unclassified", "1", "SOL", hour=30, transfer_id="nameless"),
    )
    rows = repository.ledger_rows()
    near = sorted((one.asset, one.time) for one in rows.exchanged((), 60_000))
    assert near == [("DOT", at(20)), ("OLD", at(20))]
    assert [one.transfer_id for one in rows.unclassified(())] == ["nameless"]
    assert len(rows.unclassified(("DOT",))) == 51


def test_what_was_exchanged_is_found_in_one_pass(repository: ExchangeCacheRepository) -> None:
    counted = []
    for number in (100, 1_000):
        out = transfer("adjustment", "-4", "OLD", hour=number, transfer_id=f"out {number}")
        keep(repository, *(transfer("reward", "1", "DOT", hour=one) for one in range(number)), out)
        rows = repository.ledger_rows()
        counted.append(steps(repository, lambda rows=rows: rows.exchanged((), 60_000)))
    assert counted[1] < counted[0] * 12


def test_what_may_have_changed_one_wallet_is_read_alone(
    repository: ExchangeCacheRepository,
) -> None:
    keep(
        repository,
        fill("buy", "1", "1", hour=2, fill_id="base"),
        fill("buy", "1", "1", symbol="ETH/BTC", hour=3, fill_id="quote"),
        fill("buy", "1", "1", "1 BTC", symbol="ETH/USDT", hour=3, fill_id="fee"),
        fill("buy", "1", "1", hour=1, account="b", fill_id="theirs"),
        contract("buy", "1", "1", symbol="BTC/USD:BTC", hour=1, account="b"),
        transfer("deposit", "1", hour=4, transfer_id="moved"),
        transfer("deposit", "1", "ETH", hour=4, transfer_id="other"),
    )
    rows = repository.ledger_rows()
    assert ids(rows.spot_of("main", "BTC", at(-1000))) == ["base", "quote"]
    assert [one.transfer_id for one in rows.moved_of("main", ("BTC",))] == ["moved"]
    assert rows.first_time("main") == to_ms(at(2))
    assert rows.first_time("nobody") is None
