"""What ``reload`` shows of its run: the outcome per account and data type."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from exchange_cache.errors import ExcacheError
from exchange_cache.records import LEDGER_TYPES, DataType
from exchange_cache.sync.report import AccountReport, PartResult, SyncReport
from exchange_cache.value.changes import AccountOutcome, TypeOutcome
from exchange_cache.value.freshness import SyncStatus


def outcomes(report: SyncReport, statuses: Iterable[SyncStatus]) -> tuple[AccountOutcome, ...]:
    """The report per account and data type, for the screen and JSON."""
    kept = {
        (status.account, status.data_type): status.succeeded_at
        for status in statuses
        if status.part == ""
    }
    return tuple(
        AccountOutcome(
            account=account.account,
            types=tuple(
                _type_outcome(account, data_type, parts, kept)
                for data_type, parts in account.data_types().items()
            ),
            took=timedelta(seconds=account.seconds),
            error=account.fatal.message if account.fatal else None,
            hint=account.fatal.hint if account.fatal else None,
            kept_from=kept.get((account.account, DataType.BALANCES)) if account.fatal else None,
        )
        for account in report.accounts
    )


def _type_outcome(
    account: AccountReport,
    data_type: DataType,
    parts: tuple[PartResult, ...],
    kept: dict[tuple[str, DataType], datetime | None],
) -> TypeOutcome:
    failed = next((part for part in parts if part.state == "failed"), None)
    states = {part.state for part in parts}
    error: ExcacheError | None = failed.error if failed else None
    return TypeOutcome(
        data_type=data_type,
        state="failed" if failed else "ok" if "ok" in states else sorted(states)[0],
        new_rows=account.new_rows(data_type) if data_type in LEDGER_TYPES else None,
        error=error.message if error else None,
        hint=error.hint if error else None,
        kept_from=kept.get((account.account, data_type)) if failed else None,
    )
