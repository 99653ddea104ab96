from decimal import Decimal

from exchange_cache.render.chart import account_words, change_words, chart_lines, sparkline
from exchange_cache.render.layout import plain
from exchange_cache.render.output import write_history
from exchange_cache.render.rebuilt import Rebuilt
from exchange_cache.value.compared import Compared
from tests.render.builders import NOW, points, printed, tty


def test_a_rising_line_rises():
    assert [plain(line) for line in chart_lines(points("0", "10", "20"), 26, 5, unicode=False)] == [
        "20 +                   ***",
        "   |              *****",
        "10 +        ******",
        "   |   *****",
        " 0 +***",
        "   +----------------------",
        "    2026-01-01  2026-01-03",
    ]


def test_what_is_reconstructed_is_dotted():
    rebuilt = Rebuilt(points("0", "0")[1][0])
    lines = chart_lines(points("0", "10", "20"), 26, 5, unicode=False, rebuilt=rebuilt)
    assert [plain(line) for line in lines[:5]] == [
        "20 +                   ***",
        "   |              *****",
        "10 +        ...***",
        "   |   .....",
        " 0 +...",
    ]
    dots = [plain(line) for line in chart_lines(points("5", "5", "5"), 26, 6, rebuilt=rebuilt)]
    assert any("⠄⠄⠄⠤⠤" in line or "⠂⠂⠂⠒⠒" in line or "⡀⡀⡀⣀⣀" in line for line in dots)


def test_a_flat_line_is_drawn():
    shown = [plain(line) for line in chart_lines(points("5", "5"), 40, 6)]
    assert len(shown) == 8
    assert any("⠤" in line or "⣀" in line or "⠒" in line or "⠉" in line for line in shown)


def test_no_line_of_a_chart_is_wider_than_asked():
    for width in (20, 80, 140):
        for unicode in (True, False):
            lines = chart_lines(
                points("100000", "98000.55", "123456.789", "-20"), width, 12, unicode=unicode
            )
            assert max(len(plain(line)) for line in lines) <= width


def test_history_tells_where_it_is_and_how_far_it_came():
    shown = printed(
        write_history, points("100", "150"), asset="USDT", form="table", terminal=tty(100), now=NOW
    )
    assert shown.startswith(
        "Net worth   150.00 USDT   +50.00 (+50.0 %) since 2026-01-01   as of 2026-01-02 00:00"
        " UTC\n\n"
    )


def test_an_allocation_marks_what_is_reconstructed():
    for sources, marked in (("reconstructed", True), ("snapshot", False)):
        shown = printed(
            write_history,
            points("100", "150"),
            asset="USDT",
            form="table",
            terminal=tty(100),
            now=NOW,
            parts=[{"BTC": Decimal(100)}, {"BTC": Decimal(150)}],
            by="asset",
            lacks=[(), ()],
            sources=[sources, "snapshot"],
        )
        assert "Then" in shown
        assert shown.endswith("Then: 2026-01-01, reconstructed.\n") is marked


def test_an_account_that_came_or_left_is_named_and_in_no_change():
    found = Compared(
        before=Decimal(100), after=Decimal(110), common=1, came=("okx",), left=("old", "test")
    )
    shown = printed(
        write_history,
        points("100", "90000"),
        asset="USDT",
        form="table",
        terminal=tty(100),
        now=NOW,
        compared=found,
    ).splitlines()
    assert "+10.00 (+10.0 %) since 2026-01-01" in shown[0]
    assert shown[1] == "okx came since then; old and test left since then: not in the change"
    nobody = Compared(before=Decimal(0), after=Decimal(0), common=0, came=("okx",), left=("old",))
    assert change_words(nobody, "USDT") == ""
    assert account_words(nobody) == ("okx came since then; old left since then: not in the change")


def test_history_without_points_says_what_makes_them():
    shown = printed(write_history, [], asset="USDT", form="table", terminal=tty(100), now=NOW)
    assert shown == "No net worth is recorded yet; every sync adds one point.   excache sync\n"


def test_a_sparkline_goes_from_the_lowest_to_the_highest():
    assert sparkline([Decimal(n) for n in range(8)]) == "▁▂▃▄▅▆▇█"
    assert sparkline([Decimal(1), Decimal(1)]) == "▄▄"
    assert sparkline([]) == ""
