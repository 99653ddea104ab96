import io
from datetime import UTC, datetime

from exchange_cache.render.coverage import CoverageRow, coverage_bar, coverage_screen
from exchange_cache.render.layout import plain
from exchange_cache.render.table import write_screen
from tests.render.builders import tty

DAY = 86_400_000


def test_a_bar_has_a_sign_for_each_state():
    spans = [(0, 2, "retention"), (4, 6, "complete"), (6, 8, "fetching"), (8, 10, "complete")]
    assert plain(coverage_bar(spans, 0, 10, 10)) == "──░░██▓▓██"
    assert plain(coverage_bar(spans, 0, 10, 10, unicode=False)) == "--..##++##"


def test_a_gap_is_seen_however_short():
    spans = [
        (0, 500 * DAY, "complete"),
        (500 * DAY, 500 * DAY + 1, "gap"),
        (500 * DAY + 1, 1000 * DAY, "complete"),
    ]
    assert plain(coverage_bar(spans, 0, 1000 * DAY, 10)) == "█████·████"


def test_coverage_ends_in_its_legend():
    start, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1000 for year in (2020, 2026))
    rows = [
        CoverageRow(
            label="main / fills", spans=((start, end, "complete"),), note="312 symbols walked"
        )
    ]
    stream = io.StringIO()
    write_screen(coverage_screen(rows, terminal=tty(100)), stream, tty(100))
    assert (
        stream.getvalue() == f"main / fills  2020 {'█' * 24} 2026  312 symbols walked\n"
        "\n"
        "█ complete   ▓ being fetched   · gap   ─ no longer served   ░ never requested\n"
    )
