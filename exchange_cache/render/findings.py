"""What is wrong or missing, one finding a paragraph, the command that cures it at its end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from exchange_cache.findings import Finding
from exchange_cache.render.layout import Line, text, wrapped
from exchange_cache.render.signs import Signs

#: The worth of what left is no detail.
_DETAIL = re.compile(r" \((?!worth )[^()]*\)")


def finding_lines(findings: Iterable[Finding], signs: Signs, width: int | None) -> tuple[Line, ...]:
    """``! main: what was found   the command that cures it``."""
    lines: list[Line] = []
    for found in findings:
        place = (
            f"{found.account}: "
            if found.account and not found.message.startswith(f"{found.account}:")
            else ""
        )
        known = found.accepted
        note = "" if known is None else f" (accepted until {known.until:%Y-%m-%d}: {known.reason})"
        lines += wrapped(
            text(f"{signs.attention} ", "warn"),
            f"{place}{found.message}{note}",
            width,
            command=found.hint,
        )
    return tuple(lines)


def in_brief(findings: Iterable[Finding]) -> list[Finding]:
    """What an account lacks for one cause in one finding, without the details in parentheses:
    ``status`` has the room for them."""
    together: dict[tuple[str | None, str | None, str], list[Finding]] = {}
    for found in findings:
        together.setdefault((found.account, found.asset, found.code), []).append(found)
    return [
        replace(
            own[0],
            message="; ".join(dict.fromkeys(brief(found.message) for found in own)),
            hint=next((found.hint for found in own if found.hint), None),
        )
        for own in together.values()
    ]


def brief(message: str) -> str:
    """The sentence without what stands in parentheses."""
    return _DETAIL.sub("", message)
