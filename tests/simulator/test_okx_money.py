"""The simulated OKX: bills, deposits and withdrawals, conversions and earn, through the real
ccxt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from tests.simulator.builders import NOW_MS
from tests.simulator.okx_world import DAY, all_pages, okx_client, okx_venue

KEPT = NOW_MS - 90 * DAY


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(okx_venue(), limit_scale=1000) as running:
        yield running


@pytest.fixture(scope="module")
def client(simulator: Simulator) -> Any:
    client = okx_client(simulator)
    client.load_markets()
    return client


@pytest.fixture(scope="module")
def bills(client: Any) -> list[dict[str, Any]]:
    return all_pages(client.privateGetAccountBillsArchive, "billId")


def test_bills_are_the_trading_accounts_ledger_of_three_months(
    bills: list[dict[str, Any]], simulator: Simulator
) -> None:
    entries = {e.id: e for e in simulator.venue.entries("okx", wallet="trading", start=KEPT)}
    assert [row["billId"] for row in bills] == sorted(entries, key=int, reverse=True)
    for row in bills:
        entry = entries[row["billId"]]
        assert (Decimal(row["balChg"]), Decimal(row["bal"])) == (
            entry.amount - entry.fee,
            entry.balance,
        )


def test_bills_end_in_the_cash_balance(bills: list[dict[str, Any]], client: Any) -> None:
    newest: dict[str, str] = {}
    for row in reversed(bills):
        newest[row["ccy"]] = row["bal"]
    details = client.privateGetAccountBalance()["data"][0]["details"]
    cash = {row["ccy"]: Decimal(row["cashBal"]) for row in details}
    assert {ccy: Decimal(bal) for ccy, bal in newest.items() if Decimal(bal)} == {
        ccy: cash[ccy] for ccy in newest if ccy in cash
    }


def test_every_type_of_bill_occurs_and_can_be_asked_for(
    bills: list[dict[str, Any]], client: Any
) -> None:
    types = {(row["type"], row["subType"]) for row in bills}
    assert {
        ("1", "11"),
        ("1", "12"),
        ("2", "1"),
        ("2", "2"),
        ("2", "3"),
        ("2", "4"),
        ("7", "9"),
        ("8", "173"),
        ("8", "174"),
    } <= types
    assert {("27", "318"), ("27", "319"), ("28", "236"), ("28", "237")} <= types
    for kind in ("1", "7", "8", "27"):
        rows = all_pages(client.privateGetAccountBillsArchive, "billId", type=kind)
        assert rows == [row for row in bills if row["type"] == kind]
    inverse = all_pages(
        client.privateGetAccountBillsArchive, "billId", ctType="inverse", instType="SWAP"
    )
    assert {row["ccy"] for row in inverse} == {"BTC", "ETH"}


def test_a_fill_carries_the_id_of_one_of_its_bills(
    bills: list[dict[str, Any]], client: Any
) -> None:
    by_trade: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in bills:
        by_trade[(row["instId"], row["tradeId"])].add(row["billId"])
    for row in client.privateGetTradeFillsHistory({"instType": "SPOT"})["data"]:
        mine = by_trade[(row["instId"], row["tradeId"])]
        assert len(mine) == 2
        assert row["billId"] in mine


def test_recent_bills_are_of_seven_days(client: Any, simulator: Simulator) -> None:
    rows = all_pages(client.privateGetAccountBills, "billId")
    assert len(rows) == len(
        simulator.venue.entries("okx", wallet="trading", start=NOW_MS - 7 * DAY)
    )


def test_funding_payments_and_transfers_through_ccxt(client: Any, simulator: Simulator) -> None:
    paid = {
        row.time_ms: row.amount
        for row in simulator.venue.incomes("okx", kind="funding", start=KEPT)
    }
    found = client.fetch_funding_history()
    assert found
    assert all(row["timestamp"] in paid for row in found)
    assert {row["info"]["type"] for row in found} == {"8"}
    moves = client.fetch_transfers()
    assert {(row["fromAccount"], row["toAccount"]) for row in moves} == {
        ("funding", "trading"),
        ("trading", "funding"),
    }


def test_funding_bills_of_a_month_page_by_time(client: Any, simulator: Simulator) -> None:
    entries = simulator.venue.entries("okx", wallet="funding", start=NOW_MS - 30 * DAY)
    rows = client.privateGetAssetBills()["data"]
    assert [row["billId"] for row in rows] == [e.id for e in reversed(entries)]
    assert client.privateGetAssetBills({"after": rows[2]["ts"]})["data"] == [
        r for r in rows if int(r["ts"]) < int(rows[2]["ts"])
    ]
    everything = all_pages(client.privateGetAssetBillsHistory, "billId", pagingType="2")
    assert len(everything) == len(simulator.venue.entries("okx", wallet="funding"))
    assert {row["type"] for row in everything} == {
        "77",
        "174",
        "1",
        "2",
        "48",
        "75",
        "76",
        "82",
        "80",
        "83",
        "130",
        "131",
    }


def test_deposits_and_withdrawals_are_chain_ones_with_exclusive_times(
    client: Any, simulator: Simulator
) -> None:
    venue = simulator.venue
    came = {t.id: t for t in venue.transfers("okx", kind="deposit") if t.asset != "EUR"}
    deposits = client.fetch_deposits()
    assert {row["id"]: Decimal(row["amount"]) for row in deposits} == {
        t.id: t.amount for t in came.values()
    }
    assert {row["txid"] for row in deposits} == {t.txid for t in came.values()}
    left = {
        t.id: (t.amount, t.fee, t.txid)
        for t in venue.transfers("okx", kind="withdrawal")
        if t.asset != "EUR"
    }
    withdrawals = client.fetch_withdrawals()
    assert {
        r["id"]: (Decimal(r["amount"]), Decimal(r["fee"]["cost"]), r["txid"]) for r in withdrawals
    } == left
    raw = client.privateGetAssetDepositHistory()["data"]
    times = [int(row["ts"]) for row in raw]
    assert times == sorted(times, reverse=True)
    older = client.privateGetAssetDepositHistory({"after": raw[1]["ts"]})["data"]
    assert older == raw[2:]
    newer = client.privateGetAssetDepositHistory({"before": raw[1]["ts"]})["data"]
    assert newer == raw[:1]


def test_fiat_has_endpoints_of_its_own_with_bounds_the_other_way_round(
    client: Any, simulator: Simulator
) -> None:
    known = [t for t in simulator.venue.transfers("okx", kind="deposit") if t.asset == "EUR"]
    rows = client.privateGetFiatDepositOrderHistory()["data"]
    assert [row["ordId"] for row in rows] == [t.id for t in reversed(known)]
    since = client.privateGetFiatDepositOrderHistory({"after": str(known[5].time_ms)})["data"]
    assert [row["ordId"] for row in since] == [t.id for t in reversed(known[5:])]
    assert client.privateGetFiatWithdrawalOrderHistory()["data"][0]["fee"] == "1"


def test_conversions_are_reported_as_trades_of_a_pair(client: Any, simulator: Simulator) -> None:
    known = {c.time_ms: c for c in simulator.venue.conversions("okx", kind="convert")}
    rows = client.privateGetAssetConvertHistory()["data"]
    assert {int(row["ts"]) for row in rows} == set(known)
    assert {row["side"] for row in rows} == {"buy", "sell"}
    for row in rows:
        conversion = known[int(row["ts"])]
        buys = row["side"] == "buy"
        gave, got = (
            (row["fillQuoteSz"], row["fillBaseSz"])
            if buys
            else (row["fillBaseSz"], row["fillQuoteSz"])
        )
        assert (Decimal(gave), Decimal(got)) == (conversion.from_amount, conversion.to_amount)
        assert (row["quoteCcy"] if buys else row["baseCcy"]) == conversion.from_asset


def test_easy_converts_are_of_seven_days(client: Any, simulator: Simulator) -> None:
    everything = simulator.venue.conversions("okx", kind="dust")
    rows = client.privateGetTradeEasyConvertHistory()["data"]
    assert 0 < len(rows) < len(everything)
    assert all(int(row["uTime"]) >= NOW_MS - 7 * DAY and row["acct"] == "18" for row in rows)


def test_earnings_and_accrued_interest(client: Any, simulator: Simulator) -> None:
    month = simulator.venue.incomes("okx", kind="interest", start=NOW_MS - 30 * DAY)
    lent = [row for row in month if row.wallet == "savings"]
    assert 0 < len(lent) < len(simulator.venue.incomes("okx", kind="interest"))
    rows = all_pages(client.privateGetFinanceSavingsLendingHistory, "ts")
    assert [Decimal(row["earnings"]) for row in rows] == [row.amount for row in reversed(lent)]
    assert [row["ccy"] for row in client.privateGetAccountInterestAccrued()["data"]] == [
        "USDC",
        "USDT",
    ]
    assert client.privateGetFinanceStakingDefiOrdersHistory()["data"][0]["state"] == "3"


def test_a_trade_and_a_deposit_show_at_once() -> None:
    venue = okx_venue(fills=60, accounts={"okx": "okx"})
    with running_simulator(venue, limit_scale=1000) as simulator:
        client = okx_client(simulator)
        fills = venue.trade("okx", "SOL/USDT", "buy", quote_amount=Decimal(50), parts=2)
        trades = client.fetch_my_trades()[-2:]
        assert {t["id"] for t in trades} == {f.id for f in fills}
        venue.deposit("okx", "SUI", Decimal("12.5"))
        assert client.fetch_balance({"type": "funding"})["total"]["SUI"] == "12.5"
