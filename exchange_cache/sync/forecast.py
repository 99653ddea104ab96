"""What a run would request, and why, from the cache alone: nothing is sent.

It assumes that nothing has moved since the last run. Pages that follow a full one, and what new
rows lead to, are not known before, so the numbers are those of first pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from exchange_cache.adapter.client_memory import remembered_markets
from exchange_cache.adapter.policy import ExchangePolicy, StreamPolicy
from exchange_cache.adapter.port import MarketInfo
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import Clock, to_ms
from exchange_cache.records import DataType
from exchange_cache.sync import discovery
from exchange_cache.sync.due import Due, RunOptions, begun, stream_index
from exchange_cache.sync.mirror_run import open_part, part_name
from exchange_cache.sync.opened import Opened
from exchange_cache.sync.reasons import Why
from exchange_cache.sync.resting import Resting
from exchange_cache.sync.symbols import Symbols


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """Requests of a part for one reason. ``why`` None: it rests, and these would follow if
    something moved. ``symbols``: for how many symbols; None where it needs none."""

    account: str
    data_type: DataType
    part: str
    requests: int
    why: Why | None
    symbols: int | None = None


@dataclass(slots=True, kw_only=True)
class Remembered:
    """An account as the cache knows it; ``listed`` are the markets that were kept."""

    account: str
    policy: ExchangePolicy
    listed: Mapping[str, MarketInfo]

    def markets(self) -> Mapping[str, MarketInfo]:
        return self.listed


class Forecast:
    """The requests of one account."""

    def __init__(
        self,
        account: str,
        policy: ExchangePolicy,
        repository: ExchangeCacheRepository,
        clock: Clock,
        options: RunOptions,
    ) -> None:
        self._account = account
        self._policy = policy
        self._repository = repository
        self._options = options
        self._now_ms = to_ms(clock.now())
        listed = remembered_markets(repository.progress.memory(account))
        known = Remembered(account=account, policy=policy, listed=listed)
        self._resting = Resting(
            known,
            repository,
            clock,
            reads_all=options.only == frozenset(DataType),
            explicit=options.full or options.force,
        )
        self._due = Due(
            repository, policy, account, options, self._now_ms, self._resting, notes=False
        )
        self._opened = Opened(known, repository, clock)
        self._symbols = Symbols(known, repository, self._opened, options.symbols)

    def of(self) -> tuple[Foreseen, ...]:
        """First the present state, then the histories."""
        found = (*self._mirrors(), *self._whole(), *self._by_symbol())
        return tuple(one for one in found if one.data_type in self._options.only)

    # --- the present state ------------------------------------------------------------------------

    def _mirrors(self) -> Iterator[Foreseen]:
        policy = self._policy
        parts = [(DataType.BALANCES, wallet.name, 1) for wallet in policy.wallets]
        parts += [(DataType.PRICES, part_name(call), 1) for call in policy.tickers]
        parts += [(DataType.POSITIONS, part_name(call), 1) for call in policy.positions]
        lists: dict[str, int] = {}
        for call in policy.open_orders:
            lists[call.category] = lists.get(call.category, 0) + 1
        parts += [(DataType.ORDERS, open_part(name), count) for name, count in lists.items()]
        for data_type, part, requests in parts:
            yield Foreseen(
                account=self._account,
                data_type=data_type,
                part=part,
                requests=requests,
                why=self._resting.why_part(data_type, part),
            )

    # --- the histories ----------------------------------------------------------------------------

    def _offered(self, *, by_symbol: bool) -> list[StreamPolicy]:
        return [
            begun(stream, self._options)
            for stream in self._policy.streams
            if stream.needs_symbol == by_symbol and self._opened.refusal(stream.opened_by) is None
        ]

    def _whole(self) -> Iterator[Foreseen]:
        states = self._due.states()
        queue = self._due.of(self._offered(by_symbol=False))
        for stream, plan in (*queue.due, *queue.quiet):
            state = states.get(stream_index(stream, ""))
            yield Foreseen(
                account=self._account,
                data_type=stream.data_type,
                part=stream.scope,
                requests=max(1, len(plan.windows)),
                why=self._due.why(stream, state),
            )

    def _by_symbol(self) -> Iterator[Foreseen]:
        known = self._due.states()
        for stream in self._offered(by_symbol=True):
            states = {
                symbol: state
                for (data_type, scope, symbol), state in known.items()
                if (data_type, scope) == (stream.data_type, stream.scope)
            }
            yield from self._grouped(stream, states)

    def _grouped(
        self, stream: StreamPolicy, states: Mapping[str, StreamState]
    ) -> Iterable[Foreseen]:
        """The symbols of a history by the reason of their requests."""
        chosen = discovery.due(
            self._symbols.candidates(stream, ()),
            states,
            self._now_ms,
            sweep_budget=self._options.sweep_budget,
            full=self._options.full,
        )
        counts: dict[Why | None, list[int]] = {}
        for symbol, _ in chosen:
            state = states.get(symbol)
            if self._due.is_worth_it(stream, symbol, state, ()):
                plan = self._due.plan(stream, state or self._due.blank(stream, symbol))
                why = self._due.why(stream, state)
                counts.setdefault(why, []).append(max(1, len(plan.windows)))
        for why, requests in counts.items():
            yield Foreseen(
                account=self._account,
                data_type=stream.data_type,
                part=stream.scope,
                requests=sum(requests),
                why=why,
                symbols=len(requests),
            )
