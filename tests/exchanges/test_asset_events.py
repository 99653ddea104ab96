"""The shipped list of asset events: complete, sourced, without contradictions, and in the wheel."""

from __future__ import annotations

import json
from configparser import ConfigParser
from datetime import UTC, datetime, timedelta

import ccxt

from exchange_cache.exchanges.asset_events import (
    LIST,
    events_in_force,
    known_events,
    listed_events,
)
from exchange_cache.ledger.asset_events import AssetEvent, EventKind
from tests.test_house import ROOT

NOW = datetime(2026, 7, 1, tzinfo=UTC)
STATED = AssetEvent(
    kind=EventKind.RENAME, old="MATIC", new="POL", at=datetime(2024, 10, 14, tzinfo=UTC)
)


def test_at_least_twelve_events_are_shipped_one_line_each() -> None:
    lines = [line for line in LIST.read_text("utf-8").splitlines() if line.startswith("{")]
    assert len(lines) == len(listed_events()) >= 12
    assert all(json.loads(line.rstrip(",")) for line in lines)


def test_every_event_names_its_source_and_exchanges_that_exist() -> None:
    for event in listed_events():
        assert event.source.startswith("https://"), event
        assert event.exchanges is not None
        assert set(event.exchanges) <= set(ccxt.exchanges), event


def test_every_kind_that_needs_no_share_of_the_cost_is_among_them() -> None:
    kinds = {event.kind for event in listed_events()}
    assert kinds == set(EventKind) - {EventKind.SPLIT_OFF}


def test_no_code_is_replaced_twice_at_one_exchange() -> None:
    seen = [
        (place, event.old, event.at) for event in listed_events() for place in event.exchanges or ()
    ]
    assert len(seen) == len(set(seen))


def test_the_list_belongs_to_the_package() -> None:
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    assert settings["options.package_data"]["exchange_cache.exchanges"] == "*.json"


def test_the_user_has_the_last_word() -> None:
    (found,) = (event for event in known_events((STATED,)) if event.old == "MATIC")
    assert found == STATED


def test_an_event_of_the_future_is_not_in_force() -> None:
    accounts = {"main": "binance"}
    before = events_in_force((STATED,), accounts, STATED.at - timedelta(seconds=1))
    assert STATED not in before.events
    after = events_in_force((STATED,), accounts, STATED.at)
    assert STATED in after.events and after.exchange_of == accounts


def test_units_that_were_listed_in_the_new_denomination_are_not_multiplied() -> None:
    """binance and kraken listed the new DOT, although three days before the redenomination."""
    known = events_in_force((), {"main": "kraken", "other": "binance"}, NOW)
    (dot,) = (event for event in known.events if event.old == "DOT")
    assert not known.applies(dot, "main") and not known.applies(dot, "other")


def test_a_code_that_ccxt_translates_is_not_translated_again() -> None:
    """ccxt reads the LUNA of kraken as LUNC at all times."""
    assert ccxt.kraken().commonCurrencies["LUNA"] == "LUNC"
    known = events_in_force((), {"main": "kraken"}, NOW)
    assert [event.new for event in known.events if known.applies(event, "main")] == []


def test_the_aliases_of_an_exchange_belong_to_its_accounts() -> None:
    known = events_in_force((), {"main": "kraken", "other": "binance"}, NOW)
    assert known.aliases["main"]["ETH2"] == "ETH"
    assert "other" not in known.aliases  # BETH has a market and a price of its own
