"""Where a holding and its history differ: per account, the sum of the events, the balance, and the
known gaps of the history.

A gap at one account may be hidden by a surplus at another, so each account is compared separately.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.reconcile import ROUNDING
from exchange_cache.findings import Finding
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Balance

#: Findings about a gap in an account's history.
MISSING = frozenset(
    {
        *("out_of_retention", "gap", "history_failed", "incomplete", "no_permission"),
        *("newest_rows_only", "never_asked", "market_unidentified", "chain_broken"),
        *("own_start", "own_wallets"),
    }
)
UNLISTED = "not in any list that is read"
_DETAIL = re.compile(r" \([^()]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceDifference:
    """One account's part of an asset: ``balance`` (less unrealised PnL in it) - ``events`` =
    ``difference``, and the possible causes."""

    account: str
    events: Decimal
    balance: Decimal
    difference: Decimal
    causes: tuple[str, ...]

    @property
    def cause(self) -> str:
        """The account and its causes, in one line."""
        return f"{self.account}: {', '.join(self.causes)}"


def place_differences(
    asset: str,
    *,
    bases: Iterable[AssetBasis],
    balances: Iterable[Balance],
    findings: Iterable[Finding],
    inside: Mapping[tuple[str, str], Decimal],
) -> tuple[PlaceDifference, ...]:
    """The accounts where ``asset`` does not add up beyond rounding. ``bases``: of accounts;
    ``inside``: unrealised PnL in balances."""
    with localcontext(EXACT):
        held: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for balance in balances:
            if balance.asset == asset:
                held[balance.account] += balance.total
        events = {
            basis.account: basis.quantity
            for basis in bases
            if basis.asset == asset and basis.account
        }
        missing = _missing(findings)
        found = []
        for account in sorted(held.keys() | events.keys()):
            there = held[account] - inside.get((account, asset), ZERO)
            difference = there - events.get(account, ZERO)
            if abs(difference) > abs(there) * ROUNDING:
                causes = tuple(missing.get(account, ())) or (UNLISTED,)
                found.append(
                    PlaceDifference(
                        account=account,
                        events=events.get(account, ZERO),
                        balance=there,
                        difference=difference,
                        causes=causes,
                    )
                )
        return tuple(found)


def _missing(findings: Iterable[Finding]) -> Mapping[str, Sequence[str]]:
    """The known gaps of each account's history, without the details in parentheses."""
    missing: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        if finding.code in MISSING and finding.account is not None:
            missing[finding.account].append(_DETAIL.sub("", finding.message))
    return {account: list(dict.fromkeys(messages)) for account, messages in missing.items()}
