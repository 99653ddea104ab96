"""Access to Kraken: what its errors mean, and the rights of a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights
from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.errors import (
    Banned,
    ClockSkew,
    ExchangeFault,
    ExchangeUnavailable,
    KeyRefused,
    PermissionMissing,
    RateLimited,
    SymbolUnknown,
)

#: docs.kraken.com, "Error messages" and "API keys".
WORDS: Mapping[str, type[ExchangeFault]] = {
    "EAPI:Invalid signature": KeyRefused,
    "EAPI:Invalid key": KeyRefused,
    "EGeneral:Permission denied": PermissionMissing,
    "EAPI:Invalid nonce": ClockSkew,
    "EGeneral:Temporary lockout": Banned,
    "EAPI:Rate limit exceeded": RateLimited,
    "EOrder:Rate limit exceeded": RateLimited,
    "EQuery:Unknown asset pair": SymbolUnknown,
    "EService:Unavailable": ExchangeUnavailable,
    "EService:Busy": ExchangeUnavailable,
    "EService:Market in cancel_only mode": ExchangeUnavailable,
}


def _rights(answer: Any) -> KeyRights:
    permissions = dig_or_none(answer, "result.permissions")
    if not isinstance(permissions, list):
        return KeyRights(notes=("kraken did not list the key's permissions",))
    names = [str(item).lower().replace("_", "-") for item in permissions]
    addresses = dig_or_none(answer, "result.ip_allowlist")
    return KeyRights(
        can_trade=any(
            "trades" in name and name.startswith(("modify", "create", "cancel", "close"))
            for name in names
        ),
        can_withdraw=any(name.startswith("withdraw") for name in names),
        ip_restricted=None if addresses is None else bool(addresses),
    )


KEY_QUESTION = KeyQuestion(method="privatePostGetApiKeyInfo", read=_rights)
