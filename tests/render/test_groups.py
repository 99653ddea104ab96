"""The portfolio in groups with subtotals."""

from decimal import Decimal

from tests.render.builders import (
    holding,
    position,
    reading,
    screen,
    totals,
    wallet,
)


def test_by_account_every_account_has_its_subtotal():
    both = (wallet("BTC", "1", "main"), wallet("BTC", "2", "bybit"))
    value = reading(
        holding("BTC", "3", "100", wallets=both), holding("ETH", "1", "50"), totals=totals("350")
    )
    assert (
        screen(value, by="account").split("\n\n")[1] == "Asset  Quantity   Value   Share\n"
        "bybit   200.00 USDT   57.1 %\n"
        "  BTC         2  200.00  57.1 %\n"
        "main   150.00 USDT   42.9 %\n"
        "  BTC         1  100.00  28.6 %\n"
        "  ETH         1   50.00  14.3 %\n"
    )


def test_by_exchange_the_open_positions_are_in_the_sum():
    value = reading(
        holding("BTC", "3", "100", wallets=(wallet("BTC", "1", "a"), wallet("BTC", "2", "b"))),
        positions=(position("b", settle_asset="USDT", unrealised_pnl=Decimal("50")),),
        totals=totals("350"),
    )
    shown = screen(value, by="exchange", exchanges={"a": "kraken", "b": "okx"}).split("\n\n")[1]
    assert (
        shown == "Asset             Quantity   Value   Share\n"
        "okx   250.00 USDT   71.4 %\n"
        "  BTC                    2  200.00  57.1 %\n"
        "  open positions         -   50.00  14.3 %\n"
        "kraken   100.00 USDT   28.6 %\n"
        "  BTC                    1  100.00  28.6 %"
    )
