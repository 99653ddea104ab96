"""Between the domain's AssetBasis and its row: the figures people query in columns, all others in
one JSON column, exactly."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.money import to_text, to_text_or_none

Row = dict[str, Any]

_COLUMNS = {
    "quantity",
    "explained_quantity",
    "unknown_quantity",
    "cost",
    "average_entry_price",
    "realised_pnl",
}
_MONEY = {
    item.name for item in fields(AssetBasis) if str(item.type).startswith("Decimal")
} - _COLUMNS


def basis_row(basis: AssetBasis, reporting_asset: str, computed_ms: int) -> Row:
    details: dict[str, Any] = {
        name: to_text_or_none(getattr(basis, name)) for name in sorted(_MONEY)
    }
    details["unknown_reasons"] = list(basis.unknown_reasons)
    details["fills_count"] = basis.fills_count
    details["first_event"] = basis.first_event.isoformat() if basis.first_event else None
    details["last_event"] = basis.last_event.isoformat() if basis.last_event else None
    details["inputs_sha256"] = basis.inputs_sha256
    details["realised_by_day"] = [
        [day.isoformat(), to_text(value)] for day, value in basis.realised_by_day
    ]
    return {
        "account": basis.account or "",
        "asset": basis.asset,
        "method": str(basis.method),
        "reporting_asset": reporting_asset,
        "quantity": to_text(basis.quantity),
        "explained_quantity": to_text(basis.explained_quantity),
        "unknown_quantity": to_text(basis.unknown_quantity),
        "cost": to_text(basis.cost),
        "average": to_text_or_none(basis.average_entry_price),
        "realised_pnl": to_text_or_none(basis.realised_pnl),
        "details": json.dumps(details, separators=(",", ":")),
        "computed_ms": computed_ms,
    }


def to_basis(row: tuple[Any, ...]) -> AssetBasis:
    details = json.loads(row[10])
    money = {name: _number(details[name]) for name in _MONEY}
    return AssetBasis(
        account=row[0] or None,
        asset=row[1],
        method=Method(row[2]),
        quantity=Decimal(row[4]),
        explained_quantity=Decimal(row[5]),
        unknown_quantity=Decimal(row[6]),
        cost=Decimal(row[7]),
        average_entry_price=_number(row[8]),
        realised_pnl=_number(row[9]),
        unknown_reasons=tuple(details["unknown_reasons"]),
        fills_count=details["fills_count"],
        first_event=_time(details["first_event"]),
        last_event=_time(details["last_event"]),
        inputs_sha256=details["inputs_sha256"],
        realised_by_day=tuple(
            (date.fromisoformat(day), Decimal(value)) for day, value in details["realised_by_day"]
        ),
        **money,  # type: ignore[arg-type]
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
