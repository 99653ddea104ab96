"""The list of what is missing of the past, as a screen and for programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.clock import to_ms
from exchange_cache.data_types import DataType
from exchange_cache.render.layout import plain, screen_lines
from exchange_cache.render.missing import NOTHING, missing_rows, missing_screen
from exchange_cache.value.missing import ArchiveSource, FileSource, Lost, MissingPast, Units
from tests.builders import NOW
from tests.render.builders import tty
from tests.render.test_archives import archive

FILLS, TRANSFERS = DataType.FILLS, DataType.TRANSFERS
BILLS = FileSource(
    table="trading account bills",
    page="Assets > Report center",
    reach="",
    places=((FILLS, "spot"), (TRANSFERS, "moves")),
)


def lost(scope: str, kind: DataType = FILLS, *, until: datetime = NOW) -> Lost:
    return Lost(data_type=kind, scope=scope, start_ms=0, end_ms=to_ms(until))


def units(asset: str, quantity: str, value: str) -> Units:
    return Units(asset=asset, quantity=Decimal(quantity), value=Decimal(value))


def past(**more: Any) -> MissingPast:
    given: dict[str, Any] = {
        "account": "okx",
        "exchange": "okx",
        "lost": (lost("spot"), lost("moves", TRANSFERS)),
        "units": (units("ETH", "2.1", "6249.98"),),
        "oversold": (),
        "files": (BILLS,),
        "archives": (),
        **more,
    }
    return MissingPast(**given)


def shown(*missing: MissingPast, width: int = 80, unfinished: tuple[str, ...] = ()) -> list[str]:
    screen = missing_screen(missing, "USDT", NOW, tty(width), unfinished=unfinished)
    return [plain(line) for line in screen_lines(screen, width)]


def test_an_account_has_its_worth_what_is_gone_and_the_command() -> None:
    month = f"{NOW:%Y-%m}"
    assert shown(past(), width=140) == [
        "Missing of the past: 6,249.98 USDT of today's holdings, 1 account",
        "",
        "okx  explains 2.1 ETH (6,249.98 USDT)",
        f"  no call serves fills before {month} and transfers before {month}",
        "  → trading account bills: Assets > Report center   excache import FILE",
        "",
        "What no file states can be stated by hand:   excache basis set --help",
    ]


def test_nothing_is_missing() -> None:
    assert " ".join(shown(width=80)).strip() == NOTHING


def test_an_unfinished_sync_makes_no_claim() -> None:
    text = " ".join(shown(unfinished=("main",)))
    assert NOTHING not in text
    assert "main: more is still being fetched, so this may change.   excache sync" in text


def test_a_history_on_which_no_figure_depends_is_named_alone() -> None:
    text = " ".join(" ".join(shown(past(units=()))).split())
    assert "The history of okx begins late, and no figure of today depends on it." in text
    assert NOTHING in text
    assert "excache import" not in text


def test_assets_that_are_gone_but_were_sold_beyond_the_history_count() -> None:
    line = shown(past(units=(), oversold=("ADA", "XRP")), width=140)[2]
    assert line == "okx  sold before the stored history begins: ADA, XRP"


def test_histories_with_several_ends_state_the_earliest_and_the_latest() -> None:
    early = lost("spot", until=NOW - timedelta(days=400))
    line = shown(past(lost=(early, lost("option"))), width=140)[3]
    months = f"{NOW - timedelta(days=400):%Y-%m}", f"{NOW:%Y-%m}"
    assert line == f"  no call serves fills before {months[0]} (some before {months[1]})"


def test_an_account_of_several_is_named_in_the_command() -> None:
    assert "excache import FILE --account okx" in " ".join(shown(past(named=True)))


def test_an_archive_says_when_it_brings_it_and_the_file_is_the_faster_way() -> None:
    making = archive(
        "okx", making=3, since=NOW - timedelta(minutes=5), missing=20, left=9, most=12, window="day"
    )
    source = ArchiveSource(progress=making, places=((FILLS, "spot"),))
    lines = shown(past(archives=(source,)), width=140)
    assert lines[4:6] == [
        "  → by itself: bills by quarter: 3 files being made since 5 min, 20 files to order within"
        " 2 days; later syncs read them",
        "  → or now: trading account bills: Assets > Report center   excache import FILE",
    ]


def test_an_archive_on_request_has_its_command() -> None:
    source = ArchiveSource(
        progress=archive("okx", missing=30, by_request=True), places=((FILLS, "spot"),)
    )
    assert "  → on request: bills by quarter: 30 files   excache sync --archives" in shown(
        past(archives=(source,)), width=140
    )


def test_an_exchange_without_files_leads_to_the_form() -> None:
    text = " ".join(" ".join(shown(past(exchange="gate", files=()))).split())
    assert "no file of gate is read yet" in text
    assert "excache import template" in text


def test_how_far_a_page_reaches_is_stated() -> None:
    limited = FileSource(table="log", page="Orders", reach="exports reach back 2 years", places=())
    assert "  → log: Orders; exports reach back 2 years   excache import FILE" in shown(
        past(files=(limited,)), width=140
    )


def test_no_line_is_wider_than_the_terminal() -> None:
    many = tuple(units(f"ASSET{n}", "1234.5678", "10") for n in range(9))
    for width in (60, 80, 140):
        assert max(map(len, shown(past(units=many), width=width))) <= width


def test_programs_get_a_row_per_data_type() -> None:
    fills, transfers = missing_rows([past(named=True)])
    assert (fills["data_type"], transfers["data_type"]) == ("fills", "transfers")
    assert (fills["histories"], transfers["histories"]) == (["spot"], ["moves"])
    assert (fills["start"], fills["end"]) == (None, NOW.replace(microsecond=0))
    assert fills["worth"] == Decimal("6249.98")
    assert fills["files"] == [
        {
            "table": "trading account bills",
            "page": "Assets > Report center",
            "reach": None,
            "histories": ["spot"],
        }
    ]
    assert fills["command"] == "excache import FILE --account okx"
