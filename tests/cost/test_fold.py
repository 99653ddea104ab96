"""The fold gives the answers of the plain computation, wherever its windows begin."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.cost.averages import compute_basis
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.contracts import Contracts
from exchange_cache.cost.fold import Fold, FoldSettings
from exchange_cache.cost.player import Player
from exchange_cache.ledger.asset_events import AssetEvent, AssetEvents, EventKind
from exchange_cache.ledger.events import StatedBasis
from exchange_cache.ledger.fill_order import fill_order
from exchange_cache.ledger.rates import Rates as AllRates
from exchange_cache.ledger.timeline import Timeline
from exchange_cache.records import Fill, FillKind, Transfer, TransferKind
from tests.cost.builders import T0, Rates, at, fill, transfer
from tests.cost.test_properties import RATES, histories, hours
from tests.effort import examples

BEGIN = T0 - timedelta(days=30)
END = T0 + timedelta(days=30)
ENDS = {TransferKind.DEPOSIT, TransferKind.WITHDRAWAL, TransferKind.SUBSCRIPTION}


class Rows:
    """A ledger in memory."""

    def __init__(self, events: Iterable[Fill | Transfer]) -> None:
        unique = {(type(one), one.key): one for one in events}.values()
        fills = [one for one in unique if isinstance(one, Fill)]
        self._fills = sorted(
            (one for one in fills if one.kind not in (FillKind.CONVERT, FillKind.LEVERAGED)),
            key=fill_order,
        )
        self._converts = [one for one in fills if one.kind is FillKind.CONVERT]
        self._transfers = [one for one in unique if isinstance(one, Transfer)]

    def accounts(self) -> Collection[str]:
        return {one.account for one in (*self._fills, *self._converts, *self._transfers)}

    def converts(self) -> Iterable[Fill]:
        return self._converts

    def ends(self) -> Iterable[Transfer]:
        return [one for one in self._transfers if one.kind in ENDS]

    def internal(self) -> Iterable[Transfer]:
        return [one for one in self._transfers if one.kind is TransferKind.INTERNAL]

    def of_codes(self, codes: Collection[str]) -> Iterable[Transfer]:
        return [one for one in self._transfers if one.kind not in ENDS and one.asset in codes]

    def others(self) -> Iterable[Transfer]:
        return [one for one in self._transfers if one.kind not in ENDS]

    def fills(self, start: datetime, end: datetime) -> Iterator[Fill]:
        return (one for one in self._fills if start <= one.time < end)

    def transfers(self, start: datetime, end: datetime) -> Iterable[Transfer]:
        own = (one for one in self._transfers if one.kind not in ENDS)
        return [one for one in own if start <= one.time < end]


RENAMES = AssetEvents(
    events=(
        AssetEvent(kind=EventKind.RENAME, old="XXX", new="YYY", at=at(20), factor=Decimal(2)),
        AssetEvent(
            kind=EventKind.REDENOMINATION, old="BTC", new="BTC", at=at(30), factor=Decimal(5)
        ),
    )
)
#: A wallet of both accounts that is not read.
UNREAD = AssetEvents(unread={"a": frozenset({"bots"}), "b": frozenset({"bots"})})
STATED = (
    StatedBasis(account=None, asset="XXX", quantity=Decimal(3), price=Decimal(2), at=at(9)),
    StatedBasis(account="a", asset="BTC", quantity=Decimal(1), price=Decimal(100), at=at(2)),
)
DUST = {"BTC": Decimal("0.2"), "XXX": Decimal(1)}


def folded(
    events: Sequence[Fill | Transfer], cuts: Iterable[datetime], assets: AssetEvents, **more: Any
) -> list[AssetBasis]:
    rows = Rows(events)
    timeline = Timeline(rows, rates=AllRates(Rates(RATES), "USDT", assets), assets=assets, **more)
    found = FoldSettings(
        reporting_asset="USDT", methods=tuple(Method), dust=DUST, alone=len(rows.accounts()) == 1
    )
    player = Player(Fold(found), timeline, Contracts())
    moments = [BEGIN, *sorted(cuts), END]
    for start, end in pairwise(moments):
        player.play(start, end)
    if player.last is None:
        return []
    return list(player.fold.bases(player.last, player.order))


def placed(bases: Iterable[AssetBasis]) -> dict[tuple[str, str, str], AssetBasis]:
    return {(str(one.method), one.account or "", one.asset): one for one in bases}


def differences(own: Iterable[AssetBasis], plain: Iterable[AssetBasis]) -> list[object]:
    """Each figure that is not the same to the last digit."""
    ours, theirs = placed(own), placed(plain)
    found: list[object] = sorted(ours.keys() ^ theirs.keys())
    for place in ours.keys() & theirs.keys():
        for name in (item.name for item in fields(AssetBasis)):
            one, other = getattr(ours[place], name), getattr(theirs[place], name)
            if one != other:
                found.append((place, name, one, other))
    return found


@settings(max_examples=examples(300), deadline=None)
@given(
    histories(),
    st.lists(hours, max_size=4),
    st.sampled_from([AssetEvents(), RENAMES, UNREAD]),
    st.sampled_from([(), STATED]),
)
def test_the_fold_agrees_with_the_plain_computation(
    events: list[Fill | Transfer], cuts: list[float], assets: AssetEvents, stated: Any
) -> None:
    fills = [one for one in events if isinstance(one, Fill)]
    moves = [one for one in events if isinstance(one, Transfer)]
    plain: list[AssetBasis] = []
    for method in Method:
        plain += compute_basis(
            fills,
            moves,
            reporting_asset="USDT",
            rates=Rates(RATES),
            method=method,
            dust=DUST,
            stated=stated,
            assets=assets,
            cash=("EUR",),
        ).bases
    own = folded(events, [at(hour) for hour in cuts], assets, stated=stated, cash=("EUR",))
    assert differences(own, plain) == []


MOMENTS = (0, 0.001, 1, 59)


@pytest.mark.parametrize("later", MOMENTS, ids=lambda seconds: f"{seconds} s later")
@pytest.mark.parametrize("cuts", [(), (5,), (5 - 1 / 120,), (5.0000001,), (5.01, 5.02)], ids=str)
def test_a_loan_logged_after_its_order_counts_before_it(
    later: float, cuts: tuple[float, ...]
) -> None:
    events = [
        fill("buy", "2", "90", hour=1, account="a"),
        fill("sell", "5", "100", hour=5, account="a"),
        transfer("loan", "3", "BTC", hour=5 + later / 3600, account="a"),
        fill("buy", "1", "80", hour=7, account="a"),
    ]
    own = folded(events, [at(hour) for hour in cuts], AssetEvents())
    pool = placed(own)["fifo", "", "BTC"]
    assert (pool.quantity, pool.explained_quantity, pool.cost) == (-2, -2, -200)
    plain: list[AssetBasis] = []
    for method in Method:
        plain += compute_basis(
            [one for one in events if isinstance(one, Fill)],
            [one for one in events if isinstance(one, Transfer)],
            reporting_asset="USDT",
            rates=Rates(RATES),
            method=method,
            dust=DUST,
        ).bases
    assert differences(own, plain) == []
