"""Alarms about what no stored fill or transfer explains in a difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext

from exchange_cache.cost.reconcile import ROUNDING
from exchange_cache.findings import Finding
from exchange_cache.ledger.replay import Place
from exchange_cache.money import EXACT, ZERO, grouped
from exchange_cache.value.difference import Difference, Unexplained

#: The end of an alarm about an outflow.
YOURS = "; if it was not you, lock the account at the exchange"


def alarms(
    found: Difference, dust: Mapping[str, Decimal], held: Mapping[Place, Decimal]
) -> tuple[Finding, ...]:
    """A finding per account and direction for what is unexplained beyond dust and rounding."""
    groups: dict[tuple[str, bool], list[Unexplained]] = defaultdict(list)
    for one in beyond_dust(found, dust, held):
        groups[one.account, one.quantity < 0].append(one)
    return tuple(
        alarm(account, left, own, found) for (account, left), own in sorted(groups.items())
    )


def beyond_dust(
    found: Difference, dust: Mapping[str, Decimal], held: Mapping[Place, Decimal]
) -> tuple[Unexplained, ...]:
    """The unexplained quantities beyond dust and beyond the rounding of holdings."""
    return tuple(
        one
        for one in found.unexplained
        if abs(one.quantity)
        > max(dust.get(one.asset, ZERO), abs(held.get((one.account, one.asset), ZERO)) * ROUNDING)
    )


def named_with_worth(own: Iterable[Unexplained], reporting_asset: str) -> str:
    """``0.5 BTC, 2 ETH (worth 41,040.00 USDT)``, the most valuable first."""
    own = sorted(own, key=lambda one: (-abs(one.value or ZERO), one.asset))
    named = ", ".join(f"{grouped(abs(one.quantity))} {one.asset}" for one in own[:4])
    named += f" and {len(own) - 4} more" if len(own) > 4 else ""
    with localcontext(EXACT):
        worth = sum((abs(one.value) for one in own if one.value is not None), ZERO)
    return named + (f" (worth {worth:,.2f} {reporting_asset})" if worth else "")


def alarm(account: str, left: bool, own: Sequence[Unexplained], found: Difference) -> Finding:
    """The finding for an account's unexplained outflow (``left``) or inflow."""
    named = named_with_worth(own, found.reporting_asset)
    return Finding(
        code="outflow_unexplained" if left else "inflow_unexplained",
        account=account,
        asset=own[0].asset if len(own) == 1 else None,
        message=(
            f"{named} {'left the account' if left else 'received'} after"
            f" {found.start:%Y-%m-%d %H:%M} UTC,"
            f" not explained by any stored fill or transfer{YOURS if left else ''}"
        ),
        hint=f"excache sync --account {account} --full",
    )
