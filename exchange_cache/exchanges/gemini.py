"""Gemini: fills per symbol, walked forward by time as its documentation says; transfers
too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter.grammar import Identity, Unlisted
from exchange_cache.adapter.meanings import Meaning, classified, means
from exchange_cache.adapter.policy import (
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    RawRows,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.errors import PermissionMissing
from exchange_cache.exchanges.verbs import column
from exchange_cache.records import DataType, Fee, TransferKind

# --- rows -----------------------------------------------------------------------------------------


#: https://docs.gemini.com/rest/fund-management#list-past-transfers (``type``)
TRANSFERS: dict[str, Meaning] = {
    **means(TransferKind.DEPOSIT, "Deposit"),
    **means(TransferKind.WITHDRAWAL, "Withdrawal"),
    **means(TransferKind.REWARD, "Reward"),
    **means(TransferKind.ADJUSTMENT, "AdminCredit", "AdminDebit"),
}
_LEAVES = ("withdrawal", "debit")

_STATUS = {
    "complete": "ok",
    "advanced": "ok",
    "pending": "pending",
    "cancelled": "canceled",
    "failed": "failed",
}


def transfer(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of v1/transfers; amounts have no sign, so what leaves gets one here."""
    said = required_text(desk.origin, row, "type")
    word = next((word for word in TRANSFERS if word == said.replace(" ", "")), said)
    amount = required_number(desk.origin, row, "amount").copy_abs()
    leaves = any(part in word.lower() for part in _LEAVES)
    found = classified(desk.stream.meanings, word, amount.copy_negate() if leaves else amount)
    assert found is not None  # no word is elsewhere
    asset, fee = desk.asset(row, "currency"), number(desk.origin, row, "feeAmount")
    return (
        desk.transfer(
            row,
            transfer_id=text(row, "eid") or required_text(desk.origin, row, "withdrawalId"),
            **found._asdict(),
            time=desk.time(row, "timestampms"),
            asset=asset,
            fee=Fee(asset=asset, amount=fee) if fee else None,
            status=_STATUS.get(str(row.get("status") or "complete").lower(), "pending"),
            tx_id=text(row, "txHash"),
            network=text(row, "method"),
            word=word,
        ),
    )


_FORMER = (
    *("USD", "BTC", "ETH", "EUR", "GBP", "SGD", "USDT", "USDC", "GUSD", "DAI", "BCH", "LTC", "FIL"),
)


def grammar(unlisted: Unlisted) -> Identity | None:
    """The symbol of a pair that is not listed any more, ``antusd``, or of a perpetual that settles
    in GUSD, ``antgusdperp``. https://docs.gemini.com (symbols)
    """
    found = unlisted.match(r"(?i)([A-Za-z0-9]+)gusdperp")
    if found is not None:
        return None if unlisted.is_spot else unlisted.linear(found[0], "GUSD")
    pair = unlisted.pair(unlisted.market_id, _FORMER)
    return None if pair is None else unlisted.spot(*pair)


# --- wallets --------------------------------------------------------------------------------------


def staking_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    return column(client, response, "", "currency", "balance")


# --- policy ---------------------------------------------------------------------------------------


_DOCS = "https://docs.gemini.com/rest"
_FOUNDED = 1_444_262_400_000  # 2015-10-08
_FROM = TimeBounds(start="timestamp", end=None)


def _fills(category: str) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.FILLS,
        scope=category,
        category=category,
        method="privatePostV1Mytrades",
        needs_symbol=True,
        bounds=_FROM,
        paging=TimePaging(field="timestampms", id_field="tid"),
        void={"break": "full"},
        page_size=500,
        limit_param="limit_trades",
        newest_first=True,
        history_start_ms=_FOUNDED,
        optional=category != "spot",
        note=(
            "the oldest 500 from a time on, newest first within the page; fully broken trades are"
            " left out"
        ),
        source=f"{_DOCS}/orders#list-past-trades: how to retrieve the full history, break types",
    )


POLICY = ExchangePolicy(
    exchange="gemini",
    title="Gemini",
    wallets=(
        WalletPolicy(
            name="spot",
            trades=frozenset({"spot", "linear"}),
            rows=(RawRows(path="*", name="currency", figures=("amount",)),),
            source=(
                f"{_DOCS}/fund-management#get-available-balances: those of the account that the key"
                " belongs to; a derivatives account holds its collateral there, from which"
                " fees, funding and results of perpetuals are settled (support.gemini.com,"
                " 22961549369883)"
            ),
        ),
        WalletPolicy(
            name="earn",
            method="privatePostV1BalancesStaking",
            parser=staking_wallet,
            rows=(RawRows(path="*", name="currency", figures=("balance",)),),
            optional=True,
            source=f"{_DOCS}/staking#list-staking-balances",
        ),
    ),
    streams=(
        _fills("spot"),
        _fills("linear"),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="transfers",
            method="privatePostV1Transfers",
            parser=transfer,
            meanings=TRANSFERS,
            bounds=_FROM,
            paging=TimePaging(field="timestampms", id_field="eid"),
            page_size=50,
            limit_param="limit_transfers",
            history_start_ms=_FOUNDED,
            transfer_kind=TransferKind.UNCLASSIFIED,
            note="50 a page",
            source=f"{_DOCS}/fund-management#list-past-transfers",
        ),
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method="privatePostV1Orders",
            market_field="symbol",
            mixed=True,
            rows="",
        ),
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            rows="",
            market_field="pair",
            figures=("price",),
            blank=True,
        ),
    ),
    options={
        "has": {"fetchCurrencies": False},
        "options": {"fetchMarkets": {"webApiEnable": False}},
    },
    discovery_quotes=("USD", "USDT", "GUSD", "BTC", "EUR", "ETH", "GBP"),
    grammar=grammar,
    unlisted_ids={"spot": "{base}{quote}", "linear": "{base}{quote}PERP"},
    unlisted_contract_sizes={"linear": "1"},
    words={
        # "Error codes", MissingRole: "... to assign one of these roles [...] to API key ..."; ccxt
        # drops the reason
        "assign one of these roles": PermissionMissing,
    },
    candles=CandlePolicy(
        resolutions=("1h", "1d"),
        source=(
            "https://docs.gemini.com/rest/market-data: the newest ones, their number is not stated"
        ),
    ),
    guarantee=(
        "Fills are complete for every requested symbol; deposits, withdrawals and rewards from the"
        " beginning. ccxt offers no list of finished orders, so there are none."
    ),
    # what exists: docs.gemini.com: Margin, Derivatives, Staking, Prediction Markets, Account
    # Administration, Clearing
    not_read=(
        "accounts of the group other than the one of the key",
        "positions and funding of perpetuals",
        "margin loans",
        "interest of staking",
        "Gemini Earn",
        "prediction markets",
        "cleared trades",
    ),
    source=_DOCS,
)
