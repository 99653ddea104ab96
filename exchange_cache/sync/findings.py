"""What is missing in the history, and why: one finding per cause and place, from the stored
progress alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import TypeVar

from exchange_cache.cache.file_coverage import with_files
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import StoredFinding
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.ledger.scopes import before_words, symbol_words
from exchange_cache.records import DataType
from exchange_cache.scope_names import scope_name
from exchange_cache.sync.crosscheck import BEYOND_REPAIR, MISSING_FILLS
from exchange_cache.sync.observations import kept
from exchange_cache.sync.plan import gaps, out_of_retention

#: The key of the number of symbols that were never requested, per scope.
NEVER_ASKED = "never_asked"
_DAY_MS = 86_400_000
#: The request in a message of an exchange; removed, because the finding names its scopes.
_DOING = re.compile(rf" \((?:{'|'.join(DataType)}) [^)]*\)")
#: A finding's code, message and hint.
Cause = tuple[str, str, str | None]
Owned = TypeVar("Owned", AssetBasis, StoredFinding)


def by_account(items: Iterable[Owned]) -> dict[str, list[Owned]]:
    """Those of each account, in one walk; what is of all accounts is left out."""
    found: dict[str, list[Owned]] = {}
    for item in items:
        if item.account is not None:
            found.setdefault(item.account, []).append(item)
    return found


def history_findings(
    repository: ExchangeCacheRepository, account: str, now: datetime, *, sweeps: bool = True
) -> Iterator[StoredFinding]:
    """The findings about missing fills and transfers of an account, one per cause and data type.

    ``sweeps``: each sync requests some of the symbols that were never requested.
    """
    covered = repository.imports.coverage(account)
    states = [
        state
        for state in with_files(repository.ledger.states(account), covered)
        if state.key.data_type in (DataType.FILLS, DataType.TRANSFERS)
    ]
    observed = kept(repository.progress.memory(account))
    for data_type in (DataType.FILLS, DataType.TRANSFERS):
        own = [state for state in states if state.key.data_type is data_type]
        newest = {
            scope
            for (kind, scope), known in observed.items()
            if kind is data_type and known.seen.newest_only
        }
        for code, message, hint in _causes(account, data_type, own, newest):
            yield StoredFinding(
                account=account,
                code=code,
                scope=str(data_type),
                asset="",
                message=message,
                hint=hint,
                since=now,
            )
    yield from _broken(repository, account, now)
    yield from _unidentified(repository, account, now)
    yield from _never_asked(repository, account, now, sweeps=sweeps)
    yield from _missing_fills(repository, account, now)


def _causes(
    account: str, data_type: DataType, states: list[StreamState], newest: Collection[str]
) -> Iterator[Cause]:
    """``newest``: the scopes of which the exchange was observed to serve only the newest rows."""
    hint = _coverage(account)
    lost = [state for state in states if state.state == "ok" and out_of_retention(state)]
    forgotten = [state for state in lost if state.key.scope not in newest]
    if forgotten:
        yield (
            "out_of_retention",
            f"{_before(data_type, forgotten)} are no longer served",
            hint,
        )
    cut = [state for state in lost if state.key.scope in newest]
    if cut:
        served = "the exchange serves only the newest rows"
        yield "newest_rows_only", f"{_before(data_type, cut)} are missing: {served}", hint
    holes = [
        state
        for state in states
        if (state.completed_ms is not None or state.state == "failed") and _holes(state)
    ]
    if holes:
        span = _holes(holes[0]).spans[0]
        yield (
            "gap",
            (
                f"{data_type} ({_scopes(holes)}): gap {from_ms(span.start_ms):%Y-%m-%d} …"
                f" {from_ms(span.end_ms):%Y-%m-%d}, to be fetched again"
            ),
            f"excache sync --account {account}",
        )
    yield from _failed(account, data_type, states)
    unfinished = [
        state
        for state in states
        if state.state == "ok" and (state.open is not None or _begun_only(state))
    ]
    if unfinished:
        yield (
            "incomplete",
            f"{data_type} ({_scopes(unfinished)}): still being fetched",
            f"excache sync --account {account}",
        )
    yield from _refused(account, data_type, states)


def _failed(account: str, data_type: DataType, states: list[StreamState]) -> Iterator[Cause]:
    failed = [state for state in states if state.state == "failed"]
    if failed:
        by_error: dict[str, list[StreamState]] = {}
        for state in failed:
            by_error.setdefault(_DOING.sub("", state.error or ""), []).append(state)
        reported = "; ".join(
            f"{data_type} ({_scopes(hit)}): {text}" for text, hit in by_error.items()
        )
        yield ("history_failed", reported, f"excache sync --account {account}")


def _refused(account: str, data_type: DataType, states: list[StreamState]) -> Iterator[Cause]:
    """Histories that the key may not read, and symbols that the exchange no longer knows."""
    refused = [state for state in states if state.state == "no_permission"]
    if refused:
        yield (
            "no_permission",
            f"{data_type} ({_scopes(refused)}): the key may not read them",
            f"excache account check {account}",
        )
    unknown = [
        state
        for state in states
        if state.state == "symbol_unknown" and state.source not in {"delisted", "sweep"}
    ]
    if unknown:
        yield (
            "symbol_unknown",
            f"{data_type}: the exchange does not know {_scopes(unknown)} any more",
            None,
        )


def _before(data_type: DataType, lost: list[StreamState]) -> str:
    """Which rows the exchange no longer serves, and before which day; each history has its own."""
    return before_words(
        data_type,
        (
            (out_of_retention(state).end_ms or 0, (state.key.scope, state.key.symbol))
            for state in lost
        ),
    )


def _begun_only(state: StreamState) -> bool:
    return state.completed_ms is None and bool(state.covered)


def _scopes(states: list[StreamState]) -> str:
    """The first scopes of histories, or their symbols where each has its own history."""
    return symbol_words((state.key.scope, state.key.symbol) for state in states)


def _holes(state: StreamState) -> Ranges:
    """Gaps of a day or more behind the watermark (shorter ones are the overlap of the next run)."""
    until = state.covered.end_ms
    if until is None:
        return Ranges()
    return Ranges(tuple(span for span in gaps(state, until) if span.length_ms >= _DAY_MS))


def _never_asked(
    repository: ExchangeCacheRepository, account: str, now: datetime, *, sweeps: bool
) -> Iterator[StoredFinding]:
    counted = repository.progress.recalled(account, NEVER_ASKED)
    if not isinstance(counted, dict):
        return
    rest = "each sync requests some more" if sweeps else "none will be: sweep_budget = 0"
    rest += "" if sweeps else " in config.toml"
    for scope, number in sorted(counted.items()):
        if isinstance(number, int) and number > 0:
            yield StoredFinding(
                account=account,
                code="never_asked",
                scope=f"fills {scope} never asked",
                asset="",
                message=(
                    f"{number} symbols of {scope_name(scope)}: their fills were never requested;"
                    f" {rest}"
                ),
                hint=f"excache sync --account {account} --full",
                since=now,
            )


def _broken(
    repository: ExchangeCacheRepository, account: str, now: datetime
) -> Iterator[StoredFinding]:
    """The first break of the running balances in imported files: what is missing next. Where the
    API serves that time, nothing is."""
    states = repository.ledger.states(account, DataType.TRANSFERS)
    for proof in repository.imports.proofs(account):
        first = proof.first_break
        if first is not None and not any(
            state.covered.contains(to_ms(first.at) - 1) for state in states
        ):
            yield StoredFinding(
                account=account,
                code="chain_broken",
                scope=f"files {proof.table}",
                asset=first.asset,
                message=(
                    f"the balances in the imported {proof.table} break on {first.at:%Y-%m-%d}:"
                    f" {first.words}; rows before are not proven complete"
                ),
                hint="excache import list",
                since=now,
            )


def _missing_fills(
    repository: ExchangeCacheRepository, account: str, now: datetime
) -> Iterator[StoredFinding]:
    """Orders without their fills, as the last run of the account left them: requesting them again
    did not help."""
    memory = repository.progress.memory(account)
    found, kept = memory.get(MISSING_FILLS), memory.get(BEYOND_REPAIR)
    for category, words in sorted(found.items()) if isinstance(found, dict) else ():
        state = kept.get(category) if isinstance(kept, dict) else None
        yield StoredFinding(
            account=account,
            code="orders_without_fills",
            scope=f"fills {category} of orders",
            asset="",
            message=str(words),
            hint=_cure(account, state if isinstance(state, dict) else {}),
            since=now,
        )


def _unidentified(
    repository: ExchangeCacheRepository, account: str, now: datetime
) -> Iterator[StoredFinding]:
    """Rows that count as nothing, because nobody can say of which market they are."""
    rows = repository.unidentified.rows(account)
    if not rows:
        return
    counts = Counter(row.data_type for row in rows)
    counted = ", ".join(f"{counts[each]} {_of_one(each, counts[each])}" for each in sorted(counts))
    ids = list(dict.fromkeys(row.market_id for row in rows))
    named = ", ".join(ids[:4]) + (f" and {len(ids) - 4} more" if len(ids) > 4 else "")
    yield StoredFinding(
        account=account,
        code="market_unidentified",
        scope="unidentified rows",
        asset="",
        message=(
            f"{counted} of markets that the exchange does not list and whose ids do not say what"
            f" they are ({named}): kept as they were sent, and counted as nothing"
        ),
        hint=f"excache sync --account {account}",
        since=now,
    )


def _of_one(data_type: DataType, count: int) -> str:
    return str(data_type) if count != 1 else str(data_type).removesuffix("s")


def _cure(account: str, state: dict[str, object]) -> str:
    """The next sync requests the fills again; after that, all of them where the exchange still
    serves them."""
    if not state.get("persistent", True):
        return f"excache sync --account {account}"
    if state.get("served", True):
        return f"excache sync --account {account} --only fills --full"
    return _coverage(account)


def _coverage(account: str) -> str:
    """What no request can bring: the command that shows how far each history reaches."""
    return f"excache status --coverage --account {account}"
