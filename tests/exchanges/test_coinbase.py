"""Coinbase: every history and wallet in its own spelling, and the records written by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.exchanges import policy_for
from exchange_cache.ledger.converts import whole_converts
from exchange_cache.ledger.replay import flows
from exchange_cache.records import (
    Balance,
    DataType,
    Fee,
    Fill,
    FillKind,
    Order,
    OrderStatus,
    Side,
    Transfer,
    TransferKind,
)
from tests.exchanges.builders import NOW
from tests.exchanges.cases import (
    Case,
    HistoryCase,
    ListCase,
    WalletCase,
    check,
    history,
    named,
    uncovered,
)

DOCS = "https://docs.cdp.coinbase.com"
API = f"{DOCS}/api-reference/advanced-trade-api/rest-api"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


FILL = {
    "entry_id": "b88b82cc89e326a2778874795102cbafd08dd979a2a7a3c69603fc4c23c2e010",
    "trade_id": "cdc39e45-bbd3-44ec-bf02-61742dfb16a1",
    "order_id": "813a53c5-3e39-47bb-863d-2faf685d22d8",
    "trade_time": "2025-05-31T20:00:00.250000Z",
    "trade_type": "FILL",
    "price": "101500.5",
    "size": "0.02",
    "commission": "1.25",
    "product_id": "BTC-USD",
    "sequence_timestamp": "2025-05-31T20:00:00.260000Z",
    "liquidity_indicator": "MAKER",
    "size_in_quote": False,
    "user_id": "1111111-1111-1111-1111-111111111111",
    "side": "BUY",
}
ORDER = {
    "order_id": "9bc1eb3b-5b46-4b71-9628-ae2ed0cca75b",
    "product_id": "BTC-USD",
    "user_id": "1111111-1111-1111-1111-111111111111",
    "order_configuration": {
        "limit_limit_gtc": {"base_size": "0.5", "limit_price": "101600.5", "post_only": False}
    },
    "side": "BUY",
    "client_order_id": "e5fe8482-05bb-428f-ad4d-dbc8ce39239c",
    "status": "CANCELLED",
    "time_in_force": "GOOD_UNTIL_CANCELLED",
    "created_time": "2025-05-31T20:00:00.250000Z",
    "completion_percentage": "80",
    "filled_size": "0.4",
    "average_filled_price": "101500.25",
    "fee": "",
    "number_of_fills": "2",
    "filled_value": "40600.09",
    "total_fees": "25.5",
    "order_type": "LIMIT",
    "product_type": "SPOT",
}


def money(amount: str, currency: str) -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def transaction(
    number: int, word: str, amount: str, currency: str, native: str, **more: Any
) -> dict[str, Any]:
    return {
        "id": f"57ffb4ae-0c59-5430-bcd3-3f98f797a{number:03}",
        "type": word,
        "status": "completed",
        "amount": money(amount, currency),
        "native_amount": money(native, "USD"),
        "description": None,
        "created_at": f"2025-05-31T20:00:{number:02}Z",
        "resource": "transaction",
        **more,
    }


#: What a transaction is: type, amount -> kind, quantity, wallets.
KINDS: tuple[tuple[Any, ...], ...] = (
    ("receive", "1", TransferKind.DEPOSIT, "1", None, None),
    ("request", "2", TransferKind.DEPOSIT, "2", None, None),
    ("unsupported_asset_recovery", "3", TransferKind.DEPOSIT, "3", None, None),
    ("fiat_withdrawal", "-4", TransferKind.WITHDRAWAL, "4", None, None),
    ("fiat_withdrawal", "4.5", TransferKind.ADJUSTMENT, "4.5", None, None),
    ("cardspend", "-5", TransferKind.WITHDRAWAL, "5", None, None),
    ("tx", "-6", TransferKind.UNCLASSIFIED, "-6", None, None),
    ("invented", "-7", TransferKind.UNCLASSIFIED, "-7", None, None),
    ("transfer", "8", TransferKind.INTERNAL, "8", None, None),
    ("vault_withdrawal", "9", TransferKind.INTERNAL, "9", None, None),
    ("intx_deposit", "-10", TransferKind.INTERNAL, "10", None, None),
    ("pro_withdrawal", "11", TransferKind.INTERNAL, "11", "pro", "spot"),
    ("staking_transfer", "-12", TransferKind.INTERNAL, "12", "spot", "staking"),
    ("unstaking_transfer", "13", TransferKind.INTERNAL, "13", "staking", "spot"),
    ("learning_reward", "14", TransferKind.REWARD, "14", None, None),
    ("payouts", "15", TransferKind.REWARD, "15", None, None),
    ("subscription_rebate", "16", TransferKind.REWARD, "16", None, None),
    ("incentives_rewards_payout", "17", TransferKind.REWARD, "17", None, None),
    ("incentives_shared_clawback", "-18", TransferKind.REWARD, "-18", None, None),
    ("derivatives_settlement", "-19", TransferKind.SETTLEMENT, "-19", None, None),
    ("derivatives_settlement", "20", TransferKind.SETTLEMENT, "20", None, None),
    ("retail_eth2_deprecation", "-21", TransferKind.SUBSCRIPTION, "-21", None, None),
    ("clawback", "-22", TransferKind.ADJUSTMENT, "-22", None, None),
)

CASES: tuple[Case, ...] = (
    HistoryCase(
        exchange="coinbase",
        data_type=DataType.FILLS,
        scope="spot",
        source=f"{API}/orders/list-fills",
        answer={"cursor": ""},
        rows=[
            FILL,
            FILL
            | {
                "entry_id": "22222-2222222-22222222",
                "trade_id": "1111-11111-111111",
                "order_id": "0000-000000-000000",
                "trade_time": "2025-05-31T20:00:01.500000Z",
                "price": "2500.25",
                "size": "500.05",
                "size_in_quote": True,
                "commission": "3.75",
                "product_id": "ETH-EUR",
                "liquidity_indicator": "TAKER",
                "side": "SELL",
            },
            FILL
            | {
                "trade_id": "2222-22222-222222",
                "price": "104000",
                "size": "3",
                "commission": "0.45",
                "product_id": "BIT-27JUN25-CDE",
            },
        ],
        records=[
            Fill(
                account="main",
                category="spot",
                symbol="BTC/USD",
                fill_id="cdc39e45-bbd3-44ec-bf02-61742dfb16a1",
                order_id="813a53c5-3e39-47bb-863d-2faf685d22d8",
                time=utc("2025-05-31T20:00:00.250"),
                side=Side.BUY,
                base="BTC",
                quote="USD",
                quantity=Decimal("0.02"),
                price=Decimal("101500.5"),
                cost=Decimal("2030.01"),
                fees=(Fee(asset="USD", amount=Decimal("1.25")),),
                liquidity="maker",
            ),
            Fill(
                account="main",
                category="spot",
                symbol="ETH/EUR",
                fill_id="1111-11111-111111",
                order_id="0000-000000-000000",
                time=utc("2025-05-31T20:00:01.500"),
                side=Side.SELL,
                base="ETH",
                quote="EUR",
                quantity=Decimal("0.2"),
                price=Decimal("2500.25"),
                cost=Decimal("500.05"),
                fees=(Fee(asset="EUR", amount=Decimal("3.75")),),
                liquidity="taker",
            ),
            Fill(
                account="main",
                category="linear",
                symbol="BTC/USD:USD",
                fill_id="2222-22222-222222",
                order_id="813a53c5-3e39-47bb-863d-2faf685d22d8",
                time=utc("2025-05-31T20:00:00.250"),
                side=Side.BUY,
                base="BTC",
                quote="USD",
                quantity=Decimal("0.03"),
                price=Decimal("104000"),
                cost=Decimal("3120"),
                fees=(Fee(asset="USD", amount=Decimal("0.45")),),
                kind=FillKind.LEVERAGED,
                liquidity="maker",
                settle="USD",
                contracts=Decimal("3"),
                contract_size=Decimal("0.01"),
            ),
        ],
    ),
    HistoryCase(
        exchange="coinbase",
        data_type=DataType.ORDERS,
        scope="spot",
        source=f"{API}/orders/list-orders",
        answer={"cursor": "", "has_next": False},
        rows=[
            ORDER,
            ORDER
            | {
                "order_id": "52cfe5e2-0b29-4c19-a245-a6a773de5030",
                "product_id": "ETH-EUR",
                "order_configuration": {"market_market_ioc": {"base_size": "2"}},
                "side": "SELL",
                "client_order_id": "4d760580-6fca-4094-a70b-ebcca8626288",
                "status": "FILLED",
                "time_in_force": "IMMEDIATE_OR_CANCEL",
                "created_time": "2025-05-31T20:00:01.500000Z",
                "completion_percentage": "100",
                "filled_size": "2",
                "average_filled_price": "2500.5",
                "filled_value": "5001",
                "total_fees": "5.5",
                "order_type": "MARKET",
            },
            ORDER
            | {
                "order_id": "7d6b0c2e-6c9e-4a0f-9c55-0d2f0c5a8d11",
                "order_configuration": {
                    "stop_limit_stop_limit_gtc": {
                        "base_size": "1.5",
                        "limit_price": "90000",
                        "stop_price": "91000",
                    }
                },
                "client_order_id": "5e760580-6fca-4094-a70b-ebcca8626289",
                "status": "OPEN",
                "filled_size": "0",
                "average_filled_price": "0",
                "filled_value": "0",
                "total_fees": "0",
                "order_type": "STOP_LIMIT",
            },
        ],
        records=[
            Order(
                account="main",
                category="spot",
                symbol="BTC/USD",
                order_id="9bc1eb3b-5b46-4b71-9628-ae2ed0cca75b",
                client_order_id="e5fe8482-05bb-428f-ad4d-dbc8ce39239c",
                created_at=utc("2025-05-31T20:00:00.250"),
                side=Side.BUY,
                type="limit",
                status=OrderStatus.CANCELED,
                base="BTC",
                quote="USD",
                price=Decimal("101600.5"),
                average=Decimal("101500.25"),
                amount=Decimal("0.5"),
                filled=Decimal("0.4"),
                cost=Decimal("40600.09"),
                fetched_at=NOW,
            ),
            Order(
                account="main",
                category="spot",
                symbol="ETH/EUR",
                order_id="52cfe5e2-0b29-4c19-a245-a6a773de5030",
                client_order_id="4d760580-6fca-4094-a70b-ebcca8626288",
                created_at=utc("2025-05-31T20:00:01.500"),
                side=Side.SELL,
                type="market",
                status=OrderStatus.CLOSED,
                base="ETH",
                quote="EUR",
                price=None,
                average=Decimal("2500.5"),
                amount=Decimal("2"),
                filled=Decimal("2"),
                cost=Decimal("5001"),
                fetched_at=NOW,
            ),
            Order(
                account="main",
                category="spot",
                symbol="BTC/USD",
                order_id="7d6b0c2e-6c9e-4a0f-9c55-0d2f0c5a8d11",
                client_order_id="5e760580-6fca-4094-a70b-ebcca8626289",
                created_at=utc("2025-05-31T20:00:00.250"),
                side=Side.BUY,
                type="limit",
                status=OrderStatus.OPEN,
                base="BTC",
                quote="USD",
                price=Decimal("90000"),
                average=None,
                amount=Decimal("1.5"),
                filled=Decimal("0"),
                cost=None,
                fetched_at=NOW,
            ),
        ],
    ),
    HistoryCase(
        exchange="coinbase",
        data_type=DataType.TRANSFERS,
        scope="transactions",
        source=f"{DOCS}/coinbase-app/track-apis/transactions",
        answer={"pagination": {"next_starting_after": None}},
        cursor={"targets": ["2bbf394c-193b-5b2a-9155-3b4732659ede"], "at": 0},
        rows=[
            transaction(
                1,
                "send",
                "-0.0105",
                "BTC",
                "-1065.75",
                network={
                    "status": "confirmed",
                    "hash": "463397c87beddd9a61ade61359a13adc9efea26062191fe07147037bce7f33ed",
                    "network_name": "bitcoin",
                    "transaction_fee": money("0.0005", "BTC"),
                    "transaction_amount": money("0.01", "BTC"),
                },
            ),
            transaction(
                2,
                "send",
                "-15.5",
                "USDC",
                "-15.5",
                status="pending",
                network={
                    "status": "pending",
                    "hash": "0x26c3e4d9b2f16a4c8c9e5f6b7a8d1e0f3c2b4a5d6e7f8091a2b3c4d5e6f70819",
                    "network_name": "ethereum",
                    "transaction_fee": money("0.002", "ETH"),
                    "transaction_amount": money("15.5", "USDC"),
                },
            ),
            # the amount includes the fee, whether or not the amount without it is stated
            transaction(
                3, "send", "-2", "ETH", "-5000", network={"transaction_fee": money("0.5", "ETH")}
            ),
            transaction(4, "fiat_deposit", "250.25", "EUR", "280", status="waiting_for_clearing"),
            transaction(5, "staking_reward", "0.125", "SOL", "18.75"),
            transaction(6, "staking_reward", "-0.025", "SOL", "-3.75", status="canceled"),
            transaction(7, "exchange_withdrawal", "-0.75", "ETH", "-1875", status="failed"),
            transaction(8, "subscription", "-29.99", "USD", "-29.99"),
            transaction(9, "advanced_trade_fill", "0.5", "BTC", "50750"),
            transaction(10, "trade", "0.5", "ETH", "1250", status="pending"),
            transaction(11, "trade", "0.00000001", "SHIB", "0"),
            # a status that is not documented is not settled yet
            transaction(12, "interest", "0.5", "USDC", "0.5", status="under_review"),
        ],
        records=[
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="57ffb4ae-0c59-5430-bcd3-3f98f797a001",
                kind=TransferKind.WITHDRAWAL,
                time=utc("2025-05-31T20:00:01"),
                asset="BTC",
                quantity=Decimal("0.01"),
                fee=Fee(asset="BTC", amount=Decimal("0.0005")),
                tx_id="463397c87beddd9a61ade61359a13adc9efea26062191fe07147037bce7f33ed",
                network="bitcoin",
                word="send",
            ),
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="57ffb4ae-0c59-5430-bcd3-3f98f797a002",
                kind=TransferKind.WITHDRAWAL,
                time=utc("2025-05-31T20:00:02"),
                asset="USDC",
                quantity=Decimal("15.5"),
                fee=Fee(asset="ETH", amount=Decimal("0.002")),
                status="pending",
                tx_id="0x26c3e4d9b2f16a4c8c9e5f6b7a8d1e0f3c2b4a5d6e7f8091a2b3c4d5e6f70819",
                network="ethereum",
                word="send",
            ),
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="57ffb4ae-0c59-5430-bcd3-3f98f797a003",
                kind=TransferKind.WITHDRAWAL,
                time=utc("2025-05-31T20:00:03"),
                asset="ETH",
                quantity=Decimal("1.5"),
                fee=Fee(asset="ETH", amount=Decimal("0.5")),
                word="send",
            ),
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="57ffb4ae-0c59-5430-bcd3-3f98f797a004",
                kind=TransferKind.DEPOSIT,
                time=utc("2025-05-31T20:00:04"),
                asset="EUR",
                quantity=Decimal("250.25"),
                status="pending",
                word="fiat_deposit",
            ),
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="57ffb4ae-0c59-5430-bcd3-3f98f797a005",
                kind=TransferKind.REWARD,
                time=utc("2025-05-31T20:00:05"),
                asset="SOL",
                quantity=Decimal("0.125"),
                word="staking_reward",
            ),
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="57ffb4ae-0c59-5430-bcd3-3f98f797a006",
                kind=TransferKind.REWARD,
                time=utc("2025-05-31T20:00:06"),
                asset="SOL",
                quantity=Decimal("-0.025"),
                status="canceled",
                word="staking_reward",
            ),
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="57ffb4ae-0c59-5430-bcd3-3f98f797a007",
                kind=TransferKind.INTERNAL,
                time=utc("2025-05-31T20:00:07"),
                asset="ETH",
                quantity=Decimal("0.75"),
                status="failed",
                from_wallet="spot",
                to_wallet="exchange",
                word="exchange_withdrawal",
            ),
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="57ffb4ae-0c59-5430-bcd3-3f98f797a008",
                kind=TransferKind.FEE,
                time=utc("2025-05-31T20:00:08"),
                asset="USD",
                quantity=Decimal("-29.99"),
                word="subscription",
            ),
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="57ffb4ae-0c59-5430-bcd3-3f98f797a011",
                kind=TransferKind.SUBSCRIPTION,
                time=utc("2025-05-31T20:00:11"),
                asset="SHIB",
                quantity=Decimal("0.00000001"),
                word="trade",
            ),
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="57ffb4ae-0c59-5430-bcd3-3f98f797a012",
                kind=TransferKind.INTEREST,
                time=utc("2025-05-31T20:00:12"),
                asset="USDC",
                quantity=Decimal("0.5"),
                status="pending",
                word="interest",
            ),
        ],
    ),
    HistoryCase(
        exchange="coinbase",
        data_type=DataType.TRANSFERS,
        scope="transactions",
        source=f"{DOCS}/coinbase-app/track-apis/transactions",
        answer={"pagination": {"next_starting_after": None}},
        cursor={"targets": ["2bbf394c-193b-5b2a-9155-3b4732659ede"], "at": 0},
        rows=[
            transaction(at, word, amount, "USD", amount)
            for at, (word, amount, *_) in enumerate(KINDS, 31)
        ],
        records=[
            Transfer(
                account="main",
                scope="transactions",
                transfer_id=f"57ffb4ae-0c59-5430-bcd3-3f98f797a{at:03}",
                kind=kind,
                time=utc(f"2025-05-31T20:00:{at:02}"),
                asset="USD",
                quantity=Decimal(quantity),
                from_wallet=source,
                to_wallet=target,
                word=word,
            )
            for at, (word, _, kind, quantity, source, target) in enumerate(KINDS, 31)
        ],
    ),
    # simple buys and converts: a history of transfers that holds fills
    HistoryCase(
        exchange="coinbase",
        data_type=DataType.TRANSFERS,
        scope="transactions",
        source=f"{DOCS}/coinbase-app/track-apis/transactions",
        answer={"pagination": {"next_starting_after": None}},
        cursor={"targets": ["2bbf394c-193b-5b2a-9155-3b4732659ede"], "at": 0},
        rows=[
            transaction(
                21,
                "buy",
                "0.01",
                "BTC",
                "1025.5",
                buy={
                    "id": "9e14d574-30fa-5d85-b02c-6be0d851d61d",
                    "subtotal": money("1015", "EUR"),
                    "fee": money("10.5", "GBP"),
                    "total": money("1025.5", "EUR"),
                },
            ),
            transaction(
                22,
                "sell",
                "-0.5",
                "ETH",
                "1250.25",
                sell={
                    "id": "6a57ff1a-6f2c-5a7a-9f76-3f1b5f5b0c22",
                    "subtotal": money("1250.25", "USD"),
                    "fee": money("12.5", "USD"),
                    "total": money("1237.75", "USD"),
                },
            ),
            transaction(
                23,
                "buy",
                "-1025.5",
                "EUR",
                "-1100",
                buy={
                    "id": "9e14d574-30fa-5d85-b02c-6be0d851d61d",
                    "subtotal": money("1015", "EUR"),
                },
            ),
            transaction(
                24,
                "trade",
                "-0.25",
                "ETH",
                "-625.5",
                trade={"id": "0b5a6b0c-9d7e-5c1f-8f0a-2e1d3c4b5a69", "fee": money("1.5", "USD")},
            ),
            transaction(
                25,
                "trade",
                "4",
                "SOL",
                "620",
                trade={"id": "1c5a6b0c-9d7e-5c1f-8f0a-2e1d3c4b5a70", "fee": money("0", "USD")},
            ),
            transaction(
                26,
                "trade",
                "100.5",
                "USD",
                "100.25",
                trade={"id": "2d5a6b0c-9d7e-5c1f-8f0a-2e1d3c4b5a71", "fee": money("0", "USD")},
            ),
            transaction(
                27,
                "unwrap_asset",
                "0.5",
                "ETH",
                "1250",
                unwrap_asset={"id": "3d5a6b0c-9d7e-5c1f-8f0a-2e1d3c4b5a72"},
            ),
            transaction(28, "retail_simple_dust", "-0.004", "SOL", "-0.62"),
        ],
        records=[
            Fill(
                account="main",
                category="spot",
                symbol="BTC/EUR",
                fill_id="57ffb4ae-0c59-5430-bcd3-3f98f797a021",
                order_id="9e14d574-30fa-5d85-b02c-6be0d851d61d",
                time=utc("2025-05-31T20:00:21"),
                side=Side.BUY,
                base="BTC",
                quote="EUR",
                quantity=Decimal("0.01"),
                price=Decimal("101500"),
                cost=Decimal("1015"),
                fees=(Fee(asset="GBP", amount=Decimal("10.5")),),
                kind=FillKind.FIAT,
            ),
            Fill(
                account="main",
                category="spot",
                symbol="ETH/USD",
                fill_id="57ffb4ae-0c59-5430-bcd3-3f98f797a022",
                order_id="6a57ff1a-6f2c-5a7a-9f76-3f1b5f5b0c22",
                time=utc("2025-05-31T20:00:22"),
                side=Side.SELL,
                base="ETH",
                quote="USD",
                quantity=Decimal("0.5"),
                price=Decimal("2500.5"),
                cost=Decimal("1250.25"),
                fees=(Fee(asset="USD", amount=Decimal("12.5")),),
                kind=FillKind.FIAT,
            ),
            Fill(
                account="main",
                category="spot",
                symbol="ETH/USD",
                fill_id="57ffb4ae-0c59-5430-bcd3-3f98f797a024",
                order_id="0b5a6b0c-9d7e-5c1f-8f0a-2e1d3c4b5a69",
                time=utc("2025-05-31T20:00:24"),
                side=Side.SELL,
                base="ETH",
                quote="USD",
                quantity=Decimal("0.25"),
                price=Decimal("2502"),
                cost=Decimal("625.5"),  # a fee in a third currency is part of the spread
                kind=FillKind.CONVERT,
            ),
            Fill(
                account="main",
                category="spot",
                symbol="SOL/USD",
                fill_id="57ffb4ae-0c59-5430-bcd3-3f98f797a025",
                order_id="1c5a6b0c-9d7e-5c1f-8f0a-2e1d3c4b5a70",
                time=utc("2025-05-31T20:00:25"),
                side=Side.BUY,
                base="SOL",
                quote="USD",
                quantity=Decimal("4"),
                price=Decimal("155"),
                cost=Decimal("620"),
                kind=FillKind.CONVERT,
            ),
            Fill(
                account="main",
                category="spot",
                symbol="USD/USD",
                fill_id="57ffb4ae-0c59-5430-bcd3-3f98f797a026",
                order_id="2d5a6b0c-9d7e-5c1f-8f0a-2e1d3c4b5a71",
                time=utc("2025-05-31T20:00:26"),
                side=Side.BUY,
                base="USD",
                quote="USD",
                quantity=Decimal("100.5"),
                price=Decimal("1"),
                cost=Decimal("100.5"),
                kind=FillKind.CONVERT,
            ),
            Fill(
                account="main",
                category="spot",
                symbol="ETH/USD",
                fill_id="57ffb4ae-0c59-5430-bcd3-3f98f797a027",
                order_id="3d5a6b0c-9d7e-5c1f-8f0a-2e1d3c4b5a72",
                time=utc("2025-05-31T20:00:27"),
                side=Side.BUY,
                base="ETH",
                quote="USD",
                quantity=Decimal("0.5"),
                price=Decimal("2500"),
                cost=Decimal("1250"),
                kind=FillKind.CONVERT,
            ),
            Fill(
                account="main",
                category="spot",
                symbol="SOL/USD",
                fill_id="57ffb4ae-0c59-5430-bcd3-3f98f797a028",
                order_id=None,
                time=utc("2025-05-31T20:00:28"),
                side=Side.SELL,
                base="SOL",
                quote="USD",
                quantity=Decimal("0.004"),
                price=Decimal("155"),
                cost=Decimal("0.62"),
                kind=FillKind.CONVERT,
            ),
        ],
    ),
    WalletCase(
        exchange="coinbase",
        wallet="spot",
        source=f"{API}/accounts/list-accounts",
        answer={
            "accounts": [
                {
                    "uuid": f"8bfc20d7-f7c6-4422-bf07-8243ca4169f{number}",
                    "name": f"{code} Wallet",
                    "currency": code,
                    "available_balance": {"value": free, "currency": code},
                    "default": False,
                    "active": True,
                    "type": kind,
                    "ready": True,
                    "hold": {"value": held, "currency": code},
                }
                for number, code, kind, free, held in (
                    (1, "BTC", "ACCOUNT_TYPE_CRYPTO", "1.25", "0.5"),
                    (2, "ETH", "ACCOUNT_TYPE_VAULT", "2.75", "0.125"),
                    (3, "EUR", "ACCOUNT_TYPE_FIAT", "100.5", "20.25"),
                    (4, "USDC", "ACCOUNT_TYPE_PERP_FUTURES", "30", "7"),
                )
            ],
            "has_next": False,
            "cursor": "",
            "size": 4,
        },
        balances=[
            Balance(
                account="main",
                wallet="spot",
                code="BTC",
                asset="BTC",
                free=Decimal("1.25"),
                used=Decimal("0.5"),
                total=Decimal("1.75"),
                fetched_at=NOW,
            ),
            Balance(
                account="main",
                wallet="spot",
                code="ETH",
                asset="ETH",
                free=Decimal("2.75"),
                used=Decimal("0.125"),
                total=Decimal("2.875"),
                fetched_at=NOW,
            ),
            Balance(
                account="main",
                wallet="spot",
                code="EUR",
                asset="EUR",
                free=Decimal("100.5"),
                used=Decimal("20.25"),
                total=Decimal("120.75"),
                fetched_at=NOW,
            ),
            Balance(
                account="main",
                wallet="spot",
                code="USDC",
                asset="USDC",
                free=Decimal("30"),
                used=Decimal("7"),
                total=Decimal("37"),
                fetched_at=NOW,
            ),
        ],
    ),
    ListCase(
        exchange="coinbase",
        what="open_orders",
        category="spot",
        source=f"{API}/orders/list-orders",
        answer={
            "orders": [
                ORDER | {"status": "OPEN"},
                ORDER
                | {
                    "order_id": "52cfe5e2-0b29-4c19-a245-a6a773de5030",
                    "product_id": "ETH-EUR",
                    "order_configuration": {
                        "limit_limit_gtd": {"base_size": "3", "limit_price": "2600.5"}
                    },
                    "side": "SELL",
                    "client_order_id": "4d760580-6fca-4094-a70b-ebcca8626288",
                    "status": "OPEN",
                    "created_time": "2025-05-31T20:00:01.500000Z",
                    "filled_size": "1",
                    "average_filled_price": "2610.5",
                    "filled_value": "2610.5",
                },
            ],
            "cursor": "",
            "has_next": False,
        },
        records=[
            Order(
                account="main",
                category="spot",
                symbol="BTC/USD",
                order_id="9bc1eb3b-5b46-4b71-9628-ae2ed0cca75b",
                client_order_id="e5fe8482-05bb-428f-ad4d-dbc8ce39239c",
                created_at=utc("2025-05-31T20:00:00.250"),
                side=Side.BUY,
                type="limit",
                status=OrderStatus.OPEN,
                base="BTC",
                quote="USD",
                price=Decimal("101600.5"),
                average=Decimal("101500.25"),
                amount=Decimal("0.5"),
                filled=Decimal("0.4"),
                cost=Decimal("40600.09"),
                fetched_at=NOW,
            ),
            Order(
                account="main",
                category="spot",
                symbol="ETH/EUR",
                order_id="52cfe5e2-0b29-4c19-a245-a6a773de5030",
                client_order_id="4d760580-6fca-4094-a70b-ebcca8626288",
                created_at=utc("2025-05-31T20:00:01.500"),
                side=Side.SELL,
                type="limit",
                status=OrderStatus.OPEN,
                base="ETH",
                quote="EUR",
                price=Decimal("2600.5"),
                average=Decimal("2610.5"),
                amount=Decimal("3"),
                filled=Decimal("1"),
                cost=Decimal("2610.5"),
                fetched_at=NOW,
            ),
        ],
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_every_history_and_wallet_has_a_case() -> None:
    assert uncovered(policy_for("coinbase"), CASES) == set()


def converted(asset: str, amount: str, fee: dict[str, str], number: int) -> dict[str, Any]:
    trade = {"id": "61258a99-7e8a-4ece-94cf-485b33d09319", "fee": fee}
    return transaction(number, "trade", amount, asset, amount.strip("-"), trade=trade)


@pytest.mark.parametrize(
    ("fee_asset", "fee", "counted"),
    [
        ("USDC", "0.109974", [Fee(asset="USDC", amount=Decimal("0.109974"))]),
        ("ETH", "0.00001", [Fee(asset="ETH", amount=Decimal("0.00001"))]),
        ("USD", "0.11", []),  # the spread, as Coinbase shows it
    ],
)
def test_coinbase_convert_with_fee(fee_asset: str, fee: str, counted: list[Fee]) -> None:
    """Both rows of a convert name its one fee, and state what left and what arrived. (Shape of
    the rows: rotki/rotki, tests/exchanges/test_coinbase.py, a conversion with a fee.)"""
    halves = history(
        HistoryCase(
            exchange="coinbase",
            data_type=DataType.TRANSFERS,
            scope="transactions",
            source=f"{DOCS}/coinbase-app/track-apis/transactions",
            answer={"pagination": {"next_starting_after": None}},
            cursor={"targets": ["2bbf394c-193b-5b2a-9155-3b4732659ede"], "at": 0},
            rows=[
                converted("USDC", "-10.571942", money(fee, fee_asset), 1),
                converted("ETH", "0.00266121", money(fee, fee_asset), 2),
            ],
            records=(),
        )
    )
    moved: dict[str, Decimal] = {}
    for flow in flows(halves, ()):
        moved[flow.asset] = moved.get(flow.asset, Decimal(0)) + flow.quantity
    assert moved == {"USDC": Decimal("-10.571942"), "ETH": Decimal("0.00266121")}
    (whole,) = whole_converts(halves)
    assert list(whole.fees) == counted
