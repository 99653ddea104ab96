"""KuCoin's wallets: spot and main accounts, contracts without the unrealised result, margin net of
debt, and Earn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter.policy import OnePage, RawRows, WalletPolicy
from exchange_cache.exchanges.verbs import PairSide, column, listed, netted, side
from exchange_cache.money import EXACT, to_amount, to_text

_FUNDING = "https://www.kucoin.com/docs-new/rest/account-info/account-funding"
_SIDES = ("baseAsset", "quoteAsset")


def contracts(response: Any, client: Any) -> Mapping[str, Any]:
    """One currency's futures account: equity without the unrealised result."""
    row = response["data"]
    total = EXACT.subtract(
        to_amount(str(row["accountEquity"])), to_amount(str(row.get("unrealisedPNL") or "0"))
    )
    code = str(client.safe_currency_code(row["currency"]))
    return {code: {"free": row.get("availableBalance"), "used": None, "total": to_text(total)}}


def cross(response: Any, client: Any) -> Mapping[str, Any]:
    """Cross margin (version 1): the balance contains loans, and ``liability`` is the whole debt.

    ccxt drops the liability, because the row has no interest. Source:
    https://www.kucoin.com/docs/rest/funding/funding-overview/get-account-detail-margin
    """
    rows = listed(response, "data.accounts")
    return netted(
        client,
        (side(row, "currency", "availableBalance", "holdBalance", "liability") for row in rows),
    )


def isolated(response: Any, client: Any) -> Mapping[str, Any]:
    """Isolated margin: both sides of every pair, net of debt, summed by asset."""
    pairs = listed(response, "data.assets")
    return netted(client, (_side(pair[name]) for pair in pairs for name in _SIDES))


def _side(row: Mapping[str, Any]) -> PairSide:
    """One side of an isolated pair: ``total`` contains loans.

    ``liability`` = ``liabilityPrincipal`` + ``liabilityInterest``; where neither is reported,
    interest is in a field of its own.
    """
    interest = () if "liabilityInterest" in row else ("interest",)
    return side(row, "currency", "available", "hold", "liability", *interest)


def earn(response: Any, client: Any) -> Mapping[str, Any]:
    return column(client, response, "data.items", "currency", "holdAmount")


def _spot(name: str, kind: str, hf: bool) -> WalletPolicy:
    return WalletPolicy(
        name=name,
        trades=frozenset() if name == "main" else frozenset({"spot"}),
        params={"type": kind, "hf": hf},
        must_have="data",
        rows=(RawRows(path="data.*", name="currency", figures=("balance",)),),
        optional=name != "trade",
        source=f"{_FUNDING}/get-account-list-spot",
    )


def _futures(code: str) -> WalletPolicy:
    return WalletPolicy(
        name=f"futures-{code.lower()}",
        trades=frozenset({"linear", "inverse", "option"}),
        method="futuresPrivateGetAccountOverview",
        params={"currency": {"BTC": "XBT"}.get(code, code)},
        parser=contracts,
        must_have="data",
        rows=(RawRows(path="data", name="currency", figures=("accountEquity", "unrealisedPNL")),),
        optional=True,
        source="accountEquity less unrealisedPNL, one request per currency",
    )


WALLETS = (
    _spot("trade", "trade", False),
    _spot("trade_hf", "trade", True),
    _spot("main", "main", False),
    _futures("USDT"),
    _futures("USDC"),
    _futures("BTC"),
    WalletPolicy(
        name="margin",
        trades=frozenset({"margin"}),
        method="privateGetMarginAccount",
        parser=cross,
        must_have="data.accounts",
        rows=(
            RawRows(path="data.accounts.*", name="currency", figures=("totalBalance", "liability")),
        ),
        optional=True,
        source=(
            f"{_FUNDING}/get-account-cross-margin (v1: margin/account): totalBalance contains"
            " loans; liability, the total liabilities, is deducted"
        ),
    ),
    WalletPolicy(
        name="margin-isolated",
        trades=frozenset({"margin"}),
        method="privateGetIsolatedAccounts",
        parser=isolated,
        must_have="data.assets",
        rows=tuple(
            RawRows(
                path=f"data.assets.*.{half}",
                name="currency",
                figures=("available", "hold", "total", "liability"),
            )
            for half in _SIDES
        ),
        optional=True,
        source=(
            f"{_FUNDING}/get-account-isolated-margin: both sides of every pair, less liability"
            " (principal and interest)"
        ),
    ),
    WalletPolicy(
        name="earn",
        method="earnGetEarnHoldAssets",
        params={"pageSize": 500},
        parser=earn,
        paging=OnePage(total="data.totalNum"),
        page_size=500,
        rows=(RawRows(path="data.items.*", name="currency", figures=("holdAmount",)),),
        optional=True,
    ),
)
