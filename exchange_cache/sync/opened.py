"""Which wallets an account has opened, and their pairs: a request that needs a wallet is not sent
without it.

Both are known from the balances, which are read first; a run without balances uses the results of
earlier runs.
"""

from __future__ import annotations

from collections.abc import Collection

from exchange_cache.adapter.port import KnownAccount, WalletReading
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock
from exchange_cache.errors import ExchangeFault, NotOffered
from exchange_cache.records import DataType

#: The key of the pairs that wallets named, per wallet: a closed wallet also has a history.
WALLET_SYMBOLS = "wallet_symbols"


class Opened:
    """The known wallets of one account."""

    def __init__(
        self, port: KnownAccount, repository: ExchangeCacheRepository, clock: Clock
    ) -> None:
        self._port = port
        self._repository = repository
        self._clock = clock
        self.emptied: set[str] = set()  # codes that the wallets read in this run list with zero

    def any_of(self, wallets: Collection[str]) -> bool:
        """Whether the account has one of the wallets (True where none is needed): it could be read,
        or it names pairs."""
        return (
            not wallets
            or bool(self._readable() & set(wallets))
            or any(self.symbols(wallet) for wallet in wallets)
        )

    def refusal(self, wallets: Collection[str]) -> ExchangeFault | None:
        """Why a request that needs one of the wallets is not sent; None: send it. A wallet that
        could not be read may exist."""
        if self.any_of(wallets):
            return None
        unread = sorted(set(wallets) & self._unread())
        if unread:
            text = (
                f"the {' and '.join(unread)} wallet could not be read, so whether the account has"
                " it is unknown"
            )
            return ExchangeFault(text, account=self._port.account)
        return NotOffered(
            f"the account has no {' or '.join(sorted(wallets))} wallet", account=self._port.account
        )

    def symbols(self, wallet: str) -> frozenset[str]:
        """Every pair that a wallet ever named."""
        known = self._repository.progress.memory(self._port.account).get(WALLET_SYMBOLS)
        found = known.get(wallet) if isinstance(known, dict) else None
        return frozenset(str(item) for item in found) if isinstance(found, list) else frozenset()

    def remember(self, wallet: str, reading: WalletReading) -> None:
        """Store the pairs and empty codes that a wallet names."""
        self.emptied |= reading.emptied
        before, named = self.symbols(wallet), reading.symbols
        if named - before:
            known = self._repository.progress.memory(self._port.account).get(WALLET_SYMBOLS)
            noted = {**(known if isinstance(known, dict) else {}), wallet: sorted(before | named)}
            self._repository.progress.remember(
                self._port.account, {WALLET_SYMBOLS: noted}, self._clock.now()
            )

    def _readable(self) -> set[str]:
        """Wallets that were read successfully and not found closed since, without those of pairs,
        which are open when they have a pair."""
        pairs = {wallet.name for wallet in self._port.policy.wallets if wallet.market_rows}
        return {
            status.part
            for status in self._repository.progress.statuses([self._port.account])
            if status.data_type is DataType.BALANCES
            and status.part not in pairs
            and status.succeeded_at is not None
            and status.state != "not_offered"
        }

    def _unread(self) -> set[str]:
        """Wallets whose last read failed, so that it is unknown whether the account has them."""
        statuses = self._repository.progress.statuses([self._port.account])
        return {
            status.part
            for status in statuses
            if status.data_type is DataType.BALANCES and status.state == "failed"
        }
