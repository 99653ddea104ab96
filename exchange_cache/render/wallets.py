"""Wallets as a line per account for people, and as rows for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from exchange_cache.render.words import age, listed
from exchange_cache.value.freshness import Freshness
from exchange_cache.value.wallets import WalletState, WalletStatus

_WORDS = {
    WalletState.HELD: "{} held",
    WalletState.EMPTY: "{} empty",
    WalletState.NOT_ASKED: "{} not requested (switched off)",
    WalletState.NO_PERMISSION: "{} no permission",
    WalletState.NOT_OFFERED: "{} not offered",
    WalletState.FAILED: "{} failed",
    WalletState.NEVER: "{} never synced",
}


def wallet_lines(statuses: Iterable[WalletStatus]) -> tuple[str, ...]:
    """``Wallets of main: spot and funding held; margin empty; earn no permission.``"""
    accounts: dict[str, dict[WalletState, list[str]]] = {}
    for one in statuses:
        accounts.setdefault(one.account, {}).setdefault(one.state, []).append(one.wallet)
    return tuple(
        f"Wallets of {account}: {_states(states)}." for account, states in accounts.items()
    )


def _states(states: Mapping[WalletState, Sequence[str]]) -> str:
    named = (
        _WORDS[state].format(listed(states[state])) for state in WalletState if state in states
    )
    return "; ".join(named)


def lost_lines(verdicts: Iterable[Freshness]) -> tuple[str, ...]:
    """Parts that can no longer be read, with their age and what to do."""
    return tuple(
        f"{lost.name[0].upper()}{lost.name[1:]} of {verdict.account} can no longer be read"
        f" ({lost.reason}): its figures are {age(lost.age)} old. Restore the key's right to"
        " read it, or switch it off."
        for verdict in verdicts
        for lost in verdict.lost
    )


def wallets_document(statuses: Iterable[WalletStatus]) -> dict[str, object]:
    """The wallets as a further key in the documents of ``balances`` and ``status``."""
    rows = [
        {
            "account": one.account,
            "wallet": one.wallet,
            "state": one.state,
            "succeeded_at": one.seen_at,
            "error": one.error,
            "holds_rows": one.held,
        }
        for one in statuses
    ]
    return {"wallets": rows}
