"""The events behind an average entry price as rows: all of them, or condensed for a screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from exchange_cache.cost.basis import BasisStep
from exchange_cache.ledger.rates import priced_by
from exchange_cache.money import to_text

#: The kind of a row that sums up several small events.
SMALL_EVENTS = "small"
_SMALL = {"funding", "reward", "interest", "airdrop", "fee", "insurance", SMALL_EVENTS}


def event_rows(steps: Sequence[BasisStep]) -> Iterator[dict[str, object]]:
    """A row for each step of an average, its columns as in ``explain``."""
    for step in steps:
        fees = ", ".join(f"fee {to_text(fee.amount)} {fee.asset}" for fee in step.fees)
        where = f" {step.symbol}" if step.symbol else ""
        yield {
            "time": step.time,
            "event": f"{step.kind}{where}",
            "account": step.account,
            "quantity": step.quantity_delta,
            "price": step.price,
            "held": step.held_after,
            "unknown": step.unknown_after,
            "cost_held": step.cost_after,
            "average": step.average_after,
            "priced_by": priced_by(step.resolution),
            "note": "; ".join(
                part
                for part in (fees, step.note, f"id {step.source_id}" if step.source_id else "")
                if part
            ),
        }


def condensed(rows: Sequence[dict[str, object]]) -> tuple[list[dict[str, object]], int]:
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
