"""Facts of single exchanges that still wait to move into their policies: ``policy_for`` completes a
policy with the entries of its family, where the policy itself states nothing.

Move an entry into the policy (``codes``, ``words``, ``ambiguous``, ``key_question``, ``trades``,
``allowances``) and delete it here; this module goes with its last entry. Where no
other source is named, the meaning of a code is the one that the ``exceptions`` table of the
installed ccxt quotes from the exchange's documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights, any_flag, flag_at, text_at
from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.adapter.policy import Allowance, ExchangePolicy, WalletPolicy
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
    RequestRefused,
    SymbolUnknown,
)

Meanings = Mapping[str, type[ExchangeFault]]

#: Family -> the exchange's own error code -> what it means.
CODES: Mapping[str, Meanings] = {
    "binance": {
        # developers.binance.com, "Error codes": -2015 REJECTED_MBX_KEY "Invalid API-key, IP, or
        # permissions for action"
        "-2014": KeyRefused,
        "-1022": KeyRefused,
        "-1003": RateLimited,
        "-1021": ClockSkew,
        "-1121": SymbolUnknown,
        "-1127": RequestRefused,
        "-4166": OutOfRetention,
        "-3003": NotOffered,  # no margin account
        "-11001": SymbolUnknown,  # the pair has no isolated margin account
    },
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
    "okx": {
        # okx.com/docs-v5, "Error code", class 50
        "50110": KeyRefused,  # the IP address is not on the key's list
        "50111": KeyRefused,
        "50119": KeyRefused,  # API key doesn't exist
        "50120": PermissionMissing,  # this API key doesn't have permission to use this function
        "50102": ClockSkew,
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
}

#: Family -> words of an error -> what they mean.
WORDS: Mapping[str, Meanings] = {
    "kraken": {
        # docs.kraken.com, "Error messages" and "API keys": too few permissions cause
        # EGeneral:Permission denied
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
    },
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
    "bitstamp": {
        "No permission found": PermissionMissing,
        "IP address not allowed": KeyRefused,
    },
}

#: One code for a wrong key, a foreign IP address and a missing right. -1002 is UNAUTHORIZED "You
#: are not authorized to execute this request".
AMBIGUOUS: Mapping[str, frozenset[str]] = {"binance": frozenset({"-2015", "-1002"})}

#: developers.binance.com, "LIMITS".
ALLOWANCES: Mapping[str, tuple[Allowance, ...]] = {
    "binance": (
        Allowance(
            header="x-mbx-used-weight-1m",
            a_minute={"api": 6000, "fapi": 2400, "dapi": 2400, "papi": 6000},
        ),
        Allowance(header="x-sapi-used-ip-weight-1m", a_minute={"sapi": 12_000}),
        Allowance(header="x-sapi-used-uid-weight-1m", a_minute={"sapi": 180_000}, suffix="-uid"),
    )
}

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
        ambiguous=policy.ambiguous or AMBIGUOUS.get(name, frozenset()),
        key_question=policy.key_question or QUESTIONS.get(name),
        allowances=policy.allowances or ALLOWANCES.get(name, ()),
    )


def _with_trades(wallet: WalletPolicy) -> WalletPolicy:
    named = TRADED.get(wallet.name.partition("-")[0], frozenset())
    return replace(wallet, trades=wallet.trades or named)


# --- what exchanges say about a key ---------------------------------------------------------------


def _binance(answer: Any) -> KeyRights:
    trades = (
        "enableSpotAndMarginTrading",
        "enableFutures",
        "enableVanillaOptions",
        "enableMargin",
        "enablePortfolioMarginTrading",
    )
    return KeyRights(
        can_trade=any_flag(answer, *trades),
        can_withdraw=any_flag(answer, "enableWithdrawals"),
        ip_restricted=flag_at(answer, "ipRestrict"),
    )


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


def _kraken(answer: Any) -> KeyRights:
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


def _okx(answer: Any) -> KeyRights:
    permissions = str(dig_or_none(answer, "data.0.perm") or "")
    addresses = dig_or_none(answer, "data.0.ip")
    return KeyRights(
        can_trade="trade" in permissions.split(",") if permissions else None,
        can_withdraw="withdraw" in permissions.split(",") if permissions else None,
        ip_restricted=None if addresses is None else bool(addresses),
        # https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration
        user_id=text_at(answer, "data.0.uid"),
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
    "binance": KeyQuestion(method="sapiGetAccountApiRestrictions", read=_binance),
    "bybit": KeyQuestion(method="privateGetV5UserQueryApi", read=_bybit, names_user=True),
    "kraken": KeyQuestion(method="privatePostGetApiKeyInfo", read=_kraken),
    "okx": KeyQuestion(method="privateGetAccountConfig", read=_okx, names_user=True),
    "coinbase": KeyQuestion(
        method="v3PrivateGetBrokerageKeyPermissions", read=_coinbase, names_user=True
    ),
    "kucoin": KeyQuestion(method="privateGetUserApiKey", read=_kucoin, names_user=True),
}
