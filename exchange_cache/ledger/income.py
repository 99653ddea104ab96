"""What income in kind costs: rewards, airdrops and interest.

Under ``value`` they are income at the market price of their time, which becomes their cost. Under
``zero`` they cost nothing and are no income: what they bring is realised when they are sold. The
reporting asset is income under both, since a unit of it is its own price.
"""

from __future__ import annotations

from exchange_cache.ledger.rates import Rate, Rates
from exchange_cache.money import ZERO
from exchange_cache.records import Transfer, TransferKind

VALUED = "value"
COSTLESS = "zero"
INCOME_KINDS = frozenset({TransferKind.REWARD, TransferKind.AIRDROP, TransferKind.INTEREST})


def income_rate(transfer: Transfer, rates: Rates, policy: str) -> Rate | None:
    """What one unit of received income costs; None without a price."""
    if policy == COSTLESS and transfer.asset != rates.reporting_asset:
        return Rate(value=ZERO)
    return rates.rate(transfer.asset, transfer.time)


def income_note(transfer: Transfer, rate: Rate | None, rates: Rates, policy: str) -> str:
    """How the policy books received income."""
    if transfer.kind not in INCOME_KINDS or rate is None:
        return ""
    if transfer.asset == rates.reporting_asset:
        return "income"
    if policy == COSTLESS:
        return "no income and no cost, as configured"
    return f"income: {rate.note(transfer.asset)}"


def policy_words(policy: str) -> str:
    """The policy as a sentence."""
    if policy == COSTLESS:
        return 'Rewards, airdrops and interest cost nothing and are no income (income = "zero")'
    return 'Rewards, airdrops and interest are income at the price of their time (income = "value")'
