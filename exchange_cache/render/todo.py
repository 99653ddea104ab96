"""What is wrong with accounts, as words of one cell each, and what to do, grouped over accounts.

Every hint is a command that runs as it stands; hints that are no command are part of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from exchange_cache.data_types import COSTS_OPEN, LEDGER_TYPES
from exchange_cache.errors import cause, distinct_causes
from exchange_cache.render.health import CHECKED, cure, is_trouble, of_accounts
from exchange_cache.render.words import age, count, listed
from exchange_cache.value.states import State

if TYPE_CHECKING:
    from exchange_cache.findings import Finding
    from exchange_cache.value.freshness import Freshness

#: What no request can change: the table states it, and ``--all`` lists it.
PERMANENT = frozenset({"out_of_retention", "newest_rows_only"})
#: What the user chose in config.toml.
OWN = frozenset({"own_start", "own_wallets", "own_ignored"})
OVERSOLD = "sold_more_than_known"

#: An error's code -> what the account did.
_FAILED = {
    "unavailable": "did not answer",
    "rate_limited": "asks for fewer requests",
    "banned": "refuses this address for now",
    "key_refused": "refused the key",
    "no_permission": "the key may not read all",
    "clock_skew": "this clock is off",
    "bad_response": "answered something unreadable",
    "certificate": "its certificate is refused",
    "proxy": "its proxy does not answer",
    "secret": "its secret cannot be read",
    "config": "config.toml is wrong",
    "address_refused": "refuses this address",
    "exchange": "answered with an error",
    "refused": "refused a request",
    "symbol_unknown": "does not know a symbol",
    "market_unidentified": "an unknown market",
    "out_of_retention": "no longer serves a time",
    "write_refused": "a request was not allowed",
    "interrupted": "was interrupted",
    "disk_full": "the disk is full",
    "suspicious_empty": "is suddenly empty",
    "file": "a file of its past is unreadable",
    "foreign_host": "a file is on a foreign host",
    "link_expired": "a link to a file expired",
    "cache": "the cache failed",
    "cache_corrupt": "the cache is damaged",
    "cache_busy": "the cache was locked",
    "cache_unreachable": "the server of the cache did not answer",
    "cache_unwritable": "the cache is read-only",
    "cache_unreadable": "the cache is unreadable",
}
#: A finding's code -> the words for the account; %s is replaced by its data type.
_FOUND = {
    "account_emptied": "emptied",
    "wallet_emptied": "a wallet is emptied",
    "outflow_unexplained": "unexplained outflow",
    "inflow_unexplained": "unexplained inflow",
    "key_rights": "the key may do more than read",
    "same_key": "same key as another",
    "same_user": "same user as another",
    "clock_off": "this clock is off",
    "gap": "a gap in its history",
    "history_failed": "some history failed",
    "incomplete": "still being fetched",
    "no_permission": "the key may not read all",
    "symbol_unknown": "unknown symbols",
    "never_asked": "symbols still to search",
    "orders_without_fills": "orders without fills",
    "market_unidentified": "rows of unknown markets",
    "unread_wallet": "funds in unread wallets",
    "average_differs": "another average there",
    "no_rate": "fills without a price",
    "fee_missing": "fills without a fee",
    "fee_unvalued": "fees without a price",
    "unclassified": "unclassified transfers",
    "chain_broken": "a break in its files",
}
_COMMAND = re.compile(r"excache (?!only )[a-z]+( .+)?")
_DANGER = ("account_emptied", "wallet_emptied", "outflow_unexplained", "key_rights")


class Todo(NamedTuple):
    """One thing to do: why, and the command (None: the sentence says it)."""

    text: str
    command: str | None


def troubles(
    own: Sequence[Freshness], findings: Iterable[Finding], oversold: Collection[str]
) -> list[str]:
    """What is wrong with one account, the worst first, each in a few words."""
    found = [*_read_troubles(own)]
    codes = list(dict.fromkeys(one.code for one in findings if not _repeats(one, own)))
    for code in sorted(codes, key=lambda code: code not in _DANGER):
        if code == OVERSOLD:
            found.append(f"{count(len(oversold), 'asset')} oversold" if oversold else "oversold")
        elif code not in PERMANENT | OWN:
            found.append(_FOUND.get(code, code.replace("_", " ")))
    return found


def _read_troubles(own: Sequence[Freshness]) -> list[str]:
    failed = [one for one in own if one.failed and one.state != State.NOT_OFFERED]
    if failed:
        codes = (one.error_code or "" for one in failed)
        return list(dict.fromkeys(_FAILED.get(code, "failed") for code in codes))
    needed = [one for one in own if one.state != State.NOT_OFFERED]
    if needed and all(one.state == State.MISSING for one in needed):
        return ["never synced"]
    if any(one.undated for one in needed):
        return ["clock was ahead"]
    missing = [one.data_type for one in needed if one.state == State.MISSING]
    histories = [str(kind) for kind in missing if kind in LEDGER_TYPES]
    mirrors = [str(kind) for kind in missing if kind not in LEDGER_TYPES]
    found = [f"{listed(mirrors)} never synced"] if mirrors else []
    if len(histories) == len(LEDGER_TYPES):
        return [*found, "histories not complete"]
    return [*found, f"{listed(histories)} not complete"] if histories else found


def todos(
    verdicts: Mapping[str, Sequence[Freshness]],
    findings: Sequence[Finding],
    oversold: Mapping[str, Sequence[str]],
    *,
    running: bool,
) -> list[Todo]:
    """What to do, the most urgent first; while a sync runs, nothing that it does anyhow."""
    danger = [one for one in findings if one.code in _DANGER]
    rest = [
        one
        for one in findings
        if one.code not in PERMANENT | OWN | {OVERSOLD, *_DANGER}
        and not _repeats(one, verdicts.get(one.account or "", ()))
    ]
    return [
        *_found(danger),
        *_failed(verdicts),
        *([] if running else _old(verdicts)),
        *_oversold(findings, oversold),
        *_found(one for one in rest if not (running and one.code == COSTS_OPEN)),
    ]


def _repeats(finding: Finding, own: Sequence[Freshness]) -> bool:
    """Whether a history failed for the reason for which the last reads of its account failed."""
    reason = finding.message.partition("): ")[2]
    return finding.code == "history_failed" and any(
        f"{cause(one.error)}; ".startswith(f"{reason}; ") for one in own if one.error
    )


def _failed(verdicts: Mapping[str, Sequence[Freshness]]) -> list[Todo]:
    """Accounts of which something failed: those with one cause and one kind of cure together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for account, own in verdicts.items():
        failed = [one for one in own if one.error and one.state != State.NOT_OFFERED]
        if not failed:
            continue
        code = next((one.error_code for one in failed if one.error_code), None)
        command = cure(account, code)
        errors = (str(one.error).removesuffix(f"; {command}") for one in failed)
        cause = "; ".join(distinct_causes(errors)).replace(f"{account}: ", "")
        groups.setdefault((cause, command if code in CHECKED else ""), []).append(account)
    return [
        Todo(_of(names, cause), command or f"excache reload{of_accounts(names)}")
        for (cause, command), names in groups.items()
    ]


def _of(names: Sequence[str], cause: str) -> str:
    """``main: timed out``; an account that the cause names already is not repeated."""
    named = len(names) == 1 and cause.startswith(f"{names[0]} ")
    return cause if named else f"{_first(names)}: {cause}"


def _old(verdicts: Mapping[str, Sequence[Freshness]]) -> list[Todo]:
    """Accounts whose data are stale or missing although nothing failed."""
    ages: dict[str, timedelta | None] = {}
    begun: list[str] = []
    for account, own in verdicts.items():
        troubled = [one for one in own if is_trouble(one) and not one.error]
        if troubled and not any(one.error for one in own if is_trouble(one)):
            known = [one.age for one in troubled if one.age is not None]
            if not known and any(one.state == State.FRESH for one in own):
                begun.append(account)
            else:
                ages[account] = max(known, default=None)
    return [*_begun(begun, len(verdicts)), *_aged(ages)]


def _begun(names: Sequence[str], accounts: int) -> list[Todo]:
    """Accounts whose first sync stopped before its end."""
    if not names:
        return []
    whose = "all accounts" if len(names) == accounts > 1 else _first(names)
    command = f"excache sync{of_accounts(names, accounts)}"
    return [Todo(f"{whose}: the first sync is not complete", command)]


def _aged(ages: Mapping[str, timedelta | None]) -> list[Todo]:
    if not ages:
        return []
    known = [one for one in ages.values() if one is not None]
    never = [account for account, one in ages.items() if one is None]
    if not known:
        return [Todo(f"{_first(never)}: never synced", "excache sync")]
    old = [account for account in ages if account not in never]
    more = f"; {_first(never)}: never synced" if never else ""
    return [Todo(f"{_first(old)}: up to {age(max(known))} old{more}", "excache sync")]


def _first(names: Sequence[str]) -> str:
    """The names, the first eight of many and how many more; the table shows each account."""
    more = len(names) - 8
    return ", ".join(names[:8]) + (f" and {more} more" if more > 0 else "")


def _oversold(findings: Iterable[Finding], oversold: Mapping[str, Sequence[str]]) -> list[Todo]:
    """The assets of all accounts whose history begins too late for their average."""
    own = [one for one in findings if one.code == OVERSOLD and one.account]
    names = list(dict.fromkeys(str(one.account) for one in own))
    if not names:
        return []
    assets = sorted({asset for name in names for asset in oversold.get(name, ())})
    if not assets:
        return [Todo(f"{one.account}: {one.message}", one.hint) for one in own]
    shown = _first(assets)
    few = len(assets) == 1
    text = (
        f"{_first(names)}: {shown} {'was' if few else 'were'} sold before the stored history"
        f" begins, so {'its' if few else 'their'} average covers a part."
    )
    return [Todo(text, f"excache status --missing{of_accounts(names) if len(names) < 3 else ''}")]


def _found(findings: Iterable[Finding]) -> list[Todo]:
    """Findings of one code and message over accounts as one, others one by one."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        message = one.message.removeprefix(f"{one.account}: ")
        groups.setdefault((one.code, message), []).append(one)
    made = []
    for (_, message), own in groups.items():
        names = list(dict.fromkeys(one.account for one in own if one.account))
        hints = [one.hint for one in own if one.hint]
        command = next((hint for hint in hints if _COMMAND.fullmatch(hint)), None)
        says = next((hint for hint in hints if not _COMMAND.fullmatch(hint)), "")
        if len(names) > 1 and command == f"excache sync --account {own[0].account}":
            command = f"excache sync{of_accounts(names)}"
        place = f"{_first(names)}: " if names else ""
        made.append(Todo(f"{place}{message}{f'; {says}' if says else ''}", command))
    return made
