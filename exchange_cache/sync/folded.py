"""Joins the findings of an account that have one cause into one that names their assets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exchange_cache.findings import Finding


def folded(findings: Sequence[Finding]) -> Iterator[Finding]:
    """One finding per account and cause, since a missing beginning of a history concerns every
    asset."""
    groups: dict[tuple[str | None, str], list[Finding]] = {}
    for item in findings:
        groups.setdefault((item.account, item.code), []).append(item)
    for (account, code), own in groups.items():
        if len(own) == 1:
            yield own[0]
            continue
        if code not in _CAUSES:
            message = "; ".join(item.message for item in own)
            yield Finding(code=code, account=account, message=message, hint=own[0].hint)
            continue
        assets = [item.asset or "" for item in own]
        named = ", ".join(assets[:6]) + (f" and {len(assets) - 6} more" if len(assets) > 6 else "")
        yield Finding(
            code=code,
            account=account,
            message=f"{_CAUSES[code]}: {named}",
            hint=own[0].hint if code == _OVERSOLD else f"excache explain {assets[0]}",
        )


_OVERSOLD = "sold_more_than_known"
_CAUSES = {
    _OVERSOLD: (
        "more was sold than stored fills and transfers had added, so earlier history is missing"
    ),
    "no_rate": "fills without a known price at their time, so their cost is unknown",
    "fee_missing": "fills whose fee the exchange does not report",
    "fee_unvalued": "fills with a fee that has no known price, so it is not in the cost",
}
