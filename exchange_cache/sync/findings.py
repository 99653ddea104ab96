"""What the history lacks, and why: one finding per cause and place, from the stored progress alone. Never nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from exchange_cache.cache.derived import StoredFinding
from exchange_cache.cache.ledger import StreamState
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.domain.coverage import Ranges
from exchange_cache.domain.records import DataType
from exchange_cache.sync.plan import gaps, out_of_retention

#: Where the number of listed symbols never asked is kept, per scope.
NEVER_ASKED = "never_asked"
_DAY_MS = 86_400_000


def history_findings(repository: ExchangeCacheRepository, account: str, now: datetime) -> Iterator[StoredFinding]:
    """Every cause for which fills, orders or transfers of an account may be missing."""
    states = [state for state in repository.ledger.states(account) if state.key.data_type in (DataType.FILLS, DataType.TRANSFERS)]
    scopes: dict[tuple[DataType, str], list[StreamState]] = {}
    for state in states:
        scopes.setdefault((state.key.data_type, state.key.scope), []).append(state)
    for (data_type, scope), own in scopes.items():
        for code, message, hint in _scope_findings(account, data_type, scope, own, to_ms(now)):
            yield StoredFinding(account=account, code=code, scope=f"{data_type} {scope}", asset="", message=message, hint=hint, since=now)
    yield from _never_asked(repository, account, now)


def _scope_findings(
    account: str, data_type: DataType, scope: str, states: list[StreamState], now_ms: int
) -> Iterator[tuple[str, str, str | None]]:
    name = f"{data_type} of {scope}"
    lost = [state for state in states if out_of_retention(state)]
    if lost:
        floor = max(state.floor_ms or 0 for state in lost)
        yield (
            "out_of_retention",
            f"{name} before {from_ms(floor):%Y-%m-%d} are out of retention: the exchange no longer serves them",
            "excache basis set ASSET … tells what the units bought before then cost",
        )
    holes = [(state, found) for state in states if state.completed_ms is not None and (found := _holes(state))]
    if holes:
        state, found = holes[0]
        span = found.spans[0]
        where = f" ({state.key.symbol}{' and more' if len(holes) > 1 else ''})" if state.key.symbol else ""
        yield (
            "gap",
            f"{name}{where}: gap {from_ms(span.start_ms):%Y-%m-%d} … {from_ms(span.end_ms):%Y-%m-%d}; the next sync asks again",
            f"excache sync --account {account}",
        )
    unfinished = [state for state in states if state.open is not None or (state.completed_ms is None and state.covered)]
    if unfinished:
        yield ("incomplete", f"{name}: still being fetched", f"excache sync --account {account}")
    failed = [state for state in states if state.state == "failed"]
    if failed:
        symbol = f" ({failed[0].key.symbol})" if failed[0].key.symbol else ""
        yield ("history_failed", f"{name}{symbol}: {failed[0].error}", f"excache sync --account {account}")
    refused = [state for state in states if state.state == "no_permission"]
    if refused:
        yield ("no_permission", f"{name}: the key may not read them", f"excache account check {account}")
    unknown = [state for state in states if state.state == "symbol_unknown" and state.source != "delisted"]
    if unknown:
        names = ", ".join(state.key.symbol for state in unknown[:3]) + (" …" if len(unknown) > 3 else "")
        yield ("symbol_unknown", f"{name}: the exchange does not know {names} any more", None)


def _holes(state: StreamState) -> Ranges:
    """Gaps of a day or more behind the watermark (shorter ones are the overlap of the next run)."""
    until = state.covered.end_ms
    if until is None:
        return Ranges()
    return Ranges(tuple(span for span in gaps(state, until) if span.length_ms >= _DAY_MS))


def _never_asked(repository: ExchangeCacheRepository, account: str, now: datetime) -> Iterator[StoredFinding]:
    counted = repository.progress.memory(account).get(NEVER_ASKED)
    if not isinstance(counted, dict):
        return
    for scope, number in sorted(counted.items()):
        if isinstance(number, int) and number > 0:
            yield StoredFinding(
                account=account,
                code="never_asked",
                scope=f"fills {scope}",
                asset="",
                message=f"{number} symbols of {scope} were never asked for fills; each sync asks some more",
                hint=f"excache sync --account {account} --full asks all of them now",
                since=now,
            )
