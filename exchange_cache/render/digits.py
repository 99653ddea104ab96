"""Which printed words are a number, and where its decimal point is."""

from __future__ import annotations

#: Units that may follow the digits of a number without a space.
_UNITS = "MBT"


def is_number(words: str) -> bool:
    return (words[:-1] if words[-1:] in _UNITS else words)[-1:].isdigit()


def split_at_point(words: str) -> tuple[str, str]:
    """What stands before the decimal point, and the rest with it: ``1,234`` and ``.50M``."""
    whole, point, fraction = words.partition(".")
    if not point and whole[-1:] in _UNITS:
        return whole[:-1], whole[-1:]
    return whole, point + fraction
