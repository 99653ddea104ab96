"""What is wrong or missing in a reading, one finding per cause: a stable code, a sentence, and the
command that cures it.

Codes: ``missing`` (never fetched), ``stale``, ``sync_failed``, ``no_permission`` (readable before,
refused now), ``unpriced``, ``stale_price``, ``unknown_cost``, ``ledger_exceeds_balance``,
``price_conflict``, ``position_unpriced``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from exchange_cache.cost.reconcile import reason_words
from exchange_cache.findings import Finding
from exchange_cache.money import grouped
from exchange_cache.value.freshness import Freshness, LostPart, State
from exchange_cache.value.price_graph import PriceQuote, conflicting, fresh_values
from exchange_cache.value.reading import Holding, PositionReading
from exchange_cache.value.states import age_words

_EXCEEDS = reason_words("ledger_exceeds_balance")
_NOT_WORTH_A_FINDING = {
    reason_words("rounding"),
    reason_words("unrealised_in_wallet"),
    reason_words("debt"),
}


#: How a finding states an age.
AgeWords = Callable[[timedelta], str]


def freshness_findings(
    freshness: Iterable[Freshness], words: AgeWords = age_words
) -> Iterator[Finding]:
    """One finding per verdict that is not fresh."""
    for verdict in freshness:
        name, hint = str(verdict.data_type), f"excache reload --account {verdict.account}"
        yield from (_lost_finding(verdict.account, part, words) for part in verdict.lost)
        if verdict.state is State.NOT_OFFERED or (verdict.lost and not verdict.due):
            continue
        if verdict.error is not None:
            when = "at an unknown time" if verdict.age is None else f"{words(verdict.age)} ago"
            kept = f"what is shown was fetched {when}"
            kept = "nothing is stored" if verdict.succeeded_at is None else kept
            code = "sync_failed" if verdict.failed else "stale"
            message = f"{name}: {verdict.error}; {kept}"
            yield Finding(code=code, account=verdict.account, message=message, hint=hint)
        elif verdict.state is State.MISSING:
            yield Finding(
                code="missing",
                account=verdict.account,
                message=f"{name} were never fetched",
                hint=hint,
            )
        elif verdict.state is State.STALE and verdict.age is not None:
            yield Finding(
                code="stale",
                account=verdict.account,
                message=f"{name} are {words(verdict.age)} old",
                hint=hint,
            )


def _lost_finding(account: str, lost: LostPart, words: AgeWords) -> Finding:
    wallet = lost.name.startswith("the ")
    off = (
        f", or switch it off: wallets = [...] of [accounts.{account}] without {lost.part}"
        if wallet
        else ""
    )
    return Finding(
        code="no_permission",
        account=account,
        message=(
            f"{lost.name} can no longer be read ({lost.reason}); what is still shown was"
            f" fetched {words(lost.age)} ago"
        ),
        hint=f"restore the key's right to read it{off}; then: excache account check {account}",
    )


def holding_findings(holding: Holding, reporting_asset: str, now: datetime) -> Iterator[Finding]:
    """What is missing for a holding: a price, a fresh price, the cost of some of its units."""
    if holding.price_state == "unpriced":
        yield _unpriced_finding(holding.asset, reporting_asset)
    elif holding.price_state == "stale":
        yield stale_price_finding(holding, now)
    if holding.asset != reporting_asset:
        yield from _cost_findings(holding)


def _unpriced_finding(asset: str, reporting_asset: str) -> Finding:
    return Finding(
        code="unpriced",
        asset=asset,
        message=(
            f"none of your exchanges lists a route from {asset} to {reporting_asset}; no total"
            " includes it"
        ),
        hint="excache prices",
    )


def stale_price_finding(holding: Holding, now: datetime, words: AgeWords = age_words) -> Finding:
    """How old the price of a holding is."""
    as_of, route = holding.price_as_of, holding.price_route
    age = "of unknown age" if as_of is None else f"{words(now - as_of)} old"
    return Finding(
        code="stale_price",
        account=route[0].rsplit("@", 1)[-1] if route else None,
        asset=holding.asset,
        message=f"the price of {holding.asset} is {age}",
        hint="excache reload",
    )


def _cost_findings(holding: Holding) -> Iterator[Finding]:
    asset, reasons = holding.asset, holding.unknown_reasons
    exceeds = next((reason for reason in reasons if reason.startswith(_EXCEEDS)), None)
    if exceeds is not None:
        yield Finding(
            code="ledger_exceeds_balance",
            asset=asset,
            message=f"{asset}: {exceeds}; the average covers what is held",
            hint=f"excache explain {asset}",
        )
    if holding.unknown_quantity > 0 and not set(reasons) <= _NOT_WORTH_A_FINDING:
        unknown, held = grouped(holding.unknown_quantity), grouped(holding.quantity)
        yield Finding(
            code="unknown_cost",
            asset=asset,
            message=f"the cost of {unknown} of {held} {asset} is unknown: {'; '.join(reasons)}",
            hint=f"excache explain {asset}",
        )


def price_conflict(asset: str, quotes: Mapping[str, PriceQuote]) -> Finding | None:
    """A finding if the accounts' prices of an asset conflict."""
    fresh = fresh_values(quotes)
    if not conflicting(quotes):
        return None
    low, high = (
        min(fresh, key=lambda account: fresh[account]),
        max(fresh, key=lambda account: fresh[account]),
    )
    return Finding(
        code="price_conflict",
        asset=asset,
        message=(
            f"{asset} is at {grouped(fresh[low])} on {low} and at {grouped(fresh[high])} on {high}:"
            " perhaps two assets share one code"
        ),
        hint=f'config.toml, [accounts.{high}]: asset_names = {{ {asset} = "{asset}-2" }}',
    )


def position_findings(positions: Iterable[PositionReading]) -> Iterator[Finding]:
    for own in positions:
        position = own.position
        if own.unrealised_value is None:
            cause = (
                "the exchange does not report its unrealised PnL"
                if position.unrealised_pnl is None
                else f"{position.settle_asset} has no price"
            )
            yield Finding(
                code="position_unpriced",
                account=position.account,
                asset=position.settle_asset,
                message=f"{position.symbol} {position.side}: {cause}; no total includes its result",
                hint=f"excache positions --account {position.account}",
            )
