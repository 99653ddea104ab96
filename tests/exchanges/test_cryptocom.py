"""Crypto.com: every history and list in its own spelling, and the records written by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.exchanges import policy_for
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import (
    Balance,
    DataType,
    Fee,
    Fill,
    Order,
    OrderStatus,
    Position,
    Side,
    Transfer,
    TransferKind,
)
from tests.exchanges import cases
from tests.exchanges.builders import NOW, NOW_MS, adapter_for, stream
from tests.exchanges.cases import Case, HistoryCase, ListCase, WalletCase, check, uncovered

DOCS = "https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html"
PERPETUAL = "BTC/USD:USD"
#: 1748775602500 and 1748772001250 of the rows (newest first), and when their orders ended.
SECOND = datetime(2025, 6, 1, 11, 0, 2, 500_000, tzinfo=UTC)
FIRST = datetime(2025, 6, 1, 10, 0, 1, 250_000, tzinfo=UTC)
SECOND_END = datetime(2025, 6, 1, 11, 0, 4, 125_000, tzinfo=UTC)
FIRST_END = datetime(2025, 6, 1, 10, 0, 3, 750_000, tzinfo=UTC)
ANSWER = {"id": 1, "method": "private/read", "code": 0}


def fee(amount: str, asset: str) -> Fee:
    return Fee(asset=asset, amount=Decimal(amount))


ORDERS = [
    {
        "account_id": "ce",
        "order_id": "6530219477767564494",
        "client_oid": "c-1",
        "order_type": "LIMIT",
        "time_in_force": "GOOD_TILL_CANCEL",
        "side": "BUY",
        "exec_inst": [],
        "quantity": "2",
        "limit_price": "100",
        "order_value": "200",
        "avg_price": "99",
        "trigger_price": "0",
        "cumulative_quantity": "0.5",
        "cumulative_value": "49.5",
        "cumulative_fee": "0.1",
        "status": "CANCELED",
        "instrument_name": "BTC_USD",
        "fee_instrument_name": "BTC",
        "create_time": 1748775602500,
        "create_time_ns": "1748775602500000007",
        "update_time": 1748775604125,
    },
    {
        "account_id": "ce",
        "order_id": "6530219477767564495",
        "client_oid": "c-2",
        "order_type": "MARKET",
        "time_in_force": "IMMEDIATE_OR_CANCEL",
        "side": "SELL",
        "exec_inst": [],
        "quantity": "0.25",
        "limit_price": "0",
        "order_value": "7500",
        "avg_price": "30000.5",
        "trigger_price": "0",
        "cumulative_quantity": "0.25",
        "cumulative_value": "7500.125",
        "cumulative_fee": "3.75",
        "status": "FILLED",
        "instrument_name": "BTCUSD-PERP",
        "fee_instrument_name": "USD",
        "create_time": 1748772001250,
        "create_time_ns": "1748772001250000003",
        "update_time": 1748772003750,
    },
]
JOURNAL = [
    {
        "journal_type": word,
        "journal_id": number,
        "transaction_qty": quantity,
        "transaction_cost": cost,
        "realized_pnl": "0",
        "event_timestamp_ms": int(at[:13]),
        "event_timestamp_ns": at,
        "instrument_name": name,
        "order_id": f"9{number}",
    }
    for word, number, quantity, cost, at, name in (
        ("FUNDING", "11", "0.1", "-0.25", "1748775602500000011", "BTCUSD-PERP"),
        ("AUTO_CONVERSION", "12", "-3", "9", "1748772001250000012", "USDT"),
        ("MARGIN_TRADE_INTEREST", "13", "-0.01", "8", "1748772001250000011", "USD"),
        ("SOFT_STAKE_REWARD", "14", "0.5", "7", "1748772001250000010", "CRO"),
        ("LIQUIDATION_FEE", "15", "0.2", "-1.5", "1748772001250000009", "ETHUSD-PERP"),
        ("TRADING", "16", "6", "5", "1748772001250000008", "BTC_USD"),
        ("REALIZED_PNL", "17", "6", "5", "1748772001250000007", "BTCUSD-PERP"),
        ("SESSION_SETTLE", "18", "6", "5", "1748772001250000006", "BTCUSD-PERP"),
        ("SUBACCOUNT_TX", "19", "-20", "4", "1748772001250000005", "USDT"),
        ("INSURANCE_FUND", "20", "6", "-21", "1748772001250000004", "BTCUSD-PERP"),
        ("SOCIALIZED_LOSS", "21", "6", "-22", "1748772001250000003", "BTCUSD-PERP"),
        ("ADMIN_ADJUSTMENT", "22", "23", "4", "1748772001250000002", "USDT"),
        ("OFFCHAIN_DEPOSIT", "23", "24", "4", "1748772001250000001", "USDT"),
        ("INVENTED", "24", "25", "4", "1748772001250000000", "USDT"),
    )
]

HISTORIES = (
    HistoryCase(
        exchange="cryptocom",
        data_type=DataType.FILLS,
        scope="trades",
        source=f"{DOCS}#private-get-trades: a negative fee was paid",
        answer=ANSWER,
        rows=[
            {
                "account_id": "ds",
                "event_date": "2025-06-01",
                "journal_type": "TRADING",
                "side": "BUY",
                "instrument_name": "BTC_USD",
                "fees": "-0.0000000525",
                "trade_id": "6142909898247428343",
                "trade_match_id": "4611686018455978480",
                "create_time": 1748775602500,
                "create_time_ns": "1748775602500000009",
                "traded_price": "26347.16",
                "traded_quantity": "0.00021",
                "fee_instrument_name": "BTC",
                "client_oid": "c-1",
                "taker_side": "TAKER",
                "order_id": "6142909895036331486",
            },
            {
                "account_id": "ds",
                "event_date": "2025-06-01",
                "journal_type": "TRADING",
                "side": "SELL",
                "instrument_name": "BTCUSD-PERP",
                "fees": "0.01",
                "trade_id": "6142909898247428344",
                "trade_match_id": "4611686018455978481",
                "create_time": 1748772001250,
                "create_time_ns": "1748772001250000007",
                "traded_price": "26000.5",
                "traded_quantity": "0.5",
                "fee_instrument_name": "USD",
                "client_oid": "c-2",
                "taker_side": "MAKER",
                "order_id": "6142909895036331487",
            },
        ],
        records=[
            Fill(
                account="main",
                category="spot",
                symbol="BTC/USD",
                fill_id="6142909898247428343",
                order_id="6142909895036331486",
                time=SECOND,
                side=Side.BUY,
                base="BTC",
                quote="USD",
                quantity=Decimal("0.00021"),
                price=Decimal("26347.16"),
                cost=Decimal("5.5329036"),
                fees=(fee("0.0000000525", "BTC"),),
                liquidity="taker",
            ),
            Fill(
                account="main",
                category="linear",
                symbol=PERPETUAL,
                fill_id="6142909898247428344",
                order_id="6142909895036331487",
                time=FIRST,
                side=Side.SELL,
                base="BTC",
                quote="USD",
                quantity=Decimal("0.5"),
                price=Decimal("26000.5"),
                cost=Decimal("13000.25"),
                fees=(fee("-0.01", "USD"),),
                liquidity="maker",
                settle="USD",
                contracts=Decimal("0.5"),
                contract_size=Decimal(1),
            ),
        ],
    ),
    HistoryCase(
        exchange="cryptocom",
        data_type=DataType.ORDERS,
        scope="orders",
        source=f"{DOCS}#private-get-order-history",
        answer=ANSWER,
        rows=ORDERS,
        records=[
            Order(
                account="main",
                category="spot",
                symbol="BTC/USD",
                order_id="6530219477767564494",
                client_order_id="c-1",
                created_at=SECOND,
                updated_at=SECOND_END,
                side=Side.BUY,
                type="limit",
                status=OrderStatus.CANCELED,
                base="BTC",
                quote="USD",
                price=Decimal(100),
                average=Decimal(99),
                amount=Decimal(2),
                filled=Decimal("0.5"),
                cost=Decimal("49.5"),
                fetched_at=NOW,
            ),
            Order(
                account="main",
                category="linear",
                symbol=PERPETUAL,
                order_id="6530219477767564495",
                client_order_id="c-2",
                created_at=FIRST,
                updated_at=FIRST_END,
                side=Side.SELL,
                type="market",
                status=OrderStatus.CLOSED,
                base="BTC",
                quote="USD",
                price=None,
                average=Decimal("30000.5"),
                amount=Decimal("0.25"),
                filled=Decimal("0.25"),
                cost=Decimal("7500.125"),
                fetched_at=NOW,
            ),
        ],
    ),
    HistoryCase(
        exchange="cryptocom",
        data_type=DataType.TRANSFERS,
        scope="journal",
        source=f"{DOCS}#private-get-transactions",
        answer=ANSWER,
        rows=JOURNAL,
        records=[
            Transfer(
                account="main",
                scope="journal",
                transfer_id="11",
                kind=TransferKind.FUNDING,
                time=SECOND,
                asset="USD",
                quantity=Decimal("-0.25"),
                symbol=PERPETUAL,
                word="FUNDING",
                reference="911",
            ),
            *(
                Transfer(
                    account="main",
                    scope="journal",
                    transfer_id=name,
                    kind=kind,
                    time=FIRST,
                    asset=asset,
                    quantity=Decimal(quantity),
                    symbol=symbol,
                    word=word,
                    reference=f"9{name}",
                )
                for name, word, kind, asset, quantity, symbol in (
                    ("12", "AUTO_CONVERSION", TransferKind.SUBSCRIPTION, "USDT", "-3", None),
                    ("13", "MARGIN_TRADE_INTEREST", TransferKind.INTEREST, "USD", "-0.01", None),
                    ("14", "SOFT_STAKE_REWARD", TransferKind.REWARD, "CRO", "0.5", None),
                    ("15", "LIQUIDATION_FEE", TransferKind.FEE, "USD", "-1.5", "ETH/USD:USD"),
                    ("19", "SUBACCOUNT_TX", TransferKind.WITHDRAWAL, "USDT", "20", None),
                    ("20", "INSURANCE_FUND", TransferKind.INSURANCE, "USD", "-21", PERPETUAL),
                    ("21", "SOCIALIZED_LOSS", TransferKind.LIQUIDATION, "USD", "-22", PERPETUAL),
                    ("22", "ADMIN_ADJUSTMENT", TransferKind.ADJUSTMENT, "USDT", "23", None),
                    ("24", "INVENTED", TransferKind.UNCLASSIFIED, "USDT", "25", None),
                )
            ),
        ],
    ),
    HistoryCase(
        exchange="cryptocom",
        data_type=DataType.TRANSFERS,
        scope="deposits",
        source=f"{DOCS}#private-get-deposit-history",
        answer=ANSWER,
        rows=[
            {
                "currency": "BTC",
                "fee": 0.5,
                "create_time": 1748775602500,
                "id": "6201135",
                "update_time": 1748775604125,
                "amount": 0.00114571,
                "address": "1",
                "status": "1",
                "txid": "f0/2",
            },
            {
                "currency": "CRO",
                "fee": 0,
                "create_time": 1748772001250,
                "id": "6201136",
                "update_time": 1748772003750,
                "amount": 100.5,
                "address": "2",
                "status": "2",
                "txid": "f1/3",
            },
        ],
        records=[
            Transfer(
                account="main",
                scope="deposits",
                transfer_id="6201135",
                kind=TransferKind.DEPOSIT,
                time=SECOND,
                asset="BTC",
                quantity=Decimal("0.00114571"),
                fee=fee("0.5", "BTC"),
                tx_id="f0/2",
            ),
            Transfer(
                account="main",
                scope="deposits",
                transfer_id="6201136",
                kind=TransferKind.DEPOSIT,
                time=FIRST,
                asset="CRO",
                quantity=Decimal("100.5"),
                status="failed",
                tx_id="f1/3",
            ),
        ],
    ),
    HistoryCase(
        exchange="cryptocom",
        data_type=DataType.TRANSFERS,
        scope="withdrawals",
        source=f"{DOCS}#private-get-withdrawal-history",
        answer=ANSWER,
        rows=[
            {
                "currency": "BTC",
                "client_wid": "w-1",
                "fee": 0.0005,
                "create_time": 1748775602500,
                "id": "5775977",
                "update_time": 1748775604125,
                "amount": 0.25,
                "address": "1",
                "status": "5",
                "txid": "aa",
                "network_id": "BTC",
            },
            {
                "currency": "CRO",
                "client_wid": "",
                "fee": 10,
                "create_time": 1748772001250,
                "id": "5775978",
                "update_time": 1748772003750,
                "amount": 200,
                "address": "2",
                "status": "6",
                "txid": "bb",
                "network_id": "CRONOS",
            },
        ],
        records=[
            Transfer(
                account="main",
                scope="withdrawals",
                transfer_id="5775977",
                kind=TransferKind.WITHDRAWAL,
                time=SECOND,
                asset="BTC",
                quantity=Decimal("0.25"),
                fee=fee("0.0005", "BTC"),
                tx_id="aa",
            ),
            Transfer(
                account="main",
                scope="withdrawals",
                transfer_id="5775978",
                kind=TransferKind.WITHDRAWAL,
                time=FIRST,
                asset="CRO",
                quantity=Decimal(200),
                fee=fee("10", "CRO"),
                status="canceled",
                tx_id="bb",
            ),
        ],
    ),
    HistoryCase(
        exchange="cryptocom",
        data_type=DataType.TRANSFERS,
        scope="staking",
        source=f"{DOCS}#private-staking-get-reward-history",
        answer=ANSWER,
        rows=[
            {
                "staking_inst_name": "SOL.staked",
                "underlying_inst_name": "SOL",
                "reward_inst_name": "SOL.staked",
                "reward_quantity": "0.02",
                "staked_balance": "14.2",
                "event_timestamp_ms": "1748775602500",
            },
            {
                "staking_inst_name": "CRO.staked",
                "underlying_inst_name": "CRO",
                "reward_inst_name": "USDT",
                "reward_quantity": "1.5",
                "staked_balance": "900",
                "event_timestamp_ms": "1748772001250",
            },
        ],
        records=[
            Transfer(
                account="main",
                scope="staking",
                transfer_id="SOL.staked:1748775602500",
                kind=TransferKind.REWARD,
                time=SECOND,
                asset="SOL",
                quantity=Decimal("0.02"),
            ),
            Transfer(
                account="main",
                scope="staking",
                transfer_id="CRO.staked:1748772001250",
                kind=TransferKind.REWARD,
                time=FIRST,
                asset="USDT",
                quantity=Decimal("1.5"),
            ),
        ],
    ),
)

CASES: tuple[Case, ...] = (
    *HISTORIES,
    ListCase(
        exchange="cryptocom",
        what="positions",
        category="linear",
        source=f"{DOCS}#private-get-positions",
        answer={
            **ANSWER,
            "result": {
                "data": [
                    {
                        "account_id": "c",
                        "quantity": "-0.2",
                        "cost": "-6100",
                        "open_pos_cost": "-6000",
                        "open_position_pnl": "-0.5",
                        "session_pnl": "1.8",
                        "update_timestamp_ms": 1748775602500,
                        "instrument_name": "BTCUSD-PERP",
                        "type": "PERPETUAL_SWAP",
                    },
                    {
                        "account_id": "c",
                        "quantity": "4",
                        "cost": "10100",
                        "open_pos_cost": "10000",
                        "open_position_pnl": "7.25",
                        "session_pnl": "2.8",
                        "update_timestamp_ms": 1748772001250,
                        "instrument_name": "ETHUSD-PERP",
                        "type": "PERPETUAL_SWAP",
                    },
                ]
            },
        },
        records=[
            Position(
                account="main",
                wallet="trading",
                category="linear",
                symbol=PERPETUAL,
                side="short",
                contracts=Decimal("0.2"),
                contract_size=Decimal(1),
                base_quantity=Decimal("0.2"),
                entry_price=Decimal(30000),
                mark_price=None,
                notional=Decimal(6000),
                unrealised_pnl=Decimal("-0.5"),
                settle_asset="USD",
                fetched_at=NOW,
                as_of=SECOND,
            ),
            Position(
                account="main",
                wallet="trading",
                category="linear",
                symbol="ETH/USD:USD",
                side="long",
                contracts=Decimal(4),
                contract_size=Decimal(1),
                base_quantity=Decimal(4),
                entry_price=Decimal(2500),
                mark_price=None,
                notional=Decimal(10000),
                unrealised_pnl=Decimal("7.25"),
                settle_asset="USD",
                fetched_at=NOW,
                as_of=FIRST,
            ),
        ],
    ),
    WalletCase(
        exchange="cryptocom",
        wallet="trading",
        source=f"{DOCS}#private-user-balance",
        answer={
            **ANSWER,
            "result": {
                "data": [
                    {
                        "total_cash_balance": "1",
                        "position_balances": [
                            {
                                "instrument_name": "BTC",
                                "quantity": "1.5",
                                "reserved_qty": "0.25",
                                "market_value": "45000",
                            },
                            {
                                "instrument_name": "USD",
                                "quantity": "300",
                                "reserved_qty": "20.5",
                                "market_value": "299",
                            },
                        ],
                    }
                ]
            },
        },
        balances=[
            Balance(
                account="main",
                wallet="trading",
                code=code,
                asset=code,
                free=Decimal(free),
                used=Decimal(used),
                total=Decimal(total),
                fetched_at=NOW,
            )
            for code, free, used, total in (
                ("BTC", "1.25", "0.25", "1.5"),
                ("USD", "279.5", "20.5", "300"),
            )
        ],
    ),
)


@pytest.mark.parametrize("case", CASES, ids=cases.named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_every_parser_has_a_case() -> None:
    assert uncovered(policy_for("cryptocom"), CASES) == set()


def test_a_deposit_to_an_address_with_a_bare_tag_is_read() -> None:
    """The sample of the documentation; no deposit of its page is lost with it."""
    row = {
        "currency": "XRP",
        "fee": 1.0,
        "create_time": NOW_MS - 60_000,
        "id": "2220",
        "update_time": NOW_MS,
        "amount": 100,
        "address": "rADDRESS?1234567890",
        "status": "1",
    }
    answer = {"id": 11, "method": "x", "code": 0, "result": {"deposit_list": [row]}}
    with adapter_for("cryptocom", lambda asked: answer) as (adapter, _stub):
        deposits = stream(adapter, DataType.TRANSFERS, "deposits")
        (made,) = adapter.page(deposits, None, Span(NOW_MS - 86_400_000, NOW_MS), {}).records
    assert isinstance(made, Transfer)
    assert (made.kind, made.asset, made.quantity, made.fee) == (
        TransferKind.DEPOSIT,
        "XRP",
        Decimal(100),
        Fee(asset="XRP", amount=Decimal(1)),
    )
