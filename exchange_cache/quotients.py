"""Where a division ends: amounts on a fixed fine grid, so that their sums stay exact; ratios with
34 significant digits.

Sums and products of what exchanges send are exact and never need this.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import overload

from exchange_cache.money import EXACT

#: The finest step of a divided amount: far below any exchange's, and sums of such steps stay exact
#: in 60 digits.
QUANTUM = Decimal("1e-30")

#: Averages, prices and fractions are ratios; this is how the world sees them.
PUBLISHED = Context(prec=34)


def rounded(amount: Decimal) -> Decimal:
    """The amount on the QUANTUM grid; figures that exchanges send lie on it already and stay as
    they are."""
    return amount.quantize(QUANTUM)


@overload
def published(number: Decimal) -> Decimal: ...
@overload
def published(number: None) -> None: ...
def published(number: Decimal | None) -> Decimal | None:
    """The quotient, near enough for anybody and short enough to print; None stays None."""
    if number is None:
        return None
    near = number.normalize(PUBLISHED)
    exponent = near.as_tuple().exponent
    return (
        near.quantize(Decimal(1), context=EXACT)
        if isinstance(exponent, int) and exponent > 0
        else near
    )
