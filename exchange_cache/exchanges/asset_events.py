"""The shipped list of asset events: one line each in ``asset_events.json``, with its source.

A line names the exchanges at which the event took effect at that time, by their announcement. It
names none where that is not documented, or where the exchange listed the new unit only; then the
event is recognised where it is booked, and a user can state where else it happened. Codes are those
of ccxt: one that ccxt translates for an exchange (LUNA at kraken) is not that exchange's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from exchange_cache.exchanges import is_generic, policy_for
from exchange_cache.ledger.asset_events import AssetEvent, AssetEvents, EventKind, overridden

LIST = Path(__file__).with_suffix(".json")


def listed_events() -> tuple[AssetEvent, ...]:
    """All shipped events."""
    return tuple(
        AssetEvent(
            kind=EventKind(row["kind"]),
            old=row["from"],
            new=row["to"],
            at=datetime.fromisoformat(row["at"]),
            factor=Decimal(row["factor"]),
            cost_share=None if "cost_share" not in row else Decimal(row["cost_share"]),
            exchanges=tuple(row["exchanges"]),
            source=row["source"],
        )
        for row in json.loads(LIST.read_text("utf-8"))
    )


def known_events(stated: Sequence[AssetEvent]) -> tuple[AssetEvent, ...]:
    """The shipped events and those that the user states, ignored ones included."""
    return overridden(listed_events(), stated)


def events_in_force(
    stated: Sequence[AssetEvent],
    exchanges: Mapping[str, str],
    now: datetime,
    names: Mapping[str, Mapping[str, str]] | None = None,
) -> AssetEvents:
    """The events that have happened by now, and the aliases and unread wallets of each exchange's
    policy.

    ``exchanges``: the ccxt id of each account's exchange; a regional edition has dates of its own,
    so ids are compared as they are. ``names``: what the user calls the codes of an account.
    """
    own = names or {}
    return AssetEvents(
        events=tuple(one for one in known_events(stated) if not one.ignored and one.at <= now),
        exchange_of=dict(exchanges),
        aliases={
            account: aliases
            for account, name in exchanges.items()
            if (aliases := {**_aliases(name), **own.get(account, {})})
        },
        unread={
            account: policy_for(name).unread_wallets
            for account, name in exchanges.items()
            if not is_generic(name) and policy_for(name).unread_wallets
        },
        apart={
            account: policy_for(name).apart
            for account, name in exchanges.items()
            if not is_generic(name) and policy_for(name).apart
        },
    )


def _aliases(exchange: str) -> Mapping[str, str]:
    """The aliases of a reviewed policy; a generic one has none, and building it loads ccxt."""
    return {} if is_generic(exchange) else policy_for(exchange).asset_aliases
