"""The alarm after every run about outflows that no stored fill or transfer explains.

The cache stores the standing before an open alarm, so neither time nor a change of the
configuration clears it. Only an explanation does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import StoredFinding
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.findings import Finding
from exchange_cache.ledger.replay import Flow
from exchange_cache.money import to_text
from exchange_cache.portfolio.difference import dust_of, histories_reach
from exchange_cache.portfolio.past import PastReader
from exchange_cache.value.difference import Standing
from exchange_cache.value.outflows import Outflow, by_account, judge

#: The scope of these findings.
WATCH = "watch"
#: The key of an account's standing before an open alarm.
SINCE = "outflow_since"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict on one account.

    ``decided`` is False if histories that may explain a change were not fetched since.
    """

    account: str
    outflow: Outflow | None
    decided: bool


def watch(
    past: PastReader,
    repository: ExchangeCacheRepository,
    accounts: Sequence[str],
    since: datetime,
    asset: str,
    now: datetime,
) -> tuple[Finding, ...]:
    """Judge every account, store open alarms and clear explained ones.

    Returns the grave findings that no earlier run reported.
    """
    new: list[Finding] = []
    for verdict in verdicts(past, repository, accounts, since, asset):
        if not verdict.decided:
            continue  # an open alarm stays open
        found = verdict.outflow
        stored = repository.derived.findings([verdict.account])
        if (
            found is not None
            and found.grave
            and all(one.message != found.finding.message for one in stored if one.scope == WATCH)
        ):
            new.append(found.finding)
        kept = [one for one in stored if one.scope != WATCH]
        own = [] if found is None else [_stored(found.finding, now)]
        repository.derived.replace_findings(verdict.account, [*kept, *own], now)
        if found is not None:
            repository.progress.remember(verdict.account, {SINCE: _document(found)}, now)
        else:
            repository.progress.forget(verdict.account, SINCE)
    return tuple(new)


def verdicts(
    past: PastReader,
    repository: ExchangeCacheRepository,
    accounts: Sequence[str],
    since: datetime,
    asset: str,
) -> Iterator[Verdict]:
    """Each account compared with the standing before its open alarm.

    Without an alarm it is compared with its newest snapshot and with its first one since ``since``.
    """
    last, first, dust = past.last_seen(), past.first_seen(since), dust_of(repository)
    ends = by_account(past.seen_now(), accounts)
    open_alarms = repository.progress.values_of(SINCE)
    kept = {account: _kept(account, open_alarms.get(account)) for account in accounts}
    starts = {
        account: [
            *([] if own is None else [own]),
            *(
                (found[account], asset)
                for found in (last, first if own is None else {})
                if account in found
            ),
        ]
        for account, own in kept.items()
    }
    flows = _flows(past, starts)
    for account in accounts:
        if not starts[account]:
            continue
        end = ends[account]
        judged = [
            judge(
                account,
                start,
                end if unit == asset else replace(end, prices={}),
                flows.get(account, ()),
                reporting_asset=unit,
                dust=dust,
            )
            for start, unit in starts[account]
        ]
        emptied = next((one for one in judged if one is not None and one.emptied), None)
        widest = judged[0] if kept[account] is not None else judged[-1]
        decided = emptied is not None or widest is None or histories_reach(repository, account, end)
        yield Verdict(account=account, outflow=emptied or widest, decided=decided)


def _flows(
    past: PastReader, starts: Mapping[str, Sequence[tuple[Standing, str]]]
) -> dict[str, list[Flow]]:
    """The movements of each account since the earliest of its standings, read once for all."""
    since = {
        account: min(start.times.get(account, start.at) for start, _ in own)
        for account, own in starts.items()
        if own
    }
    found: dict[str, list[Flow]] = {}
    for flow in past.recent_flows(min(since.values())) if since else ():
        if flow.account in since and flow.time >= since[flow.account]:
            found.setdefault(flow.account, []).append(flow)
    return found


def _stored(found: Finding, now: datetime) -> StoredFinding:
    return StoredFinding(
        account=found.account or "",
        code=found.code,
        scope=WATCH,
        asset=found.asset or "",
        message=found.message,
        hint=found.hint,
        since=now,
    )


def _document(found: Outflow) -> dict[str, Any]:
    """The standing of one account before its alarm as JSON; its prices are in ``asset``."""
    standing = found.since
    ((_, seen),) = standing.times.items()
    return {
        "asset": found.reporting_asset,
        "at": to_ms(standing.at),
        "seen": to_ms(seen),
        "quantities": {
            name: to_text(quantity) for (_, name), quantity in sorted(standing.quantities.items())
        },
        "wallets": [
            [wallet, name, to_text(total)]
            for (_, wallet, name), total in sorted(standing.wallets.items())
        ],
        "prices": {name: to_text(price) for name, price in sorted(standing.prices.items())},
    }


def _kept(account: str, kept: object) -> tuple[Standing, str] | None:
    """The stored standing before an open alarm, and the asset of its prices."""
    if not isinstance(kept, Mapping):
        return None
    standing = Standing(
        at=from_ms(kept["at"]),
        quantities={(account, name): Decimal(text) for name, text in kept["quantities"].items()},
        prices={name: Decimal(text) for name, text in kept["prices"].items()},
        open_results={},
        wallets={(account, wallet, name): Decimal(text) for wallet, name, text in kept["wallets"]},
        times={account: from_ms(kept["seen"])},
    )
    return standing, kept["asset"]
