"""The portfolio of an earlier moment: as it was printed where a snapshot of that day exists, else
replayed from the ledger.

A replay is exact as far as the histories are: it starts from the nearest later snapshot (or the
balances of now), whose quantities are known, and takes back every stored fill and transfer since.
It is valued at that day's stored prices, never today's. It states what it cannot know: histories
that do not reach back, holdings that would have been negative, results of positions that were open.
Nothing here asks an exchange.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot
from exchange_cache.clock import Clock, to_ms
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.derivatives import derivative_basis, hedged_symbols
from exchange_cache.findings import Finding
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.ledger.replay import Flow, Place, flows, held_at
from exchange_cache.money import to_text
from exchange_cache.portfolio.accessor import PortfolioDataAccessor, ReadingSettings
from exchange_cache.portfolio.history import is_whole, reading_of, was_read
from exchange_cache.portfolio.replayed import (
    balance_of,
    of_the_past,
    open_results,
    position_of,
)
from exchange_cache.portfolio.stored_prices import StoredPrices
from exchange_cache.records import DataType, Fill, Position
from exchange_cache.value.difference import Standing, standing_of
from exchange_cache.value.reading import PortfolioReading
from exchange_cache.value.valuation import value_portfolio

#: The bases (pooled and per account) as they were at a moment.
CostsAt = Callable[[datetime], Sequence[AssetBasis]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A reading of an earlier moment; ``snapshot``: it is what was printed then, else it was
    replayed."""

    reading: PortfolioReading
    snapshot: bool

    def unpriced(self) -> tuple[str, ...]:
        """Assets without a price of that very day."""
        return tuple(
            holding.asset for holding in self.reading.holdings if holding.price_state != "fresh"
        )


class PastReader:
    """Reads earlier moments of some accounts from one state of the cache (call it inside a snapshot
    of the repository)."""

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        clock: Clock,
        settings: ReadingSettings,
        *,
        accounts: Sequence[str],
        reporting_asset: str,
        costs_at: CostsAt,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._settings = settings
        self._accounts = tuple(accounts)
        self._asset = reporting_asset
        self._costs_at = costs_at
        self._fills: tuple[Fill, ...] | None = None
        self._flows: tuple[Flow, ...] | None = None
        self._prices = StoredPrices(repository, clock, reporting_asset, self._all_fills)

    def read(self, moment: datetime) -> Past:
        """The last snapshot of the day up to ``moment``; without one the replayed holdings."""
        snapshot = self._snapshot_of_day(moment)
        if snapshot is not None:
            return Past(reading=reading_of(snapshot, self._accounts), snapshot=True)
        return Past(reading=self._replayed(moment), snapshot=False)

    def now(self) -> PortfolioReading:
        accessor = PortfolioDataAccessor(self._repository, self._clock, self._settings)
        return accessor.read(accounts=self._accounts, reporting_asset=self._asset)

    def standing(self, moment: datetime) -> Standing:
        """What was held at ``moment``: observed in the last snapshot of the day before it, else
        replayed (without any unexplained)."""
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
        """The first standing at or after a moment that was seen, not replayed; None when no
        snapshot is that old."""
        return next(
            (standing_of(reading_of(one, self._accounts)) for one in self._whole_snapshots(since)),
            None,
        )

    def standing_now(self) -> Standing:
        """What the cache holds now; an account of nothing was seen when its balances were last
        read."""
        found = standing_of(self.now())
        empty = set(self._accounts) - {account for account, _ in found.quantities}
        read: dict[str, datetime] = {}
        for one in self._repository.progress.statuses(empty):
            if one.data_type is DataType.BALANCES and one.succeeded_at is not None:
                read[one.account] = max(one.succeeded_at, read.get(one.account, one.succeeded_at))
        return replace(found, times={**found.times, **read})

    def seen_now(self) -> Standing:
        """Like :meth:`standing_now`, at each account's newest wallet: one that cannot be read moves
        nothing."""
        return _at_newest(self.standing_now(), self.now())

    def last_seen(self) -> dict[str, Standing]:
        """Each account as the newest snapshot shows it, in wallets and assets that are still
        read."""
        return self._seen_in(
            self._repository.derived.snapshots(reporting_asset=self._asset, newest=1)
        )

    def first_seen(self, since: datetime) -> dict[str, Standing]:
        """Each account as its first snapshot from a moment on shows it, in wallets and assets that
        are still read."""
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
        """Without what the configuration has switched off since: that has not left."""
        asked = {
            one.part
            for one in self._repository.progress.statuses([account])
            if one.data_type is DataType.BALANCES and one.part
        }
        ignored = self._settings.ignored.get(account, ())
        whole = reading_of(snapshot, (account,))
        holdings = (
            replace(
                one,
                wallets=tuple(part for part in one.wallets if part.wallet in asked or not asked),
            )
            for one in whole.holdings
            if one.asset not in ignored
        )
        reading = replace(whole, holdings=tuple(holdings))
        return _at_newest(standing_of(reading), reading)

    def flows(self) -> tuple[Flow, ...]:
        """Everything that moved, of all stored history of the accounts."""
        if self._flows is None:
            transfers = self._repository.ledger.transfers(Filter(accounts=self._accounts))
            self._flows = flows(self._all_fills(), transfers)
        return self._flows

    def recent_flows(self, since: datetime) -> tuple[Flow, ...]:
        """What moved since a moment, without reading the whole history where every contract's fill
        states its own result."""
        fills = self._repository.ledger.fills(Filter(accounts=self._accounts, since=since))
        if any(fill.is_derivative and fill.realised_pnl is None for fill in fills):
            return tuple(flow for flow in self.flows() if flow.time >= since)
        return flows(
            fills, self._repository.ledger.transfers(Filter(accounts=self._accounts, since=since))
        )

    def price_at(self, asset: str, moment: datetime) -> Decimal | None:
        """What one unit was worth in the reporting asset, as seen directly within a day of
        ``moment``."""
        return self._prices.nearest(asset, moment)

    def fetchable(self, moment: datetime, assets: Iterable[str]) -> list[tuple[str, datetime]]:
        """The candles (asset, beginning of the hour) whose close would price these assets at
        ``moment``."""
        hour = (moment - timedelta(milliseconds=1)).replace(minute=0, second=0, microsecond=0)
        return [(asset, hour) for asset in sorted(set(assets) - {self._asset})]

    def forget_prices(self) -> None:
        """Read the stored prices again: some were fetched."""
        self._prices.forget()

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

    def _replayed(self, moment: datetime) -> PortfolioReading:
        anchor = self._anchor(moment)
        held = held_at(anchor.quantities, anchor.times, self.flows(), moment)
        positions = tuple(self._positions(moment))
        reading = value_portfolio(
            balances=[
                balance_of(place, quantity, moment)
                for place, quantity in held.items()
                if quantity > 0 or self._is_debt(place)
            ],
            positions=positions,
            prices=self._prices.of(moment),
            bases=self._costs_at(moment) if self._asset == self._settings.reporting_asset else (),
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

    def _anchor(self, moment: datetime) -> Standing:
        return self.observed_from(moment) or standing_of(self.now())

    def _whole_snapshots(self, since: datetime) -> Iterator[Snapshot]:
        """Snapshots from a moment on that hold all the accounts, oldest first."""
        return (one for one in self._snapshots_from(since) if is_whole(one, self._accounts))

    def _snapshots_from(self, since: datetime) -> Iterator[Snapshot]:
        """Snapshots from a moment on, oldest first, read bit by bit."""
        step = timedelta(days=2)
        end = self._clock.now() + timedelta(milliseconds=1)  # what is later has a wrong time
        while since < end:
            until = min(since + step, end)
            yield from self._repository.derived.snapshots(
                reporting_asset=self._asset, since=since, until=until
            )
            since, step = since + step, step * 2

    def _is_debt(self, place: Place) -> bool:
        """Whether the account owes the asset now: only then can it have owed it before."""
        return any(
            (one.account, one.asset) == place and (one.total < 0 or one.debt)
            for one in self._repository.mirror.balances([place[0]])
        )

    def _positions(self, moment: datetime) -> Iterator[Position]:
        derived = [fill for fill in self._all_fills() if fill.is_derivative and fill.time <= moment]
        hedged = hedged_symbols(self._repository.mirror.positions(self._accounts))
        yield from (
            position_of(basis, moment)
            for basis in derivative_basis(derived, hedged=hedged)
            if basis.quantity
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
                        f" {asset}: something before that is missing, so it is left out"
                    ),
                    hint=f"excache explain {asset} --account {account}",
                )

    def _uncertain(self, moment: datetime, anchor: Standing) -> Iterator[Finding]:
        for account in self._accounts:
            lost = sorted(
                {
                    str(kind)
                    for kind in (DataType.FILLS, DataType.TRANSFERS)
                    if self._is_lost(account, kind, moment, anchor)
                }
            )
            if lost:
                yield Finding(
                    code="past_uncertain",
                    account=account,
                    message=(
                        f"its {' and '.join(lost)} between {moment:%Y-%m-%d} and"
                        f" {anchor.at:%Y-%m-%d} are not all stored, so what it held then is"
                        " uncertain"
                    ),
                    hint="excache status --coverage",
                )

    def _is_lost(self, account: str, kind: DataType, moment: datetime, anchor: Standing) -> bool:
        for state in self._repository.ledger.states(account, kind):
            if state.floor_ms is not None and state.floor_ms > to_ms(moment):
                end = min(state.floor_ms, to_ms(anchor.at))
                if end > to_ms(moment) and Ranges.of(
                    (max(to_ms(moment), state.history_start_ms or 0), end)
                ).minus(state.covered):
                    return True
        return False

    def _all_fills(self) -> tuple[Fill, ...]:
        if self._fills is None:
            self._fills = self._repository.ledger.fills(Filter(accounts=self._accounts))
        return self._fills


def _at_newest(standing: Standing, reading: PortfolioReading) -> Standing:
    times: dict[str, datetime] = {}
    for part in (part for one in reading.holdings for part in one.wallets):
        times[part.account] = max(part.fetched_at, times.get(part.account, part.fetched_at))
    return replace(standing, times={**standing.times, **times})
