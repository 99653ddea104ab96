"""Kraken Futures: fills backward by time, order events, and the account log, for all contracts."""

from __future__ import annotations

from exchange_cache.adapter.policy import (
    KEY,
    CallPolicy,
    CandlePolicy,
    CursorPaging,
    ExchangePolicy,
    RawRows,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletParser,
    WalletPolicy,
)
from exchange_cache.exchanges.krakenfutures import rows
from exchange_cache.exchanges.krakenfutures.ids import grammar
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://docs.kraken.com/api/docs/futures-api"
_FOUNDED = 1_535_760_000_000  # 2018-09
#: Whether the answer includes ``since`` itself is not documented.
_MS = TimeBounds(start="since", end="before", start_exclusive=True)


def _wallet(name: str, parser: WalletParser, raw: RawRows, what: str) -> WalletPolicy:
    return WalletPolicy(
        name=f"futures-{name}",
        trades=frozenset({"linear", "inverse"}),
        method="privateGetAccounts",
        parser=parser,
        must_have="accounts",
        rows=(raw,),
        optional=name != "flex",
        source=f"{_DOCS}/trading/get-accounts: {what}",
    )


POLICY = ExchangePolicy(
    exchange="krakenfutures",
    title="Kraken Futures",
    wallets=(
        _wallet(
            "flex",
            rows.flex_wallet,
            RawRows(path="accounts.flex?.currencies.*", name=KEY, figures=("quantity",)),
            "quantities of the multi-collateral wallet, without the unrealised result",
        ),
        _wallet(
            "cash",
            rows.cash_wallet,
            RawRows(path="accounts.cash?.balances.*", name=KEY, figures=("",)),
            "the holding wallet",
        ),
        _wallet(
            "single",
            rows.single_wallet,
            RawRows(path="accounts.*", texts=("type",), keyed=True),
            "the single-collateral wallets together",
        ),
    ),
    streams=(
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="fills",
            category="linear",
            method="privateGetFills",
            parser=rows.fill,
            market_field="symbol",
            mixed=True,
            bounds=TimeBounds(start=None, end="lastFillTime", unit="iso"),
            paging=TimePaging(
                field="fillTime", field_unit="iso", id_field="fill_id", backward=True
            ),
            page_size=100,
            limit_param="",
            history_start_ms=_FOUNDED,
            rows="fills",
            note="the 100 before a time, newest first; the account log reports the fees",
            source=f"{_DOCS}/trading/get-fills",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="orders",
            category="linear",
            method="historyGetOrders",
            params={"sort": "asc"},
            parser=rows.order,
            mixed=True,
            bounds=_MS,
            paging=CursorPaging(param="continuation_token", path="continuationToken"),
            limit_param="",
            history_start_ms=_FOUNDED,
            rows="elements",
            note="events; an order is recorded when it ends",
            source=f"{_DOCS}/history/get-order-events",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="log",
            category="linear",
            method="historyGetAccountLog",
            params={"sort": "asc"},
            parser=rows.log,
            meanings=rows.LOG,
            legs=rows.CONVERSIONS,
            mixed=True,
            bounds=_MS,
            paging=TimePaging(field="date", field_unit="iso", id_field="id"),
            page_size=1000,
            limit_param="count",
            history_start_ms=_FOUNDED,
            rows="logs",
            transfer_kind=TransferKind.UNCLASSIFIED,
            note="trading fees, funding, moves; the two rows of a conversion become one convert",
            source=f"{_DOCS}/history/account-log",
        ),
    ),
    positions=tuple(
        CallPolicy(
            category=category,
            wallet="futures-flex",
            method="privateGetOpenpositions",
            market_field="symbol",
            mixed=True,
            rows="openPositions",
            figures=("size",),
        )
        for category in ("linear", "inverse")
    ),
    open_orders=tuple(
        CallPolicy(
            category=category,
            wallet="futures-flex",
            method="privateGetOpenorders",
            parser=rows.open_order,
            market_field="symbol",
            mixed=True,
            rows="openOrders",
        )
        for category in ("linear", "inverse")
    ),
    tickers=(
        CallPolicy(
            category="linear",
            method="fetch_tickers",
            rows="tickers",
            market_field="symbol",
            figures=("last|markPrice",),
            blank=True,
            optional=True,
        ),
    ),
    discovery_quotes=("USD",),
    grammar=grammar,
    unlisted_ids={"linear": "PF_{base}{quote}", "inverse": "PI_{base}{quote}"},
    unlisted_contract_sizes={"linear": "1", "inverse": "1"},
    candles=CandlePolicy(resolutions=()),  # no spot markets
    guarantee=(
        "Fills, the account log and the ends of orders are read for all contracts from 2018 on."
        " The account log reports the fees, which are recorded apart from the fills."
    ),
    # what exists: docs.kraken.com/api/docs/futures-api: Subaccounts, RFQs
    not_read=(
        "the Kraken spot account (add an account of kraken)",
        "sub-accounts",
    ),
    apart={"spot": "kraken"},
    source=_DOCS,
)
