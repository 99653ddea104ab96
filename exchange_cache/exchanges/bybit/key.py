"""Bybit's error codes, and the rights of a key."""

from __future__ import annotations

from typing import Any

from exchange_cache.adapter.allowances import Limits
from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights, text_at
from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.errors import (
    Banned,
    ClockSkew,
    ExchangeUnavailable,
    KeyRefused,
    NotOffered,
    PermissionMissing,
    RateLimited,
    SymbolUnknown,
)

#: https://bybit-exchange.github.io/docs/v5/error
CODES = {
    "10003": KeyRefused,  # API key is invalid
    "10004": KeyRefused,  # error sign
    "10005": PermissionMissing,  # permission denied, please check your API key permissions
    "10007": KeyRefused,  # user authentication failed
    "10010": KeyRefused,  # unmatched IP
    "33004": KeyRefused,  # expired
    # not available to the user for regulatory reasons, which says nothing about the key; ccxt
    # classes it as a missing right
    "10024": NotOffered,
    "10002": ClockSkew,
    "10006": RateLimited,
    "10016": ExchangeUnavailable,
    "10018": Banned,
    "10017": NotOffered,  # no such path (on a regional site)
    "10020": NotOffered,  # the account is no unified one
    "10028": NotOffered,  # only unified accounts may ask
    "100028": NotOffered,  # the other way round
    "10029": SymbolUnknown,
}

LIMITS = Limits(
    signed_per_account=True,
    at_once=4,
    requests=600,
    seconds=5.0,
    source="https://bybit-exchange.github.io/docs/v5/rate-limit",
)

_TRADES = ("ContractTrade", "Spot", "Options", "Derivatives", "BlockTrade", "CopyTrading")


def rights(answer: Any) -> KeyRights:
    """Source: https://bybit-exchange.github.io/docs/v5/user/apikey-info"""
    permissions = dig_or_none(answer, "result.permissions") or {}
    read_only = str(dig_or_none(answer, "result.readOnly")) == "1"
    addresses = dig_or_none(answer, "result.ips")
    return KeyRights(
        can_trade=any(permissions.get(name) for name in _TRADES) and not read_only,
        can_withdraw="Withdraw" in (permissions.get("Wallet") or []) and not read_only,
        ip_restricted=None if addresses is None else bool(addresses) and "*" not in addresses,
        user_id=text_at(answer, "result.userID"),
    )


KEY_QUESTION = KeyQuestion(method="privateGetV5UserQueryApi", read=rights, names_user=True)

# what exists: bybit-exchange.github.io/docs/v5: Crypto Loan, Institutional Loan, P2P, Earn,
# Affiliate, Sub UID
NOT_READ = (
    "sub-accounts",
    "crypto loans and institutional loans, beyond their moves",
    "copy trading",
    "trading bots",
    "Dual Asset and other structured products",
    "P2P orders",
    "rebates of affiliates and brokers",
    "prediction markets and Alpha trades",
)
