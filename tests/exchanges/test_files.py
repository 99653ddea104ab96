"""The tables of all exchanges: each names histories and wallets that its policy has."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_cache.exchanges import policy_for
from exchange_cache.exchanges.files import belonging, reads, tables
from exchange_cache.statements.reading import recognise
from exchange_cache.statements.table import Stated, Table, Zone
from tests.exchanges.file_cases import read, recognises
from tests.statements.files import written

TABLES = tables()


#: What these state is in no history of the API as such.
OF_NO_HISTORY = {("kucoin", "realised results of futures")}


@pytest.mark.parametrize(
    "table", TABLES, ids=lambda table: f"{table.exchange} {table.name} {table.edition}"
)
def test_a_table_covers_histories_and_wallets_of_its_policy(table: Table) -> None:
    policy = policy_for(table.exchange)
    scopes = {stream.scope for stream in policy.streams if stream.data_type in table.covers}
    assert set(table.scopes) <= scopes or (table.exchange, table.name) in OF_NO_HISTORY
    assert set(table.wallets) <= {wallet.name for wallet in policy.wallets}, table.wallets
    assert table.page and table.source
    assert (table.fixed is not None) == (table.zone is Zone.FIXED)


def test_no_two_tables_of_an_exchange_have_the_same_header() -> None:
    headers = [(table.exchange, frozenset(table.columns)) for table in TABLES]
    assert len(set(headers)) == len(headers)


def test_no_two_editions_have_one_name() -> None:
    names = [(table.exchange, table.name, table.edition) for table in TABLES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "table", TABLES, ids=lambda table: f"{table.exchange} {table.name} {table.edition}"
)
@pytest.mark.parametrize("full", [False, True], ids=["needed", "all"])
def test_a_header_is_recognised_as_its_own_table(table: Table, full: bool, tmp_path: Path) -> None:
    names = (*table.columns, *(table.optional if full else ()))
    header = ",".join(name.replace("*", "+08:00").removesuffix("#2") for name in names if name)
    found = recognise(written(tmp_path, f"{header}\n{',' * (len(names) - 1)}\n"), TABLES)
    assert (found.table.name, found.table.edition) == (table.name, table.edition)


def test_a_regional_edition_has_the_tables_of_its_family() -> None:
    assert tables("binanceus") == tables("binance")
    assert tables("krakenfutures") == ()  # an exchange of its own
    assert reads(tables("kraken")[0], "kraken")
    assert not reads(tables("kraken")[0], "gemini")


def covered(exchange: str, text: str, file_name: str = "file.csv") -> set[str]:
    """The histories that the rows of a file belong to."""
    header = text.splitlines()[0].split(",")
    (table,) = (one for one in tables(exchange) if recognises(one, header))
    belongs = belonging(table, policy_for(exchange))
    found = read([table], text, file_name=file_name)
    return {name for one in found if isinstance(one, Stated) for name in belongs(one)}


STATEMENT = "User_ID,UTC_Time,Account,Operation,Coin,Change,Remark\n"


@pytest.mark.parametrize(
    ("rows", "histories"),
    [
        ([("Spot", "Deposit", "BTC", "1")], {"transfers/deposits"}),
        ([("Spot", "Fiat Deposit", "EUR", "1")], {"transfers/fiat-deposits"}),
        (
            [("Spot", "Transaction Buy", "ETH", "1"), ("Spot", "Transaction Spend", "BTC", "-1")],
            {"fills/spot"},
        ),
        (
            [("Spot", "Binance Convert", "ETH", "1"), ("Spot", "Binance Convert", "BTC", "-1")],
            {"fills/converts"},
        ),
        ([("USD-M Futures", "Funding Fee", "USDT", "-1")], {"transfers/linear-income"}),
        ([("Coin-M Futures", "Fee", "BTC", "-1")], {"transfers/inverse-income"}),
        ([("Cross Margin", "Margin Interest", "USDT", "-1")], {"transfers/margin-interest"}),
        ([("Spot", "Distribution", "BNB", "1")], {"transfers/dividends"}),
        ([("Spot", "Token Swap", "LUNA", "-1")], {"transfers/dividends"}),
        ([("Spot", "Crypto Box", "BNB", "1")], set()),
        (
            [
                ("Spot", "Transfer Between Main and Funding Wallet", "BTC", "-1"),
                ("Funding", "Transfer Between Main and Funding Wallet", "BTC", "1"),
            ],
            {"transfers/moves-main_funding"},
        ),
    ],
)
def test_a_statement_covers_the_histories_of_which_it_has_rows(
    rows: list[tuple[str, str, str, str]], histories: set[str]
) -> None:
    lines = (f"1,2024-03-17 09:56:26,{','.join(row)},\n" for row in rows)
    assert covered("binance", STATEMENT + "".join(lines)) == histories


def test_a_file_of_futures_covers_the_side_that_it_holds() -> None:
    header = (
        "Uid,Time,Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit,Buyer,Maker,Trade ID,"
        "Order ID\n"
    )
    row = "1,26-03-17 09:34:12,BTCUSDT,BUY,73000,0.01,730,0.29 USDT,0,true,false,41,49\n"
    assert covered("binance", header + row) == {"fills/linear"}


def test_a_ledger_without_trades_covers_no_fills() -> None:
    text = (
        "txid,refid,time,type,subtype,aclass,asset,amount,fee,balance\n"
        "L1,R1,2019-03-03 10:00:00,deposit,,currency,XXBT,1.5,0,1.5\n"
    )
    assert covered("kraken", text) == {"transfers/ledger"}
