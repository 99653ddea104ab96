"""Net worth at two moments, of the accounts that both know."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exchange_cache.money import EXACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """``came`` and ``left``: accounts that only the later or the earlier moment knows; neither
    figure contains them. ``common``: how many both know."""

    before: Decimal
    after: Decimal
    common: int
    came: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def change(self) -> Decimal:
        return EXACT.subtract(self.after, self.before)

    @property
    def fraction(self) -> Decimal | None:
        """The change as a share of the same accounts before it; None without a positive value."""
        return EXACT.divide(self.change, self.before) if self.before > 0 else None
