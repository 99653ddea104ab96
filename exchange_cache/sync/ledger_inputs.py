"""What the cost of a ledger depends on besides its rows."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

from exchange_cache.cache.ledger_rows import StoredRows
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.events import StatedBasis
from exchange_cache.ledger.income import VALUED
from exchange_cache.ledger.rates import Rates
from exchange_cache.ledger.timeline import Timeline
from exchange_cache.money import FIAT
from exchange_cache.sync.rates import StoredRates

#: Increased when the rules of cost change, so that everything is derived again.
RULES = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the cost of a ledger depends on besides its rows. ``without``: accounts that do not
    count; ``dust``: per asset, the largest quantity too small to be sold."""

    reporting_asset: str
    rates: StoredRates
    assets: AssetEvents = field(default_factory=AssetEvents)
    dust: dict[str, Decimal] = field(default_factory=dict)
    stated: tuple[StatedBasis, ...] = ()
    without: frozenset[str] = frozenset()
    income: str = VALUED

    def timeline(self, rows: StoredRows) -> Timeline:
        known = Rates(self.rates, self.reporting_asset, self.assets)
        return Timeline(
            rows, rates=known, assets=self.assets, stated=self.stated, cash=FIAT, income=self.income
        )

    def apart(self) -> bool:
        """Whether an asset event concerns the reporting asset."""
        return any(self.reporting_asset in (one.old, one.new) for one in self.assets.events)

    def fixed(self, accounts: Collection[str]) -> str:
        """What every state depends on, in a form to compare."""
        aliases = {name: dict(self.assets.aliases.get(name, {})) for name in sorted(accounts)}
        found = {
            "rules": RULES,
            "events": [repr(one) for one in self.assets.events],
            "aliases": {name: codes for name, codes in aliases.items() if codes},
            "without": sorted(self.without),
            "income": self.income,
            "unread": {name: sorted(own) for name, own in sorted(self.assets.unread.items())},
            "apart": {name: dict(own) for name, own in sorted(self.assets.apart.items())},
            "exchanges": dict(self.assets.exchange_of) if self.assets.apart else {},
            "alone": len(accounts) == 1,
        }
        return json.dumps(found, sort_keys=True)
