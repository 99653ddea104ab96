"""What an import says below its list."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.cli.imported import named, superfluous_notes


def test_histories_with_one_fate_are_named_together() -> None:
    assert named(["spot"]) == "spot"
    assert named(["a", "b", "c", "d"]) == "a, b, c, d"
    assert named(["a", "b", "c", "d", "e", "f"]) == "a, b, c, d and 2 more"


def test_a_superfluous_cost_is_stated_with_thousands_separators() -> None:
    (note,) = superfluous_notes({}, {1: Decimal("1234567.50")})
    assert "superfluous for 1,234,567.5 units now" in note
