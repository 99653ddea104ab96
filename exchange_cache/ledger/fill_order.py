"""The one order of fills: averages, results, lists and exports have it."""

from __future__ import annotations

from exchange_cache.records import Fill


def fill_order(fill: Fill) -> tuple[object, ...]:
    """Where a fill stands among all: by time, and within a millisecond of an account and a category
    as its exchange has them. Those without a ``sequence`` come first; ids decide last, 9 before 10.

    Numbers of two symbols may not compare, so within a millisecond the order of fills of different
    symbols is the exchange's only where it lists them together.
    """
    ranked = (fill.sequence is not None, fill.sequence or 0)
    ids = (fill.symbol, len(fill.fill_id), fill.fill_id)
    return (fill.time, fill.account, fill.category, *ranked, *ids)
