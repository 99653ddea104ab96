"""Findings, and which of them the user accepts.

An acceptance ends on its day, or as soon as the finding states something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from exchange_cache.data_types import ALARMS as ALARMS, COSTS_OPEN

#: Ages grow by themselves, so they do not change a finding.
_AGE = re.compile(r"\b\d+ h \d+ min\b|\b\d+ (?:min|h|d)\b")
_NUMBER = re.compile(r"\d[\d,.]*")
#: Phrases reworded since their first version: an acceptance of that version stays valid.
_REWORDED = {
    " left the account after ": " left after ",
    " are no longer served": " are out of retention",
    ", to be fetched again": ", to be asked again",
    ": their fills were never requested; each sync requests some more": (
        " were never asked for fills; each sync asks some more"
    ),
    "an answer that differs from its documentation": "an answer that is not the documented one",
    "no longer serves that time": "does not serve that time any more",
    " rows were received for ": " rows were sent for ",
}
#: Where the first version spelt histories as policies do, such as ``transfers of moves before``.
_SPELT = re.compile(
    r"(?P<of>\b(?:fills|orders|transfers) of )(?P<lost>[^():]+?)(?= \(| before )"
    r"|(?<=fills \()(?P<fills>[^()]+)(?=\):)"
    r"|(?<=orders \()(?P<orders>[^()]+)(?=\):)"
    r"|(?<=transfers \()(?P<moves>[^()]+)(?=\):)"
    r"|(?<= symbols of )(?P<symbols>[a-z_-]+)(?= were never asked)"
    r"|(?<= does not know )(?P<unknown>.+?)(?= any more)"
    r"|(?<= rows were sent for )(?P<kind>fills|orders|transfers) (?P<scope>[a-z_-]+)(?= but )"
)
_MORE = re.compile(r" and \d+ more$")
#: What an exchange's own average is called: its own term in earlier versions.
_TERM = re.compile(r"(?:(?<=: )|(?<=; ))[^;:]+? (?=-?\d[\d.]* \w+, (?:by fills|not comparable))")
#: Between thousands; earlier versions wrote none.
_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
#: Codes whose figures change with prices, time or each run: their statement leaves numbers out.
_MOVING = frozenset({"price_conflict", "stale", "stale_price", "sync_failed", "never_asked"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The user knows and accepts a finding: why, since when, and until when."""

    reason: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A stable code, where it applies, a sentence, and the command or action that cures it.

    Default screens omit ``accepted`` findings.
    """

    code: str
    message: str
    account: str | None = None
    asset: str | None = None
    hint: str | None = None
    accepted: Acceptance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedFinding:
    """A finding that the user accepts; ``account`` and ``asset`` are empty if it has none."""

    code: str
    account: str
    asset: str
    statement: str
    acceptance: Acceptance


def statement(found: Finding) -> str:
    """What a finding states, without ages: an acceptance holds while this is the same."""
    stated = _AGE.sub("…", found.message)
    for now, first in _REWORDED.items():
        stated = stated.replace(now, first)
    return _without_figures(found.code, stated)


def _without_figures(code: str, stated: str) -> str:
    return _NUMBER.sub("…", stated) if code in _MOVING else stated


def _named(code: str, stated: str) -> str:
    """A statement of any version, with the names of histories instead of their spelling, and
    without the separators of thousands."""
    from exchange_cache.scope_names import history_name, known_name

    def names(listed: str) -> str:
        more = _MORE.search(listed)
        first = listed[: more.start()] if more else listed
        own = dict.fromkeys(known_name(one) or one for one in first.split(", "))
        return ", ".join(own) + (more[0] if more else "")

    def name(found: re.Match[str]) -> str:
        if found["kind"]:
            return history_name(found["kind"], found["scope"])
        if found["of"]:
            before = "" if found["of"].startswith("transfers") else found["of"]
            return before + names(found["lost"])
        return names(found[0])

    own = _SEPARATOR.sub("", stated)
    own = _TERM.sub("", own) if code == "average_differs" else own
    return _without_figures(code, _SPELT.sub(name, own))


def accepted(found: Finding, acceptance: Acceptance) -> AcceptedFinding:
    """The acceptance of a finding in its present form."""
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
    """The findings, with those marked whose acceptance still holds."""
    standing = {
        (one.code, one.account, one.asset, _named(one.code, one.statement)): one.acceptance
        for one in known
        if one.acceptance.until > now
    }
    if not standing:
        return tuple(findings)

    def key(found: Finding) -> tuple[str, str, str, str]:
        stated = _named(found.code, statement(found))
        return found.code, found.account or "", found.asset or "", stated

    return tuple(replace(found, accepted=standing.get(key(found))) for found in findings)


def still_open(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that are not accepted."""
    return tuple(found for found in findings if found.accepted is None)


def costs_open_finding(*, known: bool) -> Finding:
    """Averages are still to be computed; ``known``: older ones are stored."""
    message = (
        "the averages do not contain the newest fills and transfers yet"
        if known
        else "the averages are not computed yet"
    )
    return Finding(code=COSTS_OPEN, message=message, hint="excache sync")
