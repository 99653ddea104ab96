"""Fills and transfers as changes of holdings, which replay to any earlier moment."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.ledger.asset_events import AssetEvent, AssetEvents, EventKind
from exchange_cache.ledger.replay import Cause, flows
from tests.cost.builders import at, fill, transfer
from tests.ledger.held import held_at


def test_holdings_are_replayed_in_both_directions() -> None:
    found = flows(
        [fill("buy", "2", "10", hour=5), fill("sell", "1", "12", "0.1 BTC", hour=9)],
        [transfer("deposit", "100", "USDT", hour=1)],
    )
    now = {("main", "BTC"): Decimal("0.9"), ("main", "USDT"): Decimal(92)}
    assert held_at(now, {"main": at(20)}, found, at(7)) == {
        ("main", "BTC"): 2,
        ("main", "USDT"): 80,
    }
    assert held_at(now, {"main": at(20)}, found, at(0)) == {}
    assert held_at({}, {"main": at(0)}, found, at(20)) == now
    assert {flow.cause for flow in found} == {Cause.TRADES, Cause.FEES, Cause.DEPOSITS}


def test_the_same_record_twice_is_one_flow() -> None:
    one = fill("buy", "2", "10", fill_id="7")
    move = transfer("reward", "1", "BTC", transfer_id="r")
    assert flows([one, one], [move, move]) == flows([one], [move])


def test_a_failed_transfer_moved_nothing() -> None:
    assert (
        flows(
            [],
            [
                transfer("withdrawal", "1", "BTC", status="failed"),
                transfer("deposit", "1", "BTC", status="pending"),
            ],
        )
        == ()
    )


def test_holdings_before_a_redenomination_are_in_old_units() -> None:
    event = AssetEvent(
        kind=EventKind.REDENOMINATION, old="DOT", new="DOT", at=at(50), factor=Decimal(100)
    )
    bought = fill("buy", "10", "300", symbol="DOT/USDT", hour=5)
    sold = fill("sell", "200", "4", symbol="DOT/USDT", hour=60)
    found = flows([bought, sold], [], AssetEvents(events=(event,)))
    now = {("main", "DOT"): Decimal(800)}
    held = [held_at(now, {"main": at(99)}, found, at(hour)) for hour in (55, 49)]
    assert [one["main", "DOT"] for one in held] == [Decimal(1000), Decimal(10)]


def test_holdings_before_a_rename_are_of_the_old_asset() -> None:
    event = AssetEvent(kind=EventKind.RENAME, old="MATIC", new="POL", at=at(50))
    bought = fill("buy", "10", "1", symbol="MATIC/USDT", hour=5)
    booked = [
        transfer("unclassified", "-10", "MATIC", hour=51),
        transfer("reward", "10", "POL", hour=51),
    ]
    for rows in ([], booked):
        found = flows([bought], rows, AssetEvents(events=(event,)))
        now = {("main", "POL"): Decimal(10)}
        before = held_at(now, {"main": at(99)}, found, at(49))
        assert (before["main", "MATIC"], before.get(("main", "POL"))) == (10, None)
        assert {flow.cause for flow in found if flow.asset == "POL"} == {Cause.MOVES}
