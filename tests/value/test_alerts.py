"""Alerts of a reading by rules: each kind, its bound, and the id that stays while it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchange_cache.findings import Acceptance
from exchange_cache.records import DataType
from exchange_cache.value.alerts import Alert, AlertKind, AlertRules, Leaving, alerts_of
from exchange_cache.value.states import State
from tests.render.builders import NOW, finding, holding, position, reading, verdict

D = Decimal
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = AlertRules()


def kinds(found: tuple[Alert, ...]) -> list[str]:
    return [str(one.kind) for one in found]


def test_a_sound_portfolio_raises_nothing() -> None:
    assert alerts_of(reading(holding("BTC", "1", "64000")), RULES) == ()


def test_findings_of_the_watch_and_of_keys_are_alerts() -> None:
    accepted = Acceptance(reason="mine", at=NOW, until=NOW + DAY)
    found = alerts_of(
        reading(
            warnings=(
                finding("outflow_unexplained", "2 BTC left the account", account="main"),
                finding("account_emptied", "all is gone", account="kraken", hint="look"),
                finding("key_rights", "this key may TRADE", account="main"),
                finding("key_rights", "this key may TRADE and WITHDRAW", account="okx"),
                finding("unknown_cost", "nobody knows", account="main"),
                replace(finding("wallet_emptied", "gone", account="b"), accepted=accepted),
            )
        ),
        RULES,
    )
    assert kinds(found) == ["emptied", "unexplained", "withdraw"]
    assert (found[0].message, found[0].account, found[0].hint) == (
        "kraken: all is gone",
        "kraken",
        "look",
    )


def test_an_alert_keeps_its_id_while_only_ages_change() -> None:
    ids = {
        alerts_of(
            reading(warnings=(finding("outflow_unexplained", f"since {age}", account="main"),)),
            RULES,
        )[0].id
        for age in ("3 h", "2 d")
    }
    assert len(ids) == 1


@pytest.mark.parametrize(("distance", "near"), [("0.1", True), ("0.1001", False), (None, False)])
def test_a_position_near_its_liquidation(distance: str | None, near: bool) -> None:
    found = alerts_of(reading(positions=(position(distance=distance),)), RULES)
    assert kinds(found) == (["liquidation"] if near else [])
    if near:
        assert found[0].message == "main: BTC/USDT:USDT long is 10.0 % from liquidation"
        assert (found[0].figure, found[0].bound) == (D(10), D(10))


def test_data_that_is_too_old_or_never_came() -> None:
    verdicts = (
        verdict("a", age=DAY),
        verdict("b", age=DAY + HOUR),
        verdict("c", DataType.FILLS, age=None, error="refused", code="auth"),
        verdict("d", age=None),  # no run was made yet
    )
    found = alerts_of(reading(freshness=verdicts), RULES)
    assert [one.account for one in found] == ["b", "c"]
    assert found[1].message == "c: fills could not be read yet"
    old = found[0].message
    assert (
        old
        == f"b: balances are older than they may be: read at {NOW - DAY - HOUR:%Y-%m-%d %H:%M} UTC"
    )


@pytest.mark.parametrize(
    ("below", "above", "words"),
    [
        ("64000", None, []),
        ("64000.01", None, ["the portfolio is worth 64,000.00 USDT, below 64,000.01"]),
        (None, "64000", []),
        (None, "63999", ["the portfolio is worth 64,000.00 USDT, above 63,999"]),
    ],
)
def test_a_value_beyond_its_bound(below: str | None, above: str | None, words: list[str]) -> None:
    rules = AlertRules(
        value_below=None if below is None else D(below),
        value_above=None if above is None else D(above),
    )
    own = reading(holding("BTC", "1", "64000"))
    assert [one.message for one in alerts_of(own, rules)] == words
    missing = verdict("kraken", age=None, state=State.MISSING)
    assert alerts_of(replace(own, freshness=(missing,)), rules) == ()  # what is missing is unknown


def test_a_price_beyond_its_bound() -> None:
    own = reading(holding("BTC", "1", "64000"), holding("ETH", "1", "3000"))
    rules = AlertRules(price_below={"BTC": D(65000)}, price_above={"ETH": D(2999), "SOL": D(1)})
    found = alerts_of(own, rules)
    assert [(one.asset, one.figure, one.bound) for one in found] == [
        ("BTC", D(64000), D(65000)),
        ("ETH", D(3000), D(2999)),
    ]
    others = {"SOL": D("1.5"), "BTC": D(1)}  # that of a holding counts
    assert [one.figure for one in alerts_of(own, rules, prices=others)] == [
        D(64000),
        D(3000),
        D("1.5"),
    ]
    old = tuple(replace(one, price_state="stale") for one in own.holdings)
    assert alerts_of(replace(own, holdings=old), rules) == ()


def test_history_that_is_about_to_leave() -> None:
    until = NOW + timedelta(days=2, hours=5)
    found = alerts_of(reading(), RULES, [Leaving(account="a", history="fills", until=until)])
    assert [one.message for one in found] == [
        "a: fills that are not fetched are served for 2 days and 5 hours more"
    ]
    past = Leaving(account="a", history="fills", until=datetime(2020, 1, 1, tzinfo=UTC))
    assert "0 days and 0 hours" in alerts_of(reading(), RULES, [past])[0].message


def test_only_the_chosen_kinds() -> None:
    own = reading(positions=(position(distance="0.01"),), freshness=(verdict(age=2 * DAY),))
    assert kinds(alerts_of(own, RULES)) == ["stale", "liquidation"]
    only = AlertRules(events=frozenset({AlertKind.LIQUIDATION}))
    assert kinds(alerts_of(own, only)) == ["liquidation"]
