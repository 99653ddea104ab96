"""Which rows book an asset event, and how later rows are read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exchange_cache.ledger.asset_events import AssetEvent, AssetEvents, EventKind
from exchange_cache.ledger.bookings import recognise
from exchange_cache.records import Fill, FillKind, Transfer
from tests.cost.builders import D, at, fill, transfer

RENAME = AssetEvent(kind=EventKind.RENAME, old="MATIC", new="POL", at=at(100))
OUT = transfer("unclassified", "-1000", "MATIC", hour=101, transfer_id="out")
BACK = transfer("reward", "1000", "POL", hour=101, transfer_id="in")


def found(*rows: Fill | Transfer, event: AssetEvent = RENAME, exchange: str = "venue") -> Any:
    return recognise(
        AssetEvents(events=(event,), exchange_of={"main": exchange}),
        [row for row in rows if isinstance(row, Fill)],
        [row for row in rows if isinstance(row, Transfer)],
    )


def test_two_rows_of_one_moment_are_the_event_once() -> None:
    known = found(OUT, BACK)
    (carry,) = known.carries
    assert (carry.given, carry.received, carry.time) == (D(1000), D(1000), at(101))
    assert known.transfers == ()


def test_each_wallet_books_its_own_part() -> None:
    more = (
        transfer("unclassified", "-5", "MATIC", hour=101.5),
        transfer("unclassified", "5", "POL", hour=101.5),
    )
    assert [carry.given for carry in found(OUT, BACK, *more).carries] == [D(1000), D(5)]


@pytest.mark.parametrize(
    "row",
    [
        replace(BACK, quantity=D(999)),
        replace(BACK, time=at(126)),
        replace(BACK, account="other"),
        replace(BACK, status="failed"),
    ],
    ids=["another quantity", "another day", "another account", "failed"],
)
def test_rows_that_do_not_fit_are_no_booking(row: Transfer) -> None:
    known = found(OUT, row, event=replace(RENAME, exchanges=("market",)))
    assert known.carries == ()
    assert set(known.transfers) == {OUT, row}


def test_a_booking_that_the_exchange_rounds_is_recognised() -> None:
    event = replace(RENAME, factor=D("0.43335"))
    (carry,) = found(
        replace(OUT, quantity=D(-3)), replace(BACK, quantity=D("1.30005")), event=event
    ).carries
    assert carry.received == D("1.30005")
    (carry,) = found(
        replace(OUT, quantity=D("-3.1")), replace(BACK, quantity=D("1.343385")), event=event
    ).carries
    assert carry.is_booked


def test_an_unbooked_event_applies_at_the_exchanges_that_it_names() -> None:
    row = fill("buy", "1", "1", symbol="MATIC/USDT")
    event = replace(RENAME, exchanges=("venue",))
    assert [carry.time for carry in found(row, event=event).carries] == [at(100)]
    assert found(row, event=event, exchange="market").carries == ()


def test_a_reused_code_is_not_read_as_the_old_asset() -> None:
    late = fill("buy", "1", "6", symbol="LUNA/USDT", hour=120)
    event = AssetEvent(kind=EventKind.REUSE, old="LUNA", new="LUNC", at=at(100))
    assert found(late, event=event).fills == (late,)


def test_late_rows_of_a_replaced_code_are_read_in_new_units() -> None:
    late = fill("sell", "4", "50", "0.4 MATIC", symbol="MATIC/USDT", hour=120)
    (read,) = found(late, event=replace(RENAME, factor=D(10))).fills
    assert (read.base, read.quantity, read.price, read.cost) == ("POL", D(40), D(5), D(200))
    assert [(one.asset, one.amount) for one in read.fees] == [("POL", D(4))]


def test_a_chain_of_renames_is_followed_to_its_end() -> None:
    late = transfer("deposit", "2", "A", hour=120)
    events = AssetEvents(
        events=(
            AssetEvent(kind=EventKind.RENAME, old="A", new="B", at=at(100), factor=D(10)),
            AssetEvent(kind=EventKind.RENAME, old="B", new="C", at=at(110)),
        )
    )
    (read,) = recognise(events, (), [late]).transfers
    assert (read.asset, read.quantity) == ("C", D(20))


def test_a_convert_of_the_two_assets_after_the_event_is_no_longer_one() -> None:
    later = fill("sell", "10", "1", symbol="MATIC/POL", hour=120, kind=FillKind.CONVERT)
    (carry,) = found(later).carries
    assert (carry.given, carry.time) == (D(10), at(120))


def test_without_events_every_row_is_returned_as_it_is() -> None:
    rows = (transfer("deposit", "1"),)
    assert recognise(AssetEvents(), (), rows).transfers == rows


def test_an_alias_is_read_as_its_asset_in_every_row() -> None:
    reward = transfer("reward", "0.1", "ETH2", hour=1, fee="0.01 ETH2")
    sold = fill("sell", "2", "3000", symbol="ETH2/USDT")
    elsewhere = transfer("reward", "0.1", "ETH2", account="other")
    known = recognise(AssetEvents(aliases={"main": {"ETH2": "ETH"}}), [sold], [reward, elsewhere])
    assert [one.asset for one in known.transfers] == ["ETH", "ETH2"]
    assert known.transfers[0].fee is not None and known.transfers[0].fee.asset == "ETH"
    assert [one.base for one in known.fills] == ["ETH"]
