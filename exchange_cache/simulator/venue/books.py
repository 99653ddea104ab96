"""Double-entry bookkeeping: wallets change only through `Books.post`, which writes both sides of
every event.

Each posting moves an amount between a wallet of an account and a named counter-account of the
exchange (market, fees, world, earn, loans ...), so the whole sums to zero by asset, and every
wallet equals the sum of its ledger lines. What a margin wallet owes is kept in wallets of its own,
which never rise above zero (`liability`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.venue.ids import IdMaker
from exchange_cache.simulator.venue.records import ZERO, Balance, BooksError, Entry
from exchange_cache.simulator.venue.timeline import Shelf

WalletKey = tuple[str, str, str]  # account, wallet, asset
_OWES = "!"


def liability(wallet: str, what: str) -> str:
    """The wallet that keeps what `wallet` owes: `what` is borrowed | interest."""
    return f"{wallet}{_OWES}{what}"


def owner(wallet: str) -> str:
    """The wallet that owes; a plain wallet itself."""
    return wallet.partition(_OWES)[0]


def _entry_keys(entry: Entry) -> tuple[tuple[str, ...], ...]:
    return ((entry.account,), (entry.account, entry.wallet))


class Books:
    """Balances, holds and the ledger of every wallet."""

    def __init__(self, id_makers: dict[str, IdMaker], next_seq: Callable[[], int]) -> None:
        self._ids = id_makers
        self._next_seq = next_seq
        self.balances: dict[WalletKey, Decimal] = {}
        self.holds: dict[WalletKey, Decimal] = defaultdict(Decimal)
        self.counter: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        self.entries: Shelf[Entry] = Shelf(_entry_keys)

    def post(
        self,
        exchange: str,
        account: str,
        wallet: str,
        asset: str,
        time_ms: int,
        kind: str,
        source: Any,
        *,
        amount: Decimal = ZERO,
        fee: Decimal = ZERO,
        against: str = "world",
        ref: str = "",
    ) -> Entry:
        """Change one wallet by amount - fee against a counter-account; raise BooksError on the
        wrong side of zero."""
        key = (account, wallet, asset)
        balance = self.balances.get(key, ZERO) + amount - fee
        if balance > 0 if _OWES in wallet else balance < 0:
            raise BooksError(
                f"{account}/{wallet} would hold {balance} {asset} after {kind} of {amount} (fee"
                f" {fee})"
            )
        self.balances[key] = balance
        self.counter[(exchange, against, asset)] -= amount
        if fee:
            self.counter[(exchange, "fees", asset)] += fee
        entry = Entry(
            exchange=exchange,
            account=account,
            id=self._ids[account].new("entry"),
            seq=self._next_seq(),
            time_ms=time_ms,
            wallet=wallet,
            asset=asset,
            kind=kind,
            ref=ref or source.id,
            amount=amount,
            fee=fee,
            balance=balance,
            source=source,
        )
        self.entries.add(time_ms, entry)
        return entry

    def free(self, account: str, wallet: str, asset: str) -> Decimal:
        key = (account, wallet, asset)
        return self.balances.get(key, ZERO) - self.holds.get(key, ZERO)

    def hold(self, account: str, wallet: str, asset: str, amount: Decimal) -> None:
        """Reserve `amount` for an open order (negative releases)."""
        self.holds[(account, wallet, asset)] += amount

    def wallet(self, account: str, wallet: str | None) -> list[Balance]:
        """Every asset the wallet ever held, zero rows included, in the order of first arrival; net
        of what is owed."""
        owed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        held: dict[tuple[str, str], Decimal] = {}
        for (name, place, asset), total in list(self.balances.items()):
            if name != account or wallet not in (None, owner(place)):
                continue
            if _OWES in place:
                owed[owner(place), asset] -= total
            else:
                held[place, asset] = total
        return [
            Balance(
                wallet=key[0],
                asset=key[1],
                total=total - owed[key],
                used=self.holds.get((account, *key), ZERO),
                owed=owed[key],
            )
            for key, total in held.items()
        ]

    def check(self) -> None:
        """Raise BooksError unless every wallet equals the sum of its lines and the whole sums to
        zero by asset."""
        sums: dict[WalletKey, Decimal] = defaultdict(Decimal)
        for account in {key[0] for key in self.balances}:
            for entry in self.entries.between((account,)):
                key = (entry.account, entry.wallet, entry.asset)
                sums[key] += entry.amount - entry.fee
                if sums[key] != entry.balance:
                    raise BooksError(
                        f"{key}: ledger line {entry.id} says {entry.balance}, lines sum to"
                        f" {sums[key]}"
                    )
        for key, balance in self.balances.items():
            if sums[key] != balance:
                raise BooksError(f"{key}: wallet {balance}, lines {sums[key]}")
            if not ZERO <= self.holds.get(key, ZERO) <= max(balance, ZERO):
                raise BooksError(f"{key}: {self.holds[key]} held of {balance}")
        self._check_zero_sum()

    def _check_zero_sum(self) -> None:
        total: dict[str, Decimal] = defaultdict(Decimal)
        for (_, _, asset), balance in [*self.balances.items(), *self.counter.items()]:
            total[asset] += balance
        wrong = {asset: value for asset, value in total.items() if value != 0}
        if wrong:
            raise BooksError(f"double entry does not sum to zero: {wrong}")
