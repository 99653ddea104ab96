"""What an asset event states, how the user overrides the list, and which code traded when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import localcontext
from typing import Any

import pytest

from exchange_cache.ledger.asset_events import AssetEvent, AssetEvents, EventKind, overridden
from exchange_cache.ledger.rates import Rate, Rates
from exchange_cache.money import EXACT
from tests.cost.builders import D, Rates as Known, at


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """As callers do."""
    with localcontext(EXACT):
        yield


RENAME = AssetEvent(kind=EventKind.RENAME, old="MATIC", new="POL", at=at(100))
OTHER = AssetEvent(kind=EventKind.RENAME, old="LEND", new="AAVE", at=at(1), factor=D("0.01"))


def test_a_stated_event_replaces_the_listed_one() -> None:
    stated = replace(RENAME, at=at(90))
    assert overridden((OTHER, RENAME), (stated,)) == (OTHER, stated)


def test_a_stated_event_of_one_exchange_leaves_the_others() -> None:
    listed = replace(RENAME, exchanges=("venue", "market"))
    stated = replace(RENAME, at=at(90), exchanges=("market",))
    assert overridden((listed,), (stated,)) == (stated, replace(RENAME, exchanges=("venue",)))


def test_an_event_of_other_codes_is_added() -> None:
    assert overridden((RENAME,), (OTHER,)) == (OTHER, RENAME)


def test_prices_from_before_a_rename_are_those_of_the_old_code() -> None:
    event = replace(RENAME, factor=D(10))
    rates = Rates(Known({"MATIC": {0: "5", 90: "7"}}), "USDT", AssetEvents(events=(event,)))
    rate = rates.rate("POL", at(50))
    assert rate is not None and rate.value == D("0.5")


@pytest.mark.parametrize("day", [50, 100, 150])
def test_an_exchange_that_lists_one_code_only_prices_the_other(day: int) -> None:
    event = AssetEvents(events=(replace(RENAME, factor=D(10)),))
    old, new = (
        Rates(Known({"MATIC": "7"}), "USDT", event),
        Rates(Known({"POL": "3"}), "USDT", event),
    )

    assert [old.value(code, D(1), at(day)) for code in ("MATIC", "POL")] == [D(7), D("0.7")]
    assert [new.value(code, D(1), at(day)) for code in ("MATIC", "POL")] == [D(30), D(3)]


def test_a_code_that_another_asset_took_over_prices_nothing_afterwards() -> None:
    event = AssetEvent(kind=EventKind.REUSE, old="LUNA", new="LUNC", at=at(100))
    rates = Rates(Known({"LUNA": "5"}), "USDT", AssetEvents(events=(event,)))

    assert rates.value("LUNC", D(1), at(99)) == 5
    assert rates.value("LUNC", D(1), at(100)) is None


def test_after_a_merger_the_old_code_is_worth_its_share_of_the_new_one() -> None:
    event = AssetEvent(kind=EventKind.MERGER, old="AGIX", new="FET", at=at(100), factor=D("0.5"))
    rates = Rates(Known({"FET": "8"}), "USDT", AssetEvents(events=(event,)))

    assert rates.value("AGIX", D(1), at(100)) == 4
    assert rates.value("AGIX", D(1), at(99)) is None
    alone = Rates(Known({"AGIX": "8"}), "USDT", AssetEvents(events=(event,)))
    assert alone.value("FET", D(1), at(100)) is None


def test_an_asset_that_traded_under_its_own_code_before_keeps_that_price() -> None:
    rates = Rates(Known({"POL": "3", "MATIC": "2"}), "USDT", AssetEvents(events=(RENAME,)))
    assert rates.rate("POL", at(50)) == Rate(value=D(3), route=("POL/USDT@main",), resolution=60)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"factor": D(0)}, "factor must be positive, not 0"),
        ({"new": "MATIC"}, "one code is only for a redenomination"),
        ({"kind": EventKind.REDENOMINATION}, "one code is only for a redenomination"),
        ({"cost_share": D("0.5")}, "states its share of the cost"),
        ({"kind": EventKind.SPLIT_OFF}, "states its share of the cost"),
        ({"kind": EventKind.SPLIT_OFF, "cost_share": D(2)}, "from 0 to 1, not 2"),
        ({"at": at(0).replace(tzinfo=None)}, "aware UTC"),
    ],
)
def test_an_impossible_event_names_what_is_wrong(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(RENAME, **change)
