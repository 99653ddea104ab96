"""Joins the two halves of a convert, which an exchange reports as separate rows, into one fill.

A convert of USDC into XLM may be listed as two rows, one in each asset's account, each against the
money that the exchange shows values in. Their two values in USD differ by the spread. Taken
separately they would leave money that never existed; together they state how much of one asset was
given for how much of the other. The half in the shown money's own account (base and quote are
equal) states only what was given or received there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import localcontext

from exchange_cache.money import EXACT
from exchange_cache.records import Fill, FillKind, Side


def moving_fills(fills: Iterable[Fill]) -> dict[tuple[str, str, str, str], Fill]:
    """The fills that moved assets, by key: each once, converts joined, leveraged ones left out."""
    unique = {fill.key: fill for fill in fills if fill.kind is not FillKind.LEVERAGED}
    return {fill.key: fill for fill in whole_converts(unique.values())}


def whole_converts(fills: Iterable[Fill]) -> list[Fill]:
    """The fills with the halves of every convert joined; a half without its counterpart may
    remain."""
    halves: dict[tuple[str, str, str], list[Fill]] = {}
    rest: list[Fill] = []
    for fill in fills:
        if fill.kind is FillKind.CONVERT and fill.order_id is not None:
            halves.setdefault((fill.account, fill.category, fill.order_id), []).append(fill)
        else:
            rest.append(fill)
    for found in halves.values():
        rest += _joined(found) or [fill for fill in found if fill.base != fill.quote]
    return rest


def _joined(halves: list[Fill]) -> list[Fill]:
    """One buy of the received asset, paid with the given one; empty for other fills."""
    bought = [fill for fill in halves if fill.side is Side.BUY]
    sold = [fill for fill in halves if fill.side is Side.SELL]
    if (
        len(bought) != 1
        or len(sold) != 1
        or bought[0].quote != sold[0].quote
        or bought[0].base == sold[0].base
    ):
        return []
    got, given = bought[0], sold[0]
    with localcontext(EXACT):
        return [
            replace(
                got,
                symbol=f"{got.base}/{given.base}",
                quote=given.base,
                cost=given.quantity,
                price=given.quantity / got.quantity,
                time=min(got.time, given.time),
                fees=(*got.fees, *given.fees),
                fees_known=got.fees_known and given.fees_known,
            )
        ]
