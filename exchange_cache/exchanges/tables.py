"""Facts of single exchanges that still wait to move into their policies: ``policy_for`` completes a
policy with the entries of its family, where the policy itself states nothing.

Move an entry into the policy (``codes``, ``words``, ``ambiguous``, ``key_question``, ``trades``,
``allowances``, ``address_only``) and delete it here; this module goes with its last entry. Where no
other source is named, the meaning of a code is the one that the ``exceptions`` table of the
installed ccxt quotes from the exchange's documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights, flag_at, text_at
from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.adapter.policy import ExchangePolicy, WalletPolicy
from exchange_cache.errors import (
    Banned,
    ClockSkew,
    ExchangeFault,
    ExchangeUnavailable,
    KeyRefused,
    NotOffered,
    OutOfRetention,
    PermissionMissing,
    RateLimited,
    SymbolUnknown,
)

Meanings = Mapping[str, type[ExchangeFault]]

#: Family -> the exchange's own error code -> what it means.
CODES: Mapping[str, Meanings] = {
    "bybit": {
        # bybit-exchange.github.io/docs/v5/error
        "10003": KeyRefused,  # API key is invalid
        "10004": KeyRefused,  # error sign
        "10005": PermissionMissing,  # permission denied, please check your API key permissions
        "10007": KeyRefused,  # user authentication failed
        "10010": KeyRefused,  # unmatched IP
        "33004": KeyRefused,  # expired
        # not available to the user for regulatory reasons: no word of the key, but ccxt's class for
        # it is that of a missing right
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
    },
    "kucoin": {
        # kucoin.com/docs, "Error code": 400003 key not exists, 400004 passphrase, 400005 signature,
        # 400006 IP
        "400003": KeyRefused,
        "400004": KeyRefused,
        "400005": KeyRefused,
        "400006": KeyRefused,
        "400007": PermissionMissing,  # access denied, require more permission
        "900001": SymbolUnknown,
    },
    "coinbase": {
        # docs.cdp.coinbase.com, v2 "Error messages" (invalid_scope) and Advanced Trade (gRPC's
        # PERMISSION_DENIED)
        "PERMISSION_DENIED": PermissionMissing,
    },
    "bitget": {
        # bitget.com/api-doc/common/error-code
        "40012": KeyRefused,  # apikey or password is incorrect
        "40014": PermissionMissing,  # incorrect permissions
        "40018": KeyRefused,  # invalid IP
        "43111": OutOfRetention,
        "40084": NotOffered,  # the endpoint of a classic account, asked of a unified one
        "40085": NotOffered,  # the other way round
    },
    "gate": {
        # gate.com/docs/developers/apiv4, "Label list"
        "FORBIDDEN": PermissionMissing,
        "IP_FORBIDDEN": KeyRefused,
        "USER_NOT_FOUND": NotOffered,  # the product was never opened
    },
    "mexc": {
        # spot "Error codes", and those of the contract API
        "700006": KeyRefused,  # IP non white list
        "700007": PermissionMissing,  # no permission to access the endpoint
        "406": KeyRefused,  # the IP address is not in the whitelist
        "511": PermissionMissing,  # you do not have access to the interface
        "701": PermissionMissing,  # please enable API key read access
        "703": PermissionMissing,  # trading information read access is required
    },
    "cryptocom": {
        # 10002 UNAUTHORIZED (key or signature), 10003 IP_ILLEGAL; no code for a missing right
        "10002": KeyRefused,
        "10003": KeyRefused,
    },
    "deribit": {
        # docs.deribit.com, "RPC error codes": 13009 also says "check scope of the token", so it
        # decides nothing
        "13021": PermissionMissing,  # forbidden: not enough permissions to execute the request
    },
    "bitvavo": {
        # docs.bitvavo.com, "Errors"
        "307": KeyRefused,  # this key does not allow access from this IP
        "311": PermissionMissing,  # this key does not allow showing account information
    },
    "bingx": {
        "100004": PermissionMissing,  # the API key was created without the permission
        "100413": KeyRefused,
        "100419": KeyRefused,  # IP does not match IP whitelist
    },
}

#: Family -> words of an error -> what they mean.
WORDS: Mapping[str, Meanings] = {
    "coinbase": {
        "issing required scopes": PermissionMissing,
        "invalid_scope": PermissionMissing,
    },
    "htx": {
        # {"err-code":"api-signature-not-valid","err-msg":"Signature not valid: API key has no
        # permission [...]"}
        "API key has no permission": PermissionMissing,
    },
    "bitfinex": {
        # ["error", 10001, "api_key: permission invalid (#10001)"], ["error", 10100, "apikey:
        # invalid"]
        "(#10001)": PermissionMissing,
        "apikey: invalid": KeyRefused,
    },
    "gemini": {
        # docs.gemini.com, "Error codes", MissingRole: "... to assign one of these roles [...] to
        # API key ..."; ccxt drops the reason
        "assign one of these roles": PermissionMissing,
    },
    "bitstamp": {
        "No permission found": PermissionMissing,
        "IP address not allowed": KeyRefused,
    },
    "phemex": {
        "401 Insufficient privilege": PermissionMissing,
        "401 Request IP mismatch": KeyRefused,
    },
}

#: ccxt signs something on its own as soon as it holds the wallet's private key.
ADDRESS_ONLY = frozenset({"hyperliquid"})

#: What is traded in a wallet, by its name up to a dash.
TRADED: Mapping[str, frozenset[str]] = {
    "spot": frozenset({"spot"}),
    "trade": frozenset({"spot"}),
    "trade_hf": frozenset({"spot"}),
    "margin": frozenset({"margin"}),
    "linear": frozenset({"linear"}),
    "inverse": frozenset({"inverse"}),
    "swap": frozenset({"linear", "inverse", "option"}),
    "futures": frozenset({"linear", "inverse", "option"}),
    "trading": frozenset({"spot", "margin", "linear", "inverse", "option"}),
    "unified": frozenset({"spot", "margin", "linear", "inverse", "option"}),
}


def with_tables(policy: ExchangePolicy) -> ExchangePolicy:
    """The policy with what the tables say of its exchange, where it states nothing itself."""
    name = policy.exchange
    return replace(
        policy,
        wallets=tuple(_with_trades(wallet) for wallet in policy.wallets),
        codes=policy.codes or CODES.get(name, {}),
        words=policy.words or WORDS.get(name, {}),
        key_question=policy.key_question or QUESTIONS.get(name),
        address_only=policy.address_only or name in ADDRESS_ONLY,
    )


def _with_trades(wallet: WalletPolicy) -> WalletPolicy:
    named = TRADED.get(wallet.name.partition("-")[0], frozenset())
    return replace(wallet, trades=wallet.trades or named)


# --- what exchanges say about a key ---------------------------------------------------------------


def _bybit(answer: Any) -> KeyRights:
    permissions = dig_or_none(answer, "result.permissions") or {}
    read_only = str(dig_or_none(answer, "result.readOnly")) == "1"
    trades = any(
        permissions.get(name)
        for name in ("ContractTrade", "Spot", "Options", "Derivatives", "BlockTrade", "CopyTrading")
    )
    addresses = dig_or_none(answer, "result.ips")
    return KeyRights(
        can_trade=trades and not read_only,
        can_withdraw="Withdraw" in (permissions.get("Wallet") or []) and not read_only,
        ip_restricted=None if addresses is None else bool(addresses) and "*" not in addresses,
        # https://bybit-exchange.github.io/docs/v5/user/apikey-info
        user_id=text_at(answer, "result.userID"),
    )


def _coinbase(answer: Any) -> KeyRights:
    return KeyRights(
        can_trade=flag_at(answer, "can_trade"),
        can_withdraw=flag_at(answer, "can_transfer"),
        # A key reads one portfolio, so two portfolios of one person are two accounts:
        # https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/data-api/get-api-key-permissions
        user_id=text_at(answer, "portfolio_uuid"),
    )


def _kucoin(answer: Any) -> KeyRights:
    permissions = str(dig_or_none(answer, "data.permission") or "").lower()
    names = {name.strip() for name in permissions.split(",") if name.strip()}
    return KeyRights(
        can_trade=bool(names & {"spot", "futures", "margin", "trade", "unified"})
        if names
        else None,
        can_withdraw=bool(names & {"withdrawal", "withdraw", "transfer"}) if names else None,
        ip_restricted=bool(dig_or_none(answer, "data.ipWhitelist")),
        # https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info
        user_id=text_at(answer, "data.uid"),
    )


QUESTIONS: Mapping[str, KeyQuestion] = {
    "bybit": KeyQuestion(method="privateGetV5UserQueryApi", read=_bybit, names_user=True),
    "coinbase": KeyQuestion(
        method="v3PrivateGetBrokerageKeyPermissions", read=_coinbase, names_user=True
    ),
    "kucoin": KeyQuestion(method="privateGetUserApiKey", read=_kucoin, names_user=True),
}
