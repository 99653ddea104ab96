"""Alarms about unexplained quantities, beyond dust and rounding."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.value.alarms import alarms
from tests.value.test_difference import END, START, parts, split, standing


def test_what_nothing_explains_is_unexplained_and_an_alarm_beyond_dust() -> None:
    found = split(
        standing(START, {"BTC": "2", "ETH": "5"}, {"BTC": "100", "ETH": "10"}),
        standing(END, {"BTC": "1.5", "ETH": "5.001"}, {"BTC": "110", "ETH": "10"}),
    )
    assert parts(found) == {"price": 20, "unexplained": Decimal("-54.99")}
    (alarm,) = alarms(found, {"ETH": Decimal("0.01")}, {("main", "BTC"): Decimal(2)})
    assert (alarm.code, alarm.account, alarm.asset) == ("outflow_unexplained", "main", "BTC")
    assert alarm.message.startswith(
        "0.5 BTC (worth 55.00 USDT) left the account after 2026-01-01 00:00 UTC"
    )
    assert len(alarms(found, {}, {})) == 2
    rounding = split(standing(START, {"BTC": "2"}, {}), standing(END, {"BTC": "2.000001"}, {}))
    assert alarms(rounding, {}, {("main", "BTC"): Decimal(2)}) == ()
