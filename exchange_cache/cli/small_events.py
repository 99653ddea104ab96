"""Sums up consecutive small events of ``explain`` for a screen."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

#: The kind of a row that sums up several small events.
SMALL_EVENTS = "small"
_SMALL = {"funding", "reward", "interest", "airdrop", "fee", "insurance", SMALL_EVENTS}


def condensed_rows(rows: Sequence[dict[str, object]]) -> tuple[list[dict[str, object]], int]:
    """Rows for a screen, and how many were summed up: consecutive funding, rewards and fees."""
    shown: list[dict[str, object]] = []
    kinds: list[list[str]] = []
    for row in rows:
        if kinds and _is_small(row) and _is_small(shown[-1]):
            kinds[-1].append(_kind(row))
            last = shown[-1]
            account = row["account"] if row["account"] == last["account"] else "several"
            added = _plus(last["quantity"], row["quantity"])
            shown[-1] = {
                **row,
                "account": account,
                "quantity": added,
                "event": SMALL_EVENTS,
                "note": "",
            }
        else:
            shown.append(row)
            kinds.append([_kind(row)])
    lines = [
        row if len(own) == 1 else {**row, "event": f"{len(own):,} x {_listed(own)}"}
        for row, own in zip(shown, kinds, strict=True)
    ]
    return lines, sum(len(own) for own in kinds if len(own) > 1)


def _listed(kinds: Sequence[str]) -> str:
    return ", ".join(sorted(set(kinds)))


def _is_small(row: dict[str, object]) -> bool:
    return _kind(row) in _SMALL


def _kind(row: dict[str, object]) -> str:
    return str(row["event"]).split(" ")[0]


def _plus(one: object, other: object) -> Decimal | None:
    return one + other if isinstance(one, Decimal) and isinstance(other, Decimal) else None
