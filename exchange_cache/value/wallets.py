"""The state of each wallet: "empty", "not requested" and "not permitted" are different answers.

Called by ``balances`` and ``status``; pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exchange_cache.data_types import DataType
from exchange_cache.value.freshness import SyncStatus


class WalletState(StrEnum):
    """FAILED keeps its rows; NEVER was not read yet; NOT_ASKED is switched off."""

    HELD = "held"
    EMPTY = "empty"
    NOT_ASKED = "not_asked"
    NO_PERMISSION = "no_permission"
    NOT_OFFERED = "not_offered"
    FAILED = "failed"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletStatus:
    """One wallet of one account; ``seen_at`` is its last successful read, ``held`` whether rows of
    it are still shown."""

    account: str
    wallet: str
    state: WalletState
    seen_at: datetime | None
    error: str | None
    held: bool = False


def wallet_statuses(
    account: str,
    offered: Sequence[str],
    selected: Sequence[str],
    statuses: Iterable[SyncStatus],
    held: Collection[tuple[str, str]],
) -> tuple[WalletStatus, ...]:
    """The state of every wallet that the exchange offers. ``selected``: those enabled by the
    configuration. ``held``: accounts and wallets with a balance."""
    known = {
        one.part: one
        for one in statuses
        if (one.account, one.data_type) == (account, DataType.BALANCES) and one.part
    }
    names = (*offered, *(name for name in known if name not in offered))
    return tuple(
        _status(
            account,
            name,
            name in selected or name not in offered,
            known.get(name),
            (account, name) in held,
        )
        for name in names
    )


def _status(
    account: str, wallet: str, is_selected: bool, known: SyncStatus | None, is_held: bool
) -> WalletStatus:
    if not is_selected:
        state = WalletState.NOT_ASKED
    elif known is None:
        state = WalletState.NEVER
    elif known.state == "ok":
        state = WalletState.HELD if is_held else WalletState.EMPTY
    else:
        state = WalletState(known.state)
    return WalletStatus(
        account=account,
        wallet=wallet,
        state=state,
        seen_at=None if known is None else known.succeeded_at,
        error=None if known is None or not is_selected else known.error,
        held=is_held,
    )
