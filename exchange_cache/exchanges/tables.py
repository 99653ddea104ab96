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

from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights, any_flag, flag_at, text_at
from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.adapter.policy import Allowance, ExchangePolicy, WalletPolicy
from exchange_cache.errors import (
    ExchangeFault,
)

Meanings = Mapping[str, type[ExchangeFault]]

#: Family -> the exchange's own error code -> what it means.
CODES: Mapping[str, Meanings] = {}

#: Family -> words of an error -> what they mean.
WORDS: Mapping[str, Meanings] = {}

#: One code for a wrong key, a foreign IP address and a missing right. -1002 is UNAUTHORIZED "You
#: are not authorized to execute this request".

#: developers.binance.com, "LIMITS".
ALLOWANCES: Mapping[str, tuple[Allowance, ...]] = {}

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

AMBIGUOUS: Mapping[str, Any] = {}


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
        address_only=policy.address_only or name in ADDRESS_ONLY,
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


QUESTIONS: Mapping[str, KeyQuestion] = {}
