"""The origin of a row, and single values of it: exact, or an error that names the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.clock import from_ms, to_ms
from exchange_cache.errors import BadResponse
from exchange_cache.money import to_amount
from exchange_cache.records import FillKind

Row = Mapping[str, Any]

#: Bitcoin's first block (2009-01-03): nothing that an exchange serves is older.
FIRST_MS = 1_230_940_800_000
#: By how much an exchange's clock may be ahead of this machine's.
CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The origin of rows: what a record needs besides the row itself."""

    account: str
    exchange: str
    category: str
    scope: str
    fetched_at: datetime
    wallet: str = ""
    fill_kind: FillKind = FillKind.TRADE
    contract_amounts: str = "contracts"  # see ExchangePolicy

    def instant(self, ms: int, field: str, row: Any) -> datetime:
        """Milliseconds as a time; BadResponse for one before the first trade of bitcoin or in the
        future."""
        if not FIRST_MS <= ms <= to_ms(self.fetched_at + CLOCKS_DIFFER):
            raise self.bad(f"has an impossible time in {field}: {str(ms)[:40]} ms", row)
        return from_ms(ms)

    def bad(self, what: str, row: Any) -> BadResponse:
        """The error for a row that cannot be translated; names the row's id when it has one."""
        name = next(
            (
                str(row[key])
                for key in ("id", "order", "symbol", "currency")
                if isinstance(row, Mapping) and row.get(key)
            ),
            "?",
        )
        return BadResponse(f"{self.exchange} {self.scope}: row {name} {what}", account=self.account)


# --- one value of a row ---------------------------------------------------------------------------


def number(origin: Origin, row: Row, field: str) -> Decimal | None:
    """The exact number in a field; None when it is absent or empty; BadResponse when it is no
    number."""
    value = row.get(field)
    if value is None or value == "":
        return None
    try:
        return to_amount(str(value) if isinstance(value, float) else value)
    except ValueError as error:
        raise origin.bad(f"has no number in {field!r}: {value!r}", row) from error


def required_number(origin: Origin, row: Row, field: str) -> Decimal:
    """Like :func:`number`, absent being an error."""
    value = number(origin, row, field)
    if value is None:
        raise origin.bad(f"has no {field}", row)
    return value


def positive(value: Decimal | None) -> Decimal | None:
    """Exchanges write zero for "there is none" (no price, no average): None then."""
    return value if value is not None and value > 0 else None


def text(row: Row, field: str) -> str | None:
    """The text in a field; None when it is absent or empty; ValueError when something else than a
    text or number is there."""
    value = row.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise ValueError(f"no text in {field!r}: {value!r}")
    return None if value is None or value == "" else str(value)


def text_or_empty(row: Row, field: str) -> str:
    """Like :func:`text`, empty when it is absent: for words that choose among meanings."""
    return text(row, field) or ""


def whole_texts(node: Any) -> Any:
    """A JSON value in which U+FFFD stands for every half of a pair of surrogates, and for NUL,
    which a server cannot store."""
    if isinstance(node, str):
        whole = node.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return whole.replace("\0", "\ufffd")
    if isinstance(node, dict):
        return {whole_texts(name): whole_texts(value) for name, value in node.items()}
    return [whole_texts(value) for value in node] if isinstance(node, list) else node


def required_text(origin: Origin, row: Row, field: str) -> str:
    """Like :func:`text`, absent being an error."""
    value = text(row, field)
    if value is None:
        raise origin.bad(f"has no {field}", row)
    return value


def moment(origin: Origin, row: Row, field: str = "timestamp") -> datetime:
    """The time in a field (milliseconds); a ledger row without its time is an error."""
    found = moment_or_none(origin, row, field)
    if found is None:
        raise origin.bad(f"has no {field}", row)
    return found


def moment_or_none(origin: Origin, row: Row, field: str) -> datetime | None:
    """The time in a field (milliseconds); None when it is absent, or not after 1970 (what exchanges
    write for "none")."""
    value = number(origin, row, field)
    return None if value is None or value <= 0 else origin.instant(int(value), field, row)
