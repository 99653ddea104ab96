"""Bitvavo: fills and orders per market, backward by time; the account history for the rest."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.adapter import translate_moves
from exchange_cache.adapter.grammar import Identity, Unlisted
from exchange_cache.adapter.meanings import Meaning, classified, means
from exchange_cache.adapter.policy import (
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    NumberPaging,
    RawRows,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, required_number, required_text, text
from exchange_cache.errors import KeyRefused, PermissionMissing
from exchange_cache.exchanges.verbs import booked, ids
from exchange_cache.money import ZERO
from exchange_cache.records import DataType, FillKind, TransferKind

# --- rows -----------------------------------------------------------------------------------------


#: Types of the account history. A canceled withdrawal has that state in the list of withdrawals.
#: https://docs.bitvavo.com/docs/rest-api/get-transaction-history; the last reward is not documented
HISTORY: dict[str, Meaning] = {
    **means(FillKind.TRADE, "buy", "sell"),
    **means(TransferKind.DEPOSIT, "deposit", elsewhere=True),
    **means(TransferKind.WITHDRAWAL, "withdrawal", "withdrawal_cancelled", elsewhere=True),
    **dict.fromkeys(
        ("internal_transfer", "external_transferred_funds"),
        Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL),
    ),
    **means(TransferKind.AIRDROP, "distribution"),
    **means(TransferKind.REWARD, "staking", "fixed_staking", "affiliate", "rebate"),
    **means(TransferKind.REWARD, "campaign_new_user_incentive"),
    "loan": Meaning(kind=TransferKind.INTERNAL, inside="spot", outside="lending"),
    **means(TransferKind.ADJUSTMENT, "manually_assigned", "manually_assigned_bitvavo"),
}


def move(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A deposit or a withdrawal. A withdrawal has no ``txId`` until it is sent, and one transaction
    may contain two deposits."""
    kind = desk.stream.transfer_kind or TransferKind.UNCLASSIFIED
    made = translate_moves.transaction(desk.origin, desk.client.parse_transaction(row), kind)
    return (replace(made, transfer_id=ids(desk, row, "timestamp", "symbol", "amount")),)


def history(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the account history: an amount received or sent, or both."""
    word, made = required_text(desk.origin, row, "type"), list[Record]()
    if classified(HISTORY, word, ZERO) is None:
        return ()
    name = required_text(desk.origin, row, "transactionId")
    for prefix, sign in (("received", 1), ("sent", -1)):
        if text(row, f"{prefix}Amount") is None and text(row, f"{prefix}Currency") is None:
            continue
        amount = required_number(desk.origin, row, f"{prefix}Amount").copy_abs()
        made += booked(
            desk,
            row,
            transfer_id=f"{name}:{prefix}",
            word=word,
            time=desk.time(row, "executedAt", "iso"),
            asset=desk.asset(row, f"{prefix}Currency"),
            amount=amount if sign > 0 else amount.copy_negate(),
            reference=name,
        )
    if not made:
        raise desk.origin.bad("states no amount", row)
    return tuple(made)


def grammar(unlisted: Unlisted) -> Identity | None:
    """``ANT-EUR``, a pair that is not listed any more. https://docs.bitvavo.com (markets)"""
    pair = unlisted.separated("-")
    return None if pair is None else unlisted.spot(*pair)


# --- policy ---------------------------------------------------------------------------------------


_DOCS = "https://docs.bitvavo.com/docs/rest-api"
_FOUNDED = 1_546_300_800_000  # 2019
_BOUNDS = TimeBounds(start="start", end="end")


def _back(field: str, id_field: str) -> TimePaging:
    return TimePaging(field=field, id_field=id_field, backward=True)


POLICY = ExchangePolicy(
    exchange="bitvavo",
    title="Bitvavo",
    wallets=(
        WalletPolicy(
            name="spot",
            trades=frozenset({"spot"}),
            rows=(RawRows(path="*", name="symbol", figures=("available", "inOrder")),),
            source=f"{_DOCS}/get-account-balance: available and in orders",
        ),
    ),
    streams=(
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="spot",
            method="privateGetTrades",
            needs_symbol=True,
            market_field="market",
            symbol_param="market",
            bounds=_BOUNDS,
            paging=_back("timestamp", "id"),
            page_size=1000,
            history_start_ms=_FOUNDED,
            source=f"{_DOCS}/get-trade-history",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="spot",
            method="privateGetOrders",
            needs_symbol=True,
            market_field="market",
            symbol_param="market",
            bounds=_BOUNDS,
            paging=_back("created", "orderId"),
            page_size=1000,
            history_start_ms=_FOUNDED,
            source=f"{_DOCS}/get-orders",
        ),
        *(
            StreamPolicy(
                data_type=DataType.TRANSFERS,
                scope=scope,
                method=method,
                parser=move,
                bounds=_BOUNDS,
                paging=_back("timestamp", "txId"),
                page_size=1000,
                history_start_ms=_FOUNDED,
                transfer_kind=kind,
                note=(
                    "rows have no id: it is composed of their time, asset and amount, since the"
                    " chain's is added later"
                ),
                source=f"{_DOCS}/get-{scope[:-1]}-history",
            )
            for scope, method, kind in (
                ("deposits", "privateGetDepositHistory", TransferKind.DEPOSIT),
                ("withdrawals", "privateGetWithdrawalHistory", TransferKind.WITHDRAWAL),
            )
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="history",
            method="privateGetAccountHistory",
            parser=history,
            meanings=HISTORY,
            bounds=TimeBounds(start="fromDate", end="toDate"),
            paging=NumberPaging(pages="totalPages"),
            page_size=100,
            limit_param="maxItems",
            history_start_ms=_FOUNDED,
            rows="items",
            transfer_kind=TransferKind.REWARD,
            optional=True,
            note="staking, rebates, distributions",
            source=f"{_DOCS}/get-transaction-history",
        ),
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method="privateGetOrdersOpen",
            market_field="market",
            rows="",
        ),
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            rows="",
            market_field="market",
            figures=("last",),
            blank=True,
        ),
    ),
    discovery_quotes=("EUR", "USDC", "BTC"),
    grammar=grammar,
    unlisted_ids={"spot": "{base}-{quote}"},
    codes={
        # docs.bitvavo.com, "Errors"
        "307": KeyRefused,  # this key does not allow access from this IP
        "311": PermissionMissing,  # this key does not allow showing account information
    },
    candles=CandlePolicy(
        resolutions=("1h", "1d"),
        source=("https://docs.bitvavo.com/docs/rest-api/get-candlestick-data"),
    ),
    guarantee=(
        "Fills and orders are complete for every requested market, deposits, withdrawals and"
        " rewards from the beginning. Amounts in fixed staking are not in the balances."
    ),
    # what exists: docs.bitvavo.com: stakingBalance, institutional/subaccounts
    not_read=(
        "sub-accounts",
        "assets in fixed staking and lending",
    ),
    source=_DOCS,
)
