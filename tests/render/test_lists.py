import json
from decimal import Decimal

from exchange_cache.records import (
    Balance,
    Fee,
    Order,
    OrderStatus,
    Price,
    Side,
    Transfer,
    TransferKind,
)
from exchange_cache.render.formats import FORMATS
from exchange_cache.render.history import history_listing
from exchange_cache.render.lists import (
    balances_listing,
    fills_listing,
    orders_listing,
    positions_listing,
    prices_listing,
    transfers_listing,
)
from tests.render.builders import (
    NOW,
    READ,
    fill,
    listed,
    position,
    tty,
)

FILLS = fills_listing(
    [
        fill(),
        fill(
            fill_id="2",
            side=Side.SELL,
            base="DOGE",
            symbol="DOGE/USDT",
            quantity=Decimal("1000.5"),
            price=Decimal("0.18123"),
            cost=Decimal("181.320615"),
            fees=(),
            fees_known=False,
        ),
    ],
    NOW,
)


def test_fills_at_80_columns_of_one_account_keep_quantity_price_and_fee():
    assert (
        listed(FILLS, terminal=tty(80)) == "2 fills of main   times in UTC\n"
        "\n"
        "Time                 Symbol     Side  Quantity         Price  Fee\n"
        "2026-01-31 14:02:51  BTC/USDT   buy       0.02  63,998.10     0.0018 BNB\n"
        "2026-01-31 14:02:51  DOGE/USDT  sell  1,000.50       0.18123  -\n"
    )


def test_fills_for_programs_are_exact():
    row = json.loads(listed(FILLS, "json"))["rows"][0]
    assert row == {
        "time": "2026-01-31T14:02:51Z",
        "account": "main",
        "symbol": "BTC/USDT",
        "side": "buy",
        "quantity": "0.02",
        "price": "63998.1",
        "cost": "1279.962",
        "quote": "USDT",
        "fee": "0.0018 BNB",
        "realised_pnl": None,
        "kind": "trade",
        "liquidity": None,
        "category": "spot",
        "fill_id": "1",
        "order_id": "10",
        "base": "BTC",
        "settle": None,
        "contracts": None,
        "contract_size": None,
        "fees": [{"asset": "BNB", "amount": "0.0018"}],
        "fees_known": True,
        "vanished_at": None,
        "provenance": "api",
        "file": None,
        "line": None,
    }


def test_a_document_has_schema_time_and_rows():
    assert json.loads(listed(fills_listing([], NOW), "json")) == {
        "schema": 1,
        "as_of": "2026-01-31T14:15:00Z",
        "rows": [],
    }


def test_csv_has_the_same_names_as_json():
    names = list(json.loads(listed(FILLS, "json"))["rows"][0])
    assert listed(FILLS, "csv").splitlines()[0].split(",") == names


def test_balances_show_their_age_and_debts():
    held = [
        Balance(
            account="main",
            wallet="spot",
            code="LDBTC",
            asset="BTC",
            free=Decimal("0.5"),
            used=None,
            total=Decimal("0.5"),
            fetched_at=READ,
        ),
        Balance(
            account="main",
            wallet="margin",
            code="USDT",
            asset="USDT",
            free=None,
            used=None,
            total=Decimal("-20"),
            fetched_at=READ,
        ),
    ]
    assert (
        listed(balances_listing(held, NOW)) == "2 balances   as of 14:03 UTC, 12 min ago\n"
        "\n"
        "Account  Wallet  Asset  Code   Free  Total     Age\n"
        "main     spot    BTC    LDBTC   0.5    0.5  12 min\n"
        "main     margin  USDT   USDT      -  -20.0  12 min\n"
    )


def test_positions_prices_orders_and_transfers_in_every_format():
    order = Order(
        account="main",
        category="spot",
        symbol="BTC/USDT",
        order_id="7",
        created_at=READ,
        side=Side.BUY,
        type="limit",
        status=OrderStatus.OPEN,
        base="BTC",
        quote="USDT",
        price=Decimal("60000"),
        average=None,
        amount=Decimal("0.5"),
        filled=Decimal(0),
        cost=None,
        fetched_at=READ,
    )
    moved = Transfer(
        account="main",
        scope="deposits",
        transfer_id="1",
        kind=TransferKind.DEPOSIT,
        time=READ,
        asset="SOL",
        quantity=Decimal("8.7"),
        fee=Fee(asset="SOL", amount=Decimal("0.01")),
    )
    quoted = Price(
        account="main",
        symbol="BTC/USDT",
        base="BTC",
        quote="USDT",
        last=Decimal(110),
        open_24h=Decimal(100),
        fetched_at=READ,
    )
    listings = (
        orders_listing([order], NOW),
        transfers_listing([moved], NOW),
        prices_listing([quoted], NOW),
        positions_listing([position().position], NOW),
        history_listing([(READ, Decimal("12.5"))], "USDT", NOW),
    )
    for listing in listings:
        for form in FORMATS:
            assert listed(listing, form)
    assert "10.0 %" in listed(listings[2])
    assert json.loads(listed(listings[2], "json"))["rows"][0]["change_24h"] == "0.1"
    assert "8.7  0.01 SOL  ok" in listed(listings[1])
