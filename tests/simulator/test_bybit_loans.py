"""The simulated Bybit lends: what the unified wallet holds and owes, its log, its spot orders."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from tests.simulator.builders import still_venue
from tests.simulator.bybit_world import DAY, bybit_client

D = Decimal


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """An account with 1000 USDT in the unified wallet and nothing else."""
    venue = still_venue(accounts={"bybit": "bybit"}, history_too=False)
    venue.deposit("bybit", "USDT", D(1000))
    venue.transfer("bybit", "USDT", D(1000), "funding", "unified")
    with running_simulator(venue, limit_scale=1000) as running:
        yield running


@pytest.fixture
def client(simulator: Simulator) -> Any:
    return bybit_client(simulator)


def plain(row: dict[str, str], *names: str) -> tuple[str, ...]:
    return tuple(format(D(row[name]).normalize() + 0, "f") for name in names)


def coins(client: Any) -> dict[str, tuple[str, ...]]:
    """What is in the wallet, what is owed of it with its interest, and what is left."""
    account = client.privateGetV5AccountWalletBalance({"accountType": "UNIFIED"})["result"]["list"][
        0
    ]
    names = ("walletBalance", "spotBorrow", "borrowAmount", "accruedInterest", "equity")
    return {row["coin"]: plain(row, *names) for row in account["coin"]}


def log(client: Any, word: str) -> list[tuple[str, ...]]:
    rows = client.privateGetV5AccountTransactionLog({"accountType": "UNIFIED", "type": word})[
        "result"
    ]["list"]
    return [(row["currency"], *plain(row, "change", "cashFlow", "cashBalance")) for row in rows]


def test_a_loan_is_in_the_wallet_and_owed(simulator: Simulator, client: Any) -> None:
    simulator.venue.borrow("bybit", "USDT", D(200))
    assert coins(client) == {"USDT": ("1200", "200", "200", "0", "1000")}
    assert log(client, "BORROW") == [("USDT", "200", "200", "1200")]
    simulator.venue.check_books()


def test_interest_is_owed_with_the_loan_and_repaid_first(simulator: Simulator, client: Any) -> None:
    venue = simulator.venue
    venue.borrow("bybit", "USDT", D(200))
    venue.accrue("bybit", "USDT", rate=D("0.002"))  # 0.4
    assert coins(client) == {"USDT": ("1200", "200.4", "200.4", "0.4", "999.6")}
    assert log(client, "INTEREST") == [("USDT", "-0.4", "-0.4", "1200")]
    paid = venue.repay("bybit", "USDT", D("50.4"))
    assert (paid.principal, paid.interest) == (50, D("0.4"))
    assert log(client, "REPAY") == [("USDT", "-50.4", "-50.4", "1149.6")]
    assert coins(client) == {"USDT": ("1149.6", "150", "150", "0", "999.6")}
    venue.check_books()


def test_a_coin_that_was_borrowed_and_sold_is_a_row_with_nothing_in_it(
    simulator: Simulator, client: Any
) -> None:
    (sold,) = simulator.venue.margin_trade("bybit", "SOL/USDT", "sell", D(3))
    found = coins(client)
    assert found["SOL"] == ("0", "3", "3", "0", "-3")
    assert D(found["USDT"][0]) == 1000 + sold.cost - sold.fees[0][1]
    assert log(client, "BORROW") == [("SOL", "3", "3", "3")]
    assert log(client, "TRADE")[0][0] in {"SOL", "USDT"}
    simulator.venue.check_books()


def test_a_spot_order_says_whether_it_may_borrow(simulator: Simulator, client: Any) -> None:
    venue = simulator.venue
    lent = venue.margin_trade("bybit", "SOL/USDT", "sell", D(3))[0].order_id
    own = venue.trade("bybit", "BTC/USDT", "buy", D("0.001"))[0].order_id
    now = venue.now()
    rows = client.privateGetV5OrderHistory(
        {"category": "spot", "startTime": now - DAY, "endTime": now}
    )["result"]["list"]
    assert {row["orderId"]: row["isLeverage"] for row in rows} == {lent: "1", own: "0"}
