"""KuCoin's error codes, and the rights of a key."""

from __future__ import annotations

from typing import Any

from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights, text_at
from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.errors import KeyRefused, PermissionMissing, SymbolUnknown

#: kucoin.com/docs, "Error code".
CODES = {
    "400003": KeyRefused,  # the key does not exist
    "400004": KeyRefused,  # passphrase
    "400005": KeyRefused,  # signature
    "400006": KeyRefused,  # IP address
    "400007": PermissionMissing,  # access denied, more permissions required
    "900001": SymbolUnknown,
}

_TRADES = frozenset({"spot", "futures", "margin", "trade", "unified"})
_WITHDRAWS = frozenset({"withdrawal", "withdraw", "transfer"})


def rights(answer: Any) -> KeyRights:
    """Source: https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info"""
    permissions = str(dig_or_none(answer, "data.permission") or "").lower()
    names = {name.strip() for name in permissions.split(",") if name.strip()}
    return KeyRights(
        can_trade=bool(names & _TRADES) if names else None,
        can_withdraw=bool(names & _WITHDRAWS) if names else None,
        ip_restricted=bool(dig_or_none(answer, "data.ipWhitelist")),
        user_id=text_at(answer, "data.uid"),
    )


KEY_QUESTION = KeyQuestion(method="privateGetUserApiKey", read=rights, names_user=True)
