"""Access to Binance: what its errors mean, the rights of a key, the weights of requests, and what
is not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter.allowances import Allowance, Limits
from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights, any_flag, flag_at
from exchange_cache.errors import (
    ClockSkew,
    ExchangeFault,
    KeyRefused,
    NotOffered,
    OutOfRetention,
    RateLimited,
    RequestRefused,
    SymbolUnknown,
)

#: Source where no other is named: the ``exceptions`` table of ccxt.
CODES: Mapping[str, type[ExchangeFault]] = {
    "-1003": RateLimited,
    "-1021": ClockSkew,
    "-1022": KeyRefused,
    "-1121": SymbolUnknown,
    "-1127": RequestRefused,
    "-2014": KeyRefused,
    "-3003": NotOffered,  # no margin account
    "-4166": OutOfRetention,
    "-11001": SymbolUnknown,  # the pair has no isolated margin account
}

#: developers.binance.com, "Error codes": -2015 REJECTED_MBX_KEY "Invalid API-key, IP, or
#: permissions for action", -1002 UNAUTHORIZED "You are not authorized to execute this request".
AMBIGUOUS = frozenset({"-2015", "-1002"})

#: developers.binance.com, "LIMITS".
ALLOWANCES = (
    Allowance(
        header="x-mbx-used-weight-1m",
        a_minute={"api": 6000, "fapi": 2400, "dapi": 2400, "papi": 6000},
    ),
    Allowance(header="x-sapi-used-ip-weight-1m", a_minute={"sapi": 12_000}),
    Allowance(
        header="x-sapi-used-uid-weight-1m",
        a_minute={"sapi": 180_000},
        suffix="-uid",
        per_account=True,
    ),
)
#: All of them count by address, but for the weight of users; the one expensive read, fiat/orders,
#: has a weight of users.
LIMITS = Limits(
    dear_per_account=True,
    apart=("sapi", "fapi", "dapi", "eapi", "papi"),
    at_once=3,
    source="https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits",
)

_TRADING = (
    "enableSpotAndMarginTrading",
    "enableFutures",
    "enableVanillaOptions",
    "enableMargin",
    "enablePortfolioMarginTrading",
)


def _rights(answer: Any) -> KeyRights:
    return KeyRights(
        can_trade=any_flag(answer, *_TRADING),
        can_withdraw=any_flag(answer, "enableWithdrawals"),
        ip_restricted=flag_at(answer, "ipRestrict"),
    )


KEY_QUESTION = KeyQuestion(method="sapiGetAccountApiRestrictions", read=_rights)

# what exists: developers.binance.com: Portfolio Margin, Options, Crypto Loan, VIP Loan, Copy
# Trading, Dual Investment, C2C, Pay, Mining, Rebate, Gift Card
NOT_READ = (
    "portfolio margin accounts",
    "options",
    "sub-accounts",
    "crypto loans and VIP loans",
    "copy trading",
    "trading bots",
    "dual investment and other structured products",
    "on-chain yields and SOL staking",
    "P2P orders",
    "Binance Pay and gift cards",
    "mining",
    "exchanges of small margin debts",
    "rebates",
)
