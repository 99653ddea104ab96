"""Judges what left an account unexplained between two standings: the alarm after every sync.

An account is *emptied* when at most 5 % remains of the worth it should hold: its holdings before
plus every stored fill and transfer since. A wallet is emptied when at most 5 % of its holdings
remain and as much is missing from its account. Callers report both at once, even before the
histories are synced again; smaller outflows wait for that. Worth uses the last prices known while
the units were held. What left under a word that is not known is unexplained too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from exchange_cache.findings import Finding
from exchange_cache.ledger.replay import Cause, Flow, Place
from exchange_cache.money import EXACT, ZERO
from exchange_cache.value.alarms import YOURS, alarm, beyond_dust, named_with_worth
from exchange_cache.value.difference import (
    Difference,
    Standing,
    Unexplained,
    WalletPlace,
    difference,
    lies_between,
)
from exchange_cache.value.reading import PortfolioReading

EMPTIED = "account_emptied"
WALLET_EMPTIED = "wallet_emptied"
_NAMELESS = (
    "; the exchange lists rows whose word is not known: excache transfers --kind unclassified"
)
#: An account or wallet is emptied when at most this share of the worth remains. Smaller wallets are
#: ignored.
REST = Decimal("0.05")
#: An outflow of at least this share of the expected worth is grave too: its run warns at once.
GRAVE = Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outflow:
    """An unexplained outflow; ``since`` is the standing it is measured from."""

    finding: Finding
    since: Standing
    reporting_asset: str
    grave: bool

    @property
    def emptied(self) -> bool:
        return self.finding.code in {EMPTIED, WALLET_EMPTIED}


def judge(
    account: str,
    start: Standing,
    end: Standing,
    flows: Iterable[Flow],
    *,
    reporting_asset: str,
    dust: Mapping[str, Decimal],
) -> Outflow | None:
    """The outflow of one account between two standings; None if everything is explained."""
    start, end = of_account(start, account), of_account(end, account)
    own = [flow for flow in flows if flow.account == account]
    nameless = [flow for flow in own if _is_nameless(flow) and lies_between(flow, start, end)]
    own = [flow for flow in own if not _is_nameless(flow)]
    found = difference(
        start, end, own, reporting_asset=reporting_asset, price_at=lambda _, __: None
    )
    prices = {**end.prices, **start.prices}  # keeps the worth constant while the finding is open
    missing = beyond_dust(found, dust, end.quantities)
    lost = [_valued(one, prices) for one in missing if one.quantity < 0]
    if not lost:
        return None
    with localcontext(EXACT):
        held = _worth(
            ((asset, quantity) for (_, asset), quantity in end.quantities.items()), prices
        )
        unexplained = _worth(((one.asset, one.quantity) for one in found.unexplained), prices)
        expected = held - unexplained
        gone = -sum((one.value for one in lost if one.value is not None), ZERO)
        if expected > 0 and gone > 0 and held <= expected * REST:
            what = f"the account is {'empty' if not end.quantities else 'almost empty'}"
            finding = _emptied(EMPTIED, account, what, lost, found)
        elif wallets := _emptied_wallets(
            start, end, prices, least=max(expected * REST, ZERO), gone=gone
        ):
            are = "wallets are" if wallets[1:] else "wallet is"
            what = f"the {' and '.join(wallets)} {are} empty"
            finding = _emptied(WALLET_EMPTIED, account, what, lost, found)
        else:
            finding = alarm(account, True, lost, found)
        if nameless:
            finding = replace(finding, message=finding.message + _NAMELESS)
        emptied = finding.code in {EMPTIED, WALLET_EMPTIED}
        grave = emptied or (gone > 0 and gone >= expected * GRAVE)
    return Outflow(finding=finding, since=start, reporting_asset=reporting_asset, grave=grave)


def _is_nameless(flow: Flow) -> bool:
    """Whether units left under a word that is not known, which explains nothing."""
    return flow.cause is Cause.UNCLASSIFIED and flow.quantity < 0


def of_account(standing: Standing, account: str) -> Standing:
    """The part of a standing that belongs to one account."""
    return replace(
        standing,
        quantities={
            place: quantity
            for place, quantity in standing.quantities.items()
            if place[0] == account
        },
        wallets={place: total for place, total in standing.wallets.items() if place[0] == account},
        open_results={},
        times={account: standing.times.get(account, standing.at)},
    )


def by_account(
    standing: Standing, accounts: Iterable[str], reading: PortfolioReading | None = None
) -> dict[str, Standing]:
    """The part of a standing that belongs to each of these accounts, in one walk over it. With the
    ``reading`` it is of, a part has the prices of what its account holds alone."""
    quantities: dict[str, dict[Place, Decimal]] = defaultdict(dict)
    wallets: dict[str, dict[WalletPlace, Decimal]] = defaultdict(dict)
    held: dict[str, set[str]] = defaultdict(set)
    for place, quantity in standing.quantities.items():
        quantities[place[0]][place] = quantity
    for wallet, total in standing.wallets.items():
        wallets[wallet[0]][wallet] = total
    for holding in () if reading is None else reading.holdings:
        for part in holding.wallets:
            held[part.account].add(holding.asset)

    def prices_of(account: str) -> Mapping[str, Decimal]:
        if reading is None:
            return standing.prices
        own = {asset: standing.prices[asset] for asset in held[account] & standing.prices.keys()}
        return {reading.reporting_asset: standing.prices[reading.reporting_asset], **own}

    return {
        account: replace(
            standing,
            quantities=quantities[account],
            wallets=wallets[account],
            open_results={},
            times={account: standing.times.get(account, standing.at)},
            prices=prices_of(account),
        )
        for account in accounts
    }


def _emptied_wallets(
    start: Standing, end: Standing, prices: Mapping[str, Decimal], *, least: Decimal, gone: Decimal
) -> list[str]:
    """Wallets that lost nearly all their worth, if as much is missing from the whole account."""
    found = []
    for wallet in sorted({name for _, name, _ in start.wallets}):
        before, after = (_worth_of_wallet(standing, wallet, prices) for standing in (start, end))
        lost = before - after
        if before > 0 and before >= least and after <= before * REST and gone >= lost * (1 - REST):
            found.append(wallet)
            gone -= lost
    return found


def _worth_of_wallet(standing: Standing, wallet: str, prices: Mapping[str, Decimal]) -> Decimal:
    return _worth(
        ((asset, total) for (_, name, asset), total in standing.wallets.items() if name == wallet),
        prices,
    )


def _worth(quantities: Iterable[tuple[str, Decimal]], prices: Mapping[str, Decimal]) -> Decimal:
    """The total worth; an asset without a known price counts as zero."""
    return sum((quantity * prices.get(asset, ZERO) for asset, quantity in quantities), ZERO)


def _valued(one: Unexplained, prices: Mapping[str, Decimal]) -> Unexplained:
    price = prices.get(one.asset)
    with localcontext(EXACT):
        return replace(one, value=None if price is None else one.quantity * price)


def _emptied(
    code: str, account: str, what: str, lost: list[Unexplained], found: Difference
) -> Finding:
    return Finding(
        code=code,
        account=account,
        message=f"{what}: {named_with_worth(lost, found.reporting_asset)} left the account after "
        f"{found.start:%Y-%m-%d %H:%M} UTC, not explained by any stored fill or transfer{YOURS}",
        hint=f"excache sync --account {account}",
    )
