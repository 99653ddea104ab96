"""The activity of one account per stream, for ``discovery``: read from the cache and the wallets of
this run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import KnownAccount
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.records import MARGIN
from exchange_cache.sync import discovery
from exchange_cache.sync.opened import Opened


class Symbols:
    """Finds the symbols of streams that need one; the user named those in ``configured``."""

    def __init__(
        self,
        port: KnownAccount,
        repository: ExchangeCacheRepository,
        opened: Opened,
        configured: Collection[str],
    ) -> None:
        self._port = port
        self._repository = repository
        self._opened = opened
        self._named_by_user = configured
        self._account = port.account

    def candidates(self, stream: StreamPolicy, named: Collection[str]) -> discovery.Candidates:
        """The symbols of a stream by class. ``named``: symbols that rows of other histories name
        (income of contracts). Raises the faults of listing the markets."""
        touched = self._touched_in(stream) if stream.wallet else self._touched(stream, named)
        found = discovery.candidates(
            self._port.markets(), stream.category, touched, self._port.policy.discovery_quotes
        )
        return found if stream.swept else replace(found, rest=())

    def _touched(self, stream: StreamPolicy, named: Collection[str]) -> discovery.Touched:
        """The activity of the whole account."""
        ledger, markets = self._repository.ledger, self._port.markets()
        held = [
            item for item in self._repository.mirror.balances([self._account]) if item.total != 0
        ]
        symbols = set(ledger.seen_symbols(self._account, stream.category))
        symbols |= {
            item.symbol
            for item in self._repository.mirror.positions([self._account])
            if item.category == stream.category
        }
        symbols |= {
            symbol
            for symbol in ledger.seen_transfer_symbols(self._account) | set(named)
            if (markets[symbol].category if symbol in markets else discovery.ended(symbol))
            == stream.category
        }
        return discovery.Touched(
            held=frozenset(item.asset for item in held),
            held_codes=frozenset(item.code for item in held),
            seen=ledger.seen_assets(self._account),
            emptied=frozenset(self._opened.emptied),
            symbols=frozenset(symbols),
            configured=self._configured(stream),
        )

    def _touched_in(self, stream: StreamPolicy) -> discovery.Touched:
        """The activity in the stream's own wallet; a wallet of pairs names them itself."""
        ledger, wallet = self._repository.ledger, stream.wallet
        if any(one.market_rows for one in self._port.policy.wallets if one.name == wallet):
            symbols = self._opened.symbols(wallet) | self._traded_in(wallet)
            return discovery.Touched(symbols=symbols, configured=self._configured(stream))
        rows = self._repository.mirror.balances([self._account])
        return discovery.Touched(
            held=frozenset(item.asset for item in rows if item.wallet == wallet),
            seen=ledger.assets_moved(self._account, wallet),
            symbols=ledger.seen_symbols(self._account, stream.category),
            configured=self._configured(stream),
        )

    def _traded_in(self, wallet: str) -> frozenset[str]:
        """Symbols with rows in a history of this wallet."""
        scopes = {
            (one.data_type, one.scope) for one in self._port.policy.streams if one.wallet == wallet
        }
        states = self._repository.ledger.states(self._account)
        return frozenset(
            one.key.symbol
            for one in states
            if (one.key.data_type, one.key.scope) in scopes and one.rows and one.key.symbol
        )

    def _configured(self, stream: StreamPolicy) -> frozenset[str]:
        contract = stream.category not in {"spot", MARGIN}
        return frozenset(symbol for symbol in self._named_by_user if (":" in symbol) == contract)
