"""How far back the stored history of an account reaches, and what a replay beyond it cannot know.

Before the first stored event of an account, or of an asset there, a replay holds nothing of it:
what the balance has beyond all events came at an unknown time. It is known earlier only where a
snapshot shows it, or after the point from which on the exchange serves the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from exchange_cache.cache.file_coverage import with_files
from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import to_ms
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.findings import Finding
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.ledger.replay import Place
from exchange_cache.ledger.scopes import before_words
from exchange_cache.money import ROUNDING, grouped
from exchange_cache.portfolio.history import was_read
from exchange_cache.records import DataType

#: The codes of findings about holdings that a replay leaves out.
UNKNOWN = frozenset({"past_unknown", "past_incomplete"})
#: So many assets are named.
_NAMED = 6
_HISTORIES = (DataType.FILLS, DataType.TRANSFERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """What nothing is known of at a moment: accounts with the time of their first stored event
    (None: there is none), and other holdings that no event had touched yet."""

    accounts: Mapping[str, datetime | None]
    places: frozenset[Place]

    def __contains__(self, place: Place) -> bool:
        return place[0] in self.accounts or place in self.places


def unknown_at(
    repository: ExchangeCacheRepository,
    held: Iterable[Place],
    accounts: Sequence[str],
    moment: datetime,
    *,
    asset: str,
    bases: Sequence[AssetBasis] = (),
) -> Unknown:
    """What of these accounts, and of what a replay would hold, nothing is known at ``moment``.

    ``bases``: the costs of that moment, by which single assets are judged; none are without them.
    """
    newest = repository.derived.snapshots(reporting_asset=asset, until=moment, newest=1)
    open_ones = [
        name
        for name in accounts
        if not any(was_read(one, name) for one in newest)
        and not _is_served(repository, name, moment)
    ]
    first = {name: _first_event(repository, name) for name in open_ones}
    late = {name: begun for name, begun in first.items() if begun is None or begun > moment}
    touched = {(one.account, one.asset) for one in bases if one.account}
    places = {
        place
        for place in held
        if bases and place[0] in first and place[0] not in late and place not in touched
    }
    return Unknown(accounts=late, places=frozenset(places))


def _first_event(repository: ExchangeCacheRepository, account: str) -> datetime | None:
    oldest = Filter(accounts=(account,), limit=1)
    times = [one.time for one in repository.ledger.fills(oldest)]
    times += [one.time for one in repository.ledger.transfers(oldest)]
    return min(times, default=None)


def _is_served(repository: ExchangeCacheRepository, account: str, moment: datetime) -> bool:
    """Whether a history whose beginning is out of retention is stored at that moment."""
    return any(
        _cut_off(state) and (state.floor_ms or 0) <= to_ms(moment)
        for kind in _HISTORIES
        for state in _states(repository, account, kind)
    )


def _states(
    repository: ExchangeCacheRepository, account: str, kind: DataType
) -> tuple[StreamState, ...]:
    """The histories of an account with what imported files cover of them."""
    return with_files(repository.ledger.states(account, kind), repository.imports.coverage(account))


def _cut_off(state: StreamState) -> bool:
    start, floor = state.history_start_ms or 0, state.floor_ms
    return floor is not None and bool(Ranges.of((start, floor)).minus(state.covered))


def unknown_findings(unknown: Unknown) -> Iterator[Finding]:
    """What a replay leaves out because no event before that moment is stored of it."""
    for account, first in unknown.accounts.items():
        known = (
            "no fill or transfer of it is stored"
            if first is None
            else f"its stored history begins on {first:%Y-%m-%d}"
        )
        yield Finding(
            code="past_unknown",
            account=account,
            message=f"{known}, so nothing is known of what it held before",
            hint=f"excache status --coverage --account {account}",
        )

    together: dict[str, list[str]] = {}
    for account, asset in sorted(unknown.places):
        together.setdefault(account, []).append(asset)
    for account, assets in together.items():
        more = f" and {len(assets) - _NAMED} more" if len(assets) > _NAMED else ""
        yield Finding(
            code="past_unknown",
            account=account,
            message=(
                f"no fill or transfer of {', '.join(assets[:_NAMED])}{more} is stored from before"
                " that time, so nothing of it is counted"
            ),
            hint=f"excache status --coverage --account {account}",
        )


def uncertain_findings(
    repository: ExchangeCacheRepository,
    accounts: Iterable[str],
    moment: datetime,
    until: datetime,
) -> Iterator[Finding]:
    """The histories that are not stored completely between a moment and the holdings (at
    ``until``) from which the replay starts."""
    for account in accounts:
        missing = [
            (kind, states)
            for kind in _HISTORIES
            if (states := _incomplete(repository, account, kind, moment, until))
        ]
        if missing:
            named = " and ".join(_reach(kind, states) for kind, states in missing)
            yield Finding(
                code="past_uncertain",
                account=account,
                message=f"{named} are not all stored, so its holdings then are uncertain",
                hint=f"excache status --coverage --account {account}",
            )


def _reach(kind: DataType, states: Sequence[StreamState]) -> str:
    return before_words(kind, ((state.floor_ms or 0, (state.key.scope, "")) for state in states))


def _incomplete(
    repository: ExchangeCacheRepository,
    account: str,
    kind: DataType,
    moment: datetime,
    until: datetime,
) -> list[StreamState]:
    found = []
    for state in _states(repository, account, kind):
        if state.floor_ms is not None and state.floor_ms > to_ms(moment):
            end = min(state.floor_ms, to_ms(until))
            start = max(to_ms(moment), state.history_start_ms or 0)
            if end > to_ms(moment) and Ranges.of((start, end)).minus(state.covered):
                found.append(state)
    return found


def negative_findings(
    held: Mapping[Place, Decimal], anchor: Mapping[Place, Decimal]
) -> Iterator[Finding]:
    """Holdings that can never have been, beyond the rounding of those that the replay starts
    from."""
    for (account, asset), quantity in sorted(held.items()):
        if quantity < 0 and -quantity > abs(anchor.get((account, asset), quantity)) * ROUNDING:
            yield Finding(
                code="past_incomplete",
                account=account,
                asset=asset,
                message=(
                    f"by the stored history {account} would have held {grouped(quantity)}"
                    f" {asset}: earlier history is missing, so {asset} is omitted"
                ),
                hint=f"excache explain {asset} --account {account}",
            )
