"""Bybit's wallets: the unified account net of what it borrowed, the funding account, and Earn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter.paths import RowsMissing, rows_of
from exchange_cache.adapter.policy import RawRows, WalletPolicy
from exchange_cache.errors import BadResponse
from exchange_cache.exchanges.verbs import amount_or_zero, column, owing
from exchange_cache.money import EXACT, ZERO, to_amount

_DOCS = "https://bybit-exchange.github.io/docs/v5"


def unified(response: Any, client: Any) -> Mapping[str, Any]:
    """The unified account: ``walletBalance`` less ``spotBorrow``, without the unrealised result.

    Since September 2025 ``walletBalance`` includes loans of spot margin trading and manual
    borrowing ("Old walletBalance = New walletBalance - spotBorrow"; equity = walletBalance -
    spotBorrow + unrealisedPnl + option value). Losses of contracts that became a debt make
    ``walletBalance`` itself negative. ``borrowAmount`` is the sum of both kinds of debt and
    contains the interest, so ``accruedInterest`` is not subtracted again. Older answers have no
    ``spotBorrow``. ``availableToWithdraw`` is deprecated: amounts bound by orders and positions are
    used, the rest is free.

    Sources: https://bybit-exchange.github.io/docs/v5/account/wallet-balance; Bybit's help centre,
    Manual Borrow in UTA Loan.
    """
    try:
        coins = [
            row for account in rows_of(response, "result.list") for row in rows_of(account, "coin?")
        ]
    except RowsMissing as error:
        raise BadResponse(f"{client.id}: {error}") from error
    return {str(client.safe_currency_code(row["coin"])): _coin(row) for row in coins}


def _coin(row: Mapping[str, Any]) -> dict[str, Any]:
    held, used = to_amount(str(row["walletBalance"])), ZERO
    for name in ("locked", "totalPositionIM", "totalOrderIM"):
        used = EXACT.add(used, amount_or_zero(row, name))
    total = EXACT.subtract(held, amount_or_zero(row, "spotBorrow"))
    return owing(total, EXACT.subtract(held, used), used, amount_or_zero(row, "borrowAmount"))


def earn(response: Any, client: Any) -> Mapping[str, Any]:
    return column(client, response, "result.list", "coin", "amount")


WALLETS = (
    WalletPolicy(
        name="unified",
        trades=frozenset({"spot", "margin", "linear", "inverse", "option"}),
        method="privateGetV5AccountWalletBalance",
        params={"accountType": "UNIFIED"},
        parser=unified,
        must_have="result.list",
        rows=(RawRows(path="result.list.*.coin.*", name="coin", figures=("walletBalance",)),),
        source=(
            f"{_DOCS}/account/wallet-balance: walletBalance less spotBorrow, which it includes,"
            " without unrealised PnL"
        ),
    ),
    WalletPolicy(
        name="funding",
        params={"type": "funding"},
        must_have="result.balance",
        rows=(RawRows(path="result.balance.*", name="coin", figures=("walletBalance",)),),
        optional=True,
        source=f"{_DOCS}/asset/balance/all-balance",
    ),
    *(
        WalletPolicy(
            name=name,
            method="privateGetV5EarnPosition",
            params={"category": category},
            parser=earn,
            rows=(RawRows(path="result.list.*", name="coin", figures=("amount",)),),
            optional=True,
            source=f"{_DOCS}/earn/position",
        )
        for name, category in (("earn", "FlexibleSaving"), ("earn-onchain", "OnChain"))
    ),
)
