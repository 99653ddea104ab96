"""Kraken: everything in one wallet and one ledger, for all pairs and all time, by row offset.

Deposits and withdrawals come from the ledger, which is complete, and not from DepositStatus, which tells recent ones only.
"""

from __future__ import annotations

from exchange_cache.domain.records import DataType, TransferKind
from exchange_cache.exchange.policy import CallPolicy, ExchangePolicy, OffsetPaging, StreamPolicy, TimeBounds, WalletPolicy

_DOCS = "https://docs.kraken.com/api-reference"
_FOUNDED = 1_378_684_800_000  # 2013-09-09
_BOUNDS = TimeBounds(start="start", end="end", unit="s", start_exclusive=True)
_OFFSET = OffsetPaging(param="ofs", total="result.count")

POLICY = ExchangePolicy(
    exchange="kraken",
    title="Kraken",
    wallets=(
        WalletPolicy(
            name="spot",
            method="privatePostBalanceEx",
            parser="kraken_extended",
            must_have="result",
            source=f"{_DOCS}/account-data/get-extended-balance: balance less credit_used; "
            "staked and held codes (.S .M .F .B .P, .HOLD) lie beside the others",
        ),
    ),
    streams=(
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="spot",
            method="privatePostTradesHistory",
            parser="kraken_trade",
            market_field="pair",
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=50,
            limit_param="",
            history_start_ms=_FOUNDED,
            rows="result.trades",
            note="trades with leverage are told by the ledger: result and fees",
            source=f"{_DOCS}/account-data/get-trades-history: 50 a page",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="spot",
            method="privatePostClosedOrders",
            parser="kraken_order",
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=50,
            limit_param="",
            history_start_ms=_FOUNDED,
            rows="result.closed",
            source=f"{_DOCS}/account-data/get-closed-orders: by opening or closing time",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="ledger",
            method="privatePostLedgers",
            parser="kraken_ledger",
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=50,
            limit_param="",
            history_start_ms=_FOUNDED,
            rows="result.ledger",
            transfer_kind=TransferKind.OTHER,
            note="deposits, withdrawals, rewards, moves to staking, results of margin trades; converts (spend and receive) become fills",
            source=f"{_DOCS}/account-data/get-ledgers-info",
        ),
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method="privatePostOpenOrders",
            market_field="descr.pair",
            rows="result.open",
            keyed=True,
        ),
    ),
    tickers=(CallPolicy(category="spot", method="fetch_tickers"),),
    keep_options=("marketsByAltname", "delistedMarketsById"),
    earn_suffixes=(".S", ".M", ".F", ".B", ".P", ".T"),
    asset_aliases={
        "ETH2": "ETH",
        "USD.HOLD": "USD",
        "EUR.HOLD": "EUR",
        "GBP.HOLD": "GBP",
        "CAD.HOLD": "CAD",
        "AUD.HOLD": "AUD",
        "CHF.HOLD": "CHF",
    },
    discovery_quotes=("USD", "EUR", "USDT", "USDC", "BTC", "ETH", "GBP"),
    candles=False,  # OHLC answers the newest 720 candles, whatever is asked
    guarantee=(
        "Fills, orders and the ledger are complete since the account was opened. Trades with leverage are listed as fills that move "
        "nothing; their results and fees come from the ledger. Open margin positions are not listed as positions."
    ),
    source=_DOCS,
)
