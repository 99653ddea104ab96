"""What the last run left out, in words and as rows."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.data_types import DataType
from exchange_cache.render.unmoved import unmoved_document, unmoved_lines
from exchange_cache.value.unmoved import Unmoved
from tests.builders import NOW

HOUR = timedelta(hours=1)


def part(name: str, data_type: DataType, hours: int = 2, account: str = "main") -> Unmoved:
    return Unmoved(
        account=account,
        data_type=data_type,
        part=name,
        read_at=NOW - hours * HOUR,
        checked_at=NOW,
    )


PARTS = (
    part("earn", DataType.BALANCES),
    part("funding", DataType.BALANCES),
    part("linear", DataType.POSITIONS),
    part("open spot", DataType.ORDERS),
    part("spot", DataType.ORDERS, hours=3),
    part("spot", DataType.FILLS),
    part("spot", DataType.FILLS, account="other"),
)


def test_each_account_says_what_was_not_requested_since_when_and_that_it_will_be() -> None:
    read_at = f"{NOW - 3 * HOUR:%H:%M}"
    assert unmoved_lines(PARTS, NOW) == (
        "Nothing moved at main, so the last run did not request 2 empty wallets, 1 empty list of"
        " positions, 1 empty list of open orders and 2 histories, read last at"
        f" {read_at} UTC. Each is requested once a day.",
        "Nothing moved at other, so the last run did not request 1 history, read last at"
        f" {NOW - 2 * HOUR:%H:%M} UTC. Each is requested once a day.",
    )
    assert unmoved_lines((), NOW) == ()


def test_programs_get_a_row_per_part() -> None:
    assert unmoved_document(PARTS[:1]) == {
        "unmoved": [
            {
                "account": "main",
                "data_type": "balances",
                "part": "earn",
                "read_at": NOW - 2 * HOUR,
                "checked_at": NOW,
            }
        ]
    }
