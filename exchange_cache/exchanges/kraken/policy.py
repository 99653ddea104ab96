"""Kraken: one wallet and one ledger, for all pairs and all time, by row offset.

Deposits and withdrawals are read from the ledger, which is complete; DepositStatus lists recent
ones only.
"""

from __future__ import annotations

from exchange_cache.adapter.allowances import Limits
from exchange_cache.adapter.policy import (
    KEY,
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    OffsetPaging,
    RawRows,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.exchanges.kraken import access, archives, rows, words
from exchange_cache.exchanges.kraken.ids import grammar
from exchange_cache.records import DataType, TransferKind

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
            trades=frozenset({"spot", "margin"}),
            method="privatePostBalanceEx",
            parser=rows.wallet,
            must_have="result",
            rows=(RawRows(path="result.*", name=KEY, figures=("balance",)),),
            source=(
                f"{_DOCS}/account-data/get-extended-balance: balance less credit_used; "
                "staked and held codes (.S .M .F .B .P, .HOLD) have their own entries"
            ),
        ),
    ),
    streams=(
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="spot",
            method="privatePostTradesHistory",
            parser=rows.trade,
            market_field="pair",
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=50,
            limit_param="",
            history_start_ms=_FOUNDED,
            rows="result.trades",
            newest_first=True,
            note="the ledger reports the fees of trades, and the results of those with leverage",
            source=f"{_DOCS}/account-data/get-trades-history: 50 a page",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="spot",
            method="privatePostClosedOrders",
            parser=rows.order,
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
            parser=rows.ledger,
            meanings=words.LEDGER,
            legs=rows.LEGS,
            books_fees=True,
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=50,
            limit_param="",
            history_start_ms=_FOUNDED,
            rows="result.ledger",
            transfer_kind=TransferKind.UNCLASSIFIED,
            note=(
                "deposits, withdrawals, rewards, moves to staking, results of margin trades;"
                " converts (spend and receive) become fills"
            ),
            source=f"{_DOCS}/account-data/get-ledgers-info",
        ),
    ),
    positions=(
        CallPolicy(
            category="margin",
            wallet="spot",
            method="privatePostOpenPositions",
            params={"docalcs": "true", "consolidation": "market"},
            parser=rows.position,
            market_field="pair",
            rows="result",
            texts=("type",),
            figures=("vol", "vol_closed", "cost"),
            keyed=True,
            source=f"{_DOCS}/account-data/get-open-positions: the wallet does not contain them",
        ),
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method="privatePostOpenOrders",
            parser=rows.order,
            market_field="descr.pair",
            rows="result.open",
            keyed=True,
        ),
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            rows="result",
            market_field=KEY,
            figures=("c.0",),
            blank=True,
        ),
    ),
    keep_options=("marketsByAltname", "delistedMarketsById"),
    earn_suffixes=(".S", ".M", ".F", ".B", ".P", ".T"),
    asset_aliases={
        "ETH2": "ETH",
        **{f"{money}.HOLD": money for money in ("USD", "EUR", "GBP", "CAD", "AUD", "CHF")},
    },
    discovery_quotes=("USD", "EUR", "USDT", "USDC", "BTC", "ETH", "GBP"),
    candles=CandlePolicy(newest=720, source=f"{_DOCS}/market-data/get-ohlc-data"),
    words=access.WORDS,
    growing_nonce=True,  # https://docs.kraken.com/api/docs/guides/spot-rest-auth (nonce)
    limits=Limits(
        signed_per_account=True,
        source="https://docs.kraken.com/api/docs/guides/spot-rest-ratelimits",
    ),
    key_question=access.KEY_QUESTION,
    grammar=grammar,
    archives=archives.ARCHIVES,
    guarantee=(
        "Fills, orders and the ledger are complete since the account was opened; long ones are read"
        " from exports, where the key may order them. Trades with"
        " leverage are listed as fills that move no assets; the ledger reports their results and"
        " fees. The wallet does not contain open margin positions: only their unrealised result"
        " counts."
    ),
    # what exists: docs.kraken.com/api-reference: Subaccounts, NFTs; support.kraken.com: Kraken
    # Futures, OTC
    not_read=(
        "Kraken Futures (add an account of krakenfutures)",
        "sub-accounts",
        "NFTs",
        "OTC loans and trades outside the ledger",
    ),
    apart={"futures": "krakenfutures"},
    source=_DOCS,
)
