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
from decimal import Decimal, localcontext

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot
from exchange_cache.clock import Clock, to_ms
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.derivatives import has_expired, hedged_symbols
from exchange_cache.findings import Finding
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.ledger.replay import Flow, Place
from exchange_cache.money import EXACT, ZERO, to_text
from exchange_cache.portfolio.accessor import PortfolioDataAccessor, ReadingSettings
from exchange_cache.portfolio.history import is_whole, reading_of, was_read
from exchange_cache.portfolio.past_states import PastStates
from exchange_cache.portfolio.replayed import (
    balance_of,
    of_the_past,
    open_results,
    position_of,
)
from exchange_cache.portfolio.stored_prices import StoredPrices
from exchange_cache.records import DataType, Position
from exchange_cache.value.difference import Standing, standing_of
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

    def read(self, moment: datetime) -> Past:
        """The last snapshot of the day up to ``moment``, else the replayed holdings."""
        snapshot = self._snapshot_of_day(moment)
        if snapshot is not None:
            return Past(reading=reading_of(snapshot, self._accounts), snapshot=True)
        return Past(reading=self._replayed(moment, self._costs(moment)), snapshot=False)

    def now(self) -> PortfolioReading:
        accessor = PortfolioDataAccessor(self._repository, self._clock, self._settings)
        return accessor.read(accounts=self._accounts, reporting_asset=self._asset)

    def standing(self, moment: datetime) -> Standing:
        """The holdings at ``moment``: of the last snapshot in the day before, else replayed.

        A replayed standing cannot show unexplained changes.
        """
        snapshot = self._newest(moment - timedelta(days=1), moment)
        if snapshot is not None:
            return standing_of(reading_of(snapshot, self._accounts))
        return replace(
            standing_of(self._replayed(moment)),
            at=moment,
            times=dict.fromkeys(self._accounts, moment),
            observed=False,
        )

    def observed_from(self, since: datetime) -> Standing | None:
        """The first standing at or after a moment that a snapshot shows; None without one."""
        return next(
            (standing_of(reading_of(one, self._accounts)) for one in self._whole_snapshots(since)),
            None,
        )

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
            found.update({account: self._still_read(one, account) for account in new})
            if len(found) == len(self._accounts):
                break
        return found

    def _still_read(self, snapshot: Snapshot, account: str) -> Standing:
        """Without what the configuration has switched off since: that is not an outflow."""
        requested = {
            one.part
            for one in self._repository.progress.statuses([account])
            if one.data_type is DataType.BALANCES and one.part
        }
        ignored = self._settings.ignored.get(account, ())
        whole = reading_of(snapshot, (account,))
        holdings = (
            replace(
                one,
                wallets=tuple(
                    part for part in one.wallets if part.wallet in requested or not requested
                ),
            )
            for one in whole.holdings
            if one.asset not in ignored
        )
        reading = replace(whole, holdings=tuple(holdings))
        return _at_newest(standing_of(reading), reading)

    def flows(self, start: Standing, end: Standing) -> tuple[Flow, ...]:
        """The movements between two standings."""
        since, until = min(start.at, *start.times.values()), max(end.at, *end.times.values())
        self._prices.cover(since, until)
        return self._states.flows(since, until)

    def recent_flows(self, since: datetime) -> tuple[Flow, ...]:
        """The movements since a moment."""
        return self._states.flows(since, LATEST)

    def price_at(self, asset: str, moment: datetime) -> Decimal | None:
        """The price of one unit in the reporting asset, quoted directly within a day."""
        return self._prices.nearest(asset, moment)

    def fetchable(self, moment: datetime, assets: Iterable[str]) -> list[tuple[str, datetime]]:
        """The candles (asset, start of the hour) whose close prices these assets at ``moment``."""
        hour = (moment - timedelta(milliseconds=1)).replace(minute=0, second=0, microsecond=0)
        return [(asset, hour) for asset in sorted(set(assets) - {self._asset})]

    def forget_prices(self) -> None:
        """Read the stored prices again, after some were fetched."""
        self._prices.forget()
        self._states.forget()

    # --- snapshots --------------------------------------------------------------------------------

    def _snapshot_of_day(self, moment: datetime) -> Snapshot | None:
        midnight = (moment - timedelta(microseconds=1)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        return self._newest(midnight, moment)

    def _newest(self, since: datetime, moment: datetime) -> Snapshot | None:
        until = moment + timedelta(milliseconds=1)
        found = self._repository.derived.snapshots(
            reporting_asset=self._asset, since=since, until=until
        )
        return next((one for one in reversed(found) if is_whole(one, self._accounts)), None)

    # --- replay -----------------------------------------------------------------------------------

    def _replayed(self, moment: datetime, bases: Sequence[AssetBasis] = ()) -> PortfolioReading:
        anchor = self._anchor(moment)
        held = _before(anchor.quantities, self._states.moved(moment, anchor.times))
        positions = tuple(self._positions(moment))
        reading = value_portfolio(
            balances=[
                balance_of(place, quantity, moment)
                for place, quantity in held.items()
                if quantity > 0 or self._is_debt(place)
            ],
            positions=positions,
            prices=self._prices.of(moment),
            bases=self._states.costs(moment)
            if self._asset == self._settings.reporting_asset
            else (),
            findings=(
                *self._uncertain(moment, anchor),
                *self._negative(held),
                *open_results(positions),
            ),
            reporting_asset=self._asset,
            accounts=self._accounts,
            now=moment,
            price_ttl=timedelta(days=1),
        )
        return replace(reading, oldest=None, warnings=tuple(of_the_past(reading, moment)))

    def _costs(self, moment: datetime) -> Sequence[AssetBasis]:
        """Costs are stored in one asset."""
        own = self._asset == self._settings.reporting_asset
        return self._states.costs(moment) if own else ()

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

    def _negative(self, held: dict[Place, Decimal]) -> Iterator[Finding]:
        for (account, asset), quantity in sorted(held.items()):
            if quantity < 0 and not self._is_debt((account, asset)):
                yield Finding(
                    code="past_incomplete",
                    account=account,
                    asset=asset,
                    message=(
                        f"by the stored history {account} would have held {to_text(quantity)}"
                        f" {asset}: earlier history is missing, so {asset} is omitted"
                    ),
                    hint=f"excache explain {asset} --account {account}",
                )

    def _uncertain(self, moment: datetime, anchor: Standing) -> Iterator[Finding]:
        for account in self._accounts:
            incomplete = sorted(
                {
                    str(kind)
                    for kind in (DataType.FILLS, DataType.TRANSFERS)
                    if self._is_incomplete(account, kind, moment, anchor)
                }
            )
            if incomplete:
                yield Finding(
                    code="past_uncertain",
                    account=account,
                    message=(
                        f"its {' and '.join(incomplete)} between {moment:%Y-%m-%d} and"
                        f" {anchor.at:%Y-%m-%d} are not all stored, so its holdings then are"
                        " uncertain"
                    ),
                    hint="excache status --coverage",
                )

    def _is_incomplete(
        self, account: str, kind: DataType, moment: datetime, anchor: Standing
    ) -> bool:
        for state in self._repository.ledger.states(account, kind):
            if state.floor_ms is not None and state.floor_ms > to_ms(moment):
                end = min(state.floor_ms, to_ms(anchor.at))
                if end > to_ms(moment) and Ranges.of(
                    (max(to_ms(moment), state.history_start_ms or 0), end)
                ).minus(state.covered):
                    return True
        return False


def _before(held: Mapping[Place, Decimal], moved: Mapping[Place, Decimal]) -> dict[Place, Decimal]:
    """What was held before units moved."""
    with localcontext(EXACT):
        found = {place: held.get(place, ZERO) - moved.get(place, ZERO) for place in {*held, *moved}}
    return {place: quantity for place, quantity in found.items() if quantity}


def _at_newest(standing: Standing, reading: PortfolioReading) -> Standing:
    times: dict[str, datetime] = {}
    for part in (part for one in reading.holdings for part in one.wallets):
        times[part.account] = max(part.fetched_at, times.get(part.account, part.fetched_at))
    return replace(standing, times={**standing.times, **times})
