"""Moves to and from wallets of an account that are not read, such as trading bots.

Nothing is withdrawn: the units stay the user's, with their cost, where no balance shows them
(``cost.aside``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from exchange_cache.records import Transfer, TransferKind

_MARK = "unread "


def marked(transfer: Transfer, wallets: Collection[str]) -> Transfer:
    """The transfer, with each of its ends marked that is one of the ``wallets``."""
    source, target = transfer.from_wallet, transfer.to_wallet
    if transfer.kind is not TransferKind.INTERNAL or not {source, target} & set(wallets):
        return transfer
    return replace(
        transfer,
        from_wallet=f"{_MARK}{source}" if source in wallets else source,
        to_wallet=f"{_MARK}{target}" if target in wallets else target,
    )


def departs(transfer: Transfer) -> bool | None:
    """Whether a marked move goes to a wallet that is not read (True) or comes from one (False);
    None for any other transfer."""
    source, target = _is_marked(transfer.from_wallet), _is_marked(transfer.to_wallet)
    if transfer.kind is not TransferKind.INTERNAL or source == target:
        return None
    return target


def wallet_of(transfer: Transfer) -> str:
    """The name of the wallet that is not read."""
    end = transfer.to_wallet if departs(transfer) else transfer.from_wallet
    return (end or "").removeprefix(_MARK)


def _is_marked(wallet: str | None) -> bool:
    return wallet is not None and wallet.startswith(_MARK)
