"""Bitget's wallets: those of classic accounts, and the two of unified ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter.policy import RawRows, WalletPolicy
from exchange_cache.exchanges.verbs import column, listed, netted, side

_DOCS = "https://www.bitget.com/api-doc"
_PAIR = ("available", "frozen", "borrow", "interest")

#: Kinds of futures, each with its own wallet, and the category of their contracts.
PRODUCTS = (("USDT-FUTURES", "linear"), ("USDC-FUTURES", "linear"), ("COIN-FUTURES", "inverse"))


def wallet_of(product: str) -> str:
    """The wallet of one kind of futures."""
    return f"futures-{product.partition('-')[0].lower()}"


def margin(response: Any, client: Any) -> Mapping[str, Any]:
    """Cross or isolated margin; isolated pairs repeat a coin. ``totalAmount`` contains the borrowed
    amount, ``net`` does not."""
    rows = listed(response, "data")
    owned = column(client, response, "data", "coin", "net")
    found = netted(client, (side(row, "coin", *_PAIR) for row in rows))
    return {code: {**figures, "total": owned[code]["total"]} for code, figures in found.items()}


def earn(response: Any, client: Any) -> Mapping[str, Any]:
    return column(client, response, "data", "coin", "amount")


def _rows(*figures: str, path: str = "data.*", name: str = "coin") -> tuple[RawRows, ...]:
    return (RawRows(path=path, name=name, figures=figures),)


def _margin(name: str, kind: str, place: str, pairs: str = "") -> WalletPolicy:
    return WalletPolicy(
        name=name,
        trades=frozenset({"margin"}),
        method=f"privateMarginGetV2Margin{kind}AccountAssets",
        parser=margin,
        must_have="data",
        rows=_rows("net"),
        market_rows=pairs,
        optional=True,
        source=f"{_DOCS}/margin/{place}/account: net = totalAmount - borrow - interest",
    )


WALLETS = (
    WalletPolicy(
        name="spot",
        trades=frozenset({"spot"}),
        params={"type": "spot"},
        must_have="data",
        rows=_rows("available", "frozen", "locked"),
        optional=True,
        source=f"{_DOCS}/spot/account/Get-Account-Assets",
    ),
    *(
        WalletPolicy(
            name=wallet_of(product),
            trades=frozenset({"linear", "inverse", "option"}),
            params={"type": "swap", "productType": product},
            must_have="data",
            rows=_rows("accountEquity", "maxTransferOut", name="marginCoin"),
            includes_unrealised=True,
            optional=True,
            source=f"{_DOCS}/contract/account/Get-Account-List: accountEquity",
        )
        for product, _ in PRODUCTS
    ),
    _margin("margin", "Crossed", "cross"),
    _margin("margin-isolated", "Isolated", "isolated", pairs="data"),
    WalletPolicy(
        name="earn",
        method="privateEarnGetV2EarnAccountAssets",
        parser=earn,
        must_have="data",
        rows=_rows("amount"),
        optional=True,
        source=f"{_DOCS}/earn/account/Earn-Assets",
    ),
    WalletPolicy(
        name="unified",
        trades=frozenset({"spot", "margin", "linear", "inverse", "option"}),
        params={"uta": True, "type": "spot"},
        must_have="data.assets",
        rows=_rows("equity", path="data.assets.*"),
        includes_unrealised=True,
        optional=True,
        source=(
            f"{_DOCS}/uta/account/Get-Account-Assets: equity, and the debt in a field of its own;"
            " coin equity = balance + frozen margin + unrealized PnL (uta/intro), and whether"
            " balance is below zero where borrowed is not documented"
        ),
    ),
    WalletPolicy(
        name="funding",
        params={"uta": True, "type": "funding"},
        must_have="data",
        rows=_rows("balance"),
        optional=True,
        source=f"{_DOCS}/uta/account/Get-Account-Funding-Assets: unified accounts only",
    ),
)
