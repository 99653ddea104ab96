"""Coinbase: fills and orders of the whole portfolio by cursor; the rest in one transaction list per
asset account."""

from __future__ import annotations

from typing import Any

from exchange_cache.adapter.allowances import Limits
from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights, flag_at, text_at
from exchange_cache.adapter.policy import (
    CallPolicy,
    CandlePolicy,
    CursorPaging,
    ExchangePolicy,
    FanOut,
    OnePage,
    RawRows,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.errors import PermissionMissing
from exchange_cache.exchanges.coinbase import rows, words
from exchange_cache.exchanges.coinbase.ids import grammar
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://docs.cdp.coinbase.com"
_FOUNDED = 1_325_376_000_000  # 2012
_CURSOR = CursorPaging(param="cursor", path="cursor")
#: Orders and accounts also say whether another page follows; fills do not.
_FOLLOWED = CursorPaging(param="cursor", path="cursor", more="has_next")

_NEXT = CursorPaging(
    param="starting_after",
    path="pagination.next_starting_after",
    stop_field="created_at",
    stop_unit="iso",
)

_BATCH = "v3PrivateGetBrokerageOrdersHistoricalBatch"

#: ccxt reads the first two and leaves the rest out. https://docs.cdp.coinbase.com (list-accounts,
#: ``type``)
_ACCOUNT_TYPES = (
    "ACCOUNT_TYPE_CRYPTO",
    "ACCOUNT_TYPE_FIAT",
    "ACCOUNT_TYPE_VAULT",
    "ACCOUNT_TYPE_PERP_FUTURES",
)

# docs.cdp.coinbase.com: v2 "Error messages" (invalid_scope), and gRPC's codes (Advanced Trade)
_CODES = {"PERMISSION_DENIED": PermissionMissing}
_WORDS = {"issing required scopes": PermissionMissing, "invalid_scope": PermissionMissing}


def _rights(answer: Any) -> KeyRights:
    """A key reads one portfolio, so two portfolios of one person are two accounts.

    Source:
    https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/data-api/get-api-key-permissions
    """
    return KeyRights(
        can_trade=flag_at(answer, "can_trade"),
        can_withdraw=flag_at(answer, "can_transfer"),
        user_id=text_at(answer, "portfolio_uuid"),
    )


POLICY = ExchangePolicy(
    exchange="coinbase",
    title="Coinbase",
    wallets=(
        WalletPolicy(
            name="spot",
            trades=frozenset({"spot", "linear"}),
            params={"v3": True},
            must_have="accounts",
            paging=OnePage(more="has_next"),  # ccxt follows the pages, this is the last one
            rows=(
                RawRows(
                    path="accounts.*",
                    name="available_balance.currency",
                    figures=("available_balance.value", "hold.value"),
                ),
            ),
            source=(
                f"{_DOCS}/api-reference/advanced-trade-api/rest-api/accounts/list-accounts:"
                " available and hold; nothing staked; the accounts of US futures (platform"
                " ACCOUNT_PLATFORM_CFM_CONSUMER) are in the same list"
            ),
        ),
    ),
    streams=(
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="spot",
            method="v3PrivateGetBrokerageOrdersHistoricalFills",
            parser=rows.fill,
            market_field="product_id",
            mixed=True,
            bounds=TimeBounds(
                start="start_sequence_timestamp",
                end="end_sequence_timestamp",
                unit="iso",
                start_exclusive=True,
            ),
            paging=_CURSOR,
            page_size=250,
            witness=True,
            history_start_ms=_FOUNDED,
            rows="fills",
            newest_first=True,
            note="those of US futures move nothing: the transactions report their settlements",
            source=f"{_DOCS}/api-reference/advanced-trade-api/rest-api/orders/list-fills",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="spot",
            method=_BATCH,
            parser=rows.order,
            market_field="product_id",
            mixed=True,
            bounds=TimeBounds(start="start_date", end="end_date", unit="iso", start_exclusive=True),
            paging=_FOLLOWED,
            page_size=100,
            witness=True,
            history_start_ms=_FOUNDED,
            rows="orders",
            note="every status: a canceled order may have fills",
            source=f"{_DOCS}/api-reference/advanced-trade-api/rest-api/orders/list-orders",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="transactions",
            method="v2PrivateGetAccountsAccountIdTransactions",
            parser=rows.transaction,
            meanings=words.TRANSACTIONS,
            bounds=TimeBounds(start=None, end=None),
            paging=_NEXT,
            page_size=100,
            history_start_ms=_FOUNDED,
            rows="data",
            fan_out=FanOut(
                method="v2PrivateGetAccounts",
                param="account_id",
                params={"limit": 250},
                paging=CursorPaging(param="starting_after", path="pagination.next_starting_after"),
            ),
            transfer_kind=TransferKind.UNCLASSIFIED,
            optional=True,
            note=(
                "sends, rewards, simple buys and converts, settlements of US futures; one request"
                " per asset account at least"
            ),
            source=f"{_DOCS}/coinbase-app/track-apis/transactions",
        ),
    ),
    positions=(
        CallPolicy(
            category="linear",
            wallet="futures",
            method="fetch_positions",
            rows="positions",
            market_field="product_id",
            figures=("number_of_contracts",),
            optional=True,
        ),
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method=_BATCH,
            params={"order_status": "OPEN", "limit": 100},
            parser=rows.order,
            paging=_FOLLOWED,
            market_field="product_id",
            mixed=True,
            rows="orders",
        ),
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            rows="products",
            market_field="product_id",
            figures=("price",),
            blank=True,
        ),
    ),
    options={"options": {"v3Accounts": list(_ACCOUNT_TYPES)}},
    keep_options=("networks", "networksById"),
    discovery_quotes=("USD", "USDC", "EUR", "USDT", "BTC", "GBP"),
    grammar=grammar,
    unlisted_ids={"spot": "{base}-{quote}"},
    corrected=rows.corrected,
    codes=_CODES,
    words=_WORDS,
    limits=Limits(
        signed_per_account=True,
        at_once=5,
        source="https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api#rate-limits",
    ),
    key_question=KeyQuestion(
        method="v3PrivateGetBrokerageKeyPermissions", read=_rights, names_user=True
    ),
    candles=CandlePolicy(
        resolutions=("1h", "1d"),
        source=(
            "https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/"
            "products/get-product-candles"
        ),
    ),
    guarantee=(
        "Fills and orders are complete for the portfolio that the key belongs to. Converts and"
        " simple buys are recorded at the value in your native currency that Coinbase shows. Staked"
        " assets are not listed by this API. International derivatives, which Coinbase moved to"
        " another API in October 2026, are not read."
    ),
    # what exists: docs.cdp.coinbase.com: Portfolios, Perpetuals (INTX), Prime, Exchange,
    # International Exchange
    not_read=(
        "portfolios other than the one of the key",
        "staked assets",
        "positions of Coinbase International (the balances contain its perpetual futures accounts)",
        "loans",
        "Coinbase Exchange, Prime and Wallet",
    ),
    source=_DOCS,
)
