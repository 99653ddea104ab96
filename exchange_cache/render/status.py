"""``excache status`` per data type: a matrix of ages for people, and rows for programs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from exchange_cache.data_types import DataType
from exchange_cache.errors import distinct_causes
from exchange_cache.render import words
from exchange_cache.render.listing import Column, Listing, for_programs, rows_of
from exchange_cache.value.freshness import Freshness, State

if TYPE_CHECKING:
    from exchange_cache.findings import Finding


def status_listing(
    verdicts: Sequence[Freshness],
    now: datetime,
    *,
    notes: Sequence[str] = (),
    findings: Sequence[Finding] = (),
) -> Listing:
    """A matrix (account x data type) for people; :func:`status_rows` is for programs."""
    by_account: dict[str, dict[DataType, Freshness]] = {}
    for verdict in verdicts:
        by_account.setdefault(verdict.account, {})[verdict.data_type] = verdict
    rows = tuple(_status_row(account, own) for account, own in by_account.items())
    columns = (
        Column(key="account", heading="Account", kind="code"),
        *(
            Column(key=str(kind), heading=str(kind).capitalize(), kind="freshness")
            for kind in DataType
        ),
        Column(key="error", heading="Last error", below=True),
    )
    return Listing(
        title="",
        columns=columns,
        rows=rows,
        as_of=now,
        notes=tuple(notes),
        findings=tuple(findings),
    )


def status_rows(
    verdicts: Sequence[Freshness],
    now: datetime,
    *,
    exchanges: Mapping[str, str],
    generic: Collection[str] = (),
) -> Listing:
    """One row per account and data type, with exact times."""
    columns = for_programs(
        "account exchange data_type state succeeded_at age_seconds ttl_seconds error error_code"
        " generic"
    )
    rows = rows_of(
        verdicts,
        columns,
        exchange=lambda verdict: exchanges.get(verdict.account),
        generic=lambda verdict: verdict.account in generic,
        age_seconds=lambda verdict: verdict.age,
        ttl_seconds=lambda verdict: verdict.ttl,
    )
    return Listing(title="", columns=columns, rows=rows, as_of=now)


def _status_row(account: str, own: Mapping[DataType, Freshness]) -> dict[str, object]:
    shown: dict[str, object] = {
        str(kind): _status_cell(own[kind]) if kind in own else None for kind in DataType
    }
    errors = distinct_causes(verdict.error for verdict in own.values() if verdict.error)
    return {"account": account, **shown, "error": "; ".join(errors)}


def _status_cell(verdict: Freshness) -> str | None:
    if verdict.state == State.NOT_OFFERED:
        return None
    if verdict.state == State.MISSING:
        return "failed" if verdict.error else "never"
    age = "?" if verdict.age is None else words.short_age(verdict.age)
    return (
        f"{age} stale"
        if verdict.state == State.STALE
        else f"{age} failed"
        if verdict.error
        else age
    )
