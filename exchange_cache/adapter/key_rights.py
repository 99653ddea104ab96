"""The rights of a key as an exchange states them: vocabulary for the files of the exchanges.
Nothing here sends a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from exchange_cache.adapter.paths import dig_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """What the exchange says about the key; None where it does not."""

    can_trade: bool | None = None
    can_withdraw: bool | None = None
    ip_restricted: bool | None = None
    user_id: str | None = None  # of the (sub-)account that the key belongs to
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyQuestion:
    """The implicit endpoint that describes the key, and how to read its answer; every valid key may
    call it."""

    method: str
    read: Callable[[Any], KeyRights]
    names_user: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)


def text_at(node: Any, path: str) -> str | None:
    """A number or a word as text; None where it is absent, "" or 0 (which name nobody)."""
    found = dig_or_none(node, path)
    return None if found is None or str(found) in {"", "0"} else str(found)


def flag_at(node: Any, path: str) -> bool | None:
    found = dig_or_none(node, path)
    return None if found is None else str(found).lower() in {"true", "1"}


def any_flag(node: Any, *paths: str) -> bool | None:
    """Whether one of the flags is set; None where the answer has none of them."""
    flags = [flag for path in paths if (flag := flag_at(node, path)) is not None]
    return any(flags) if flags else None
