"""The portfolio in groups with subtotals."""

from dataclasses import replace
from decimal import Decimal

from exchange_cache.value.reading import AccountAverage
from tests.render.builders import (
    holding,
    position,
    reading,
    screen,
    totals,
    tty,
    wallet,
)

BOTH = (wallet("BTC", "1", "main"), wallet("BTC", "2", "bybit"))


def average(account: str, known: str, unknown: str, price: str | None) -> AccountAverage:
    return AccountAverage(
        account=account,
        explained_quantity=Decimal(known),
        unknown_quantity=Decimal(unknown),
        average_entry_price=None if price is None else Decimal(price),
    )


def test_by_account_every_account_has_its_subtotal() -> None:
    value = reading(
        holding("BTC", "3", "100", wallets=BOTH), holding("ETH", "1", "50"), totals=totals("350")
    )
    assert screen(value, by="account").split("\n\n")[1] == (
        "Asset  Quantity   Price  Avg entry    Value  Unrealised  24 h   Share\n"
        "bybit   200.00 USDT   57.1 %\n"
        " BTC          2  100.00          - ~ 200.00           -     -  57.1 %\n"
        "main   150.00 USDT   42.9 %\n"
        " BTC          1  100.00          - ~ 100.00           -     -  28.6 %\n"
        " ETH          1   50.00          - ~  50.00           -     -  14.3 %"
    )


def test_a_part_has_the_average_of_its_account_and_the_change_of_its_asset() -> None:
    own = (average("bybit", "2", "0", "50"), average("main", "0.5", "0.5", "80"))
    value = reading(
        replace(
            holding("BTC", "3", "100", average="56", explained="2.5", wallets=BOTH, change="0.01"),
            account_averages=own,
        )
    )
    _, bybit, two, main, one = screen(value, by="account").split("\n\n")[1].splitlines()
    assert bybit.endswith("unrealised +100.00")
    assert two.split()[3:8] == ["50.00", "200.00", "+100.00", "+100.0", "+1.0"]
    assert main.endswith("unrealised +10.00")
    assert one.split()[3:9] == ["80.00", "~", "100.00", "+10.00", "+25.0", "+1.0"]


def test_accounts_of_one_exchange_have_the_mean_of_their_averages() -> None:
    own = (average("bybit", "2", "0", "50"), average("main", "1", "0", "80"))
    value = reading(
        replace(
            holding("BTC", "3", "100", average="60", wallets=BOTH, change="0.01"),
            account_averages=own,
        )
    )
    shown = screen(value, by="exchange", exchanges={"main": "okx", "bybit": "okx"})
    assert shown.split("\n\n")[1].splitlines()[2].split()[:6] == [
        *("BTC", "3", "100.00", "60.00", "300.00", "+120.00"),
    ]


def test_a_wallet_has_its_part_of_what_its_account_explains() -> None:
    parts = (wallet("BTC", "1", "main", "spot"), wallet("BTC", "3", "main", "earn"))
    value = reading(holding("BTC", "4", "100", average="50", explained="2", wallets=parts))
    shown = screen(value, by="wallet").split("\n\n")[1].splitlines()
    assert shown[1].startswith("main / earn")
    assert shown[2].split()[3:7] == ["50.00", "~", "300.00", "+75.00"]
    assert shown[4].split()[3:7] == ["50.00", "~", "100.00", "+25.00"]


def test_by_exchange_the_open_positions_are_in_the_sum() -> None:
    value = reading(
        holding("BTC", "3", "100", wallets=(wallet("BTC", "1", "a"), wallet("BTC", "2", "b"))),
        positions=(position("b", settle_asset="USDT", unrealised_pnl=Decimal("50")),),
        totals=totals("350"),
    )
    shown = screen(value, by="exchange", exchanges={"a": "kraken", "b": "okx"}).split("\n\n")[1]
    okx, _, result, kraken, _ = shown.splitlines()[1:]
    assert okx.startswith("okx   250.00 USDT   71.4 %")
    assert result.split() == ["open", "PnL", "-", "-", "-", "50.00", "-", "-", "14.3", "%"]
    assert kraken.startswith("kraken   100.00 USDT   28.6 %")


def test_at_80_columns_average_result_and_the_changes_of_a_day_are_kept() -> None:
    value = reading(
        holding("BTC", "0.53341", "39745.27", average="51478.86", explained="0.5", change="0.01"),
        holding("ATOM", "-52.835512", "8.786", average="8.8569", change="-0.048"),
        holding("BTTC", "542275123", "0.00000093", average="0.0000009", change="-0.048"),
        positions=(position(),),
    )
    heading = screen(value, tty(80), by="account").split("\n\n")[1].splitlines()[0]
    assert "Avg entry" in heading
    assert heading.endswith("24 h")


def test_small_holdings_are_in_the_sums_of_their_groups() -> None:
    value = reading(holding("BTC", "1", "10000"), holding("A", "1", "2"), holding("B", "1", "3"))
    shown = screen(value, by="account").split("\n\n")[1].splitlines()
    assert shown[1].startswith("main   10,005.00 USDT")
    assert shown[-1].split()[:9] == [
        "2",
        "below",
        "0.1",
        "%",
        "(--all),",
        "in",
        "the",
        "sums",
        "above",
    ]
