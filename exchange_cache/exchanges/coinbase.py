"""Coinbase: fills and orders of the whole portfolio by cursor; everything else in one transaction
list per asset account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from exchange_cache.adapter.paging import dig_or_none
from exchange_cache.adapter.policy import (
    CallPolicy,
    CursorPaging,
    ExchangePolicy,
    FanOut,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Origin,
    Row,
    number,
    required_number,
    required_text,
    text,
)
from exchange_cache.adapter.translate_moves import status as unified_status
from exchange_cache.adapter.translate_moves import swap_fill
from exchange_cache.money import EXACT
from exchange_cache.records import DataType, Fee, Fill, FillKind, Side, TransferKind

# --- rows -----------------------------------------------------------------------------------------


#: Kinds of a v2 transaction. https://docs.cdp.coinbase.com/coinbase-app/track-apis/transactions
_REWARDS = frozenset(
    {
        "staking_reward",
        "inflation_reward",
        "interest",
        "earn_payout",
        "incentives_rewards_payout",
        "cardbuyback",
    }
)

_MOVES = frozenset(
    {
        "exchange_deposit",
        "exchange_withdrawal",
        "pro_deposit",
        "pro_withdrawal",
        "vault_withdrawal",
        "staking_transfer",
        "unstaking_transfer",
        "intx_deposit",
        "intx_withdrawal",
        "retail_eth2_deprecation",
        "derivatives_settlement",
        "transfer",
    }
)

_IN_OUT = frozenset({"send", "fiat_deposit", "fiat_withdrawal", "tx", "onchain_transaction"})

_STATUS = {
    "completed": "ok",
    "pending": "pending",
    "waiting_for_clearing": "pending",
    "waiting_for_signature": "pending",
    "failed": "failed",
    "expired": "failed",
    "canceled": "canceled",
}


def transaction(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of one asset account. Trades on the exchange come with the fills; simple buys and
    converts become fills here."""
    word = required_text(desk.origin, row, "type")
    if word in {"advanced_trade_fill", "fill"}:
        return ()
    amount = required_number(desk.origin, _mapping(row, "amount"), "amount")
    asset = desk.asset(_mapping(row, "amount"), "currency")
    settled = _STATUS.get(str(row.get("status")), unified_status(row.get("status")))
    if word in {"buy", "sell", "trade", "advanced_trade", "wrap_asset"} and amount != 0:
        return _swap(row, word, asset, amount, desk) if settled == "ok" else ()
    kind = _kind(word, amount)
    network = _mapping(row, "network")
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=kind,
            time=desk.time(row, "created_at", "iso"),
            asset=asset,
            quantity=amount
            if kind is TransferKind.OTHER
            else _gross(desk.origin, row, amount).copy_abs(),
            fee=_network_fee(desk, row),
            status=settled,
            tx_id=text(network, "hash"),
            network=text(network, "network_name"),
        ),
    )


def _mapping(row: Row, field: str) -> Mapping[str, Any]:
    found = row.get(field)
    return found if isinstance(found, Mapping) else {}


def _kind(word: str, amount: Decimal) -> TransferKind:
    if word in _REWARDS and amount >= 0:
        return TransferKind.REWARD
    if word in _MOVES:
        return TransferKind.INTERNAL
    if word in _IN_OUT:
        return TransferKind.DEPOSIT if amount >= 0 else TransferKind.WITHDRAWAL
    return TransferKind.OTHER


def _gross(origin: Origin, row: Row, amount: Decimal) -> Decimal:
    """What arrived or left besides the network's fee: a send's amount includes it."""
    moved = dig_or_none(row, "network.transaction_amount.amount")
    return amount if moved is None else number(origin, {"amount": moved}, "amount") or amount


def _network_fee(desk: Desk, row: Row) -> Fee | None:
    fee = dig_or_none(row, "network.transaction_fee")
    if (
        not isinstance(fee, Mapping)
        or dig_or_none(row, "network.transaction_amount.amount") is None
    ):
        return None
    amount = number(desk.origin, fee, "amount")
    return Fee(asset=desk.asset(fee, "currency"), amount=amount) if amount else None


def _swap(row: Row, word: str, asset: str, amount: Decimal, desk: Desk) -> tuple[Record, ...]:
    """A simple buy or sell at the fiat that was paid; a convert's half at its value in the native
    currency that Coinbase shows.

    The row in the fiat's own account is the other side of the same thing: of a simple buy it makes
    nothing, of a convert it says how much really was given or got. ``ledger.converts`` puts the
    halves together.
    """
    details = _mapping(row, word)
    total = _mapping(details, "subtotal") or _mapping(row, "native_amount")
    fiat, value = (
        desk.asset(total, "currency"),
        required_number(desk.origin, total, "amount").copy_abs(),
    )
    fee_row = _mapping(details, "fee")
    fee = number(desk.origin, fee_row, "amount") if fee_row else None
    simple = word in {"buy", "sell"}
    if simple and fiat == asset:
        return ()
    if (
        value == 0
    ):  # less than the shown money can say: what came or went is known, what it cost is not
        name, time = required_text(desk.origin, row, "id"), desk.time(row, "created_at", "iso")
        return (
            desk.transfer(
                row,
                transfer_id=name,
                kind=TransferKind.OTHER,
                time=time,
                asset=asset,
                quantity=amount,
            ),
        )
    given, got = (
        ((fiat, value), (asset, amount)) if amount > 0 else ((asset, amount), (fiat, value))
    )
    made = swap_fill(
        desk.origin,
        fill_id=required_text(desk.origin, row, "id"),
        time=desk.time(row, "created_at", "iso"),
        given=given,
        got=got,
        fees=(Fee(asset=desk.asset(fee_row, "currency"), amount=fee),) if fee else (),
        order_id=text(details, "id"),
        kind=FillKind.FIAT if simple else FillKind.CONVERT,
    )
    return (
        made
        if simple
        else _half(made, asset, amount, fiat, amount.copy_abs() if fiat == asset else value),
    )


def _half(made: Fill, asset: str, amount: Decimal, fiat: str, value: Decimal) -> Fill:
    """The side of a convert that one asset's account tells: always that asset against the native
    currency."""
    return replace(
        made,
        symbol=f"{asset}/{fiat}",
        side=Side.BUY if amount > 0 else Side.SELL,
        base=asset,
        quote=fiat,
        quantity=amount.copy_abs(),
        price=EXACT.divide(value, amount.copy_abs()),
        cost=value,
    )


# --- policy ---------------------------------------------------------------------------------------


_DOCS = "https://docs.cdp.coinbase.com"
_FOUNDED = 1_325_376_000_000  # 2012
_CURSOR = CursorPaging(param="cursor", path="cursor")

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

POLICY = ExchangePolicy(
    exchange="coinbase",
    title="Coinbase",
    wallets=(
        WalletPolicy(
            name="spot",
            params={"v3": True},
            must_have="accounts",
            source=(
                f"{_DOCS}/api-reference/advanced-trade-api/rest-api/accounts/list-accounts:"
                " available and hold; nothing staked"
            ),
        ),
    ),
    streams=(
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="spot",
            method="v3PrivateGetBrokerageOrdersHistoricalFills",
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
            history_start_ms=_FOUNDED,
            rows="fills",
            source=f"{_DOCS}/api-reference/advanced-trade-api/rest-api/orders/list-fills",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="spot",
            method=_BATCH,
            market_field="product_id",
            mixed=True,
            bounds=TimeBounds(start="start_date", end="end_date", unit="iso", start_exclusive=True),
            paging=_CURSOR,
            page_size=100,
            history_start_ms=_FOUNDED,
            rows="orders",
            note="every status: a canceled order may hold fills",
            source=f"{_DOCS}/api-reference/advanced-trade-api/rest-api/orders/list-orders",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="transactions",
            method="v2PrivateGetAccountsAccountIdTransactions",
            parser=transaction,
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
            transfer_kind=TransferKind.OTHER,
            optional=True,
            note="sends, rewards, simple buys and converts; one request per asset account at least",
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
            optional=True,
        ),
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method=_BATCH,
            params={"order_status": "OPEN", "limit": 100},
            paging=_CURSOR,
            market_field="product_id",
            mixed=True,
            rows="orders",
        ),
    ),
    tickers=(CallPolicy(category="spot", method="fetch_tickers"),),
    options={"options": {"v3Accounts": list(_ACCOUNT_TYPES)}},
    keep_options=("networks", "networksById"),
    discovery_quotes=("USD", "USDC", "EUR", "USDT", "BTC", "GBP"),
    unlisted_ids={"spot": "{base}-{quote}"},
    guarantee=(
        "Fills and orders are complete for the portfolio that the key belongs to. Converts and"
        " simple buys are recorded at the value in your native currency that Coinbase shows. Staked"
        " assets are not listed by this API."
    ),
    source=_DOCS,
)
