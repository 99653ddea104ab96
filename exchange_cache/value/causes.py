"""Errors that differ only in what was being asked for are one trouble: ``kraken did not answer
(prices spot): timed out``."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ASKED = re.compile(r"^(?:[\w ,…-]+: )?(?P<who>[^:()]+) \([^()]*\): (?P<why>.+)$")


def cause(error: str) -> str:
    """The sentence without what was being asked for: ``kraken did not answer: timed out``."""
    parts = _ASKED.match(error)
    return f"{parts['who']}: {parts['why']}" if parts else error


def distinct_causes(errors: Iterable[str]) -> list[str]:
    """Each cause once; in full where only one request met it, in short where several did."""
    found: dict[str, list[str]] = {}
    for error in errors:
        found.setdefault(cause(error), []).append(error)
    return [own[0] if len(set(own)) == 1 else short for short, own in found.items()]
