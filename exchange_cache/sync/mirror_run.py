"""Reads the present state of one account: balances, prices, positions, open orders. Each part
replaces its stored rows completely."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from exchange_cache.adapter.policy import CallPolicy, WalletPolicy
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import ExchangeFault, NotOffered
from exchange_cache.records import Balance, DataType, Order, OrderStatus, Position
from exchange_cache.sync.opened import Opened
from exchange_cache.sync.parts import Parts
from exchange_cache.sync.resting import Resting
from exchange_cache.unidentified import UnidentifiedRow

#: An exchange that ignores the status lists orders that ended as well; the history reads those.
_NOT_ENDED = (OrderStatus.OPEN, OrderStatus.UNKNOWN)


class SuspiciouslyEmpty(ExchangeFault):
    """A wallet that had holdings is empty for the first time; accepted when it is empty twice, or
    with force."""

    code = "suspicious_empty"


class _Reading(NamedTuple):
    """A part of a mirror, and the work that reads it."""

    data_type: DataType
    part: str
    optional: bool
    work: Callable[[], tuple[int, int]]


class MirrorRun:
    """Reads the mirrors of one account. ``force`` accepts a wallet that is suddenly empty."""

    def __init__(
        self,
        port: ExchangePort,
        repository: ExchangeCacheRepository,
        parts: Parts,
        opened: Opened,
        clock: Clock,
        resting: Resting,
        *,
        force: bool,
    ) -> None:
        self._resting = resting
        self._left: list[_Reading] = []
        self._port = port
        self._opened = opened
        self._repository = repository
        self._parts = parts
        self._clock = clock
        self._force = force
        self._account = port.account
        #: per list, the symbols whose open orders were read
        self._listed: dict[tuple[str, ...], set[str | None]] = {}

    def run(self, only: frozenset[DataType]) -> None:
        """Read every requested mirror, one part per wallet and call, but those that rest."""
        policy = self._port.policy
        due: list[_Reading] = []
        for reading in self._readings(only):
            resting = self._resting.part(reading.data_type, reading.part)
            if resting is None:
                due.append(reading)
            else:
                self._left.append(reading)
                self._parts.rest(reading.data_type, reading.part, resting.state)
        self._read(*due)
        if DataType.BALANCES in only:
            wallets = [wallet.name for wallet in policy.wallets]
            self._repository.mirror.keep_wallets(self._account, wallets)
        if DataType.POSITIONS in only:
            calls = [part_name(call) for call in policy.positions]
            self._repository.mirror.keep_positions(self._account, calls)

    def wake(self) -> bool:
        """Read the parts that rested; whether there were any."""
        left, self._left = self._left, []
        self._read(*left)
        return bool(left)

    def _readings(self, only: frozenset[DataType]) -> list[_Reading]:
        policy = self._port.policy
        found = [
            _Reading(
                DataType.BALANCES, wallet.name, wallet.optional, partial(self._balances, wallet)
            )
            for wallet in policy.wallets
        ]
        found += [
            _Reading(DataType.PRICES, part_name(call), call.optional, partial(self._prices, call))
            for call in policy.tickers
        ]
        found += [
            _Reading(
                DataType.POSITIONS, part_name(call), call.optional, partial(self._positions, call)
            )
            for call in policy.positions
        ]
        found += [
            self._open_part(category, lists)
            for category, lists in _by_category(policy.open_orders).items()
        ]
        return [reading for reading in found if reading.data_type in only]

    def _read(self, *readings: _Reading) -> None:
        self._parts.planned += len(readings)
        for reading in readings:
            self._parts.do(reading.data_type, reading.part, reading.optional, reading.work)

    def catch_up(self, only: frozenset[DataType]) -> None:
        """Read the lists of open orders per symbol again where the histories named further
        symbols."""
        if DataType.ORDERS not in only:
            return
        for category, lists in _by_category(self._port.policy.open_orders).items():
            read = [call for call in lists if call.needs_symbol and _place(call) in self._listed]
            if any(set(self._symbols(call)) - self._listed[_place(call)] for call in read):
                self._read(self._open_part(category, lists))

    def _open_part(self, category: str, lists: tuple[CallPolicy, ...]) -> _Reading:
        optional = all(call.optional for call in lists)
        work = partial(self._open_orders, category, lists)
        return _Reading(DataType.ORDERS, open_part(category), optional, work)

    def _balances(self, wallet: WalletPolicy) -> tuple[int, int]:
        reading = self._port.wallet(wallet)
        fetched = reading.balances
        self._refuse_sudden_emptiness(wallet.name, fetched)
        self._repository.mirror.replace_balances(self._account, wallet.name, fetched)
        self._opened.remember(wallet.name, reading)
        return len(fetched), 0

    def _refuse_sudden_emptiness(self, wallet: str, fetched: tuple[Balance, ...]) -> None:
        if fetched or self._force:
            return
        held = [
            item
            for item in self._repository.mirror.balances([self._account])
            if item.wallet == wallet and item.total != 0
        ]
        if not held or self._seen_empty_before(wallet):
            return
        raise SuspiciouslyEmpty(
            f"the {wallet} wallet held {len(held)} asset{'s' if len(held) > 1 else ''} and is"
            " suddenly empty; the old balances are kept",
            account=self._account,
            hint=(
                "accepted when the next sync finds it empty again, or now: excache reload --force"
                f" --account {self._account}"
            ),
        )

    def _seen_empty_before(self, wallet: str) -> bool:
        return any(
            status.part == wallet
            and status.data_type is DataType.BALANCES
            and status.error_code == SuspiciouslyEmpty.code
            for status in self._repository.progress.statuses([self._account])
        )

    def _prices(self, call: CallPolicy) -> tuple[int, int]:
        fetched = self._port.prices(call)
        self._repository.mirror.replace_prices(self._account, call.category, fetched)
        return len(fetched), 0

    def _positions(self, call: CallPolicy) -> tuple[int, int]:
        fetched = self._port.positions(call)
        known = [item for item in fetched if isinstance(item, Position)]
        self._repository.mirror.replace_positions(self._account, part_name(call), known)
        self._keep_unidentified(DataType.POSITIONS, part_name(call), fetched)
        return len(fetched), 0

    def _keep_unidentified(self, data_type: DataType, part: str, fetched: Iterable[object]) -> None:
        """Rows of markets that are not known take the place of those that the list had before."""
        scope = f"open {part}"
        rows = [replace(item, scope=scope) for item in fetched if isinstance(item, UnidentifiedRow)]
        self._repository.unidentified.replace(
            self._account, data_type, scope, rows, self._clock.now()
        )

    def _open_orders(self, category: str, calls: tuple[CallPolicy, ...]) -> tuple[int, int]:
        fetched: list[Order | UnidentifiedRow] = []
        refused = []
        for call in calls:
            try:
                refusal = self._opened.refusal(call.opened_by)
                if refusal is not None:
                    raise refusal
                symbols = self._symbols(call)
                fetched += [
                    order for symbol in symbols for order in self._port.open_orders(call, symbol)
                ]
                self._listed[_place(call)] = set(symbols)
            except NotOffered as error:  # a list for another kind of account
                if not call.optional:
                    raise
                refused.append(error)
        if len(refused) == len(calls):
            raise refused[0]
        known = [item for item in fetched if isinstance(item, Order) and item.status in _NOT_ENDED]
        new = self._repository.mirror.replace_open_orders(
            self._account, category, known, to_ms(self._clock.now())
        )
        self._keep_unidentified(DataType.ORDERS, category, fetched)
        return len(fetched), new

    def _symbols(self, call: CallPolicy) -> Collection[str | None]:
        """The symbols for which a list is requested: all in one request, the pairs of its wallet,
        or all that were ever traded. Most runs request those that have an open order or moved."""
        if not call.needs_symbol:
            return (None,)
        pairs = any(
            wallet.market_rows for wallet in self._port.policy.wallets if wallet.name == call.wallet
        )
        found = (
            self._opened.symbols(call.wallet)
            if pairs
            else self._repository.ledger.seen_symbols(self._account, call.category)
        )
        if self._resting.asks_all:
            return sorted(found)
        is_open = Filter(accounts=[self._account], status=str(OrderStatus.OPEN))
        held = {
            order.symbol
            for order in self._repository.ledger.orders(is_open)
            if order.category == call.category
        }
        part = open_part(call.category)
        return sorted(one for one in found if one in held or self._resting.moved(part, one))


def part_name(call: CallPolicy) -> str:
    """The name of a mirror's part: its category, and the parameter that distinguishes two calls of
    one category."""
    extra = call.scope or " ".join(
        str(value)
        for key, value in sorted(call.params.items())
        if key in {"settleCoin", "settle", "code", "productType"}
    )
    return f"{call.category} {extra}".strip()


def open_part(category: str) -> str:
    """The name of the part that all open orders of a category are."""
    return f"open {category}"


def _place(call: CallPolicy) -> tuple[str, ...]:
    """The identity of a list of open orders."""
    return (call.method, call.wallet, part_name(call))


def _by_category(calls: Iterable[CallPolicy]) -> dict[str, tuple[CallPolicy, ...]]:
    grouped: dict[str, tuple[CallPolicy, ...]] = {}
    for call in calls:
        grouped[call.category] = (*grouped.get(call.category, ()), call)
    return grouped
