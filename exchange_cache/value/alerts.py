"""Alerts: what a user wants to know at once, from a reading and the rules of config.toml.

Called after every run; pure. An alert has an id that stays while what it states holds, so that it
is sent once. A bound is compared with what is known alone: an unknown figure passes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from exchange_cache.data_types import KEY_RIGHTS, WITHDRAW, DataType
from exchange_cache.findings import Finding, statement
from exchange_cache.money import grouped, to_text
from exchange_cache.value.freshness import Freshness
from exchange_cache.value.reading import PortfolioReading, PositionReading
from exchange_cache.value.states import State

_HUNDRED = Decimal(100)


class AlertKind(StrEnum):
    """What happened. ``test``: nothing."""

    EMPTIED = "emptied"
    UNEXPLAINED = "unexplained"
    WITHDRAW = "withdraw"
    STALE = "stale"
    LIQUIDATION = "liquidation"
    VALUE = "value"
    PRICE = "price"
    RETENTION = "retention"
    TEST = "test"


#: The findings of the watch and of keys, by the kind of their alert.
_FOUND = {
    "account_emptied": AlertKind.EMPTIED,
    "wallet_emptied": AlertKind.EMPTIED,
    "outflow_unexplained": AlertKind.UNEXPLAINED,
    "inflow_unexplained": AlertKind.UNEXPLAINED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """When to alert. ``stale``: data failed or old for longer; ``liquidation``: nearer than so many
    percent of the mark price; ``retention``: history that is not fetched leaves what its exchange
    serves within this time."""

    events: frozenset[AlertKind] = frozenset(AlertKind) - {AlertKind.TEST}
    stale: timedelta = timedelta(days=1)
    liquidation: Decimal = Decimal(10)
    retention: timedelta = timedelta(days=7)
    value_below: Decimal | None = None
    value_above: Decimal | None = None
    price_below: Mapping[str, Decimal] = field(default_factory=dict)
    price_above: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def priced(self) -> frozenset[str]:
        """The assets whose prices have a bound."""
        return frozenset({*self.price_below, *self.price_above})


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One event. ``figure`` is what passed its ``bound``, where there is one."""

    id: str
    kind: AlertKind
    message: str
    account: str | None = None
    asset: str | None = None
    symbol: str | None = None
    figure: Decimal | None = None
    bound: Decimal | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """History of an account that is not fetched, and until when its exchange serves it."""

    account: str
    history: str
    until: datetime


def alerts_of(
    reading: PortfolioReading,
    rules: AlertRules,
    leaving: Iterable[Leaving] = (),
    prices: Mapping[str, Decimal] | None = None,
) -> tuple[Alert, ...]:
    """Every alert that holds now, the gravest kinds first. ``prices``: fresh ones of assets that
    are not held."""
    found = (
        *_findings(reading.warnings),
        *_liquidations(reading.positions, rules.liquidation),
        *_stale(reading.freshness, rules.stale),
        *_values(reading, rules),
        *_prices(reading, rules, prices or {}),
        *_leaving(leaving, reading.as_of),
    )
    order = list(AlertKind)
    chosen = (one for one in found if one.kind in rules.events)
    return tuple(sorted(chosen, key=lambda one: (order.index(one.kind), one.id)))


def _findings(warnings: Iterable[Finding]) -> Iterator[Alert]:
    for found in warnings:
        kind = _FOUND.get(found.code)
        if found.code == KEY_RIGHTS and WITHDRAW in found.message:
            kind = AlertKind.WITHDRAW
        if kind is None or found.accepted is not None:
            continue
        yield Alert(
            id=f"{found.code} {found.account} {found.asset or ''} {statement(found)}",
            kind=kind,
            message=_named(found.account, found.message),
            account=found.account,
            asset=found.asset,
            hint=found.hint,
        )


def _named(account: str | None, message: str) -> str:
    return f"{account}: {message}" if account else message


def _liquidations(positions: Iterable[PositionReading], percent: Decimal) -> Iterator[Alert]:
    for own in positions:
        distance, position = own.liquidation_distance, own.position
        if distance is None or distance * _HUNDRED > percent:
            continue
        yield Alert(
            id=f"liquidation {position.account} {position.symbol} {position.side}",
            kind=AlertKind.LIQUIDATION,
            message=(
                f"{position.account}: {position.symbol} {position.side} is"
                f" {distance * _HUNDRED:.1f} % from liquidation"
            ),
            account=position.account,
            symbol=position.symbol,
            asset=position.settle_asset,
            figure=distance * _HUNDRED,
            bound=percent,
            hint="excache positions",
        )


def _stale(freshness: Iterable[Freshness], limit: timedelta) -> Iterator[Alert]:
    """Data that is older than the limit, and data of which no run ever read anything but errors."""
    for one in freshness:
        never = one.age is None and one.failed
        if not never and (one.age is None or one.age <= limit):
            continue
        what = str(one.data_type).replace("_", " ")
        state = "could not be read yet" if never else "are older than they may be"
        since = (
            "" if one.succeeded_at is None else f": read at {one.succeeded_at:%Y-%m-%d %H:%M} UTC"
        )
        yield Alert(
            id=f"stale {one.account} {one.data_type}",
            kind=AlertKind.STALE,
            message=f"{one.account}: {what} {state}{since}",
            account=one.account,
            hint=f"excache status --account {one.account}",
        )


def _values(reading: PortfolioReading, rules: AlertRules) -> Iterator[Alert]:
    """The value of everything that is priced; none while the balances of an account are missing."""
    missing = any(
        one.data_type is DataType.BALANCES and one.state is State.MISSING
        for one in reading.freshness
    )
    if not missing:
        asset = reading.reporting_asset
        yield from _bounds(
            "value", AlertKind.VALUE, asset, reading.totals.value, rules.value_below,
            rules.value_above, "the portfolio is worth",
        )  # fmt: skip


def _prices(
    reading: PortfolioReading, rules: AlertRules, others: Mapping[str, Decimal]
) -> Iterator[Alert]:
    known = {one.asset: one.price for one in reading.holdings if one.price_state == "fresh"}
    for asset, price in {**others, **known}.items():
        if price is not None:
            yield from _bounds(
                f"price {asset}", AlertKind.PRICE, reading.reporting_asset, price,
                rules.price_below.get(asset), rules.price_above.get(asset), f"{asset} is at", asset,
            )  # fmt: skip


def _bounds(
    name: str,
    kind: AlertKind,
    unit: str,
    figure: Decimal,
    below: Decimal | None,
    above: Decimal | None,
    words: str,
    asset: str | None = None,
) -> Iterator[Alert]:
    low, high = below is not None and figure < below, above is not None and figure > above
    for side, bound, holds in (("below", below, low), ("above", above, high)):
        if holds and bound is not None:
            yield Alert(
                id=f"{name} {side} {to_text(bound)}",
                kind=kind,
                message=f"{words} {figure:,.2f} {unit}, {side} {grouped(bound)}",
                asset=asset,
                figure=figure,
                bound=bound,
                hint="excache portfolio",
            )


def _leaving(leaving: Iterable[Leaving], now: datetime) -> Iterator[Alert]:
    for one in leaving:
        left = max(one.until - now, timedelta())
        yield Alert(
            id=f"retention {one.account} {one.history}",
            kind=AlertKind.RETENTION,
            message=(
                f"{one.account}: {one.history} that are not fetched are served for"
                f" {left.days} days and {left.seconds // 3600} hours more"
            ),
            account=one.account,
            hint=f"excache sync --account {one.account}",
        )
