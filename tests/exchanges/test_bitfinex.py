"""Bitfinex: every history and list in its own spelling, and the records written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.exchanges import policy_for
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
from tests.exchanges.builders import NOW, adapter_for
from tests.exchanges.cases import Case, HistoryCase, ListCase, WalletCase, check, uncovered

DOCS = "https://docs.bitfinex.com/reference"
PERPETUAL = "BTC/USDT:USDT"
#: 1748772001250 and 1748775602500 of the rows, and when their orders ended.
FIRST = datetime(2025, 6, 1, 10, 0, 1, 250_000, tzinfo=UTC)
SECOND = datetime(2025, 6, 1, 11, 0, 2, 500_000, tzinfo=UTC)
FIRST_END = datetime(2025, 6, 1, 10, 0, 3, 750_000, tzinfo=UTC)
SECOND_END = datetime(2025, 6, 1, 11, 0, 4, 125_000, tzinfo=UTC)


def fee(amount: str, asset: str) -> Fee:
    return Fee(asset=asset, amount=Decimal(amount))


def order_row(
    order_id: int,
    symbol: str,
    times: tuple[int, int],
    left: str,
    amount: str,
    kind: str,
    status: str,
    price: str,
    average: str,
) -> list[object]:
    """A row of orders/hist, whose figures are JSON numbers."""
    made, changed = times
    row: list[object] = [None] * 32
    row[0:4] = [order_id, None, order_id + 7, symbol]
    row[4:9] = [made, changed, float(left), float(amount), kind]
    row[12:14] = [0, status]
    row[16:20] = [float(price), float(average), 0, 0]
    row[23:25] = [0, 0]
    row[28] = "API>BFX"
    return row


SPOT_ORDER = order_row(
    33950998275,
    "tBTCUSD",
    (1748772001250, 1748772003750),
    "1.5",
    "2",
    "EXCHANGE LIMIT",
    "CANCELED was: PARTIALLY FILLED @ 99.0(0.5)",
    "100",
    "99",
)
PERPETUAL_ORDER = order_row(
    33950998276,
    "tBTCF0:USTF0",
    (1748775602500, 1748775604125),
    "0",
    "-0.5",
    "MARKET",
    "EXECUTED @ 40001.0(-0.5)",
    "40000",
    "40001",
)
MARGIN_ORDER = order_row(
    33950998277,
    "tBTCUSD",
    (1748775602500, 1748775604125),
    "-3",
    "-3",
    "LIMIT",
    "ACTIVE",
    "41000",
    "0",
)
SPOT_RECORD = Order(
    account="main",
    category="spot",
    symbol="BTC/USD",
    order_id="33950998275",
    client_order_id="33950998282",
    created_at=FIRST,
    updated_at=FIRST_END,
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
)
PERPETUAL_RECORD = Order(
    account="main",
    category="linear",
    symbol=PERPETUAL,
    order_id="33950998276",
    client_order_id="33950998283",
    created_at=SECOND,
    updated_at=SECOND_END,
    side=Side.SELL,
    type="market",
    status=OrderStatus.CLOSED,
    base="BTC",
    quote="USDT",
    price=None,
    average=Decimal(40001),
    amount=Decimal("0.5"),
    filled=Decimal("0.5"),
    cost=Decimal("20000.5"),
    fetched_at=NOW,
)
MARGIN_RECORD = Order(
    account="main",
    category="margin",
    symbol="BTC/USD",
    order_id="33950998277",
    client_order_id="33950998284",
    created_at=SECOND,
    updated_at=SECOND_END,
    side=Side.SELL,
    type="limit",
    status=OrderStatus.OPEN,
    base="BTC",
    quote="USD",
    price=Decimal(41000),
    average=None,
    amount=Decimal(3),
    filled=Decimal(0),
    cost=None,
    fetched_at=NOW,
)


def movement(
    number: int,
    currency: str,
    network: str,
    times: tuple[int, int],
    status: str,
    amount: float,
    charged: float,
    tx_id: str,
) -> list[object]:
    """A row of movements/hist."""
    row: list[object] = [None] * 22
    row[0:3] = [number, currency, network]
    row[5:7] = times
    row[9] = status
    row[12:14] = [amount, charged]
    row[16] = "0x38"
    row[20] = tx_id
    return row


def ledger_row(number: int, currency: str, at: int, amount: float, text: str) -> list[object]:
    return [number, currency, None, at, None, amount, 100.5, None, text]


HISTORIES = (
    HistoryCase(
        exchange="bitfinex",
        data_type=DataType.FILLS,
        scope="trades",
        source=f"{DOCS}/rest-auth-trades: a negative fee was paid",
        rows=[
            [
                402088407,
                "tBTCUSD",
                1748775602500,
                34938060782,
                -0.2,
                153.5,
                "EXCHANGE LIMIT",
                150,
                1,
                -0.061668,
                "USD",
                11,
            ],
            [
                402088408,
                "tBTCUSD",
                1748772001250,
                34938060783,
                0.25,
                160.5,
                "LIMIT",
                161,
                -1,
                0.001,
                "BTC",
                12,
            ],
            [
                402088409,
                "tBTCF0:USTF0",
                1748772001250,
                34938060784,
                0.5,
                40000,
                "MARKET",
                40010,
                -1,
                -13,
                "USTF0",
                13,
            ],
        ],
        records=[
            Fill(
                account="main",
                category="spot",
                symbol="BTC/USD",
                fill_id="402088407",
                order_id="34938060782",
                time=SECOND,
                side=Side.SELL,
                base="BTC",
                quote="USD",
                quantity=Decimal("0.2"),
                price=Decimal("153.5"),
                cost=Decimal("30.7"),
                fees=(fee("0.061668", "USD"),),
                liquidity="maker",
            ),
            Fill(
                account="main",
                category="margin",
                symbol="BTC/USD",
                fill_id="402088408",
                order_id="34938060783",
                time=FIRST,
                side=Side.BUY,
                base="BTC",
                quote="USD",
                quantity=Decimal("0.25"),
                price=Decimal("160.5"),
                cost=Decimal("40.125"),
                fees=(fee("-0.001", "BTC"),),
                liquidity="taker",
                settle="USD",
                contracts=Decimal("0.25"),
                contract_size=Decimal(1),
            ),
            Fill(
                account="main",
                category="linear",
                symbol=PERPETUAL,
                fill_id="402088409",
                order_id="34938060784",
                time=FIRST,
                side=Side.BUY,
                base="BTC",
                quote="USDT",
                quantity=Decimal("0.5"),
                price=Decimal(40000),
                cost=Decimal(20000),
                fees=(fee("13", "USDT"),),
                liquidity="taker",
                settle="USDT",
                contracts=Decimal("0.5"),
                contract_size=Decimal(1),
            ),
        ],
    ),
    HistoryCase(
        exchange="bitfinex",
        data_type=DataType.ORDERS,
        scope="orders",
        source=f"{DOCS}/rest-auth-orders-history",
        rows=[SPOT_ORDER, PERPETUAL_ORDER, [*MARGIN_ORDER[:13], "CANCELED", *MARGIN_ORDER[14:]]],
        records=[
            SPOT_RECORD,
            PERPETUAL_RECORD,
            replace(MARGIN_RECORD, status=OrderStatus.CANCELED),
        ],
    ),
    HistoryCase(
        exchange="bitfinex",
        data_type=DataType.TRANSFERS,
        scope="movements",
        source=f"{DOCS}/rest-auth-movements",
        rows=[
            movement(
                13293039,
                "ETH",
                "ETHEREUM",
                (1748775602500, 1748775604125),
                "COMPLETED",
                -0.24,
                -0.00135,
                "0x523",
            ),
            movement(
                13293040,
                "USD",
                "WIRE",
                (1748772001250, 1748772003750),
                "PENDING",
                500.25,
                -2.5,
                "0x524",
            ),
        ],
        records=[
            Transfer(
                account="main",
                scope="movements",
                transfer_id="13293039",
                kind=TransferKind.WITHDRAWAL,
                time=SECOND,
                asset="ETH",
                quantity=Decimal("0.24"),
                fee=fee("0.00135", "ETH"),
                tx_id="0x523",
                network="ERC20",
            ),
            Transfer(
                account="main",
                scope="movements",
                transfer_id="13293040",
                kind=TransferKind.DEPOSIT,
                time=FIRST,
                asset="USD",
                quantity=Decimal("500.25"),
                fee=fee("2.5", "USD"),
                status="pending",
                tx_id="0x524",
                network="WIRE",
            ),
        ],
    ),
    HistoryCase(
        exchange="bitfinex",
        data_type=DataType.TRANSFERS,
        scope="ledger",
        source=f"{DOCS}/rest-auth-ledgers",
        rows=[
            ledger_row(
                1,
                "USD",
                1748775602500,
                -5,
                "Transfer of 5.0 USD from wallet Exchange to Trading on wallet exchange",
            ),
            ledger_row(2, "UST", 1748772001250, 0.55, "Margin Funding Payment on wallet funding"),
            *(
                ledger_row(number, "BTC", 1748772001250, amount, text)
                for number, amount, text in (
                    (3, -0.01, "Derivatives Funding Event for tBTCF0:USTF0 on wallet margin"),
                    (4, -0.02, "Margin Funding Charge on wallet margin"),
                    (5, -0.03, "Something new"),
                    (6, -0.04, "Trading fees for 0.2 BTC (BTCUSD) @ 153.5 on wallet exchange"),
                    (7, 30.7, "Exchange 0.2 BTC for USD @ 153.5 on wallet exchange"),
                    (8, -0.05, "Position #139308995 funding cost on wallet margin"),
                    (9, -0.06, "Unused Margin Funding Fee on wallet margin"),
                    (10, 0.07, "Settlement @ 3814.4 on wallet margin"),
                    (11, 0.08, "Affiliate Rebate (user 7) on wallet exchange"),
                    (12, -0.09, "Adjustment Margin Funding Payment on wallet funding"),
                    (13, -0.11, "Claiming fee for Position claimed on wallet margin"),
                    (14, -0.12, "Position claimed @ 185.79 on wallet margin"),
                    (15, -0.13, "Position closed @ 185.79 (TRADE) on wallet margin"),
                    (16, -0.14, "Bitcoin Withdrawal #13105603 on wallet exchange"),
                    (17, -0.15, "Crypto Withdrawal fee on wallet exchange"),
                )
            ),
        ],
        records=[
            Transfer(
                account="main",
                scope="ledger",
                transfer_id="1",
                kind=TransferKind.INTERNAL,
                time=SECOND,
                asset="USD",
                quantity=Decimal(5),
                from_wallet="spot",
                word="transfer",
            ),
            Transfer(
                account="main",
                scope="ledger",
                transfer_id="2",
                kind=TransferKind.INTEREST,
                time=FIRST,
                asset="USDT",
                quantity=Decimal("0.55"),
                word="margin funding payment",
            ),
            *(
                Transfer(
                    account="main",
                    scope="ledger",
                    transfer_id=name,
                    kind=kind,
                    time=FIRST,
                    asset="BTC",
                    quantity=Decimal(quantity),
                    word=word,
                )
                for name, word, kind, quantity in (
                    ("3", "funding event", TransferKind.FUNDING, "-0.01"),
                    ("4", "margin funding charge", TransferKind.INTEREST, "-0.02"),
                    ("5", "Something new", TransferKind.UNCLASSIFIED, "-0.03"),
                    ("8", "position funding cost", TransferKind.INTEREST, "-0.05"),
                    ("9", "unused margin funding fee", TransferKind.FEE, "-0.06"),
                    ("10", "settlement", TransferKind.SETTLEMENT, "0.07"),
                    ("11", "affiliate rebate", TransferKind.REWARD, "0.08"),
                    ("12", "adjustment", TransferKind.ADJUSTMENT, "-0.09"),
                    ("13", "claiming fee", TransferKind.FEE, "-0.11"),
                    ("14", "position claim", TransferKind.ADJUSTMENT, "-0.12"),
                )
            ),
        ],
    ),
)

LISTS = (
    ListCase(
        exchange="bitfinex",
        what="positions",
        category="linear",
        source=f"{DOCS}/rest-auth-positions",
        answer=[
            [
                "tBTCF0:USTF0",
                "ACTIVE",
                -0.5,
                40000,
                0,
                0,
                12.5,
                0.1,
                60000,
                5,
                None,
                142355652,
                1748772001250,
                1748772003750,
                None,
                1,
                None,
                4000,
                40,
                {},
            ],
            [
                "tBTCUSD",
                "ACTIVE",
                0.25,
                30000,
                0,
                0,
                -7.5,
                0.2,
                20000,
                3,
                None,
                142355653,
                1748775602500,
                1748775604125,
                None,
                1,
                None,
                2500,
                25,
                {},
            ],
        ],
        records=[
            Position(
                account="main",
                wallet="margin",
                category="linear",
                symbol=PERPETUAL,
                side="short",
                contracts=Decimal("0.5"),
                contract_size=Decimal(1),
                base_quantity=Decimal("0.5"),
                entry_price=Decimal(40000),
                mark_price=None,
                notional=Decimal(20000),
                unrealised_pnl=Decimal("12.5"),
                settle_asset="USDT",
                leverage=Decimal(5),
                liquidation_price=Decimal(60000),
                fetched_at=NOW,
                as_of=FIRST,
            ),
            Position(
                account="main",
                wallet="margin",
                category="linear",
                symbol="BTC/USD",
                side="long",
                contracts=Decimal("0.25"),
                contract_size=Decimal(1),
                base_quantity=Decimal("0.25"),
                entry_price=Decimal(30000),
                mark_price=None,
                notional=Decimal(7500),
                unrealised_pnl=Decimal("-7.5"),
                settle_asset="USD",
                leverage=Decimal(3),
                liquidation_price=Decimal(20000),
                fetched_at=NOW,
                as_of=SECOND,
            ),
        ],
    ),
    *(
        ListCase(
            exchange="bitfinex",
            what="open_orders",
            category=record.category,
            source=f"{DOCS}/rest-auth-retrieve-orders",
            answer=[
                [*row[:13], status, *row[14:]],
                [*PERPETUAL_ORDER[:13], "ACTIVE", *PERPETUAL_ORDER[14:]],
            ],
            records=[replace(record, status=OrderStatus.OPEN)],
        )
        for record, row, status in (
            (SPOT_RECORD, SPOT_ORDER, "PARTIALLY FILLED @ 99.0(0.5)"),
            (MARGIN_RECORD, MARGIN_ORDER, "ACTIVE"),
            (PERPETUAL_RECORD, SPOT_ORDER, "ACTIVE"),
        )
    ),
)


def balance(wallet: str, code: str, free: str | None, total: str) -> Balance:
    return Balance(
        account="main",
        wallet=wallet,
        code=code,
        asset=code,
        free=None if free is None else Decimal(free),
        used=None,
        total=Decimal(total),
        fetched_at=NOW,
    )


WALLETS = tuple(
    WalletCase(
        exchange="bitfinex",
        wallet=wallet,
        source=f"{DOCS}/rest-auth-wallets",
        answer=[
            ["exchange", "UST", 100.5, 0, 90.5, None, None],
            ["exchange", "BTC", 1.5, 0, 1.25, None, None],
            ["margin", "USTF0", 7, 0, 6, None, None],
            ["margin", "UST", 3, 0, 2.5, None, None],
            ["funding", "USD", 12, 0.5, None, None, None],
            ["funding", "EUR", 14, 0, 13, None, None],
        ],
        balances=[balance(wallet, *figures) for figures in held],
    )
    for wallet, held in (
        ("spot", (("BTC", "1.25", "1.5"), ("USDT", "90.5", "100.5"))),
        ("margin", (("USDT", "8.5", "10"),)),
        ("funding", (("EUR", "13", "14"), ("USD", None, "12"))),
    )
)
CASES: tuple[Case, ...] = (*HISTORIES, *LISTS, *WALLETS)


@pytest.mark.parametrize("case", CASES, ids=cases.named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_a_fee_without_its_currency_is_of_no_asset() -> None:
    (case,) = (one for one in HISTORIES if (one.data_type, one.scope) == (DataType.FILLS, "trades"))
    row = [*case.rows[0][:10], None, *case.rows[0][11:]]
    (made,) = cases.history(replace(case, rows=[row]))
    assert isinstance(made, Fill)
    assert (made.fees, made.fees_known) == ((), False)


def test_every_parser_has_a_case() -> None:
    assert uncovered(policy_for("bitfinex"), CASES) == set()


def test_each_open_order_is_in_one_list_alone() -> None:
    """Spot and margin orders come in one answer, which is asked for each of the three lists."""
    answer = [
        [*row[:13], "ACTIVE", *row[14:]] for row in (SPOT_ORDER, MARGIN_ORDER, PERPETUAL_ORDER)
    ]
    found = {}
    with adapter_for("bitfinex", lambda asked: answer) as (adapter, _stub):
        for call in adapter.policy.open_orders:
            orders = adapter.open_orders(call)
            assert all(isinstance(order, Order) for order in orders)
            found[call.category] = [order.key[1:] for order in orders if isinstance(order, Order)]
    assert found == {
        record.category: [record.key[1:]]
        for record in (SPOT_RECORD, MARGIN_RECORD, PERPETUAL_RECORD)
    }
