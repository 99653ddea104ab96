"""Pairs withdrawals with deposits between own accounts: deterministic and one to one.

A pair is found by the transaction id, or else by asset, amount and time. Moves inside one account
are not paired: they change nothing. A withdrawal counts once it is requested (the units have left
the balance), a deposit only once it is credited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext

from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Transfer, TransferKind

#: How long after a withdrawal its deposit may be booked, and how far two exchanges' clocks and
#: bookings may differ.
WINDOW = timedelta(hours=24)
SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One transfer between own accounts, seen from both ends. ``by`` is tx_id or amount."""

    withdrawal: Transfer
    deposit: Transfer
    by: str

    @property
    def sent(self) -> Decimal:
        """The quantity removed besides the fee. If exactly the fee is missing at the other end, the
        exchange stated the gross amount."""
        left, fee = self.withdrawal, self.withdrawal.fee
        with localcontext(EXACT):
            gross = (
                fee is not None
                and fee.asset == left.asset
                and fee.amount > 0
                and self.deposit.quantity == left.quantity - fee.amount
            )
            return self.deposit.quantity if gross else left.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Every withdrawal and deposit that happened, each once: in a pair or alone."""

    pairs: tuple[Pair, ...]
    withdrawals: tuple[Transfer, ...]
    deposits: tuple[Transfer, ...]


def has_happened(transfer: Transfer) -> bool:
    """Whether it has changed a balance: a pending withdrawal has, a pending deposit has not."""
    leaving = transfer.kind is TransferKind.WITHDRAWAL
    return transfer.status == "ok" or (leaving and transfer.status == "pending")


def pair_transfers(
    transfers: Iterable[Transfer], *, window: timedelta = WINDOW, skew: timedelta = SKEW
) -> Pairing:
    """Pair the withdrawals and deposits among ``transfers``; other kinds are ignored."""
    with localcontext(EXACT):
        unique = {transfer.key: transfer for transfer in transfers if has_happened(transfer)}
        withdrawals = _of_kind(unique.values(), TransferKind.WITHDRAWAL)
        deposits = _of_kind(unique.values(), TransferKind.DEPOSIT)
        pairs = _choose(_by_tx_id(withdrawals, deposits), "tx_id", frozenset())
        used = frozenset(
            transfer.key for pair in pairs for transfer in (pair.withdrawal, pair.deposit)
        )
        pairs += _choose(_by_amount(withdrawals, deposits, window, skew), "amount", used)
        used = frozenset(
            transfer.key for pair in pairs for transfer in (pair.withdrawal, pair.deposit)
        )
        return Pairing(
            pairs=tuple(
                sorted(pairs, key=lambda pair: (pair.withdrawal.time, pair.withdrawal.key))
            ),
            withdrawals=tuple(transfer for transfer in withdrawals if transfer.key not in used),
            deposits=tuple(transfer for transfer in deposits if transfer.key not in used),
        )


def _of_kind(transfers: Iterable[Transfer], kind: TransferKind) -> list[Transfer]:
    return sorted(
        (transfer for transfer in transfers if transfer.kind is kind),
        key=lambda transfer: (transfer.time, transfer.key),
    )


def normal_tx_id(transfer: Transfer) -> str | None:
    """The transaction id in a common spelling: lower case, no 0x, no output index."""
    if not transfer.tx_id:
        return None
    text = transfer.tx_id.strip().lower().removeprefix("0x")
    return text.split(":", 1)[0] if _on_chain(text.split(":", 1)[0]) else text


def _on_chain(tx_id: str) -> bool:
    return len(tx_id) >= 40 and tx_id.isalnum()


#: How well two transfers fit (smaller is better), then the two.
_Candidate = tuple[tuple[Decimal, timedelta], Transfer, Transfer]


def _by_tx_id(withdrawals: list[Transfer], deposits: list[Transfer]) -> Iterator[_Candidate]:
    """Pair by transaction id. One transaction may carry several transfers: the nearest amounts
    pair."""
    arrived: dict[tuple[str, str], list[Transfer]] = defaultdict(list)
    for deposit in deposits:
        tx_id = normal_tx_id(deposit)
        if tx_id is not None:
            arrived[deposit.asset, tx_id].append(deposit)
    for withdrawal in withdrawals:
        tx_id = normal_tx_id(withdrawal)
        for deposit in arrived.get((withdrawal.asset, tx_id or ""), ()):
            yield (
                (abs(withdrawal.quantity - deposit.quantity), abs(withdrawal.time - deposit.time)),
                withdrawal,
                deposit,
            )


def _by_amount(
    withdrawals: list[Transfer], deposits: list[Transfer], window: timedelta, skew: timedelta
) -> Iterator[_Candidate]:
    """Pair equal amounts (net of the fee, or gross where an exchange states that) on different
    accounts within the time window."""
    by_amount: dict[tuple[str, Decimal], list[Transfer]] = defaultdict(list)
    for deposit in deposits:
        by_amount[deposit.asset, deposit.quantity].append(deposit)
    for withdrawal in withdrawals:
        fee = (
            withdrawal.fee.amount
            if withdrawal.fee is not None and withdrawal.fee.asset == withdrawal.asset
            else ZERO
        )
        for rank, amount in enumerate(
            dict.fromkeys((withdrawal.quantity, withdrawal.quantity - fee))
        ):
            for deposit in by_amount.get((withdrawal.asset, amount), ()):
                in_time = -skew <= deposit.time - withdrawal.time <= window
                if (
                    deposit.account != withdrawal.account
                    and in_time
                    and not _contradict(withdrawal, deposit)
                ):
                    yield (Decimal(rank), abs(withdrawal.time - deposit.time)), withdrawal, deposit


def _contradict(withdrawal: Transfer, deposit: Transfer) -> bool:
    """Two different transactions on a chain are two transfers, however similar their amounts
    are."""
    left, arrived = normal_tx_id(withdrawal), normal_tx_id(deposit)
    return (
        left is not None
        and arrived is not None
        and left != arrived
        and _on_chain(left)
        and _on_chain(arrived)
    )


def _choose(
    candidates: Iterable[_Candidate], by: str, used: frozenset[tuple[str, str, str]]
) -> list[Pair]:
    taken = set(used)
    pairs: list[Pair] = []
    for _, withdrawal, deposit in sorted(
        candidates, key=lambda found: (found[0], found[1].key, found[2].key)
    ):
        if withdrawal.key not in taken and deposit.key not in taken:
            taken.update((withdrawal.key, deposit.key))
            pairs.append(Pair(withdrawal=withdrawal, deposit=deposit, by=by))
    return pairs
