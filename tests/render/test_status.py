"""The list of ``excache status``."""

import json
from datetime import timedelta

from exchange_cache.records import (
    DataType,
)
from exchange_cache.render.status import status_listing, status_rows
from exchange_cache.value.freshness import State
from tests.render.builders import (
    NOW,
    listed,
    tty,
    verdict,
    verdicts,
)

STATUS = (
    *verdicts("main", age=timedelta(minutes=2)),
    verdict("kraken", age=timedelta(hours=3), error="timed out (13:02, 14:03)"),
    verdict("kraken", DataType.POSITIONS, age=None, state=State.NOT_OFFERED),
    verdict("kraken", DataType.FILLS, age=None),
    verdict("kraken", DataType.PRICES, age=timedelta(minutes=4)),
)


def test_status_is_a_matrix_of_ages():
    listing = status_listing(
        STATUS,
        NOW,
        notes=["Next cron run 15:07.   Nothing runs."],
    )
    assert (
        listed(listing, terminal=tty(110))
        == "Account  Balances   Positions  Orders  Fills  Transfers  Prices  Last error\n"
        "main     2 min      2 min      2 min   2 min  2 min      2 min\n"
        "kraken   3 h stale  -          -       never  -          4 min   timed out (13:02,"
        " 14:03)\n"
        "\n"
        "Next cron run 15:07.   Nothing runs.\n"
    )


def test_on_a_narrow_terminal_the_last_error_stands_below_and_never_vanishes():
    listing = status_listing(STATUS, NOW)
    assert (
        listed(listing, terminal=tty(80))
        == "Account  Balances   Positions  Orders  Fills  Transfers  Prices\n"
        "main     2 min      2 min      2 min   2 min  2 min      2 min\n"
        "kraken   3 h stale  -          -       never  -          4 min\n"
        "\n"
        "kraken: timed out (13:02, 14:03)\n"
    )


def test_status_for_programs_has_a_row_per_data_type():
    rows = json.loads(
        listed(status_rows(STATUS[6:7], NOW, exchanges={"kraken": "kraken"}), "json")
    )["rows"]
    assert rows == [
        {
            "account": "kraken",
            "exchange": "kraken",
            "data_type": "balances",
            "state": "stale",
            "succeeded_at": "2026-01-31T11:15:00Z",
            "age_seconds": 10800,
            "ttl_seconds": 3600,
            "error": "timed out (13:02, 14:03)",
            "error_code": None,
            "generic": False,
        }
    ]


def test_status_for_programs_marks_an_exchange_without_a_policy_of_its_own():
    rows = status_rows(STATUS[6:7], NOW, exchanges={"kraken": "bitmex"}, generic={"kraken"})
    (row,) = json.loads(listed(rows, "json"))["rows"]
    assert (row["exchange"], row["generic"]) == ("bitmex", True)
