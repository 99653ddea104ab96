"""Moves to and from wallets of an account that are not read, such as trading bots.

Nothing is withdrawn: the units stay the user's, with their cost, where no balance shows them
(``cost.aside``). Where the wallet is another account of the user, which reports the other end
(one exchange for spot and one for futures), the two rows are a withdrawal and a deposit: a pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.records import Transfer, TransferKind

_MARK = "unread "
#: Two exchanges book the two ends of one move at most this far apart.
_TOGETHER = timedelta(hours=1)


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


def between_accounts(
    transfers: Iterable[Transfer], assets: AssetEvents
) -> dict[tuple[str, str, str], TransferKind]:
    """By key, the marked moves whose other end another account reports, as what they are:
    withdrawal or deposit. Each end names the wallet that is the other account."""
    moves = {one.key: one for one in transfers if one.status == "ok"}
    ordered = sorted(moves.values(), key=lambda one: (one.time, one.key))
    arrived: dict[tuple[str, Decimal], list[Transfer]] = defaultdict(list)
    for one in ordered:
        if departs(one) is False:
            arrived[one.asset, one.quantity].append(one)
    found: dict[tuple[str, str, str], TransferKind] = {}
    for left in ordered if arrived else ():
        own = arrived.get((left.asset, left.quantity), []) if departs(left) else []
        ends = [
            one
            for one in own
            if abs(one.time - left.time) <= _TOGETHER
            and assets.lead_to_each_other(
                left.account, wallet_of(left), one.account, wallet_of(one)
            )
        ]
        if ends:
            end = min(ends, key=lambda one: (abs(one.time - left.time), one.key))
            own.remove(end)
            found[left.key], found[end.key] = TransferKind.WITHDRAWAL, TransferKind.DEPOSIT
    return found


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
