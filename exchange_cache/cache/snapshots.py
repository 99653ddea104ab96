"""What a snapshot stores of a reading: by name, compactly, and compressed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from exchange_cache.cache.codec import Codec, Row
from exchange_cache.money import ZERO
from exchange_cache.value.reading import PositionReading, WalletShare

_WALLET = Codec(WalletShare)
_POSITION = Codec(PositionReading)
#: The field of a position that snapshots omit.
_NOT_KEPT = "as_of_ms"
#: The states in which snapshots report a part of a reading as incomplete.
INCOMPLETE = ("missing", "failed", "stale")
_DAY_MS = 86_400_000


def packed_details(details: Mapping[str, Any]) -> bytes:
    """Details as zlib-compressed JSON, a fifth to an eighth of its length."""
    return zlib.compress(json.dumps(details, separators=(",", ":")).encode())


def details_of(text: str, packed: bytes | None) -> Mapping[str, Any]:
    """The details of a row; earlier versions stored them uncompressed, as ``text``."""
    return upgraded(json.loads(text if packed is None else zlib.decompress(packed)))


def gaps_of(details: Mapping[str, Any]) -> tuple[str, ...]:
    """What was missing, failed or stale, each part once."""
    return tuple(dict.fromkeys(name for word in INCOMPLETE for name in details.get(word, ())))


def gaps_text(details: Mapping[str, Any]) -> str:
    """The gaps as their column holds them."""
    return json.dumps(gaps_of(details), separators=(",", ":"))


class Taken(NamedTuple):
    """What decides whether a snapshot is kept."""

    id: int
    reporting_asset: str
    taken_ms: int
    complete: bool


def thinned_before(now: datetime, keep: timedelta) -> datetime:
    """The midnight (UTC) before which snapshots are thinned: only whole days are."""
    return (now - keep).replace(hour=0, minute=0, second=0, microsecond=0)


def surplus(taken: Iterable[Taken]) -> tuple[int, ...]:
    """The ids of those that thinning deletes, oldest first.

    Of each day (UTC) and reporting asset, the last one is kept, and the last complete one.
    """
    kept: set[tuple[str, int, bool]] = set()
    found: list[int] = []
    for one in sorted(taken, key=lambda each: (each.taken_ms, each.id), reverse=True):
        last = (one.reporting_asset, one.taken_ms // _DAY_MS, False)
        complete = (*last[:2], True)
        if last not in kept:
            kept.add(last)
        elif not one.complete or complete in kept:
            found.append(one.id)
        if one.complete:
            kept.add(complete)
    return tuple(reversed(found))


def kept_wallet(share: WalletShare) -> Row:
    """A wallet's share; ``free`` and ``used`` only if part of it is not free."""
    row = {name: value for name, value in _WALLET.encode(share).items() if value is not None}
    if share.free is not None and not share.used:
        row.pop("free")
        row.pop("used", None)
    elif share.free is None:
        row["free"] = None  # unknown; without the key, everything would count as free
    if not share.earn:
        del row["earn"]
    return row


def wallet_of(row: Mapping[str, Any]) -> WalletShare:
    if "free" not in row and "used" not in row:
        row = {**row, "free": row["total"], "used": str(ZERO)}
    return _WALLET.decode([row.get(name) for name in _WALLET.names])


def kept_position(own: PositionReading) -> Row:
    row = _POSITION.encode(own)
    return {name: row[name] for name in row if row[name] is not None and name != _NOT_KEPT}


def position_of(row: Mapping[str, Any]) -> PositionReading:
    return _POSITION.decode([row.get(name) for name in _POSITION.names])


# --- snapshots of earlier versions ----------------------------------------------------------------

_OLD_TOTALS = ("realised_pnl", "unrealised_pnl", "change_24h", "change_24h_value")
_OLD_FIGURES = (
    "price",
    "explained_quantity",
    "cost",
    "realised_pnl",
    "change_24h",
    "fees_paid",
)
_OLD_WORDS = ("account", "wallet", "category", "symbol", "side", "settle_asset", "margin_mode")
_OLD_POSITION = (
    "contracts",
    "contract_size",
    "base_quantity",
    "entry_price",
    "mark_price",
    "notional",
    "unrealised_pnl",
    "leverage",
    "liquidation_price",
    "margin",
)
_OLD_OWN = ("unrealised_value", "unrealised_fraction", "liquidation_distance")


def upgraded(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """The details of a snapshot by name; earlier versions stored lists of values."""
    if not isinstance(details.get("totals"), list):
        return details
    return {
        **details,
        "totals": _named(_OLD_TOTALS, details["totals"]),
        "holdings": [_named_holding(row) for row in details["holdings"]],
        "positions": [_named_position(*row) for row in details["positions"]],
    }


def _named(names: Sequence[str], values: Sequence[Any]) -> Row:
    return {
        name: value for name, value in zip(names, values, strict=True) if value not in ("", None)
    }


def _named_holding(row: Mapping[str, Any]) -> Row:
    figures = _named(_OLD_FIGURES, row["figures"])
    return {**row, "figures": figures, "wallets": [_named_wallet(*one) for one in row["wallets"]]}


def _named_wallet(
    account: str, wallet: str, code: str | list[str], total: str, fetched_ms: int, *parts: Any
) -> Row:
    """A code inside a list marks a wallet that is not earn."""
    earn = isinstance(code, str)
    row = {"account": account, "wallet": wallet, "code": code if earn else code[0], "earn": earn}
    split = dict(zip(("free", "used"), parts, strict=True)) if parts else {}
    return {**row, "total": total, "fetched_ms": fetched_ms, **split}


def _named_position(
    words: list[str | None],
    figures: list[str],
    fetched_ms: int,
    own: list[str],
    flags: tuple[bool, bool],
) -> Row:
    in_wallet, stale = flags
    return {
        **_named(_OLD_WORDS, words),
        **_named(_OLD_POSITION, figures),
        **_named(_OLD_OWN, own),
        "fetched_ms": fetched_ms,
        "in_wallet": in_wallet,
        "stale": stale,
    }
