"""Reads the balances of a wallet: every raw row becomes a balance, or the wallet is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from exchange_cache.adapter import paging, raw_rows, translate_wallets
from exchange_cache.adapter.policy import OnePage, WalletPolicy
from exchange_cache.adapter.port import WalletReading
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.traffic import Answer
from exchange_cache.adapter.values import Origin
from exchange_cache.records import Balance


def wallet(session: Session, policy: WalletPolicy) -> WalletReading:
    """One wallet; BadResponse where a raw row did not become a balance."""
    doing = f"balances of wallet {policy.name}"
    answer = session.read(
        doing,
        lambda: getattr(session.client, policy.method)(session.filled(policy.params)),
        partial(_with_structure, session, policy),
    )
    codes = translate_wallets.codes(answer.value)
    session.once(doing, partial(_nothing_lost, session, policy, answer.response, codes))
    origin = session.origin(category="spot", scope=f"wallet {policy.name}", wallet=policy.name)
    found = session.once(doing, partial(_balances, session, origin, policy, answer))
    return WalletReading(
        balances=found,
        emptied=frozenset(codes - {item.code for item in found}),
        symbols=_pairs(session, policy, answer.response) if policy.market_rows else frozenset(),
    )


def _balances(
    session: Session, origin: Origin, policy: WalletPolicy, answer: Answer[Mapping[str, Any]]
) -> tuple[Balance, ...]:
    averages = policy.averages and policy.averages(answer.response, session.client)
    known = _known_assets(session.client)
    return translate_wallets.balances(origin, answer.value, policy, session.policy, known, averages)


def _pairs(session: Session, policy: WalletPolicy, response: Any) -> frozenset[str]:
    rows = session.rows(response, policy.market_rows)
    ids = [paging.dig_or_none(row, policy.market_field) for row in rows]
    if not all(ids):
        raise session.bad(f"a row at {policy.market_rows!r} has no {policy.market_field!r}")
    return frozenset(
        str(session.market_by_id(str(market_id), "spot")["symbol"]) for market_id in ids
    )


def _with_structure(
    session: Session, policy: WalletPolicy, answer: Answer[Any]
) -> Answer[Mapping[str, Any]]:
    """The answer with its wallet as a ccxt balance structure."""
    if policy.must_have and paging.dig_or_none(answer.response, policy.must_have) is None:
        raise session.bad(f"the answer has no {policy.must_have!r}")
    _is_whole(session, policy, answer.response)
    if policy.parser is None:
        return answer
    return replace(answer, value=policy.parser(answer.value, session.client))


def _is_whole(session: Session, policy: WalletPolicy, response: Any) -> None:
    """Refuse a wallet that the answer has no room for, or that it does not list to the end."""
    if policy.paging == OnePage() and policy.page_size is None:
        return
    rows = session.raw(response, policy.rows[0])
    what = f"the {policy.name} wallet"
    if session.turn(what, policy.paging, {}, rows, response, policy.page_size).too_full:
        raise session.bad(f"{what}: the answer ends after {len(rows)} rows and may miss others")


def _nothing_lost(
    session: Session, policy: WalletPolicy, response: Any, found: Collection[str]
) -> None:
    """BadResponse unless every raw row can be read and each that is not zero is in the structure,
    which may name it differently."""
    if not policy.rows and not found:
        session.not_hollow(f"the {policy.name} wallet", response)
    for rule in policy.rows:
        session.raw(response, rule)
    names = {
        name for rule in policy.rows if rule.name for name in raw_rows.held_names(response, rule)
    }
    held = {str(session.client.safe_currency_code(name)) for name in names}
    missing = held.difference(found)
    if len(missing) > len(set(found) - held):
        raise session.bad(
            f"the {policy.name} wallet holds {', '.join(sorted(missing))}, which could not be read"
        )


def _known_assets(client: Any) -> set[str]:
    return {str(market["base"]) for market in client.markets.values() if market.get("base")} | set(
        client.currencies or ()
    )
