"""Findings and their acceptance: what is wrong or missing, and which of it the user accepts.

An acceptance ends on its day, or as soon as the finding states something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

#: Ages grow by themselves: they do not change a finding.
_AGE = re.compile(r"\b\d+ h \d+ min\b|\b\d+ (?:min|h|d)\b")
_NUMBER = re.compile(r"\d[\d,.]*")
#: Codes whose figures move with prices, time or each run: their statement leaves numbers out.
_MOVING = frozenset({"price_conflict", "stale", "stale_price", "sync_failed", "never_asked"})
#: What is gone and nothing explains: no account of such a finding is well.
ALARMS = frozenset({"account_emptied", "wallet_emptied", "outflow_unexplained"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The user knows of a finding and lives with it: why, since when, and until when."""

    reason: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A stable code, where it applies, a sentence, and the command or action that cures it.

    Default screens leave out a finding that is ``accepted``.
    """

    code: str
    message: str
    account: str | None = None
    asset: str | None = None
    hint: str | None = None
    accepted: Acceptance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedFinding:
    """One finding that the user accepts; ``account`` and ``asset`` are empty where it has none."""

    code: str
    account: str
    asset: str
    statement: str
    acceptance: Acceptance


def statement(found: Finding) -> str:
    """What a finding states, without ages: an acceptance holds as long as this is the same."""
    stated = _AGE.sub("…", found.message)
    return _NUMBER.sub("…", stated) if found.code in _MOVING else stated


def accepted(found: Finding, acceptance: Acceptance) -> AcceptedFinding:
    """The acceptance of a finding as it is now."""
    return AcceptedFinding(
        code=found.code,
        account=found.account or "",
        asset=found.asset or "",
        statement=statement(found),
        acceptance=acceptance,
    )


def marked(
    findings: Iterable[Finding], known: Iterable[AcceptedFinding], now: datetime
) -> tuple[Finding, ...]:
    """The findings; those whose acceptance still holds are marked as accepted."""
    standing = {
        (one.code, one.account, one.asset, one.statement): one.acceptance
        for one in known
        if one.acceptance.until > now
    }
    if not standing:
        return tuple(findings)
    keys = (
        (found, (found.code, found.account or "", found.asset or "", statement(found)))
        for found in findings
    )
    return tuple(replace(found, accepted=standing.get(key)) for found, key in keys)


def still_open(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that are not accepted."""
    return tuple(found for found in findings if found.accepted is None)
