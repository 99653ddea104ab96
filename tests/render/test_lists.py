import json
from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_cache.records import (
    Balance,
    DataType,
    Fee,
    Order,
    OrderStatus,
    Price,
    Side,
    Transfer,
    TransferKind,
)
from exchange_cache.render.explain import explain_listing
from exchange_cache.render.formats import FORMATS
from exchange_cache.render.history import history_listing
from exchange_cache.render.listing import Column, Listing
from exchange_cache.render.lists import (
    balances_listing,
    fills_listing,
    orders_listing,
    positions_listing,
    prices_listing,
    transfers_listing,
)
from exchange_cache.render.output import write_listing
from exchange_cache.render.status import status_listing, status_rows
from exchange_cache.value.freshness import State
from tests.render.builders import NOW, PIPED, READ, fill, position, printed, tty, verdict, verdicts


def shown(listing, form="table", terminal=PIPED) -> str:
    return printed(write_listing, listing, form=form, terminal=terminal, now=NOW)


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


def test_fills_at_80_columns_keep_quantity_and_price():
    assert (
        shown(FILLS, terminal=tty(80)) == "2 fills\n"
        "\n"
        "Time                 Symbol     Side  Quantity         Price  Fee\n"
        "2026-01-31 14:02:51  BTC/USDT   buy       0.02  63,998.10     0.0018 BNB\n"
        "2026-01-31 14:02:51  DOGE/USDT  sell  1,000.50       0.18123  -\n"
    )


def test_fills_for_programs_are_exact():
    row = json.loads(shown(FILLS, "json"))["rows"][0]
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
    }


def test_a_document_has_schema_time_and_rows():
    assert json.loads(shown(fills_listing([], NOW), "json")) == {
        "schema": 1,
        "as_of": "2026-01-31T14:15:00Z",
        "rows": [],
    }


def test_csv_has_the_same_names_as_json():
    names = list(json.loads(shown(FILLS, "json"))["rows"][0])
    assert shown(FILLS, "csv").splitlines()[0].split(",") == names


def test_an_empty_list_says_what_to_do():
    assert (
        shown(fills_listing([], NOW))
        == "0 fills\n\nNo fills. Nothing is cached for this. Fetch it: excache sync\n"
    )


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
        shown(balances_listing(held, NOW)) == "2 balances   as of 14:03 UTC, 12 min ago\n"
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
            assert shown(listing, form)
    assert "10.0 %" in shown(listings[2])
    assert json.loads(shown(listings[2], "json"))["rows"][0]["change_24h"] == "0.1"
    assert "8.7  0.01 SOL  ok" in shown(listings[1])


STATUS = (
    *verdicts("main", age=timedelta(minutes=2)),
    verdict("kraken", age=timedelta(hours=3), error="timed out (13:02, 14:03)"),
    verdict("kraken", DataType.POSITIONS, age=None, state=State.NOT_OFFERED),
    verdict("kraken", DataType.FILLS, age=None),
    verdict("kraken", DataType.PRICES, age=timedelta(minutes=4)),
)


def test_status_is_a_matrix_of_ages():
    listing = status_listing(
        STATUS,
        NOW,
        exchanges={"main": "binance", "kraken": "kraken"},
        notes=["Next cron run 15:07.   Nothing runs."],
    )
    assert (
        shown(listing, terminal=tty(110))
        == "Account  Exchange  Balances   Positions  Orders  Fills  Transfers  Prices  Last"
        " error\nmain     binance   2 min      2 min      2 min   2 min  2 min      2"
        " min\nkraken   kraken    3 h stale  -          -       never  -          4 min   timed"
        " out (13:02, 14:03)\n\nNext cron run 15:07.   Nothing runs.\n"
    )


def test_on_a_narrow_terminal_the_last_error_stands_below_and_never_vanishes():
    listing = status_listing(STATUS, NOW, exchanges={"main": "binance", "kraken": "kraken"})
    assert (
        shown(listing, terminal=tty(80))
        == "Account  Exchange  Balances   Positions  Orders  Fills  Transfers  Prices\n"
        "main     binance   2 min      2 min      2 min   2 min  2 min      2 min\n"
        "kraken   kraken    3 h stale  -          -       never  -          4 min\n"
        "\n"
        "kraken: timed out (13:02, 14:03)\n"
    )


def test_status_for_programs_has_a_row_per_data_type():
    rows = json.loads(shown(status_rows(STATUS[6:7], NOW, exchanges={"kraken": "kraken"}), "json"))[
        "rows"
    ]
    assert rows == [
        {
            "account": "kraken",
            "exchange": "kraken",
            "data_type": "balances",
            "state": "stale",
            "succeeded_at": "2026-01-31T11:15:00Z",
            "age_seconds": 10800,
            "ttl_seconds": 3600,
            "error": "timed out (13:02, 14:03)",
            "error_code": None,
            "generic": False,
        }
    ]


def test_status_calls_an_exchange_without_a_policy_of_its_own_generic():
    listing = status_listing(STATUS[6:], NOW, exchanges={"kraken": "bitmex"}, generic={"kraken"})
    assert "kraken   bitmex (generic)" in shown(listing, terminal=tty(140))
    rows = status_rows(STATUS[6:7], NOW, exchanges={"kraken": "bitmex"}, generic={"kraken"})
    (row,) = json.loads(shown(rows, "json"))["rows"]
    assert (row["exchange"], row["generic"]) == ("bitmex", True)


def test_an_explanation_ends_in_its_reconciliation():
    rows = [
        {
            "time": READ,
            "event": "buy main BTC/USDT",
            "quantity": Decimal("0.5"),
            "price": Decimal(16800),
            "held": Decimal("0.4995"),
            "cost_held": Decimal(8400),
            "average": Decimal("16816.8168168"),
            "note": "fee 0.0005 BTC",
        },
        {
            "time": READ,
            "event": "moved main → kraken",
            "quantity": Decimal("0.2"),
            "held": Decimal("0.4993"),
            "cost_held": Decimal(8400),
        },
    ]
    listing = explain_listing(
        "BTC", rows, NOW, closing=["Held by events 0.4993   on exchanges 0.4993   difference 0"]
    )
    assert (
        shown(listing)
        == "BTC\n\nWhen                 Event                Quantity      Price    Held  Cost held"
        "    Average  Note\n2026-01-31 14:03:00  buy main BTC/USDT         0.5  16,800.00 "
        " 0.4995   8,400.00  16,816.82  fee 0.0005 BTC\n2026-01-31 14:03:00  moved main → kraken"
        "       0.2          -  0.4993   8,400.00          -  -\n\nHeld by events 0.4993   on"
        " exchanges 0.4993   difference 0\n"
    )


def test_a_column_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="column x: unknown kind 'money'"):
        Column(key="x", kind="money")


def test_a_number_must_be_a_decimal():
    listing = Listing(
        title="",
        columns=(Column(key="x", heading="X", kind="decimal"),),
        rows=({"x": 0.1},),
        as_of=NOW,
    )
    with pytest.raises(TypeError, match=r"not a Decimal: 0\.1"):
        shown(listing)
