"""The simulated Bybit: deposits, withdrawals, transfers, the transaction log, conversions and
earn."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import ccxt
import pytest

from exchange_cache.simulator.dialects.bybit import Bybit
from exchange_cache.simulator.server import Simulator, running_simulator
from tests.simulator.builders import NOW_MS
from tests.simulator.bybit_world import DAY, WEEK, bybit_client, bybit_venue, everything, pages, raw

MONTH = 30 * DAY
LIFE = NOW_MS - 1200 * DAY


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(bybit_venue(), limit_scale=1000) as running:
        yield running


@pytest.fixture(scope="module")
def client(simulator: Simulator) -> Any:
    return bybit_client(simulator)


def test_deposits_are_reported_by_months_and_fiat_is_none_of_them(
    client: Any, simulator: Simulator
) -> None:
    rows = everything(
        client.privateGetV5AssetDepositQueryRecord, "rows", span=MONTH, start=LIFE, limit=5
    )
    expected = [t for t in simulator.venue.transfers("bybit", kind="deposit") if t.txid]
    assert {(row["id"], row["coin"], Decimal(row["amount"]), row["txID"]) for row in rows} == {
        (t.id, t.asset, t.amount, t.txid) for t in expected
    }
    assert len(rows) == len(expected)
    assert all(row["successAt"].endswith("000") for row in rows)
    assert any(t.asset == "EUR" for t in simulator.venue.transfers("bybit", kind="deposit"))
    with pytest.raises(ccxt.BadRequest, match="30 days"):
        client.privateGetV5AssetDepositQueryRecord(
            {"startTime": NOW_MS - MONTH - 1, "endTime": NOW_MS}
        )


def test_without_times_deposits_are_those_of_the_last_thirty_days(
    client: Any, simulator: Simulator
) -> None:
    recent = [
        t
        for t in simulator.venue.transfers("bybit", kind="deposit")
        if t.done_ms >= NOW_MS - MONTH and t.txid
    ]
    found = client.fetch_deposits()
    assert {d["txid"] for d in found} == {t.txid for t in recent}
    assert {d["status"] for d in found} == {"ok"}


def test_withdrawals_tell_their_fee_and_are_pending_until_they_are_through(
    client: Any, simulator: Simulator
) -> None:
    rows = everything(
        client.privateGetV5AssetWithdrawQueryRecord, "rows", span=MONTH, start=LIFE, withdrawType=2
    )
    expected = {t.id: t for t in simulator.venue.transfers("bybit", kind="withdrawal")}
    assert {row["withdrawId"] for row in rows} == set(expected)
    assert all(Decimal(row["withdrawFee"]) == expected[row["withdrawId"]].fee for row in rows)
    assert {row["status"] for row in rows} == {"success", "BlockchainConfirmed"}
    assert [(w["amount"], w["fee"]["cost"]) for w in client.fetch_withdrawals()] == [("20", "1.5")]


def test_transfers_between_wallets_are_reported_by_weeks(client: Any, simulator: Simulator) -> None:
    rows = everything(client.privateGetV5AssetTransferQueryInterTransferList, start=LIFE)
    expected = simulator.venue.transfers("bybit", kind="internal")
    assert sorted(row["transferId"] for row in rows) == sorted(t.id for t in expected)
    assert {(row["fromAccountType"], row["toAccountType"]) for row in rows} == {
        ("FUND", "UNIFIED"),
        ("UNIFIED", "FUND"),
    }
    assert [t["amount"] for t in client.fetch_transfers()] == ["200"]
    with pytest.raises(ccxt.BadRequest, match="7 days"):
        client.privateGetV5AssetTransferQueryInterTransferList(
            {"startTime": NOW_MS - 8 * DAY, "endTime": NOW_MS}
        )


def test_the_funding_accounts_ledger_is_reported_by_weeks_in_seconds(
    client: Any, simulator: Simulator
) -> None:
    call = client.privateGetV5AssetFundinghistory
    known = simulator.venue.entries("bybit", wallet="funding", start=NOW_MS - 365 * DAY)
    found: list[Any] = []
    for end in range(NOW_MS // 1000, (NOW_MS - 365 * DAY) // 1000, -WEEK // 1000):
        for page in pages(call, createTimeFrom=end - WEEK // 1000 + 1, createTimeTo=end, limit=1):
            found += page
    recent = found[: len(known)]
    assert [(row["currency"], Decimal(row["afterAmt"])) for row in recent] == [
        (e.asset, e.balance) for e in reversed(known)
    ]
    assert {row["showBusiTypeEn"] for row in recent} >= {
        "Airdrop",
        "Fiat",
        "Deposit",
        "Withdraw",
        "Transfer",
    }
    signed = [Decimal(row["txnAmt"]) * (1 if row["ioDirection"] == "I" else -1) for row in recent]
    assert signed == [e.amount - e.fee for e in reversed(known)]
    assert (
        call()["result"]["list"]
        == [row for row in found if int(row["createTime"]) * 1000 >= NOW_MS - WEEK][:10]
        != []
    )
    with pytest.raises(ccxt.BadRequest, match="7 days"):
        call({"createTimeFrom": NOW_MS // 1000 - 8 * 86_400, "createTimeTo": NOW_MS // 1000})
    with pytest.raises(ccxt.BadRequest, match="together"):
        call({"createTimeFrom": NOW_MS // 1000 - 86_400})


# -- transaction log
#   ----------------------------------------------------------------------------------------------


def test_settlements_in_the_log_are_the_funding_since_the_account_is_unified(
    client: Any, simulator: Simulator
) -> None:
    start = simulator.venue.account("bybit").upgraded_ms
    rows = everything(client.privateGetV5AccountTransactionLog, type="SETTLEMENT", limit=50)
    paid = simulator.venue.incomes("bybit", kind="funding", start=start)
    assert sorted(Decimal(row["funding"]) for row in rows) == sorted(i.amount for i in paid)
    assert all(
        Decimal(row["change"]) == Decimal(row["funding"]) and row["cashFlow"] == "0" for row in rows
    )
    assert {row["category"] for row in rows} == {"linear", "inverse"}


def test_the_log_chains_the_balances_of_each_coin(client: Any) -> None:
    rows = everything(
        client.privateGetV5AccountTransactionLog, start=NOW_MS - 28 * DAY, currency="USDT", limit=50
    )
    rows.sort(key=lambda row: int(row["id"].rpartition("_")[2]))
    assert len(rows) > 60
    for before, after in pairwise(rows):
        assert Decimal(after["cashBalance"]) == Decimal(before["cashBalance"]) + Decimal(
            after["change"]
        )
        fee, flow, funding = (Decimal(after[name] or 0) for name in ("fee", "cashFlow", "funding"))
        assert Decimal(after["change"]) == flow + funding - fee
    assert {"TRADE", "SETTLEMENT", "TRANSFER_IN"} <= {row["type"] for row in rows}


def test_the_log_tells_a_day_unless_asked_for_more(client: Any, simulator: Simulator) -> None:
    call = client.privateGetV5AccountTransactionLog
    expected = simulator.venue.entries("bybit", wallet="unified", start=NOW_MS - DAY)
    assert sum(len(page) for page in pages(call, limit=50)) == len(expected)
    assert len(call()["result"]["list"]) == 20
    week = simulator.venue.entries(
        "bybit", wallet="unified", start=NOW_MS - 9 * DAY, end=NOW_MS - 8 * DAY
    )
    assert sum(len(page) for page in pages(call, startTime=NOW_MS - 9 * DAY, limit=50)) == len(week)
    with pytest.raises(ccxt.BadRequest, match="7 days"):
        call({"startTime": NOW_MS - 8 * DAY, "endTime": NOW_MS})
    with pytest.raises(ccxt.BadRequest, match="2 years"):
        call({"startTime": NOW_MS - 731 * DAY})


def test_contract_lines_carry_the_size_that_is_left(client: Any) -> None:
    rows = everything(
        client.privateGetV5AccountTransactionLog, category="linear", type="TRADE", limit=50
    )
    last = next(
        row
        for row in sorted(rows, key=lambda r: -int(r["transactionTime"]))
        if row["symbol"] == "BTCPERP"
    )
    held = client.privateGetV5PositionList({"category": "linear", "symbol": "BTCPERP"})["result"][
        "list"
    ][0]
    assert last["size"] == held["size"]


# -- conversions and earn
#   -----------------------------------------------------------------------------------------


def test_conversions_are_paged_by_index(client: Any, simulator: Simulator) -> None:
    call = client.privateGetV5AssetExchangeQueryConvertHistory
    expected = [c.id for c in simulator.venue.conversions("bybit")]
    found = [
        call({"index": index, "limit": 1})["result"]["list"]
        for index in range(1, len(expected) + 2)
    ]
    assert [row["exchangeTxId"] for page in found for row in page] == expected[::-1]
    assert found[-1] == []
    assert call({"accountType": "eb_convert_funding"})["result"]["list"] == []
    assert [c["id"] for c in client.fetch_convert_trade_history()] == expected


def test_earn_wants_a_category_and_has_nothing(client: Any) -> None:
    assert client.privateGetV5EarnPosition({"category": "FlexibleSaving"})["result"]["list"] == []
    assert client.privateGetV5EarnOrder({"category": "OnChain"})["result"]["list"] == []
    with pytest.raises(ccxt.ExchangeError, match="180001"):
        client.privateGetV5EarnPosition()


def test_every_path_of_the_dialect_answers(simulator: Simulator) -> None:
    """Also those without a method in ccxt; what needs parameters is given them."""
    query = {
        "instruments": "category=linear",
        "tickers": "category=inverse",
        "kline": "category=spot&symbol=BTCUSDT&interval=D",
        "price_kline": "category=linear&symbol=BTCUSDT&interval=60",
        "wallet_balance": "accountType=UNIFIED",
        "coins_balance": "accountType=FUND",
        "earn_positions": "category=OnChain",
        "earn_orders": "category=OnChain",
        "positions": "category=inverse",
        "closed_pnl": "category=inverse",
        "executions": "category=option",
        "order_history": "category=option",
        "open_orders": "category=spot&openOnly=1",
        "classic_executions": "category=spot",
        "classic_orders": "category=spot",
    }
    for route, name in Bybit.ROUTES.items():
        status, body, _ = raw(simulator, route.partition(" ")[2], query.get(name, ""))
        assert (route, status, body["retCode"]) == (route, 200, 0)
