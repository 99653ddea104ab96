"""What exchanges changed afterwards, as lines and as a document."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.ledger.afterwards import Afterwards, FieldChange
from exchange_cache.records import DataType
from exchange_cache.render.afterwards import afterwards_document, afterwards_lines
from tests.builders import NOW, T0

CHANGED = Afterwards(
    account="main",
    data_type=DataType.FILLS,
    symbol="BTC/USDT",
    row_id="77",
    time=T0,
    what="changed",
    noticed_at=NOW,
    assets=("BTC", "USDT"),
    changes=(
        FieldChange(field="price", before="100", after="90"),
        FieldChange(field="realised_pnl", before="3", after=None),
    ),
)
VANISHED = replace(CHANGED, what="vanished", changes=())
GONE = replace(VANISHED, data_type=DataType.TRANSFERS, symbol=None, assets=("ETH",), row_id="d1")
BEGIN = f"Changed afterwards by the exchange, {NOW:%Y-%m-%d}: main,"


def test_a_line_states_what_became_what() -> None:
    assert afterwards_lines([CHANGED]) == [
        f"{BEGIN} fill 77 of BTC/USDT ({T0:%Y-%m-%d %H:%M}) changed: price 100 -> 90,"
        " realised_pnl 3 -> -"
    ]


def test_a_row_that_is_no_longer_served_and_one_that_is_again() -> None:
    at = f"({T0:%Y-%m-%d %H:%M})"
    assert afterwards_lines([replace(GONE, what="returned"), GONE]) == [
        f"{BEGIN} transfer d1 of ETH {at} is no longer served, and does not count",
        f"{BEGIN} transfer d1 of ETH {at} is served again, and counts",
    ]


def test_many_changes_are_counted_and_the_newest_shown() -> None:
    found = [replace(CHANGED, row_id=str(number)) for number in range(8)]
    lines = afterwards_lines(found)

    assert [line.split(" fill ")[1].split()[0] for line in lines[:-1]] == ["7", "6", "5", "4", "3"]
    assert lines[-1] == "3 more changed afterwards: --json"
    assert len(afterwards_document(found)) == 8


def test_programs_get_every_field() -> None:
    assert afterwards_document([CHANGED]) == [
        {
            "account": "main",
            "data_type": "fills",
            "symbol": "BTC/USDT",
            "assets": ["BTC", "USDT"],
            "id": "77",
            "time": T0,
            "what": "changed",
            "noticed_at": NOW,
            "changes": [
                {"field": "price", "before": "100", "after": "90"},
                {"field": "realised_pnl", "before": "3", "after": None},
            ],
        }
    ]
