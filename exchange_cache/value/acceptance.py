"""Accepted findings: which, why, until when; one that changes or outlasts its end is open again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from exchange_cache.records import Acceptance, Finding

#: Ages pass by themselves: they are no change of a finding.
_AGE = re.compile(r"\b\d+ h \d+ min\b|\b\d+ (?:min|h|d)\b")
_NUMBER = re.compile(r"\d[\d,.]*")
#: Codes whose figures move with prices, time or each run: what they say is the sentence without
#: them.
_MOVING = frozenset({"price_conflict", "stale", "stale_price", "sync_failed", "never_asked"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedFinding:
    """One finding that the user accepts; ``account`` and ``asset`` are empty where it has none."""

    code: str
    account: str
    asset: str
    statement: str
    acceptance: Acceptance


def statement(found: Finding) -> str:
    """What a finding says, without what passes by itself: while this stays, an acceptance holds."""
    said = _AGE.sub("…", found.message)
    return _NUMBER.sub("…", said) if found.code in _MOVING else said


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
    """The findings, those marked that are accepted and whose end has not come."""
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
    """The findings that nobody has accepted."""
    return tuple(found for found in findings if found.accepted is None)
