"""The journal holds every result of a book, lot by lot, to the last digit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.contracts import Contracts
from exchange_cache.cost.fold import Fold, FoldSettings
from exchange_cache.cost.journal import Disposal, Entry, Result
from exchange_cache.cost.player import Player
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.rates import Rates as AllRates
from exchange_cache.ledger.timeline import Timeline
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Fill, Transfer
from tests.cost.builders import D, Rates, at, fill, transfer
from tests.cost.test_fold import BEGIN, DUST, END, RENAMES, STATED, UNREAD, Rows, differences
from tests.cost.test_properties import RATES, histories, hours
from tests.effort import examples

NONE = AssetEvents()


def journalled(
    events: Sequence[Fill | Transfer],
    method: Method,
    *,
    pooled: bool,
    cuts: Iterable[datetime] = (),
    assets: AssetEvents = NONE,
    journal: bool = True,
    dust: dict[str, Decimal] | None = None,
    **more: Any,
) -> tuple[list[Entry], list[AssetBasis]]:
    """The entries, drained behind each window, and the bases."""
    rows = Rows(events)
    timeline = Timeline(rows, rates=AllRates(Rates(RATES), "USDT", assets), assets=assets, **more)
    found = FoldSettings(
        reporting_asset="USDT",
        methods=(method,),
        dust={} if dust is None else dust,
        alone=len(rows.accounts()) == 1,
        journal=journal,
    )
    player = Player(Fold(found), timeline, Contracts())
    entries: list[Entry] = []
    for start, end in pairwise([BEGIN, *sorted(cuts), END]):
        player.play(start, end)
        entries += player.fold.drained(pooled=pooled)
    bases = [] if player.last is None else player.fold.bases(player.last, player.order)
    return entries + player.fold.drained(pooled=pooled), bases


def lots(
    *events: Fill | Transfer, method: str = "fifo", pooled: bool = False, **more: Any
) -> list[Disposal]:
    entries, _ = journalled(events, Method(method), pooled=pooled, **more)
    return [one for one in entries if isinstance(one, Disposal)]


def figures(found: Iterable[Disposal]) -> list[tuple[object, ...]]:
    return [(one.opened_at, one.quantity, one.proceeds, one.cost, one.gain) for one in found]


def test_a_sale_closes_the_oldest_lots_and_a_part_of_the_next() -> None:
    found = lots(
        fill("buy", "1", "100", "1 USDT", hour=1),
        fill("buy", "2", "200", hour=2),
        fill("sell", "2", "300", "6 USDT", hour=3),
    )
    assert figures(found) == [
        (at(1), D(1), D(297), D(101), D(196)),
        (at(2), D(1), D(297), D(200), D(97)),
    ]
    assert {(one.closed_at, one.kind, one.symbol, one.short) for one in found} == {
        (at(3), "sell", "BTC/USDT", False)
    }


@pytest.mark.parametrize(("method", "opened"), [("lifo", 2), ("hifo", 2), ("fifo", 1)])
def test_the_method_decides_which_lot_is_closed(method: str, opened: int) -> None:
    (found,) = lots(
        fill("buy", "1", "100", hour=1),
        fill("buy", "1", "200", hour=2),
        fill("sell", "1", "150", hour=3),
        method=method,
    )
    assert found.opened_at == at(opened)


def test_units_at_the_running_average_have_no_date() -> None:
    (found,) = lots(
        fill("buy", "1", "100", hour=1),
        fill("buy", "1", "200", hour=2),
        fill("sell", "1", "150", hour=3),
        method="average",
    )
    assert figures([found]) == [(None, D(1), D(150), D(150), D(0))]
    assert found.held is None


def test_units_of_unknown_cost_have_no_gain() -> None:
    found = lots(
        transfer("deposit", "1", hour=1),
        fill("buy", "1", "100", hour=2),
        fill("sell", "3", "200", hour=3),
    )
    # the deposit first, then the purchase, then what no event brought
    assert figures(found) == [
        (at(2), D(1), D(200), D(100), D(100)),
        (at(1), D(1), D(200), None, None),
        (None, D(1), D(200), None, None),
    ]


def test_a_lot_keeps_its_date_through_a_transfer_between_own_accounts() -> None:
    events = (
        fill("buy", "1", "100", hour=1, account="a"),
        transfer("withdrawal", "1", hour=2, account="a", tx="0xab"),
        transfer("deposit", "1", hour=3, account="b", tx="0xab"),
        fill("sell", "1", "130", hour=4, account="b"),
    )
    for pooled in (False, True):
        (found,) = lots(*events, pooled=pooled)
        assert (found.account, found.opened_at, found.gain) == ("b", at(1), D(30))


def test_a_covered_short_states_when_it_was_sold() -> None:
    (found,) = lots(
        fill("sell", "2", "100", hour=1, category="margin"),
        fill("buy", "1", "90", hour=5, category="margin"),
    )
    assert found.short and (found.opened_at, found.closed_at) == (at(1), at(5))
    assert figures([found]) == [(at(1), D(1), D(100), D(90), D(10))]


def test_a_fee_in_a_third_coin_closes_its_lots() -> None:
    found = lots(
        fill("buy", "2", "5", symbol="BNB/USDT", hour=1),
        fill("buy", "1", "100", "1 BNB", hour=2),
    )
    (fee,) = found
    worth = D(RATES["BNB"])
    assert (fee.asset, fee.quantity, fee.cost) == ("BNB", D(1), D(5))
    assert fee.proceeds == worth


def test_dust_is_written_off_lot_by_lot() -> None:
    found = lots(
        fill("buy", "1", "100", hour=1),
        fill("buy", "1", "300", hour=2),
        fill("sell", "1.9", "200", hour=3),
        dust={"BTC": D("0.5")},
    )
    assert found[-1].kind == "dust_written_off"
    assert figures(found[-1:]) == [(at(2), D("0.1"), D(0), D(30), D(-30))]


def test_income_is_a_result_without_a_lot() -> None:
    entries, _ = journalled([transfer("reward", "1", "BTC", hour=1)], Method.FIFO, pooled=True)
    assert [(one.flow, one.value) for one in entries if isinstance(one, Result)] == [
        ("income", D(RATES["BTC"]))
    ]


def sums(entries: Iterable[Entry], *, pooled: bool) -> dict[tuple[str, str], tuple[Decimal, ...]]:
    """By account and asset: gains, other results, and what is unknown of disposals."""
    found: dict[tuple[str, str], list[Decimal]] = {}
    with localcontext(EXACT):
        for one in entries:
            own = found.setdefault(("" if pooled else one.account, one.asset), [ZERO] * 4)
            if isinstance(one, Result):
                own[1] += one.value
            elif one.gain is not None:
                own[0] += one.gain
            else:
                own[2] += one.proceeds or ZERO
                own[3] += (one.cost or ZERO) if one.proceeds is None else ZERO
    return {place: tuple(own) for place, own in found.items() if any(own)}


def results(bases: Iterable[AssetBasis], *, pooled: bool) -> dict[tuple[str, str], object]:
    """The same of the bases."""
    found = {}
    for one in bases:
        if (one.account is None) == pooled:
            with localcontext(EXACT):
                others = one.derivative_pnl + one.funding + one.income + one.expenses
            own = (one.trading_pnl, others, one.unexplained_proceeds, one.written_off)
            found[one.account or "", one.asset] = own
    return {place: own for place, own in found.items() if any(own)}


@settings(max_examples=examples(200), deadline=None)
@given(
    histories(),
    st.lists(hours, max_size=3),
    st.sampled_from([NONE, RENAMES, UNREAD]),
    st.sampled_from([(), STATED]),
    st.sampled_from(tuple(Method)),
    st.booleans(),
)
def test_entries_add_up_to_the_results_of_every_book(
    events: list[Fill | Transfer],
    cuts: list[float],
    assets: AssetEvents,
    stated: Any,
    method: Method,
    pooled: bool,
) -> None:
    more = {"stated": stated, "cash": ("EUR",), "assets": assets, "dust": DUST}
    moments = [at(hour) for hour in cuts]
    entries, bases = journalled(events, method, pooled=pooled, cuts=moments, **more)
    _, plain = journalled(events, method, pooled=pooled, journal=False, **more)
    assert differences(bases, plain) == []  # keeping a journal changes no figure
    assert sums(entries, pooled=pooled) == results(bases, pooled=pooled)
    assert entries == sorted(entries, key=lambda one: one.closed_at)
