"""Findings as lines, each followed by the command that resolves it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from exchange_cache.render import words
from exchange_cache.render.layout import Line, text, wrapped
from exchange_cache.render.signs import Signs

if TYPE_CHECKING:
    from exchange_cache.findings import Acceptance, Finding

#: Details in parentheses, except what an outflow is worth.
_DETAIL = re.compile(r" \((?!worth )[^()]*\)")


class Brief(NamedTuple):
    """What a screen shows of some findings with one account, asset and code."""

    account: str | None
    message: str
    hint: str | None
    accepted: Acceptance | None
    code: str = ""


def finding_lines(
    findings: Iterable[Finding | Brief], signs: Signs, width: int | None
) -> tuple[Line, ...]:
    """``! main: what was found   the command that resolves it``."""
    lines: list[Line] = []
    for found in findings:
        place = (
            f"{found.account}: "
            if found.account and not found.message.startswith(f"{found.account}:")
            else ""
        )
        known = found.accepted
        note = (
            "" if known is None else f" (accepted until {words.day(known.until)}: {known.reason})"
        )
        lines += wrapped(
            text(f"{signs.attention} ", "warn"),
            f"{place}{found.message}{note}",
            width,
            command=found.hint,
        )
    return tuple(lines)


def in_brief(findings: Iterable[Finding]) -> list[Brief]:
    """The findings of one account, asset and code as one, without details in parentheses, and
    those that state the same of several accounts as one of all of them.

    ``status`` shows the details.
    """
    together: dict[tuple[str | None, str | None, str], list[Finding]] = {}
    for found in findings:
        together.setdefault((found.account, found.asset, found.code), []).append(found)
    same: dict[tuple[str, str], list[Finding]] = {}
    for own in together.values():
        message = "; ".join(dict.fromkeys(brief(found.message) for found in own))
        same.setdefault((own[0].code, message), []).extend(own)
    return [
        Brief(
            account=", ".join(dict.fromkeys(one.account for one in own if one.account)) or None,
            code=code,
            accepted=own[0].accepted,
            message=message,
            hint=next((found.hint for found in own if found.hint), None),
        )
        for (code, message), own in same.items()
    ]


def brief(message: str) -> str:
    """The message without its details in parentheses."""
    return _DETAIL.sub("", message)
