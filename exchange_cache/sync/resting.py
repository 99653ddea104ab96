"""Which requests of a run may be left out, because nothing that they could report was seen to move:
mirrors that were found empty, and histories that were read since the last movement.

A run leaves something out only where it reads everything else: all data types, without being asked
for more (``sync --full``, ``reload --force``), and not in the daily round.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import KnownAccount
from exchange_cache.adapter.witnesses import is_witness
from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import Clock, to_ms
from exchange_cache.records import DataType, OrderStatus
from exchange_cache.sync.movement import (
    MOVEMENT,
    SEEN,
    compared,
    remembered,
    shown_before,
    shown_by,
    stored,
)
from exchange_cache.sync.plan import to_span_ms
from exchange_cache.sync.reasons import Why
from exchange_cache.sync.report import PartResult
from exchange_cache.value.freshness import SyncStatus

#: The results of a request after which it may rest; of another, the next run asks again.
_ANSWERED = frozenset({"ok", "not_offered", "no_permission"})
#: How far apart runs are expected to be.
HOURLY = timedelta(hours=1)
#: The mirrors whose figures are compared. Prices move by themselves.
_COMPARED = frozenset({DataType.BALANCES, DataType.POSITIONS, DataType.ORDERS})


class Resting:
    """Decides for one account and run what rests. ``reads_all``: the run reads all data types.
    ``explicit``: the user asked for everything."""

    def __init__(
        self,
        port: KnownAccount,
        repository: ExchangeCacheRepository,
        clock: Clock,
        *,
        reads_all: bool,
        explicit: bool,
    ) -> None:
        self._account = port.account
        self._policy = port.policy
        self._repository = repository
        self._clock = clock
        memory = repository.progress.memory(port.account)
        self._movement = remembered(memory)
        self._before = shown_before(memory)
        self._compared_ms: int | None = None  # for the first time in this run
        self._reads_all = reads_all
        self.is_round = reads_all and self._movement.is_round_due(to_ms(clock.now()))
        self._all: Why | None = None
        if explicit or not reads_all:
            self._all = Why.EXPLICIT
        elif self._movement.round_ms is None or self._before is None:
            self._all = Why.FIRST
        elif self.is_round:
            self._all = Why.ROUND
        elif port.policy.generic:
            self._all = Why.NO_REVIEW
        self._blind = False  # what moved is not known
        self._parts = {
            (status.data_type, status.part): status
            for status in repository.progress.statuses([port.account])
        }

    @property
    def is_awake(self) -> bool:
        """Whether mirrors that were found empty are requested too."""
        moved_ms, begun_ms = self._movement.any_ms, self._compared_ms
        moved = moved_ms is not None and begun_ms is not None and moved_ms >= begun_ms
        return self.asks_all or self._blind or moved

    @property
    def asks_all(self) -> bool:
        """Whether the run requested everything from its beginning."""
        return self._all is not None

    def moved(self, part: str, symbol: str) -> bool:
        """Whether a symbol moved since its open orders were requested."""
        known = self._parts.get((DataType.ORDERS, part))
        if known is None or known.attempted_at is None:
            return True
        return not self._movement.is_settled(symbol, to_ms(known.attempted_at))

    def wake(self) -> None:
        """Something moved that the mirrors did not show: request everything from here on."""
        self._blind = True

    def expects_rows(self, now_ms: int) -> bool:
        """Whether a movement was seen so lately that its rows are served again."""
        moved_ms = self._movement.any_ms
        return moved_ms is not None and now_ms - moved_ms <= to_span_ms(2 * HOURLY)

    def part(self, data_type: DataType, part: str) -> SyncStatus | None:
        """The last result of a mirror's part that need not be requested: it was found empty."""
        return None if self.why_part(data_type, part) else self._parts.get((data_type, part))

    def why_part(self, data_type: DataType, part: str) -> Why | None:
        """Why a mirror's part is requested; None: it rests."""
        known = self._parts.get((data_type, part))
        if self._all is not None:
            return self._all
        if data_type is DataType.PRICES:
            return Why.PRICES
        if known is None:
            return Why.FIRST
        if known.state not in _ANSWERED:
            return Why.FAILED
        if known.rows:
            return Why.HOLDS
        return Why.MOVED if self.is_awake else None

    def compare(self, results: Iterable[PartResult]) -> None:
        """Compare what the mirrors show with the run before. Where one could not be read, anything
        may have moved."""
        if not self._reads_all:
            return
        account = [self._account]
        now = self._clock.now()
        positions = self._repository.mirror.positions(account)
        shown = shown_by(
            self._repository.mirror.balances(account),
            self._repository.ledger.orders(Filter(accounts=account, status=str(OrderStatus.OPEN))),
            positions,
            {
                (wallet.name, one.settle_asset)
                for wallet in self._policy.wallets
                for one in positions
                if one.category in wallet.trades
            },
        )
        self._compared_ms = self._compared_ms or to_ms(now)
        self._movement = compared(self._movement, self._before, shown, to_ms(now))
        self._before = shown
        self._repository.progress.remember(
            self._account, {SEEN: shown, MOVEMENT: stored(self._movement, to_ms(now))}, now
        )
        failed = any(one.state == "failed" for one in results if one.data_type in _COMPARED)
        self._blind = self._blind or failed

    def why(self, stream: StreamPolicy, state: StreamState, now_ms: int) -> Why | None:
        """Why a history that is in order is requested; None: it was read since anything of it
        moved, and what it serves is not forgotten before the daily round."""
        if self._all is not None or self._blind:
            return self._all or Why.BLIND
        if is_witness(self._policy, stream):
            return Why.WITNESS
        if state.state not in {*_ANSWERED, "symbol_unknown"}:
            return Why.FAILED
        if state.open is not None or state.cursor:
            return Why.UNFINISHED
        read_ms = state.completed_ms if state.state == "ok" else state.asked_ms
        if read_ms is None:
            return Why.FIRST
        if self._forgets(stream, read_ms, now_ms):
            return Why.FORGOTTEN
        return None if self._movement.is_settled(state.key.symbol, read_ms) else Why.MOVED

    def _forgets(self, stream: StreamPolicy, read_ms: int, now_ms: int) -> bool:
        """Whether rows that the exchange serves for a short time only would be gone before half of
        that time, if the next run requested them."""
        times = [time for time in (stream.retention, stream.forgets) if time is not None]
        next_ms = now_ms + to_span_ms(HOURLY)
        return bool(times) and next_ms - read_ms >= to_span_ms(min(times)) // 2

    def close(self, now_ms: int) -> None:
        """Note the daily round, after every history was requested in it."""
        if self.is_round:
            self._movement = replace(self._movement, round_ms=now_ms)
            kept = {MOVEMENT: stored(self._movement, now_ms)}
            self._repository.progress.remember(self._account, kept, self._clock.now())
