"""The table of a file is recognised by its column names; what is no row of it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.statements.reading import Reading, recognise
from exchange_cache.statements.table import LeftOut, Table

from .files import context, table, written

LEDGER = table("id", "Time(UTC*)", "amount", optional=("note",))


def rows(folder: Path, text: str, *tables: Table) -> list[tuple[int, str]]:
    known = recognise(written(folder, text), tables or (LEDGER,))
    found = list(Reading(known).found(context()))
    return [(one.line, one.reason) for one in found if isinstance(one, LeftOut)]


def test_columns_may_stand_in_any_order_below_a_preamble(tmp_path: Path) -> None:
    text = "UID:1,Account:x\n\nnote, amount ,Time(UTC+8),id\nn,1,2,3\n"
    assert rows(tmp_path, text) == [(4, "n|1|2|3")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = "id,Time(UTC),amount\n1,2,3\n".replace(",", delimiter)
    assert rows(tmp_path, text) == [(2, "1|2|3")]


def test_a_new_column_is_named_and_refused(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match=r"columns that no known edition has: tax, vat"):
        rows(tmp_path, "id,Time(UTC),amount,tax,vat\n1,2,3,4,5\n")


def test_a_missing_column_is_named_and_refused(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match="columns amount missing"):
        rows(tmp_path, "id,Time(UTC)\n1,2\n")


def test_another_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match="no table that excache knows"):
        rows(tmp_path, "name,street\n1,2\n")


def test_the_edition_that_knows_all_columns_counts(tmp_path: Path) -> None:
    old = table("id", "amount", name="old")
    new = table("id", "amount", "wallet", name="new")
    source = written(tmp_path, "id,amount,wallet\n1,2,3\n")
    assert recognise(source, (old, new)).table.name == "new"
    assert recognise(source, (new, old)).table.name == "new"


def test_the_second_of_two_equal_names_is_numbered(tmp_path: Path) -> None:
    twice = table("Unit", "Unit#2")
    assert recognise(written(tmp_path, "Unit,Unit\n"), (twice,)).columns == ("Unit", "Unit#2")


def test_a_column_that_stands_twice_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match=r"two columns of the name amount$"):
        rows(tmp_path, "id,Time(UTC),amount,amount\n1,2,3,4\n")


def test_a_first_line_with_an_endless_cell_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match="no table that excache knows"):
        rows(tmp_path, "a," + "x" * 200_000 + "\n")


def test_a_row_above_the_header_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match=r"file\.csv:2: .* above the header in line 3"):
        rows(tmp_path, "UID:1\n1,2,3\nid,Time(UTC),amount\n4,5,6\n")


@pytest.mark.parametrize(
    "part",
    [
        "1,2",
        "0.5,,,12.25",
        "L1,R1,2026-01-31 10:00:00,trade",
        "2026-01-31T10:00:00Z,BTC,0.5 BTC",
        "26-03-17 09:34:12,BTCUSDC,BUY",
        "BTC,10:30 2026-01-31,3",
    ],
)
def test_a_part_of_a_row_above_the_header_is_refused_with_its_line(
    tmp_path: Path, part: str
) -> None:
    header = "id,Time(UTC),amount"
    with pytest.raises(StatementRefused, match=r"file\.csv:1: looks like a row, above the header"):
        rows(tmp_path, f"{part}\n{header}\n4,5,6\n")


@pytest.mark.parametrize(
    "above",
    [
        *("UID:1,Account:x", "Transactions,,", "x,y,z,4", "a remark", ""),
        *(
            "User,Name,5f3a,",
            "Exported,2026-01-31 10:00:00",
            "UID: 1,Company Name: ,,",
        ),
        "UID:1,Account Type:Trading,Time Zone:UTC+8,",
    ],
)
def test_what_an_exchange_writes_above_a_header_is_no_row(tmp_path: Path, above: str) -> None:
    assert rows(tmp_path, f"{above}\nid,Time(UTC),amount\n4,5,6\n") == [(3, "4|5|6")]


def test_a_formula_is_refused_in_any_column_but_a_remark(tmp_path: Path) -> None:
    refusal = r"file\.csv:2: 'id' is the formula '=1\+2'"
    with pytest.raises(StatementRefused, match=refusal):
        rows(tmp_path, "id,Time(UTC),amount,note\n=1+2,2,3,\n")
    assert rows(tmp_path, "id,Time(UTC),amount,note\n1,2,3,=)\n") == [(2, "1|2|3|=)")]


def test_a_trailing_comma_is_no_column(tmp_path: Path) -> None:
    assert rows(tmp_path, "id,Time(UTC),amount,\n1,2,3,\n") == [(2, "1|2|3")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("id,Time(UTC),amount\n1,2,3\n4,5\n", 3),
        ("id,Time(UTC),amount\n1,2,3,4\n", 2),
        ('id,Time(UTC),amount\n1,2,3\n4,5,"6', 3),
    ],
)
def test_half_a_row_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(StatementRefused, match="cut off") as refused:
        rows(tmp_path, text)
    assert str(refused.value).startswith(f"file.csv:{line}: ")


def test_rows_of_another_user_are_refused(tmp_path: Path) -> None:
    known = table("Uid", "amount")
    text = "Uid,amount\n100,1\n100,2\n200,3\n"
    with pytest.raises(StatementRefused, match=r":4: is a row of the user 200"):
        rows(tmp_path, text, known)


def test_a_file_that_states_that_it_has_no_rows_has_none(tmp_path: Path) -> None:
    assert rows(tmp_path, "id,Time(UTC),amount\nNo data matches the criteria.\n") == []


@pytest.mark.parametrize(
    ("above", "last"),
    [
        (["Completed"], "Compl"),
        (["ETH", "USDT"], "US"),
        (["2026-05-11 21:37:10"] * 5, "2026-05-11 21:3"),
        (["49170000001"] * 5, "491700"),
        (["1.5000", "21.2500"] * 3, "3.25"),
    ],
)
def test_a_last_line_that_ends_within_a_cell_is_refused(
    tmp_path: Path, above: list[str], last: str
) -> None:
    text = "".join(f"1,2,{cell}\n" for cell in above)
    refusal = rf"file\.csv:{len(above) + 2}: ends with '{last}', of which a part is missing"
    with pytest.raises(StatementRefused, match=refusal):
        rows(tmp_path, f"id,Time(UTC),amount\n{text}1,2,{last}")
    assert len(rows(tmp_path, f"id,Time(UTC),amount\n{text}1,2,{last}\n")) == len(above) + 1


@pytest.mark.parametrize(
    ("above", "last"),
    [
        (["USDT", "USD"], "USD"),
        (["1.5", "21.25", "3.125", "4", "5"], "2"),
        (["2026-05-11 21:37:10"] * 5, "2026-05-11 21:37:11"),
        (["a remark"], ""),
    ],
)
def test_a_last_line_without_an_end_that_looks_whole_is_read_and_known(
    tmp_path: Path, above: list[str], last: str
) -> None:
    text = "".join(f"1,2,{cell}\n" for cell in above)
    source = written(tmp_path, f"id,Time(UTC),amount\n{text}1,2,{last}")
    reading = Reading(recognise(source, (LEDGER,)))
    assert len(list(reading.found(context()))) == len(above) + 1
    assert reading.open_ended == len(above) + 2


def test_an_id_that_a_spreadsheet_shortened_is_refused(tmp_path: Path) -> None:
    refusal = r"file\.csv:3: 'id' is '4.19E\+08', as a spreadsheet shortens a number"
    with pytest.raises(StatementRefused, match=refusal):
        rows(tmp_path, "id,Time(UTC),amount\n1,2,3\n4.19E+08,2,3\n")
    assert rows(tmp_path, "id,Time(UTC),amount\n1,2,E+ABC\n") == [(2, "1|2|E+ABC")]
