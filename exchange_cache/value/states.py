"""The states of freshness, the words for ages, and what is too little to name; light, because every
read needs them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from exchange_cache.clock import from_ms, to_ms


class State(StrEnum):
    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"
    NOT_OFFERED = "not_offered"


#: Why costs are unknown in a reading whose reporting asset is not the one that costs are kept in.
#: The latter follows.
COST_KEPT_IN = "costs are kept in"

#: Why costs are unknown before they were derived.
NOT_COMPUTED = "not computed yet"

#: So many accounts of a holding are named at most, on the widest terminal.
NAMED_ACCOUNTS = 6

#: A smaller share of what is held does not date the whole, and is no part to name in the head.
NOTICEABLE = Decimal("0.01")

#: The time of the reading itself, left open in a text.
OPEN_NOW = "⟦now⟧"


def age_words(age: timedelta) -> str:
    """``12 min``, ``3 h 5 min``, ``4 d``."""
    minutes = int(age.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 48 * 60 else f"{minutes // 1440} d"


def open_age(since: datetime) -> str:
    """An age in words that :func:`completed` fills in."""
    return f"⟦age {to_ms(since)}⟧"


def open_seconds(since: datetime) -> str:
    """An age in whole seconds that :func:`completed` fills in, as a number of JSON."""
    return f"⟦seconds {to_ms(since)}⟧"


def completed(text: str, now: datetime) -> str:
    """The text with the ages that were left open; the time of the reading stays open."""
    before, *pieces = text.split("⟦")
    done = [before]
    for piece in pieces:
        name, rest = piece.split("⟧", 1)
        kind, _, since = name.partition(" ")
        age = now - from_ms(int(since)) if since else None
        if kind == "seconds" and age is not None:
            done[-1] = done[-1].removesuffix('"')
            rest = f"{age // timedelta(seconds=1)}{rest.removeprefix(chr(34))}"
        elif age is not None:
            rest = age_words(age) + rest
        else:
            rest = f"⟦{piece}"
        done.append(rest)
    return "".join(done)
