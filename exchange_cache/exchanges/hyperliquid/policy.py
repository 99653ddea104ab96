"""Hyperliquid: everything is public by wallet address; a private key is refused, because ccxt would
sign with it."""

from __future__ import annotations

from collections.abc import Mapping

from exchange_cache.adapter.meanings import Meaning
from exchange_cache.adapter.policy import (
    WALLET_ADDRESS,
    CallPolicy,
    CandlePolicy,
    CursorPaging,
    ExchangePolicy,
    RawRows,
    RowParser,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.exchanges.hyperliquid import rows, wallets
from exchange_cache.exchanges.hyperliquid.ids import grammar
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint"
_BOUNDS = TimeBounds(start="startTime", end="endTime")
_FOUNDED = 1_672_531_200_000  # 2023


def _ask(word: str) -> dict[str, object]:
    return {"type": word, "user": WALLET_ADDRESS}


def _forward(
    data_type: DataType,
    scope: str,
    word: str,
    parser: RowParser,
    id_field: str,
    note: str,
    *,
    page_size: int = 500,
    newest_rows: int | None = None,
    meanings: Mapping[str, Meaning] | None = None,
) -> StreamPolicy:
    return StreamPolicy(
        data_type=data_type,
        scope=scope,
        category="linear",
        method="publicPostInfo",
        params=_ask(word),
        parser=parser,
        mixed=True,
        also=frozenset({"spot"}),
        bounds=_BOUNDS,
        paging=TimePaging(field="time", id_field=id_field),
        page_size=page_size,
        newest_rows=newest_rows,
        limit_param="",
        history_start_ms=_FOUNDED,
        transfer_kind=TransferKind.UNCLASSIFIED if data_type is DataType.TRANSFERS else None,
        meanings=meanings or {},
        note=note,
        source=f"{_DOCS} ({word})",
    )


POLICY = ExchangePolicy(
    exchange="hyperliquid",
    title="Hyperliquid",
    wallets=(
        WalletPolicy(
            name="spot",
            trades=frozenset({"spot"}),
            method="publicPostInfo",
            params=_ask("spotClearinghouseState"),
            parser=wallets.spot,
            averages=wallets.spot_averages,
            must_have="balances",
            rows=(RawRows(path="balances.*", name="coin", figures=("total",)),),
            source=f"{_DOCS}/spot: total and hold",
        ),
        WalletPolicy(
            name="swap",
            trades=frozenset({"linear", "inverse", "option"}),
            method="publicPostInfo",
            params=_ask("clearinghouseState"),
            parser=wallets.perps,
            must_have="marginSummary",
            rows=(RawRows(path="marginSummary", figures=("accountValue",)),),
            includes_unrealised=True,
            source=f"{_DOCS}/perpetuals: accountValue",
        ),
        WalletPolicy(
            name="earn",
            method="publicPostInfo",
            params=_ask("delegatorSummary"),
            parser=wallets.staking,
            must_have="delegated",
            rows=(
                RawRows(path="", figures=("delegated", "undelegated", "totalPendingWithdrawal")),
            ),
            optional=True,
            source=f"{_DOCS}: staked HYPE",
        ),
        WalletPolicy(
            name="vaults",
            method="publicPostInfo",
            params=_ask("userVaultEquities"),
            parser=wallets.vaults,
            rows=(RawRows(path="*", figures=("equity",)),),
            includes_unrealised=True,
            optional=True,
            source=f"{_DOCS}: deposits in vaults, in USDC",
        ),
    ),
    streams=(
        _forward(
            DataType.FILLS,
            "fills",
            "userFillsByTime",
            rows.fill,
            "tid",
            "2,000 a page, the newest 10,000 in all",
            page_size=2_000,
            newest_rows=10_000,
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="orders",
            category="linear",
            method="publicPostInfo",
            params=_ask("historicalOrders"),
            parser=rows.order,
            mixed=True,
            also=frozenset({"spot"}),
            bounds=TimeBounds(start=None, end=None),
            paging=CursorPaging(param="cursor", path="none"),
            newest_rows=2_000,
            limit_param="",
            history_start_ms=_FOUNDED,
            note="one answer with the newest 2,000",
            source=f"{_DOCS} (historicalOrders)",
        ),
        _forward(
            DataType.TRANSFERS,
            "ledger",
            "userNonFundingLedgerUpdates",
            rows.update,
            "hash",
            "500 a page: deposits, withdrawals, moves, rewards",
            meanings=rows.LEDGER,
        ),
        _forward(
            DataType.TRANSFERS,
            "funding",
            "userFunding",
            rows.funding,
            "delta.coin",
            "500 a page",
        ),
    ),
    positions=(
        CallPolicy(
            category="linear",
            wallet="swap",
            method="fetch_positions",
            rows="assetPositions",
            figures=("position.szi",),
        ),
    ),
    open_orders=tuple(
        CallPolicy(
            category=category, wallet=wallet, method="fetch_open_orders", mixed=True, rows=""
        )
        for category, wallet in (("linear", "swap"), ("spot", "spot"))
    ),
    tickers=(
        CallPolicy(category="spot", method="fetch_tickers", params={"type": "spot"}),
        CallPolicy(
            category="linear", method="fetch_tickers", params={"type": "swap"}, optional=True
        ),
    ),
    options={"options": {"fetchMarkets": {"types": ["spot", "swap"]}}},
    keep_options=("hip3TokensByName", "cachedCurrenciesById"),
    credentials=("wallet_address",),
    address_only=True,
    discovery_quotes=("USDC", "USDH", "USDT"),
    grammar=grammar,
    unlisted_ids={"spot": "{base}/{quote}", "linear": "{base}/{quote}:{quote}"},
    unlisted_contract_sizes={"linear": "1"},
    candles=CandlePolicy(
        newest=5_000,
        source=(
            "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/"
            "info-endpoint#candle-snapshot"
        ),
    ),
    guarantee=(
        "The newest 10,000 fills and the newest 2,000 orders are served; where an account has as"
        " many, all before the oldest of them counts as out of retention. Deposits, withdrawals and"
        " funding are complete. No key is needed, and a private key is"
        " refused."
    ),
    # what exists: hyperliquid.gitbook.io/hyperliquid-docs, Info endpoint: perpDexs, subAccounts,
    # borrowLendUserState, referral
    not_read=(
        "collateral, positions and open orders on builder-deployed exchanges (HIP-3)",
        "amounts borrowed and supplied under portfolio margin",
        "sub-accounts (each has its own address)",
        "assets on the HyperEVM",
        "unclaimed rewards of referrals and builders",
    ),
    source=_DOCS,
)
