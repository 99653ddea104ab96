import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from exchange_cache.render.output import write_portfolio
from exchange_cache.value.freshness import State
from tests.render.builders import (
    ASCII,
    NOW,
    PIPED,
    finding,
    holding,
    position,
    printed,
    reading,
    totals,
    verdict,
)


def document(value) -> dict:
    return json.loads(printed(write_portfolio, value, form="json", terminal=PIPED, now=NOW))


def test_the_json_of_a_portfolio_is_schema_1_to_the_letter():
    value = reading(
        holding(
            "BTC",
            "1.20345678",
            "64010.10",
            share="0.6",
            average="41200.11",
            explained="1.2",
            reasons=("0.00345678 arrived by deposit",),
            pnl="27451.02",
            fraction="0.5536",
            change="0.012",
        ),
        positions=(position(leverage=None),),
        totals=totals(
            "77033.39",
            unpriced_assets=("FOO",),
            unrealised_pnl=Decimal("27451.02"),
            change_24h=Decimal("0.0095"),
        ),
        freshness=(
            verdict("main", age=timedelta(seconds=12)),
            verdict("new", age=None, state=State.MISSING, error="timed out"),
        ),
        warnings=(finding("gap", "a gap", account="main", hint="excache sync"),),
    )
    assert document(value) == {
        "schema": 1,
        "as_of": "2026-01-31T14:15:00Z",
        "oldest": "2026-01-31T14:03:00Z",
        "reporting_asset": "USDT",
        "accounts": ["main"],
        "totals": {
            "value": "77033.39",
            "priced_value": "77033.39",
            "stale_value": "0",
            "unpriced_assets": ["FOO"],
            "realised_pnl": None,
            "unrealised_pnl": "27451.02",
            "change_24h": "0.0095",
            "change_24h_value": None,
        },
        "holdings": [
            {
                "asset": "BTC",
                "quantity": "1.20345678",
                "price": "64010.1",
                "price_as_of": "2026-01-31T14:03:00Z",
                "price_route": ["BTC/USDT@main"],
                "price_state": "fresh",
                "value": "77033.388833478",
                "share": "0.6",
                "average_entry_price": "41200.11",
                "explained_quantity": "1.2",
                "unknown_quantity": "0.00345678",
                "unknown_reasons": ["0.00345678 arrived by deposit"],
                "unrealised_pnl": "27451.02",
                "unrealised_fraction": "0.5536",
                "realised_pnl": None,
                "change_24h": "0.012",
                "account_averages": [],
                "wallets": [
                    {
                        "account": "main",
                        "wallet": "spot",
                        "code": "BTC",
                        "free": "1.20345678",
                        "used": "0",
                        "total": "1.20345678",
                        "earn": False,
                        "fetched_at": "2026-01-31T14:03:00Z",
                    }
                ],
            }
        ],
        "positions": [
            {
                "account": "main",
                "wallet": "swap",
                "symbol": "BTC/USDT:USDT",
                "side": "long",
                "contracts": "0.25",
                "contract_size": "1",
                "base_quantity": "0.25",
                "entry_price": "61900",
                "mark_price": "64012",
                "notional": "16003",
                "unrealised_pnl": "528",
                "unrealised_value": "528",
                "unrealised_fraction": "0.0341",
                "settle_asset": "USDT",
                "margin": None,
                "margin_mode": None,
                "leverage": None,
                "liquidation_price": "50120",
                "liquidation_distance": "0.217",
                "fetched_at": "2026-01-31T14:03:00Z",
            }
        ],
        "freshness": [
            {
                "account": "main",
                "data_type": "balances",
                "state": "fresh",
                "succeeded_at": "2026-01-31T14:14:48Z",
                "age_seconds": 12,
                "ttl_seconds": 3600,
                "error": None,
                "error_code": None,
            },
            {
                "account": "new",
                "data_type": "balances",
                "state": "missing",
                "succeeded_at": None,
                "age_seconds": None,
                "ttl_seconds": 3600,
                "error": "timed out",
                "error_code": None,
            },
        ],
        "warnings": [
            {
                "code": "gap",
                "account": "main",
                "asset": None,
                "message": "a gap",
                "hint": "excache sync",
            }
        ],
    }


def test_json_keeps_every_digit():
    value = reading(
        replace(holding("SHIB", "123456789012.123456789012345678", "1E-18"), value=Decimal("1E+30"))
    )
    own = document(value)["holdings"][0]
    assert (own["quantity"], own["price"], own["value"]) == (
        "123456789012.123456789012345678",
        "0.000000000000000001",
        "1" + "0" * 30,
    )


def test_json_is_escaped_where_the_stream_takes_no_unicode():
    assert printed(
        write_portfolio, reading(holding("币安", "1")), form="json", terminal=ASCII, now=NOW
    ).isascii()


def test_csv_has_the_names_of_json_and_exact_figures():
    shown = printed(
        write_portfolio,
        reading(holding("A,B", "0.00000001", "64010.10"), holding("X", "1", None)),
        form="csv",
        terminal=PIPED,
        now=NOW,
    )
    assert shown == (
        "asset,quantity,price,price_as_of,price_route,price_state,value,share,average_entry_price,explained_quantity,"
        "unknown_quantity,unrealised_pnl,unrealised_fraction,realised_pnl,change_24h\r\n"
        '"A,B",0.00000001,64010.1,2026-01-31T14:03:00Z,"A,B/USDT@main",fresh,0.000640101,,,0,0.00000001,,,,\r\n'
        "X,1,,,,unpriced,,,,0,1,,,,\r\n"
    )
    assert next(csv.DictReader(io.StringIO(shown)))["asset"] == "A,B"
