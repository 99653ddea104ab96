"""Moves of money that are no trades: deposits, withdrawals, transfers, conversions, earn, income.
Books both sides."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.simulator.venue.records import (
    ZERO,
    Conversion,
    Income,
    Market,
    Transfer,
    VenueError,
)

if TYPE_CHECKING:
    from exchange_cache.simulator.venue.state import State

_NETWORKS = {
    "BTC": "BTC",
    "XRP": "XRP",
    "SOL": "SOL",
    "EUR": "SEPA",
    "USD": "SWIFT",
    "ADA": "ADA",
    "DOT": "DOT",
}
_DEPOSIT_MS = 25 * 60_000


class Moves:
    """Everything that changes wallets without an order."""

    def __init__(self, state: State) -> None:
        self._state = state

    def deposit(
        self, account: str, asset: str, amount: Decimal, time_ms: int, *, wallet: str | None = None,
        txid: str | None = None, begun_ms: int | None = None,
    ) -> Transfer:  # fmt: skip
        """Credit `amount` at `time_ms`; fiat has no txid."""
        to_wallet = wallet or self._default_wallet(account)
        row = self._transfer(
            account, "deposit", asset, amount, begun_ms or time_ms, time_ms, to_wallet=to_wallet,
            txid=txid or self._txid(account, asset), network=_NETWORKS.get(asset, "ETH"),
        )  # fmt: skip
        self._post(row, to_wallet, asset, amount)
        return row

    def withdraw(
        self,
        account: str,
        asset: str,
        amount: Decimal,
        time_ms: int,
        *,
        fee: Decimal = ZERO,
        wallet: str | None = None,
    ) -> Transfer:
        """Send `amount` away; the wallet loses amount + fee."""
        from_wallet = wallet or self._default_wallet(account)
        self._need(account, from_wallet, asset, amount + fee)
        row = self._transfer(
            account,
            "withdrawal",
            asset,
            amount,
            time_ms,
            time_ms + 8 * 60_000,
            from_wallet=from_wallet,
            fee=fee,
            txid=self._txid(account, asset),
            network=_NETWORKS.get(asset, "ETH"),
        )
        self._post(row, from_wallet, asset, -amount, fee=fee)
        return row

    def arrive(self, account: str, sent: Transfer, time_ms: int) -> Transfer:
        """The deposit at `account` of a withdrawal made at another exchange: same txid, same
        amount."""
        begun = max(sent.time_ms, time_ms - _DEPOSIT_MS)
        return self.deposit(
            account, sent.asset, sent.amount, time_ms, txid=sent.txid, begun_ms=begun
        )

    def internal(
        self,
        account: str,
        asset: str,
        amount: Decimal,
        from_wallet: str,
        to_wallet: str,
        time_ms: int,
    ) -> Transfer:
        """Move between two wallets of one account."""
        self._need(account, from_wallet, asset, amount)
        row = self._transfer(
            account,
            "internal",
            asset,
            amount,
            time_ms,
            time_ms,
            from_wallet=from_wallet,
            to_wallet=to_wallet,
        )
        self._post(row, from_wallet, asset, -amount, against="transit")
        self._post(row, to_wallet, asset, amount, against="transit")
        return row

    def earn(
        self, account: str, asset: str, to_asset: str, amount: Decimal, wallet: str, time_ms: int
    ) -> Transfer:
        """Subscribe (BTC -> LDBTC, DOT -> DOT.S) or redeem (the other way); one to one inside a
        wallet."""
        self._need(account, wallet, asset, amount)
        kind = "earn_subscribe" if "." in to_asset or to_asset == f"LD{asset}" else "earn_redeem"
        row = self._transfer(
            account,
            kind,
            asset,
            amount,
            time_ms,
            time_ms,
            from_wallet=wallet,
            to_wallet=wallet,
            to_asset=to_asset,
        )
        self._post(row, wallet, asset, -amount, against="earn")
        self._post(row, wallet, to_asset, amount, against="earn")
        return row

    def convert(
        self,
        account: str,
        wallet: str,
        from_asset: str,
        amount: Decimal,
        to_asset: str,
        time_ms: int,
        *,
        kind: str = "convert",
        group: str | None = None,
        fee_rate: Decimal = ZERO,
    ) -> Conversion:
        """Turn `amount` into another asset at the path's price, less `fee_rate` taken from what is
        received."""
        self._need(account, wallet, from_asset, amount)
        state = self._state
        rate = Decimal(repr(state.prices.rate(from_asset, to_asset, time_ms)))
        gross = (amount * rate * Decimal("0.999")).quantize(Decimal("1e-8"))
        fee = (gross * fee_rate).quantize(Decimal("1e-8"))
        maker = state.ids[account]
        new_id = maker.new("convert")
        row = Conversion(
            exchange=state.accounts[account].exchange,
            account=account,
            id=new_id,
            group=group or new_id,
            seq=state.next_seq(),
            kind=kind,
            wallet=wallet,
            from_asset=from_asset,
            from_amount=amount,
            to_asset=to_asset,
            to_amount=gross - fee,
            fee=fee,
            time_ms=time_ms,
        )
        state.conversions.add(time_ms, row)
        post = state.books.post
        post(
            row.exchange,
            account,
            wallet,
            from_asset,
            time_ms,
            kind,
            row,
            amount=-amount,
            against="convert",
        )
        post(
            row.exchange,
            account,
            wallet,
            to_asset,
            time_ms,
            kind,
            row,
            amount=gross,
            fee=fee,
            against="convert",
        )
        return row

    def income(
        self,
        account: str,
        wallet: str,
        kind: str,
        asset: str,
        amount: Decimal,
        time_ms: int,
        *,
        market: Market | None = None,
        note: str = "",
        size: Decimal = ZERO,
        price: Decimal = ZERO,
        rate: Decimal = ZERO,
        position_side: str | None = None,
    ) -> Income:
        """A dividend, interest or funding payment; negative amounts are paid by the account."""
        state = self._state
        exchange = state.accounts[account].exchange
        row = Income(
            exchange=exchange,
            account=account,
            id=state.ids[account].new("income"),
            seq=state.next_seq(),
            kind=kind,
            wallet=wallet,
            asset=asset,
            amount=amount,
            time_ms=time_ms,
            market=market,
            note=note,
            size=size,
            price=price,
            rate=rate,
            position_side=position_side,
        )
        state.incomes.add(time_ms, row)
        state.books.post(
            exchange, account, wallet, asset, time_ms, kind, row, amount=amount, against=kind
        )
        return row

    def _transfer(
        self,
        account: str,
        kind: str,
        asset: str,
        amount: Decimal,
        time_ms: int,
        done_ms: int,
        *,
        fee: Decimal = ZERO,
        txid: str | None = None,
        network: str | None = None,
        from_wallet: str | None = None,
        to_wallet: str | None = None,
        to_asset: str | None = None,
    ) -> Transfer:
        state = self._state
        exchange = state.accounts[account].exchange
        row = Transfer(
            exchange=exchange,
            account=account,
            id=state.ids[account].new("transfer"),
            seq=state.next_seq(),
            kind=kind,
            asset=asset,
            amount=amount,
            time_ms=time_ms,
            done_ms=done_ms,
            fee=fee,
            txid=txid,
            address=None if txid is None else f"addr-{account}-{asset}",
            network=network,
            from_wallet=from_wallet,
            to_wallet=to_wallet,
            to_asset=to_asset,
        )
        state.transfers.add(time_ms, row)
        return row

    def _post(
        self,
        row: Transfer,
        wallet: str,
        asset: str,
        amount: Decimal,
        *,
        fee: Decimal = ZERO,
        against: str = "world",
    ) -> None:
        when = row.done_ms if row.kind == "deposit" else row.time_ms
        self._state.books.post(
            row.exchange,
            row.account,
            wallet,
            asset,
            when,
            row.kind,
            row,
            amount=amount,
            fee=fee,
            against=against,
        )

    def _need(self, account: str, wallet: str, asset: str, amount: Decimal) -> None:
        free = self._state.books.free(account, wallet, asset)
        if amount <= 0 or free < amount:
            raise VenueError(f"{account}/{wallet} has {free} {asset} free, {amount} asked for")

    def _default_wallet(self, account: str) -> str:
        return self._state.profile_of(account).wallets[0]

    def _txid(self, account: str, asset: str) -> str | None:
        if asset in ("EUR", "USD", "GBP"):
            return None
        return self._state.ids[account].txid(self._state.next_seq())
