"""The portfolio of an earlier moment: from a snapshot of that day, else replayed from the ledger.

A replay starts from the nearest later snapshot (or the current balances) and reverses every stored
fill and transfer since. It uses stored prices of that day, never current ones. It is as exact as
the histories, and reports its limits: incomplete histories, negative holdings, unknown results of
open positions. Nothing here contacts an exchange.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot
from exchange_cache.clock import Clock
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.derivatives import has_expired, hedged_symbols
from exchange_cache.ledger.replay import Flow, Place
from exchange_cache.portfolio.accessor import PortfolioDataAccessor, ReadingSettings, without_cost
from exchange_cache.portfolio.history import is_whole, reading_of, was_read
from exchange_cache.portfolio.past_states import PastStates
from exchange_cache.portfolio.reach import (
    UNKNOWN,
    negative_findings,
    uncertain_findings,
    unknown_at,
    unknown_findings,
)
from exchange_cache.portfolio.replayed import (
    Repeated,
    balance_of,
    before,
    of_the_past,
    open_results,
    position_of,
    still_read,
)
from exchange_cache.portfolio.stored_prices import StoredPrices
from exchange_cache.records import DataType, Position, Price
from exchange_cache.value.difference import Standing, standing_of
from exchange_cache.value.outflows import by_account
from exchange_cache.value.reading import PortfolioReading
from exchange_cache.value.valuation import value_portfolio

#: After every row.
LATEST = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A reading of an earlier moment, from a ``snapshot`` or replayed."""

    reading: PortfolioReading
    snapshot: bool

    def unpriced(self) -> tuple[str, ...]:
        """Assets without a price of that day."""
        return tuple(
            holding.asset for holding in self.reading.holdings if holding.price_state != "fresh"
        )


class PastReader:
    """Reads earlier moments of some accounts; use it within one snapshot of the repository."""

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        clock: Clock,
        settings: ReadingSettings,
        *,
        accounts: Sequence[str],
        reporting_asset: str,
        states: PastStates,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._settings = settings
        self._accounts = tuple(accounts)
        self._asset = reporting_asset
        self._states = states
        self._prices = StoredPrices(repository, clock, reporting_asset, self._accounts)

    def read(
        self, moment: datetime, day: datetime | None = None, commands: Repeated | None = None
    ) -> Past:
        """The last snapshot of the day up to ``moment``, else the replayed holdings. ``day``: when
        that day begins (default: at midnight UTC). ``commands``: how it was requested."""
        snapshot = self._newest(day or _midnight(moment), moment)
        if snapshot is not None:
            return Past(reading=reading_of(snapshot, self._accounts), snapshot=True)
        anchor, bases = self._anchor(moment), self._states.costs(moment)
        held = self._held(anchor, moment)
        prices = self._prices.of(moment)
        reading = self._replayed(moment, bases, anchor, held, prices, commands)
        return Past(reading=reading, snapshot=False)

    def now(self) -> PortfolioReading:
        accessor = PortfolioDataAccessor(self._repository, self._clock, self._settings)
        return accessor.read(accounts=self._accounts, reporting_asset=self._asset)

    def standing(self, moment: datetime) -> Standing:
        """The holdings at ``moment``: of the last snapshot in the day before, else replayed.

        A replayed standing cannot show unexplained changes: it contains what a reading leaves out
        because nothing is known of it, so that it is no change either.
        """
        snapshot = self._newest(moment - timedelta(days=1), moment)
        if snapshot is not None:
            return self._seen(snapshot)
        anchor = self._anchor(moment)
        held = self._held(anchor, moment)
        reading = self._replayed(moment, (), anchor, held, self._prices.of_then(moment))
        return replace(
            standing_of(reading),
            quantities=held,
            partial=any(one.code in UNKNOWN for one in reading.warnings),
            at=moment,
            times=dict.fromkeys(self._accounts, moment),
            observed=False,
        )

    def observed_from(self, since: datetime) -> Standing | None:
        """The first standing at or after a moment that a snapshot shows; None without one."""
        return next((self._seen(one) for one in self._whole_snapshots(since)), None)

    def standing_now(self) -> Standing:
        """The current holdings in the cache.

        The time of an empty account is that of its last read balances.
        """
        found = standing_of(self.now())
        empty = set(self._accounts) - {account for account, _ in found.quantities}
        read: dict[str, datetime] = {}
        for one in self._repository.progress.statuses(empty):
            if one.data_type is DataType.BALANCES and one.succeeded_at is not None:
                read[one.account] = max(one.succeeded_at, read.get(one.account, one.succeeded_at))
        return replace(found, times={**found.times, **read})

    def seen_now(self) -> Standing:
        """Like :meth:`standing_now`, at the time of each account's newest wallet.

        A wallet that can no longer be read does not change that time.
        """
        return _at_newest(self.standing_now(), self.now())

    def last_seen(self) -> dict[str, Standing]:
        """Each account in the newest snapshot, limited to wallets and assets still read."""
        return self._seen_in(
            self._repository.derived.snapshots(reporting_asset=self._asset, newest=1)
        )

    def first_seen(self, since: datetime) -> dict[str, Standing]:
        """Each account in its first snapshot since a moment, limited in the same way."""
        return self._seen_in(self._snapshots_from(since))

    def _seen_in(self, snapshots: Iterable[Snapshot]) -> dict[str, Standing]:
        found: dict[str, Standing] = {}
        for one in snapshots:
            new = [
                account
                for account in self._accounts
                if account not in found and was_read(one, account)
            ]
            found.update(self._still_read(one, new) if new else {})
            if len(found) == len(self._accounts):
                break
        return found

    def _still_read(self, snapshot: Snapshot, accounts: list[str]) -> dict[str, Standing]:
        reading = self._limited(reading_of(snapshot, accounts))
        return by_account(_at_newest(standing_of(reading), reading), accounts, reading)

    def _seen(self, snapshot: Snapshot) -> Standing:
        return standing_of(self._limited(reading_of(snapshot, self._accounts)))

    def _limited(self, reading: PortfolioReading) -> PortfolioReading:
        """Without what the configuration has switched off since: that is not an outflow."""
        requested: dict[str, set[str]] = {}
        for one in self._repository.progress.statuses(reading.accounts):
            if one.data_type is DataType.BALANCES and one.part:
                requested.setdefault(one.account, set()).add(one.part)
        return still_read(reading, requested, self._settings.ignored)

    def flows(self, start: Standing, end: Standing) -> tuple[Flow, ...]:
        """The movements between two standings."""
        since, until = min(start.at, *start.times.values()), max(end.at, *end.times.values())
        self._prices.cover(since, until)
        return self._shown(self._states.flows(since, until))

    def recent_flows(self, since: datetime) -> tuple[Flow, ...]:
        """The movements since a moment."""
        return self._shown(self._states.flows(since, LATEST))

    def windows(self, since: datetime, until: datetime) -> Iterator[tuple[Flow, ...]]:
        """The movements from one moment to another, oldest first, some rows at a time."""
        return (self._shown(moves) for moves in self._states.windows(since, until))

    def ignored(self) -> dict[str, list[str]]:
        """The assets that are left out, by account."""
        own = {name: self._settings.ignored.get(name, ()) for name in self._accounts}
        return {name: sorted(codes) for name, codes in sorted(own.items()) if codes}

    def _shown(self, moves: Iterable[Flow]) -> tuple[Flow, ...]:
        """The movements without those of ignored assets, which no balance shows either."""
        return tuple(flow for flow in moves if self._is_shown(flow.account, flow.asset))

    def price_at(self, asset: str, moment: datetime) -> Decimal | None:
        """The price of one unit in the reporting asset, quoted directly within a day."""
        return self._prices.nearest(asset, moment)

    def price_then(self, asset: str, moment: datetime) -> Decimal | None:
        """The same, and no later than it can be the price of the moment itself."""
        return self._prices.nearest(asset, moment, of_then=True)

    def candles(self, moment: datetime, assets: Iterable[str]) -> list[tuple[str, datetime]]:
        """The candles (asset, start of the hour) whose close prices these assets at ``moment``."""
        hour = (moment - timedelta(milliseconds=1)).replace(minute=0, second=0, microsecond=0)
        return [(asset, hour) for asset in sorted(set(assets) - {self._asset})]

    def fetchable(self, moment: datetime, assets: Iterable[str]) -> list[tuple[str, datetime]]:
        """Those candles that were never requested: one that no market served stays missing."""
        derived = self._repository.derived
        return [
            (asset, hour)
            for asset, hour in self.candles(moment, assets)
            if not derived.is_requested(asset, self._asset, hour)
        ]

    def forget_prices(self) -> None:
        """Read the stored prices again, after some were fetched."""
        self._prices.forget()
        self._states.forget()

    # --- snapshots --------------------------------------------------------------------------------

    def _newest(self, since: datetime, moment: datetime) -> Snapshot | None:
        until = moment + timedelta(milliseconds=1)
        found = self._repository.derived.snapshots(
            reporting_asset=self._asset, since=since, until=until
        )
        return next((one for one in reversed(found) if is_whole(one, self._accounts)), None)

    # --- replay -----------------------------------------------------------------------------------

    def _replayed(
        self,
        moment: datetime,
        bases: Sequence[AssetBasis],
        anchor: Standing,
        replayed: Mapping[Place, Decimal],
        prices: Sequence[Price],
        commands: Repeated | None = None,
    ) -> PortfolioReading:
        unknown = unknown_at(
            self._repository, replayed, self._accounts, moment, asset=self._asset, bases=bases
        )
        known = [name for name in self._accounts if name not in unknown.accounts]
        held = {place: quantity for place, quantity in replayed.items() if place not in unknown}
        impossible = {
            place: quantity
            for place, quantity in held.items()
            if quantity < 0 and not self._is_debt(place)
        }
        positions = tuple(self._positions(moment))
        own = self._asset == self._settings.reporting_asset  # costs are stored in one asset
        reading = value_portfolio(
            balances=[
                balance_of(place, quantity, moment)
                for place, quantity in held.items()
                if place not in impossible
            ],
            positions=positions,
            prices=prices,
            bases=bases if own else (),
            findings=(
                *unknown_findings(unknown),
                *uncertain_findings(self._repository, known, moment, anchor.at),
                *negative_findings(impossible, anchor.quantities),
                *open_results(positions),
            ),
            reporting_asset=self._asset,
            accounts=self._accounts,
            now=moment,
            price_ttl=timedelta(days=1),
        )
        commands = commands or Repeated.of(moment, "" if own else self._asset)
        if not own:
            reading = without_cost(reading, self._settings.reporting_asset, commands.unquoted)
        warnings = of_the_past(reading, moment, self.fetchable, commands.same)
        return replace(reading, oldest=None, warnings=tuple(warnings))

    def _held(self, anchor: Standing, moment: datetime) -> dict[Place, Decimal]:
        """What a replay holds, ignored assets excepted."""
        held = before(anchor.quantities, self._states.moved(moment, anchor.times))
        return {place: quantity for place, quantity in held.items() if self._is_shown(*place)}

    def _is_shown(self, account: str, asset: str) -> bool:
        return asset not in self._settings.ignored.get(account, ())

    def _anchor(self, moment: datetime) -> Standing:
        return self.observed_from(moment) or standing_of(self.now())

    def _whole_snapshots(self, since: datetime) -> Iterator[Snapshot]:
        """Snapshots since a moment that contain all the accounts, oldest first."""
        return (one for one in self._snapshots_from(since) if is_whole(one, self._accounts))

    def _snapshots_from(self, since: datetime) -> Iterator[Snapshot]:
        """Snapshots since a moment, oldest first, read in growing steps."""
        step = timedelta(days=2)
        end = self._clock.now() + timedelta(milliseconds=1)  # a later snapshot has a wrong time
        while since < end:
            until = min(since + step, end)
            yield from self._repository.derived.snapshots(
                reporting_asset=self._asset, since=since, until=until
            )
            since, step = since + step, step * 2

    def _is_debt(self, place: Place) -> bool:
        """Whether the account owes the asset now; otherwise it cannot have owed it before."""
        return any(
            (one.account, one.asset) == place and (one.total < 0 or one.debt)
            for one in self._repository.mirror.balances([place[0]])
        )

    def _positions(self, moment: datetime) -> Iterator[Position]:
        hedged = hedged_symbols(self._repository.mirror.positions(self._accounts))
        yield from (
            position_of(basis, moment)
            for basis in self._states.contracts(moment, hedged)
            if basis.quantity and not has_expired(basis.symbol, moment - timedelta(days=1))
        )


def _at_newest(standing: Standing, reading: PortfolioReading) -> Standing:
    times: dict[str, datetime] = {}
    for part in (part for one in reading.holdings for part in one.wallets):
        times[part.account] = max(part.fetched_at, times.get(part.account, part.fetched_at))
    return replace(standing, times={**standing.times, **times})


def _midnight(moment: datetime) -> datetime:
    """The start of the day (UTC) that ``moment`` ends or belongs to."""
    before = moment - timedelta(microseconds=1)
    return before.replace(hour=0, minute=0, second=0, microsecond=0)
