"""``[alerts]``: every key is read, and every fault is named with its place."""

from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_cache.config.alerts import KEYS, Alerts, alerts
from exchange_cache.config.faults import Wrong
from exchange_cache.config.settings import load_settings
from exchange_cache.errors import ConfigError
from exchange_cache.value.alerts import AlertKind, AlertRules


def test_a_command_is_enough():
    found = alerts({"command": "notify --to 'the phone'"})
    assert found == Alerts(command=("notify", "--to", "the phone"))
    assert found.rules == AlertRules()
    assert AlertKind.TEST not in found.rules.events and len(found.rules.events) == 8


def test_every_key_is_read(configure):
    settings = load_settings(
        configure("""
[alerts]
command = ["a", "b c"]
timeout = "5s"
events = ["stale", "value"]
stale = "6h"
liquidation = 12.5
retention = "2d"
value_below = 10000
value_above = 20000.5
price_below = { BTC = 50000 }
price_above = { BTC = 90000, "1000SATS" = 0.1 }
""")
    )
    assert settings.alerts == Alerts(
        command=("a", "b c"),
        timeout=timedelta(seconds=5),
        rules=AlertRules(
            events=frozenset({AlertKind.STALE, AlertKind.VALUE}),
            stale=timedelta(hours=6),
            liquidation=Decimal("12.5"),
            retention=timedelta(days=2),
            value_below=Decimal(10000),
            value_above=Decimal("20000.5"),
            price_below={"BTC": Decimal(50000)},
            price_above={"BTC": Decimal(90000), "1000SATS": Decimal("0.1")},
        ),
    )
    assert set(KEYS) == {"command", "timeout"} | set(AlertRules.__dataclass_fields__)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("alerts = 1", "alerts must be a table, headed [alerts], not a whole number"),
        ("[alerts]\nstale = '1d'", "alerts must state its command"),
        ("[alerts]\ncommand = 'a \"b'", "alerts.command has an unclosed quotation mark"),
        ("[alerts]\ncommand = ''", "alerts.command must not be empty"),
        ("[alerts]\ncommand = 'a'\nliquidation = 101", "alerts.liquidation must be a number of"),
        ("[alerts]\ncommand = 'a'\nliquidaton = 1", 'did you mean "liquidation"?'),
        ("[alerts]\ncommand = 'a'\nevents = ['stal']", 'did you mean "stale"?'),
        ("[alerts]\ncommand = 'a'\nprice_below = { BTC = -1 }", "alerts.price_below.BTC must be"),
        ("[alerts]\ncommand = 'a'\nprice_below = 5", "must be a table such as { BTC = 50000 }"),
        ("[alerts]\ncommand = 'a'\ntimeout = '1h'", "alerts.timeout must be from"),
    ],
)
def test_a_fault_is_named_with_its_place(configure, text, what):
    with pytest.raises(ConfigError) as caught:
        load_settings(configure(text))
    assert what in str(caught.value)
    assert caught.value.exit_code == 78


def test_several_faults_are_named_at_once():
    with pytest.raises(Wrong) as caught:
        alerts({"stale": "soon", "value_below": -1, "other": 1})
    assert [place for place, _ in caught.value.parts] == [
        ("stale",),
        ("value_below",),
        ("other",),
        (),
    ]
