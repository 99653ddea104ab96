"""``[[asset_events]]``: what it accepts, and the place of every fault."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.config.settings import load_settings
from exchange_cache.errors import ConfigError
from exchange_cache.ledger.asset_events import AssetEvent, EventKind


def complaint(configure, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(configure(text))
    return "\n".join((caught.value.message, *caught.value.faults))


def test_an_event_needs_two_codes_and_a_date(configure):
    (event,) = load_settings(
        configure('[[asset_events]]\nfrom = "MATIC"\nto = "POL"\nat = 2024-09-13')
    ).asset_events
    assert event == AssetEvent(
        kind=EventKind.RENAME,
        old="MATIC",
        new="POL",
        at=datetime(2024, 9, 13, tzinfo=UTC),
        source="config.toml",
    )


def test_every_key_is_read(configure):
    (event,) = load_settings(
        configure(
            '[[asset_events]]\nfrom = "OLD"\nto = "NEW"\nat = 2024-09-13T12:00:00+02:00\n'
            'kind = "split_off"\nfactor = 0.5\ncost_share = "0.2"\nexchanges = ["kraken", "okx"]'
        )
    ).asset_events
    assert event == AssetEvent(
        kind=EventKind.SPLIT_OFF,
        old="OLD",
        new="NEW",
        at=datetime(2024, 9, 13, 10, tzinfo=UTC),
        factor=Decimal("0.5"),
        cost_share=Decimal("0.2"),
        exchanges=("kraken", "okx"),
        source="config.toml",
    )


def test_one_code_twice_is_a_redenomination(configure):
    (event,) = load_settings(
        configure('asset_events = [{ from = "DOT", to = "DOT", at = "2020-08-21", factor = 100 }]')
    ).asset_events
    assert (event.kind, event.factor) == (EventKind.REDENOMINATION, 100)


def test_an_ignored_event_needs_no_date(configure):
    (event,) = load_settings(
        configure('[[asset_events]]\nfrom = "FTM"\nto = "S"\nignore = true')
    ).asset_events
    assert event.ignored


EVENT = '[[asset_events]]\nfrom = "A"\nto = "B"\nat = 2024-01-01\n'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (EVENT + 'facter = "2"', 5, 'asset_events.facter is unknown; did you mean "factor"?'),
        (EVENT + "factor = 0", 5, "asset_events.factor must be greater than 0"),
        (EVENT + "factor = -1", 5, "must be a number from 0 upwards, not -1"),
        (EVENT + "cost_share = 2", 5, "must be a part of the cost, from 0 to 1, not 2"),
        (EVENT + 'kind = "renam"', 5, "must be one of rename, redenomination"),
        (EVENT + 'kind = "redenomination"', 5, "it has two codes, A and B"),
        (EVENT + 'kind = "split_off"', 5, "a split_off states its cost_share"),
        (EVENT + 'kind = "merger"\ncost_share = 0.5', 6, "a split_off states its cost_share"),
        (EVENT + 'exchanges = "okx"', 5, "must be a list in brackets"),
        (EVENT.replace("2024-01-01", '"soon"'), 4, 'must be a date such as 2024-09-13, not "soon"'),
        (EVENT.replace("2024-01-01", "2024-01-01T10:00:00"), 4, "must state its zone"),
        ('[[asset_events]]\nfrom = "A"', 1, "asset_events must state to, at"),
        ('[asset_events]\nfrom = "A"', 1, "must be tables, each headed [[asset_events]]"),
        (EVENT + EVENT, 5, "states A to B twice; remove one of them"),
        (
            EVENT + EVENT.replace('"A"', '"C"').replace('"B"', '"A"').replace('"C"', '"B"'),
            5,
            "leads in a circle: at that moment A becomes B as well",
        ),
    ],
)
def test_a_fault_names_its_line_and_its_cure(configure, text, line, words):
    found = complaint(configure, text)
    assert f"line {line}: " in found
    assert words in found


def test_a_longer_circle_is_found_as_well(configure):
    chain = [EVENT.replace('"A"', f'"{a}"').replace('"B"', f'"{b}"') for a, b in ("XY", "YZ", "ZX")]
    assert "line 9: asset_events leads in a circle" in complaint(configure, "".join(chain))


def test_the_way_back_at_a_later_time_is_no_circle(configure):
    back = EVENT.replace('"A"', '"C"').replace('"B"', '"A"').replace('"C"', '"B"')
    text = EVENT + back.replace("2024", "2025")
    assert len(load_settings(configure(text)).asset_events) == 2


def test_one_change_at_two_exchanges_is_no_repetition(configure):
    text = EVENT + 'exchanges = ["okx"]\n' + EVENT + 'exchanges = ["kraken"]'
    assert len(load_settings(configure(text)).asset_events) == 2
