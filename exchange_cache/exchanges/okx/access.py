"""Access to OKX: what its errors mean, the rights of a key, and what is not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights, text_at
from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.errors import ClockSkew, ExchangeFault, KeyRefused, PermissionMissing

#: okx.com/docs-v5, "Error code", class 50.
CODES: Mapping[str, type[ExchangeFault]] = {
    "50102": ClockSkew,
    "50110": KeyRefused,  # the IP address is not on the key's list
    "50111": KeyRefused,
    "50119": KeyRefused,  # API key doesn't exist
    "50120": PermissionMissing,  # this API key doesn't have permission to use this function
}


def _rights(answer: Any) -> KeyRights:
    """Source: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration"""
    permissions = str(dig_or_none(answer, "data.0.perm") or "")
    addresses = dig_or_none(answer, "data.0.ip")
    return KeyRights(
        can_trade="trade" in permissions.split(",") if permissions else None,
        can_withdraw="withdraw" in permissions.split(",") if permissions else None,
        ip_restricted=None if addresses is None else bool(addresses),
        user_id=text_at(answer, "data.0.uid"),
    )


KEY_QUESTION = KeyQuestion(method="privateGetAccountConfig", read=_rights, names_user=True)

# what exists: okx.com/docs-v5: Sub-account, Grid/Signal bot/Recurring buy/Copy trading, Spread
# and Block trading, Flexible/Fixed/VIP loan, Financial product, Affiliate
NOT_READ = (
    "sub-accounts",
    "assets, debts and margin of isolated margin positions (their unrealised result is read)",
    "trading bots and recurring buys",
    "copy trading",
    "spread and block trades",
    "flexible, fixed and VIP loans",
    "dual investment and other structured products",
    "event contracts",
    "P2P orders",
    "rebates of affiliates and brokers",
)
