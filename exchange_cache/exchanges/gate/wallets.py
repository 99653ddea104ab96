"""Gate's wallets: spot, isolated pairs, contracts per settle currency, options, earn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter.policy import RawRows, WalletPolicy
from exchange_cache.exchanges.verbs import column, listed, netted, side

_DOCS = "https://www.gate.com/docs/developers/apiv4/en"
_SIDE = ("available", "locked", "borrowed", "interest")
_FUTURES = frozenset({"linear", "inverse", "option"})


def _margin(response: Any, client: Any) -> Mapping[str, Any]:
    """Isolated pairs: both sides of each, less its debt and the interest on it."""
    rows = [row for pair in listed(response, "") for row in (pair["base"], pair["quote"])]
    return netted(client, (side(row, "currency", *_SIDE) for row in rows))


def _contracts(response: Any, client: Any) -> Mapping[str, Any]:
    """One settle currency: ``total`` does not contain the unrealised result."""
    code = str(client.safe_currency_code(str(response["currency"]).upper()))
    return {code: {"free": response.get("available"), "used": None, "total": response["total"]}}


def _lent(response: Any, client: Any) -> Mapping[str, Any]:
    return column(client, response, "", "currency", "amount")


def _contract_wallet(name: str, method: str, source: str, **more: Any) -> WalletPolicy:
    return WalletPolicy(
        name=name,
        method=method,
        parser=_contracts,
        must_have="currency",
        rows=(RawRows(path="", name="currency", figures=("total",)),),
        optional=True,
        source=f"{_DOCS}/#{source}",
        **more,
    )


_ACCOUNT = "get-futures-account: total, without the unrealised result"
WALLETS = (
    WalletPolicy(
        name="spot",
        trades=frozenset({"spot"}),
        params={"type": "spot"},
        rows=(RawRows(name="currency", figures=("available", "locked")),),
        source=f"{_DOCS}/#list-spot-trading-accounts",
    ),
    WalletPolicy(
        name="margin",
        trades=frozenset({"margin"}),
        method="privateMarginGetAccounts",
        parser=_margin,
        rows=tuple(
            RawRows(path=f"*.{half}", name="currency", figures=_SIDE) for half in ("base", "quote")
        ),
        optional=True,
        source=(
            f"{_DOCS}/#margin-account-list: isolated pairs, available + locked - borrowed -"
            " interest"
        ),
    ),
    *(
        _contract_wallet(
            f"futures-{settle}",
            "privateFuturesGetSettleAccounts",
            _ACCOUNT,
            trades=_FUTURES,
            params={"settle": settle},
        )
        for settle in ("usdt", "btc")
    ),
    _contract_wallet(
        "delivery-usdt", "privateDeliveryGetSettleAccounts", _ACCOUNT, params={"settle": "usdt"}
    ),
    _contract_wallet("options", "privateOptionsGetAccounts", "query-account-information"),
    WalletPolicy(
        name="earn",
        method="privateEarnGetUniLends",
        params={"limit": 100},
        parser=_lent,
        page_size=100,
        rows=(RawRows(name="currency", figures=("amount",)),),
        optional=True,
        source=f"{_DOCS}/#query-user-s-lending-order-list: simple earn",
    ),
)
