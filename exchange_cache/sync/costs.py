"""Derives the cost of everything held, once per change of the histories, and the findings about
missing history."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.costs_open import COSTS_OPEN
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import StoredFinding
from exchange_cache.clock import Clock
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.derivatives import DerivativeBasis, entry_price_findings, hedged_symbols
from exchange_cache.cost.player import Player
from exchange_cache.cost.reported_averages import DIFFERS, AverageCheck, average_findings
from exchange_cache.cost.suspected_events import MOMENT, suspected_swaps, suspected_units
from exchange_cache.cost.unclassified import unclassified_findings
from exchange_cache.errors import distinct_causes
from exchange_cache.findings import Finding
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.events import StatedBasis
from exchange_cache.ledger.rates import Rates
from exchange_cache.sync.averages import (
    average_checks,
    note_compared,
    reported_figures,
    waiting_accounts,
)
from exchange_cache.sync.clock_check import clock_findings
from exchange_cache.sync.derivation import Ledger
from exchange_cache.sync.dust import DUST, remember_dust, stored_dust
from exchange_cache.sync.events import Step, unnoticed
from exchange_cache.sync.findings import by_account, history_findings
from exchange_cache.sync.folded import folded
from exchange_cache.sync.identity import identity_findings
from exchange_cache.sync.key_rights import rights_findings
from exchange_cache.sync.known_rates import KnownRates
from exchange_cache.sync.ledger_inputs import RULES, Inputs
from exchange_cache.sync.past_rates import Beside, RateSearch, nobody
from exchange_cache.sync.rates import StoredRates

#: Where the fingerprint of the last derivation is kept.
DERIVED_FROM = "derived_from"
_EVERYBODY = ""
_MILLISECOND = timedelta(milliseconds=1)
#: New prices may lead to further ones; the number of times that a run fetches them.
_ROUNDS = 5
_ENTRY_PRICES = "average entry prices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What the histories show besides cost, the exchanges' own averages (not of the accounts whose
    comparison is ``waiting``), notes on failures;
    ``complete``: every needed rate was requested."""

    findings: tuple[Finding, ...]
    contracts: tuple[DerivativeBasis, ...]
    averages: tuple[AverageCheck, ...]
    waiting: frozenset[str]
    unclassified: tuple[Finding, ...]
    complete: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSettings:
    """The reporting asset and method of cost.

    ``sources``: the accounts whose exchanges may be used for past prices, the preferred first
    (None: those of the run).
    ``assets``: the renames and the like through which cost passes. ``income``: what rewards,
    airdrops and interest cost (see ``compute_basis``). ``sweeps``: syncs search for old fills of
    symbols without a sign of any.
    """

    reporting_asset: str
    method: str = "average"
    accounts: tuple[str, ...] = ()
    sources: tuple[str, ...] | None = None
    assets: AssetEvents = field(default_factory=AssetEvents)
    income: str = "value"
    sweeps: bool = True


def derive_costs(
    repository: ExchangeCacheRepository,
    ports: Sequence[ExchangePort],
    settings: CostSettings,
    clock: Clock,
    *,
    beside: Beside = nobody,
    again: bool = False,
    asked: Callable[[], None] = lambda: None,
    step: Step = unnoticed,
) -> tuple[str, ...]:
    """Fetch the rates that the ledger needs, derive and store every basis; notes on failures.

    ``ports`` are the accounts of this run; ``beside`` opens others where a past price is missing.
    ``again`` repeats requests for candles that the exchanges of this run did not have; ``asked`` is
    called before each request, ``step`` as the work goes on.
    """
    remember_dust(repository, ports, clock)
    search = RateSearch(
        repository,
        ports,
        settings.reporting_asset,
        clock,
        order=settings.sources,
        beside=beside,
        again=again,
        asked=asked,
        tick=lambda asset, number, total: step(f"past prices of {asset}", number, total),
    )
    if _is_derived(repository, settings, clock.now()) and not search.is_open():
        bases = repository.derived.bases(settings.method, settings.reporting_asset)
        search.fetch_ranges(bases, settings.accounts)
        _store_findings(repository, settings, clock, None)
        return ()
    made = _derive(repository, search, settings, clock.now(), step)
    _store_findings(repository, settings, clock, made)
    now, made_from = clock.now(), None
    if made.complete:
        note_compared(repository, made.averages, now)
        made_from = _fingerprint(repository, settings, now)
    repository.progress.remember(_EVERYBODY, {DERIVED_FROM: made_from}, now)
    return made.notes


def ledger_of(
    repository: ExchangeCacheRepository,
    settings: CostSettings,
    rates: StoredRates | None = None,
    *,
    only: Collection[str] | None = None,
) -> Ledger:
    """The ledger with all that its cost depends on; ``rates``: those that are stored, if not
    given."""
    counted = repository.counted_accounts(settings.accounts)
    asset = settings.reporting_asset
    inputs = Inputs(
        reporting_asset=asset,
        rates=KnownRates(repository.derived, asset) if rates is None else rates,
        assets=settings.assets,
        dust=stored_dust(repository),
        stated=stated_bases(repository, asset),
        without=repository.ledger_rows().accounts() - frozenset(counted),
        income=settings.income,
    )
    return Ledger(repository, inputs, only=only)


def bases_at(
    repository: ExchangeCacheRepository, settings: CostSettings, until: datetime
) -> tuple[AssetBasis, ...]:
    """Every cost by the events before a moment, with today's knowledge."""
    ledger = ledger_of(repository, settings)
    return tuple(ledger.bases(ledger.played((Method(settings.method),), until=until)))


def stored_bases(
    repository: ExchangeCacheRepository, settings: CostSettings
) -> tuple[AssetBasis, ...]:
    """Every cost by the method of the settings: as stored, or derived further in memory where the
    stored ones are not up to date."""
    ledger = ledger_of(repository, settings)
    if ledger.is_current():
        return repository.derived.bases(settings.method, settings.reporting_asset)
    return tuple(ledger.bases(ledger.played((Method(settings.method),))))


def stated_bases(
    repository: ExchangeCacheRepository, reporting_asset: str
) -> tuple[StatedBasis, ...]:
    """The costs that the user stated, in the form that ``compute_basis`` takes."""
    return tuple(
        StatedBasis(
            account=item.account or None,
            asset=item.asset,
            quantity=item.quantity,
            price=item.price,
            at=item.at,
        )
        for item in repository.derived.stated_costs()
        if item.quote == reporting_asset
    )


def _derive(
    repository: ExchangeCacheRepository,
    search: RateSearch,
    settings: CostSettings,
    now: datetime,
    step: Step,
) -> Derivation:
    rates = KnownRates(repository.derived, settings.reporting_asset)
    repository.progress.remember(_EVERYBODY, {COSTS_OPEN: settings.reporting_asset}, now)
    step(_ENTRY_PRICES, 0, 0)
    ledger, player = _derived(repository, settings, rates)
    waiting = waiting_accounts(repository, now)
    averages, nameless = _checked(repository, settings, rates, waiting)
    for _ in range(_ROUNDS):
        if not search.fetch(rates):
            break
        step(_ENTRY_PRICES, 0, 0)
        ledger, player = _derived(repository, settings, rates)
        averages, nameless = _checked(repository, settings, rates, waiting)
    whose = "" if rates.missing else " of a preferred exchange"
    notes = tuple(
        f"averages: past prices{whose} are missing, the next sync tries again: {text}"
        for text in distinct_causes(search.failures)
    )
    rest = ledger.play_rest(player)
    findings = ledger.findings(player, Method(settings.method))
    positions = ledger.contracts(player, hedged_symbols(repository.mirror.positions()))
    ledger.answer(player, rest, now)
    repository.progress.remember(_EVERYBODY, {COSTS_OPEN: None}, now)
    search.fetch_ranges(
        repository.derived.bases(settings.method, settings.reporting_asset), settings.accounts
    )
    return Derivation(
        findings=findings,
        contracts=positions,
        averages=averages,
        waiting=waiting,
        unclassified=nameless,
        complete=not rates.missing and not notes,
        notes=notes,
    )


def _checked(
    repository: ExchangeCacheRepository,
    settings: CostSettings,
    rates: StoredRates,
    waiting: frozenset[str],
) -> tuple[tuple[AverageCheck, ...], tuple[Finding, ...]]:
    """The comparison with averages that exchanges report, and the rows without a known kind; what
    they need of past prices is missing in ``rates`` until it is fetched."""
    asset = settings.reporting_asset
    others = sorted({one.account for one in repository.mirror.balances()} - waiting)
    averages = average_checks(repository, rates, asset, accounts=others)
    worth = Rates(rates, asset, settings.assets)
    rows = repository.ledger_rows().unclassified(settings.assets.codes())
    nameless = unclassified_findings(rows, worth, settings.assets)
    return tuple(averages), tuple(nameless)


def _derived(
    repository: ExchangeCacheRepository, settings: CostSettings, rates: StoredRates
) -> tuple[Ledger, Player]:
    ledger = ledger_of(repository, settings, rates)
    return ledger, ledger.bring_up_to_date()


def _is_derived(repository: ExchangeCacheRepository, settings: CostSettings, now: datetime) -> bool:
    """Whether the last derivation was one of all present rows with these inputs."""
    if repository.costs_open(settings.reporting_asset):
        return False
    known = repository.progress.memory(_EVERYBODY).get(DERIVED_FROM)
    return known == _fingerprint(repository, settings, now)


def _fingerprint(
    repository: ExchangeCacheRepository, settings: CostSettings, now: datetime
) -> dict[str, object]:
    """The inputs of the derivation besides the rows that its states contain."""
    return {
        "rules": RULES,
        "accounts": sorted(settings.accounts),
        "changes": repository.ledger.changes(),
        "stated": [repr(item) for item in repository.derived.stated_costs()],
        "dust": repository.progress.memory(_EVERYBODY).get(DUST),
        "told": reported_figures(repository),
        "waiting": sorted(waiting_accounts(repository, now)),
        "method": settings.method,
        "reporting_asset": settings.reporting_asset,
        "assets": settings.assets.fingerprint(),
        "income": settings.income,
    }


def _store_findings(
    repository: ExchangeCacheRepository,
    settings: CostSettings,
    clock: Clock,
    made: Derivation | None,
) -> None:
    """Store all open findings per account, except those of the watch.

    Without a new derivation the findings about cost stay.
    """
    now = clock.now()
    cost = _cost_findings(repository, settings, made, now) if made is not None else None
    bases = by_account(repository.derived.bases(settings.method, settings.reporting_asset))
    costs = by_account(cost or ())
    users = identity_findings(repository, settings.accounts, now)
    for account in settings.accounts:
        kept = {"watch"} if cost is not None else {"watch", "cost"}
        found = [
            *history_findings(repository, account, now, sweeps=settings.sweeps),
            *([users[account]] if account in users else ()),
            *rights_findings(repository, account, now),
            *clock_findings(repository, account, now),
            *_unit_findings(repository, account, bases.get(account, ()), now),
            *costs.get(account, ()),
            *(
                item
                for item in repository.derived.findings([account])
                if item.scope in kept or (item.code == DIFFERS and made and account in made.waiting)
            ),
        ]
        repository.derived.replace_findings(account, found, now)


def _unit_findings(
    repository: ExchangeCacheRepository, account: str, own: Sequence[AssetBasis], now: datetime
) -> list[StoredFinding]:
    """Balances that suggest a redenomination; they change without any new row."""
    balances = repository.mirror.balances([account])
    return [_stored(item, "assets", now) for item in suspected_units(balances, own)]


def _cost_findings(
    repository: ExchangeCacheRepository, settings: CostSettings, made: Derivation, now: datetime
) -> list[StoredFinding]:
    positions = repository.mirror.positions()
    moved = repository.ledger_rows().exchanged(settings.assets.codes(), MOMENT // _MILLISECOND)
    found = (
        *folded((*made.findings, *entry_price_findings(made.contracts, positions))),
        *average_findings(made.averages),
        *made.unclassified,
        *suspected_swaps(moved, settings.assets),
    )
    return [_stored(item, "cost", now) for item in found]


def _stored(item: Finding, scope: str, now: datetime) -> StoredFinding:
    return StoredFinding(
        account=item.account or "",
        code=item.code,
        scope=scope,
        asset=item.asset or "",
        message=item.message,
        hint=item.hint,
        since=now,
    )
