"""Units that no row shows came between the last agreement and the first difference."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from exchange_cache.clock import to_ms
from exchange_cache.sync.arrivals import (
    ARRIVALS,
    Arrival,
    arrived_days,
    days_together,
    noted,
    remembered,
    stored,
)
from exchange_cache.sync.differences import Agreed, Difference, Verdict


def ms(day: int, hour: int = 0) -> int:
    return to_ms(datetime(2026, 1, day, hour, tzinfo=UTC))


def differs(amount: str, asset: str = "ETH") -> Difference:
    return Difference(asset=asset, amount=Decimal(amount), rounding=Decimal("0.001"))


def agreed(difference: str = "0", day: int = 2) -> Verdict:
    own = Agreed(difference=Decimal(difference), at_ms=ms(day, 12))
    return Verdict(agreed={"ETH": own}, checked_ms=ms(day, 12))


CAME = Arrival(amount=Decimal(2), since_ms=ms(2, 12), until_ms=ms(3, 12))


def test_units_came_since_both_agreed() -> None:
    assert noted({}, agreed(), [differs("2")], ms(3, 12)) == {"ETH": CAME}


def test_a_new_asset_came_since_the_last_comparison() -> None:
    before = Verdict(agreed={}, checked_ms=ms(2, 12))
    assert noted({}, before, [differs("2")], ms(3, 12)) == {"ETH": CAME}


def test_without_an_agreement_the_time_is_unknown() -> None:
    assert noted({}, Verdict(), [differs("2")], ms(3)) == {}
    assert noted({}, agreed("1"), [differs("2")], ms(3)) == {}


def test_what_is_less_than_the_events_or_rounding_is_no_arrival() -> None:
    assert noted({}, agreed(), [differs("-2")], ms(3)) == {}
    assert noted({}, agreed(), [differs("0.001")], ms(3)) == {}


def test_it_stays_until_more_comes_or_both_agree_again() -> None:
    known = {"ETH": CAME}
    assert noted(known, agreed("2", day=8), [differs("2")], ms(9)) == known
    more = noted(known, agreed("2", day=8), [differs("5")], ms(9))
    assert more == {"ETH": Arrival(amount=Decimal(5), since_ms=CAME.since_ms, until_ms=ms(9))}
    assert noted(known, agreed(), [differs("0")], ms(9)) == {}


def test_it_survives_the_memory_of_an_account() -> None:
    assert remembered({ARRIVALS: stored({"ETH": CAME})}) == {"ETH": CAME}
    assert remembered({}) == {}


def test_its_days_are_whole_ones() -> None:
    first, last = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 4, tzinfo=UTC)
    assert CAME.days == (first, last)


def test_several_accounts_have_days_of_their_own_and_together() -> None:
    later = Arrival(amount=Decimal(1), since_ms=ms(7), until_ms=ms(8))
    both = (CAME.days[0], later.days[1])

    assert days_together([CAME, later]) == both
    assert days_together([CAME, None]) is None
    assert days_together([]) is None
    memories = [{ARRIVALS: stored({"ETH": one})} for one in (CAME, later)]
    assert arrived_days(memories) == {("ETH", days) for days in (CAME.days, later.days, both)}
