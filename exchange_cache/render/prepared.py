"""The portfolio as texts that :mod:`exchange_cache.render.completed` completes with the ages of the
moment at which they are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from exchange_cache.findings import Finding
from exchange_cache.render.completed import SEPARATOR, json_text
from exchange_cache.render.json_text import json_members, json_piece
from exchange_cache.render.machine import exact
from exchange_cache.render.portfolio_data import groups_document, portfolio_document
from exchange_cache.value.checks import freshness_findings, stale_price_finding
from exchange_cache.value.ordering import GROUPINGS, SORTINGS, sorted_holdings
from exchange_cache.value.portable import portable
from exchange_cache.value.reading import PortfolioReading
from exchange_cache.value.states import OPEN_NOW, open_age, open_seconds

#: What of a holding only the portfolio by account, wallet or exchange is printed from.
PLACES = ("wallets", "own_prices", "account_averages")
#: What a text of an exchange must not contain, because it stands for an age.
OPENING = OPEN_NOW[0]


def prepared_texts(
    reading: PortfolioReading, exchanges: Mapping[str, str]
) -> dict[str, str] | None:
    """The columns of a prepared reading, all but its head and its span; None if their completion
    is not what is printed without them."""
    printed = json_piece(exact(portfolio_document(reading))) + "\n"
    if OPENING in printed:
        return None
    columns = _columns(reading, exchanges)
    same = json_text(columns, reading.as_of, sort="value", by="asset") == printed
    return columns if same else None


def _columns(reading: PortfolioReading, exchanges: Mapping[str, str]) -> dict[str, str]:
    opened = replace(reading, warnings=tuple(_opened_findings(reading)))
    document = _opened_document(opened)
    names = list(document)
    split = names.index("holdings")
    pieces = {name: json_piece(exact(document[name]), 1) for name in names if name != "holdings"}
    groups = {
        by: json_members(
            {
                name: json_piece(exact(value), 1)
                for name, value in groups_document(reading, by, exchanges).items()
            }
        )
        for by in GROUPINGS
        if by != "asset"
    }
    screen = portable(opened)
    places = [{name: one.pop(name) for name in PLACES} for one in screen["holdings"]]
    return {
        "data_before": json_members({name: pieces[name] for name in names[:split]}),
        "data_holdings": SEPARATOR.join(
            json_piece(exact(one), 2) for one in _listed(document["holdings"])
        ),
        "data_after": json_members({name: pieces[name] for name in names[split + 1 :]}),
        "orders": json.dumps(_orders(reading)),
        "data_groups": json.dumps(groups),
        "screen": json.dumps(screen),
        "places": json.dumps(places),
    }


def _listed(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _opened_document(reading: PortfolioReading) -> dict[str, object]:
    document = {**portfolio_document(reading), "as_of": OPEN_NOW}
    for verdict, own in zip(reading.freshness, _listed(document["freshness"]), strict=True):
        if verdict.age is not None and verdict.succeeded_at is not None:
            assert isinstance(own, dict)
            own["age_seconds"] = open_seconds(verdict.succeeded_at)
    return document


def _orders(reading: PortfolioReading) -> dict[str, list[int]]:
    """The places of the holdings in each order."""
    places = {holding.asset: place for place, holding in enumerate(reading.holdings)}
    return {
        order: [places[holding.asset] for holding in sorted_holdings(reading.holdings, order)]
        for order in SORTINGS
    }


def _opened_findings(reading: PortfolioReading) -> Iterator[Finding]:
    """The findings, with the ages that they state left open."""
    known = dict(_ageing(reading))
    for found in reading.warnings:
        opened = known.get(replace(found, accepted=None))
        yield found if opened is None else replace(opened, accepted=found.accepted)


def _ageing(reading: PortfolioReading) -> Iterator[tuple[Finding, Finding]]:
    now = reading.as_of

    def words(age: timedelta) -> str:
        return open_age(now - age)

    yield from zip(
        freshness_findings(reading.freshness),
        freshness_findings(reading.freshness, words),
        strict=True,
    )
    for one in reading.holdings:
        if one.price_state == "stale":
            yield stale_price_finding(one, now), stale_price_finding(one, now, words)
