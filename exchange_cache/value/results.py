"""Profit and loss for people: a line per asset or account and a total, each with its identity, over
all time or a period.

Called by ``excache pnl``; pure. The lines add up to the total. Accounts have their own averages,
and the total has one over all accounts; where these differ, a separate line shows by how much.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from exchange_cache.cost.basis import AssetBasis, bases_of
from exchange_cache.cost.unrealised import unrealised_of
from exchange_cache.money import EXACT, ZERO
from exchange_cache.value.pnl import PnlIdentity, flows, pnl_identity
from exchange_cache.value.reading import PortfolioReading

#: The line for the difference between one average over all accounts and the accounts' own.
POOLING = "one average for all"


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlLine:
    """One line: ``identity`` is over all time; ``period`` is what was added, removed and closed in
    it."""

    name: str
    identity: PnlIdentity
    period: PnlIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlReport:
    """All lines add up to ``total``, term by term. ``since`` None: the period is all time."""

    reporting_asset: str
    as_of: datetime
    since: datetime | None
    by: str
    lines: tuple[PnlLine, ...]
    total: PnlLine
    unpriced_assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Held:
    """The holdings of accounts in the form that the identity needs."""

    balances: Mapping[str, Decimal]
    inside: Mapping[str, Decimal]  # unrealised PnL that balances contain, in the asset
    outside: Mapping[str, Decimal]  # by settle asset, in the reporting asset

    def of_asset(self, asset: str) -> _Held:
        return _Held(
            *(
                {asset: part[asset]} if asset in part else {}
                for part in (self.balances, self.inside, self.outside)
            )
        )


def pnl_report(
    reading: PortfolioReading,
    bases: Iterable[AssetBasis],
    before: Iterable[AssetBasis] = (),
    *,
    since: datetime | None = None,
    by: str = "asset",
) -> PnlReport:
    """The report of the reading's accounts. ``bases``: present ones, pooled and per account;
    ``before``: those at ``since``."""
    bases, before = tuple(bases), tuple(before)
    with localcontext(EXACT):
        now, then = bases_of(bases, reading.accounts), bases_of(before, reading.accounts)
        whole = _line("total", _held(reading, reading.accounts), now, then, reading)
        lines = (
            _by_asset(reading, now, then)
            if by == "asset"
            else _by_account(reading, bases, before, whole)
        )
        return PnlReport(
            reporting_asset=reading.reporting_asset,
            as_of=reading.as_of,
            since=since,
            by=by,
            lines=tuple(
                sorted(
                    lines, key=lambda line: (line.name == POOLING, -line.identity.value, line.name)
                )
            ),
            total=whole,
            unpriced_assets=reading.totals.unpriced_assets,
        )


def _held(reading: PortfolioReading, accounts: Sequence[str]) -> _Held:
    balances: dict[str, Decimal] = defaultdict(lambda: ZERO)
    inside: dict[str, Decimal] = defaultdict(lambda: ZERO)
    outside: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for holding in reading.holdings:
        for part in holding.wallets:
            if part.account in accounts:
                balances[holding.asset] += part.total
    for own in reading.positions:
        if own.position.account in accounts and own.in_wallet:
            inside[own.position.settle_asset] += unrealised_of(own.position) or ZERO
        elif own.position.account in accounts:
            outside[own.position.settle_asset] += own.unrealised_value or ZERO
    return _Held(dict(balances), dict(inside), dict(outside))


def _line(
    name: str,
    held: _Held,
    bases: Mapping[str, AssetBasis],
    before: Mapping[str, AssetBasis],
    reading: PortfolioReading,
) -> PnlLine:
    prices = {
        holding.asset: holding.price for holding in reading.holdings if holding.price is not None
    }
    identity = pnl_identity(
        bases.values(),
        held.balances,
        prices,
        reporting_asset=reading.reporting_asset,
        unrealised_inside=held.inside,
        unrealised_outside=sum(held.outside.values(), ZERO),
    )
    return PnlLine(
        name=name, identity=identity, period=_flows(bases.values()).minus(_flows(before.values()))
    )


def _flows(bases: Iterable[AssetBasis]) -> PnlIdentity:
    total = PnlIdentity()
    for basis in bases:
        total = total.plus(flows(basis))
    return total


def _by_asset(
    reading: PortfolioReading, now: Mapping[str, AssetBasis], then: Mapping[str, AssetBasis]
) -> list[PnlLine]:
    held = _held(reading, reading.accounts)
    return [
        _line(asset, held.of_asset(asset), _only(now, asset), _only(then, asset), reading)
        for asset in now.keys() | held.balances.keys() | held.outside.keys()
    ]


def _only(bases: Mapping[str, AssetBasis], asset: str) -> dict[str, AssetBasis]:
    return {asset: bases[asset]} if asset in bases else {}


def _by_account(
    reading: PortfolioReading,
    bases: Sequence[AssetBasis],
    before: Sequence[AssetBasis],
    whole: PnlLine,
) -> list[PnlLine]:
    lines = [
        _line(
            account,
            _held(reading, (account,)),
            _own(bases, account),
            _own(before, account),
            reading,
        )
        for account in reading.accounts
    ]
    identity, period = whole.identity, whole.period
    for line in lines:
        identity, period = identity.minus(line.identity), period.minus(line.period)
    pooling = PnlLine(name=POOLING, identity=identity, period=period)
    return lines if identity == PnlIdentity() and period == PnlIdentity() else [*lines, pooling]


def _own(bases: Iterable[AssetBasis], account: str) -> dict[str, AssetBasis]:
    return {basis.asset: basis for basis in bases if basis.account == account}
