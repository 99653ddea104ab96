"""What a snapshot stores of a reading, by name and compactly: one is taken every hour and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from exchange_cache.cache.codec import Codec, Row
from exchange_cache.money import ZERO
from exchange_cache.value.reading import PositionReading, WalletShare

_WALLET = Codec(WalletShare)
_POSITION = Codec(PositionReading)
#: The field of a position that snapshots omit.
_NOT_KEPT = "as_of_ms"


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
