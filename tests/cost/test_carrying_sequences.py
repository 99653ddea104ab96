"""Cost through asset events between purchases, sales, moves between accounts and rewards: nothing
is lost or gained, to the last digit, whatever happened before."""

from __future__ import annotations

from datetime import timedelta
from decimal import localcontext
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.cost.averages import BasisBook, compute_basis
from exchange_cache.ledger.asset_events import AssetEvent, AssetEvents, EventKind
from exchange_cache.ledger.bookings import Carry, recognise
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Fill, Transfer
from tests.cost.builders import D, Rates, fill, transfer
from tests.cost.test_carrying import CODES, METHODS, events_of
from tests.effort import examples

ACCOUNTS = ("a", "b")
FIGURES = ("cost", "realised_pnl", "income", "deposited", "traded", "unexplained_proceeds")
AFTER = timedelta(milliseconds=1)
Rows = list[Fill | Transfer]


@st.composite
def sequences(draw: Any) -> Rows:
    """Purchases, sales, moves and rewards, each at its own hour."""
    rows: Rows = []
    for hour in sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=9))):
        kind = draw(st.sampled_from(["buy", "buy", "buy", "sell", "move", "reward"]))
        asset, account = draw(st.sampled_from(CODES)), draw(st.sampled_from(ACCOUNTS))
        amount = f"{draw(st.integers(1, 4000)) / 8:.3f}"
        price = f"{draw(st.integers(1, 5000)) / 100:.2f}"
        if kind in ("buy", "sell"):
            row = fill(kind, amount, price, symbol=f"{asset}/USDT", hour=hour, account=account)
            rows.append(row)
        elif kind == "reward":
            rows.append(transfer("reward", amount, asset, hour=hour, account=account))
        else:
            (there,) = set(ACCOUNTS) - {account}
            sent = {"hour": hour, "tx": f"tx{hour}"}
            rows.append(transfer("withdrawal", amount, asset, account=account, **sent))
            rows.append(transfer("deposit", amount, asset, account=there, **sent))
    return rows


def book(rows: Rows, events: tuple[AssetEvent, ...], method: str, until: Any) -> BasisBook:
    return compute_basis(
        [row for row in rows if isinstance(row, Fill)],
        [row for row in rows if isinstance(row, Transfer)],
        reporting_asset="USDT",
        rates=Rates(dict.fromkeys(CODES, "1.7")),
        method=method,
        assets=AssetEvents(events=events),
        until=until,
    )


def totals(found: BasisBook, account: str | None) -> dict[str, Any]:
    """The sums of an account (None: pooled) over all assets that events concern."""
    own = [basis for basis in found.bases if basis.account == account and basis.asset in CODES]
    return {name: sum((getattr(one, name) or ZERO for one in own), ZERO) for name in FIGURES}


def cost_of(found: BasisBook, asset: str, account: str) -> Any:
    basis = found.by_account.get((account, asset))
    return ZERO if basis is None else basis.cost


def carries(rows: Rows, events: tuple[AssetEvent, ...]) -> tuple[Carry, ...]:
    """Where and when each event happens: at its date, or when a credited split-off is booked."""
    fills = [row for row in rows if isinstance(row, Fill)]
    moves = [row for row in rows if isinstance(row, Transfer)]
    return recognise(AssetEvents(events=events), fills, moves).carries


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=examples(15), deadline=None)
@given(rows=sequences(), events=events_of())
def test_no_event_changes_a_total_and_a_split_off_takes_exactly_its_share(
    method: str, rows: Rows, events: tuple[AssetEvent, ...]
) -> None:
    with localcontext(EXACT):
        for carry in carries(rows, events):
            before = book(rows, events, method, carry.time)
            after = book(rows, events, method, carry.time + AFTER)
            for account in (None, *ACCOUNTS):
                assert totals(after, account) == totals(before, account), (carry, account)
            event, account = carry.event, carry.account
            if event.kind is EventKind.REDENOMINATION:
                continue
            whole = cost_of(before, event.old, account)
            left = whole - cost_of(after, event.old, account)
            share = D(1) if event.cost_share is None else event.cost_share
            assert abs(left - whole * share) <= D("1e-20")
            received = cost_of(after, event.new, account) - cost_of(before, event.new, account)
            assert received == left


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=examples(15), deadline=None)
@given(rows=sequences(), events=events_of())
def test_the_identity_of_cost_holds_at_the_end(
    method: str, rows: Rows, events: tuple[AssetEvent, ...]
) -> None:
    found = book(rows, events, method, None)
    with localcontext(EXACT):
        for basis in found.bases:
            assert basis.cost == (
                basis.deposited
                + basis.traded
                + basis.moved
                + (basis.realised_pnl or ZERO)
                + basis.unexplained_proceeds
                - basis.written_off
            )
        for bases in (found.pooled, found.by_account):
            assert sum((one.moved for one in bases.values()), ZERO) == 0
