"""What a reader of earlier moments needs of the states of cost (``sync.past_states``)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.derivatives import DerivativeBasis
from exchange_cache.ledger.replay import Flow, Place


class PastStates(Protocol):
    """What the states of cost show of earlier moments, of the accounts of a reader."""

    def costs(self, moment: datetime) -> Sequence[AssetBasis]:
        """The bases (pooled and per account), with what happened then."""

    def contracts(
        self, moment: datetime, hedged: Collection[tuple[str, str]]
    ) -> Sequence[DerivativeBasis]:
        """Every contract, with the fills of then."""

    def flows(self, since: datetime, until: datetime) -> tuple[Flow, ...]:
        """The movements from one moment to another, oldest first."""

    def windows(self, since: datetime, until: datetime) -> Iterator[tuple[Flow, ...]]:
        """The same, some rows at a time."""

    def moved(self, moment: datetime, times: Mapping[str, datetime]) -> Mapping[Place, Decimal]:
        """What the movements after a moment added, by account until its own time; what is before
        the moment counts against it."""

    def forget(self) -> None:
        """Read what is stored again."""
