"""Kraken's files: the sample lines of the layouts, and the ids of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.clock import SetClock
from exchange_cache.errors import StatementRefused
from exchange_cache.exchanges.files import tables
from exchange_cache.exchanges.kraken.files import TABLES
from exchange_cache.records import DataType, Fee, Fill, FillKind, Side, Transfer, TransferKind
from exchange_cache.statements.opening import sources
from exchange_cache.statements.reading import Reading, context_of, recognise
from exchange_cache.statements.table import Checkpoint, FileContext, Found, LeftOut, Stated
from tests.exchanges.builders import open_stubbed
from tests.exchanges.cases import HistoryCase, history

LATER = datetime(2026, 12, 1, tzinfo=UTC)


def quoted(*parts: str) -> str:
    """A line as Kraken writes it, from cells that ``|`` separates."""
    return ",".join(f'"{cell}"' for cell in "".join(parts).split("|")) + "\n"


NEWEST = quoted(
    "txid|refid|time|type|subtype|aclass|subclass|asset|wallet|amount|fee|balance|amountusd|",
    "feeusd|balanceusd|feecurrency",
)
TRADE = "2026-03-03 10:00:00|trade|tradespot|currency|"
#: The layout of 2026, with figures that are invented.
LEDGERS = (
    NEWEST
    + quoted(
        f"L1AAAA-BBBBB-CCCCC1|TAAAAA-BBBBB-CCCCC1|{TRADE}fiat|EUR|spot / main|",
        "-120.0000|0.4800|879.5200|-130.8|0.5232|958.68|EUR",
    )
    + quoted(
        f"L1AAAA-BBBBB-CCCCC2|TAAAAA-BBBBB-CCCCC1|{TRADE}crypto|ALGO|spot / main|",
        "320.0|0.0|320.0|130.8|0.0|130.8|",
    )
    + quoted(
        "L1AAAA-BBBBB-CCCCC3|EAAAAA-BBBBB-CCCCC1|2026-03-04 14:00:00|earn|reward|currency|",
        "crypto|ALGO|spot / main|0.35|0.105|320.245|0.15|0.045|137.3|ALGO",
    )
)
TRADES = quoted(
    "txid|ordertxid|pair|aclass|subclass|time|type|ordertype|price|cost|fee|vol|margin|misc|",
    "ledgers|posttxid|posstatuscode|cprice|ccost|cfee|cvol|cmargin|net|trades",
) + quoted(
    "TAAAAA-BBBBB-CCCCC1|OAAAAA-BBBBB-CCCCC1|ALGO/EUR|forex|crypto|2026-03-03 10:00:00.1000|",
    "buy|limit|0.375|120.0|0.48|320.0|0.0||L1AAAA-BBBBB-CCCCC2,L1AAAA-BBBBB-CCCCC1|",
    "TKH2SE-M7IF5-CFI7LT||||||||",
)
OLD = "txid,refid,time,type,subtype,aclass,asset,amount,fee,balance"
TRADED = Fill(
    account="main",
    category="spot",
    symbol="ALGO/EUR",
    fill_id="TAAAAA-BBBBB-CCCCC1",
    order_id=None,
    time=datetime(2026, 3, 3, 10, tzinfo=UTC),
    side=Side.BUY,
    base="ALGO",
    quote="EUR",
    quantity=Decimal("320.0"),
    price=Decimal("0.375"),
    cost=Decimal("120.0000"),
    fees=(Fee(asset="EUR", amount=Decimal("0.4800")),),
)


def read(folder: Path, text: str) -> list[Found]:
    path = folder / "ledgers.csv"
    path.write_text(text)
    (source,) = sources(path)
    known = recognise(source, TABLES)
    adapter = open_stubbed("kraken", "http://127.0.0.1:9", clock=SetClock(LATER))
    names, desk = adapter.for_statements()
    base = FileContext(
        account="main",
        file_name=source.name,
        preamble=(),
        columns=(),
        zone=UTC,
        names=names,
        desk=desk,
    )
    return list(Reading(known).found(context_of(known, base, None)))


def stated(found: list[Found]) -> list[Fill | Transfer]:
    return [one.record for one in found if isinstance(one, Stated)]


def test_the_legs_of_a_trade_are_the_fill_that_the_api_names(tmp_path: Path) -> None:
    records = stated(read(tmp_path, LEDGERS))
    assert records[-1] == TRADED
    assert records[0] == Transfer(
        account="main",
        scope="ledger",
        transfer_id="L1AAAA-BBBBB-CCCCC3",
        kind=TransferKind.REWARD,
        time=datetime(2026, 3, 4, 14, tzinfo=UTC),
        asset="ALGO",
        quantity=Decimal("0.35"),
        fee=Fee(asset="ALGO", amount=Decimal("0.105")),
        tx_id="EAAAAA-BBBBB-CCCCC1",
        word="earn/reward",
        reference="EAAAAA-BBBBB-CCCCC1",
    )


def test_every_balance_is_a_checkpoint_less_its_fee(tmp_path: Path) -> None:
    found = [one for one in read(tmp_path, LEDGERS) if isinstance(one, Checkpoint)]
    assert [(one.asset, one.change, one.after) for one in found] == [
        ("EUR", Decimal("-120.4800"), Decimal("879.5200")),
        ("ALGO", Decimal("320.0"), Decimal("320.0")),
        ("ALGO", Decimal("0.245"), Decimal("320.245")),
    ]
    assert {one.chain for one in found} == {"spot / main"}


def test_a_row_of_trades_is_the_fill_that_the_api_serves(tmp_path: Path) -> None:
    (record,) = stated(read(tmp_path, TRADES))
    assert isinstance(record, Fill)
    assert record.key == TRADED.key
    assert (record.quantity, record.cost, record.price) == (320, 120, Decimal("0.375"))
    assert record.order_id == "OAAAAA-BBBBB-CCCCC1"
    assert record.time == datetime(2026, 3, 3, 10, 0, 0, 100_000, tzinfo=UTC)
    assert record.kind is FillKind.TRADE


def test_a_trade_of_a_position_moves_no_assets(tmp_path: Path) -> None:
    text = TRADES.replace("TKH2SE-M7IF5-CFI7LT", "TPOSIT-IONED-TRADE1")
    (record,) = stated(read(tmp_path, text))
    assert isinstance(record, Fill)
    assert record.kind is FillKind.LEVERAGED


def test_a_ledger_row_has_the_key_and_content_of_the_row_of_the_api(tmp_path: Path) -> None:
    """The same events as rows of the API and as lines of a file are equal records."""
    second, time = 1748721600, "2025-05-31 20:00:00"
    rows = [
        ("L1", "R1", "deposit", "", "XXBT", "1.5000000000", "0.0005"),
        ("L2", "R2", "withdrawal", "", "ZEUR", "-100.0000", "0.09"),
        ("L3", "R3", "spend", "", "ZEUR", "-50.0000", "0"),
        ("L4", "R3", "receive", "", "XXBT", "0.0010000000", "0"),
        ("L5", "R4", "staking", "", "DOT28.S", "0.1000000000", "0"),
        ("L6", "R5", "withdrawal", "", "ZEUR", "100.0000", "-0.09"),
    ]
    entries = {
        name: {
            "refid": refid,
            "time": second,
            "type": word,
            "subtype": sub,
            "aclass": "currency",
            "asset": asset,
            "amount": amount,
            "fee": fee,
            "balance": "0",
        }
        for name, refid, word, sub, asset, amount, fee in rows
    }
    case = HistoryCase(
        exchange="kraken",
        data_type=DataType.TRANSFERS,
        scope="ledger",
        rows=entries,
        answer={"error": [], "result": {"count": len(rows)}},
        records=[],
        source="as in tests/exchanges/test_kraken.py",
    )
    lines = [
        f"{name},{refid},{time},{word},{sub},currency,{asset},{amount},{fee},"
        for name, refid, word, sub, asset, amount, fee in rows
    ]
    found = stated(read(tmp_path, "\n".join([OLD, *lines, ""])))
    served = [record for record in history(case) if isinstance(record, Fill | Transfer)]
    assert len(served) == 5
    assert sorted(found, key=lambda one: one.key) == sorted(served, key=lambda one: one.key)


def test_rows_without_an_id_are_left_out(tmp_path: Path) -> None:
    text = f"{OLD}\n,R1,2026-03-03 10:00:00,deposit,,currency,XXBT,1,0,\n"
    (left,) = read(tmp_path, text)
    assert isinstance(left, LeftOut)
    assert "no txid" in left.reason
    assert not left.unknown


def test_half_a_trade_is_left_out_and_may_be_an_event(tmp_path: Path) -> None:
    text = f"{OLD}\nL1,R1,2026-03-03 10:00:00,trade,,currency,ZEUR,-1,0,5\n"
    left = [one for one in read(tmp_path, text) if isinstance(one, LeftOut)]
    assert [one.unknown for one in left] == [True]


def test_a_word_in_no_table_is_kept_and_named(tmp_path: Path) -> None:
    text = f"{OLD}\nL1,R1,2026-03-03 10:00:00,newthing,,currency,ZEUR,-1,0,5\n"
    (record,) = stated(read(tmp_path, text))
    assert isinstance(record, Transfer)
    assert (record.kind, record.word) == (TransferKind.UNCLASSIFIED, "newthing")


def test_a_trade_charged_in_fee_credits_states_them(tmp_path: Path) -> None:
    text = (
        NEWEST
        + quoted(f"L1|T1|{TRADE}fiat|EUR|spot / main|-120|0|880|0|0|0|")
        + quoted(f"L2|T1|{TRADE}crypto|ALGO|spot / main|320|0|320|0|0|0|")
        + quoted(f"L3|T1|{TRADE}crypto|KFEE|spot / main|0|48|952|0|0|0|")
    )
    (record,) = stated(read(tmp_path, text))
    assert isinstance(record, Fill)
    assert record.symbol == "ALGO/EUR"
    assert record.fees == (Fee(asset="KFEE", amount=Decimal(48)),)


def test_a_staked_code_has_a_chain_of_its_own(tmp_path: Path) -> None:
    text = f"{OLD}\nL1,R1,2026-03-03 10:00:00,staking,,currency,DOT28.S,1,0,5\n"
    found = [one for one in read(tmp_path, text) if isinstance(one, Checkpoint)]
    assert [(one.chain, one.asset) for one in found] == [("spot DOT28.S", "DOT")]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.name}-{table.edition}")
def test_every_edition_is_recognised(tmp_path: Path, table: object) -> None:
    (one,) = [each for each in TABLES if each is table]
    path = tmp_path / "x.csv"
    path.write_text(",".join((*one.columns, *one.optional)) + "\n")
    assert recognise(sources(path)[0], tables()).table is one


def test_a_cut_off_file_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match=r"ledgers\.csv:4: .*cut off"):
        read(tmp_path, LEDGERS[:-60])


def test_the_fee_of_a_trade_is_in_the_quote_however_its_pair_is_written(tmp_path: Path) -> None:
    for pair in ("XXBTZUSD", "XBTUSD", "BTC/USD"):
        (one,) = read(tmp_path, TRADES.replace("ALGO/EUR", pair))
        assert isinstance(one, Stated) and isinstance(one.record, Fill)
        assert (one.record.symbol, one.record.fees_known) == ("BTC/USD", True)
        assert one.record.fees == (Fee(asset="USD", amount=Decimal("0.48")),)
