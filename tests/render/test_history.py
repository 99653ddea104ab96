"""Net worth over time as a list."""

from exchange_cache.render.output import write_history
from tests.render.builders import NOW, PIPED, points, printed


def test_history_is_data_in_the_other_formats():
    assert (
        printed(write_history, points("100.5"), asset="USDT", form="csv", terminal=PIPED, now=NOW)
        == "time,value,reporting_asset\r\n2026-01-01T00:00:00Z,100.5,USDT\r\n"
    )
