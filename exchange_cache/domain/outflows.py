"""What left an account and nothing explains, judged between two standings of it: the alarm that follows every sync.

An account is *emptied* when at most 5 % is left of the worth that it should hold: what it held before plus every stored fill and
transfer since. Callers report that at once, even while the histories were not asked since; smaller outflows wait until they were.
Worth is counted in the last prices that were known while the units were there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from exchange_cache.domain.difference import (
    Difference,
    Standing,
    Unexplained,
    alarm,
    beyond_dust,
    difference,
    named_with_worth,
)
from exchange_cache.domain.money import EXACT, ZERO
from exchange_cache.domain.reading import Finding
from exchange_cache.domain.replay import Flow

EMPTIED = "account_emptied"
#: At most this share of the expected worth is left of an account that counts as emptied.
REST = Decimal("0.05")
#: An outflow of at least this share of the expected worth is grave: the run that finds it says so.
GRAVE = Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outflow:
    """What left unexplained; ``since`` is the standing that it was measured from."""

    finding: Finding
    since: Standing
    reporting_asset: str
    grave: bool

    @property
    def emptied(self) -> bool:
        return self.finding.code == EMPTIED


def judge(
    account: str,
    start: Standing,
    end: Standing,
    flows: Iterable[Flow],
    *,
    reporting_asset: str,
    dust: Mapping[str, Decimal],
) -> Outflow | None:
    """The outflow of one account between two standings; None when all is explained."""
    start, end = of_account(start, account), of_account(end, account)
    own = [flow for flow in flows if flow.account == account]
    found = difference(
        start, end, own, reporting_asset=reporting_asset, price_at=lambda _, __: None
    )
    prices = {**end.prices, **start.prices}
    lost = [
        _valued(one, prices) for one in beyond_dust(found, dust, end.quantities) if one.quantity < 0
    ]
    if not lost:
        return None
    with localcontext(EXACT):
        held = sum(
            (quantity * prices.get(asset, ZERO) for (_, asset), quantity in end.quantities.items()),
            ZERO,
        )
        unexplained = sum(
            (one.quantity * prices.get(one.asset, ZERO) for one in found.unexplained), ZERO
        )
        expected = held - unexplained
        gone = sum((abs(one.value) for one in lost if one.value is not None), ZERO)
        emptied = expected > 0 and held <= expected * REST and gone > 0
        grave = emptied or (gone > 0 and gone >= expected * GRAVE)
    told = _emptied(account, lost, found, end) if emptied else alarm(account, True, lost, found)
    return Outflow(finding=told, since=start, reporting_asset=reporting_asset, grave=grave)


def of_account(standing: Standing, account: str) -> Standing:
    """The part of a standing that one account is."""
    return replace(
        standing,
        quantities={
            place: quantity
            for place, quantity in standing.quantities.items()
            if place[0] == account
        },
        open_results={},
        times={account: standing.times.get(account, standing.at)},
    )


def _valued(one: Unexplained, prices: Mapping[str, Decimal]) -> Unexplained:
    """At the price of the start where there is one: it stays what it is while the finding stays open."""
    price = prices.get(one.asset)
    with localcontext(EXACT):
        return replace(one, value=None if price is None else one.quantity * price)


def _emptied(account: str, lost: list[Unexplained], found: Difference, end: Standing) -> Finding:
    empty = "empty" if not end.quantities else "almost empty"
    return Finding(
        code=EMPTIED,
        account=account,
        message=f"the account is {empty}: {named_with_worth(lost, found.reporting_asset)} left after {found.start:%Y-%m-%d %H:%M} UTC "
        "and no stored fill or transfer says how; if it was not you, lock the account at the exchange",
        hint=f"excache sync --account {account}",
    )
