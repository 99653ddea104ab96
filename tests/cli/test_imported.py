"""What an import says below its list."""

from __future__ import annotations

from exchange_cache.cli.imported import named


def test_histories_with_one_fate_are_named_together() -> None:
    assert named(["spot"]) == "spot"
    assert named(["a", "b", "c", "d"]) == "a, b, c, d"
    assert named(["a", "b", "c", "d", "e", "f"]) == "a, b, c, d and 2 more"
