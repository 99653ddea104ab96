from exchange_cache.render.layout import (
    Grid,
    GridColumn,
    Number,
    aligned,
    cells,
    flowed,
    grid_lines,
    plain,
    shortened,
    text,
    wrapped,
)


def column(heading: str, *words: str, **options) -> GridColumn:
    return GridColumn(heading=heading, cells=tuple(text(word) for word in words), **options)


def shown(lines) -> list[str]:
    return [plain(line) for line in lines]


def test_digits_line_up_on_the_decimal_point_and_marks_do_not_move_them():
    numbers = [
        Number("1,234.5"),
        Number("-", mark=""),
        Number("0.00012", mark="¹"),
        Number("7"),
        Number("<0.01"),
    ]
    assert shown(aligned(numbers)) == [
        "1,234.5",
        "          -",
        "    0.00012 ¹",
        "    7",
        "    0.01".replace("    0", "   <0"),
    ]


def test_the_highest_rank_is_dropped_first_and_rank_zero_never():
    grid = Grid(
        columns=(
            column("A", "aaaa"),
            column("B", "bbbb", drop=1),
            column("C", "cccc", drop=2),
            column("D", "dddd"),
        )
    )
    assert shown(grid_lines(grid, 22)) == ["A     B     C     D", "aaaa  bbbb  cccc  dddd"]
    assert shown(grid_lines(grid, 21)) == ["A     B     D", "aaaa  bbbb  dddd"]
    assert shown(grid_lines(grid, 10)) == ["A     D", "aaaa  dddd"]


def test_columns_of_one_rank_are_dropped_together():
    grid = Grid(
        columns=(column("A", "aaaa"), column("Bid", "1", drop=2), column("Ask", "2", drop=2))
    )
    assert shown(grid_lines(grid, 14)) == ["A     Bid  Ask", "aaaa  1    2"]
    assert shown(grid_lines(grid, 13)) == ["A", "aaaa"]


def test_where_even_the_essential_columns_are_too_wide_a_row_has_several_lines():
    grid = Grid(
        columns=(column("A", "aaaa"), column("B", "bbbb"), column("C", "cccc"), column("D", "dd")),
        feet=((text("Total"), (("C", text("7")),)),),
    )
    assert shown(grid_lines(grid, 20)) == [
        "A     B     C     D",
        "aaaa  bbbb  cccc  dd",
        "Total          7",
    ]
    assert shown(grid_lines(grid, 12)) == [
        "A     B",
        "  C     D",
        "aaaa  bbbb",
        "  cccc  dd",
        "Total   7",
    ]


def test_without_a_width_nothing_is_dropped():
    grid = Grid(columns=(column("A", "a" * 300), column("B", "b" * 300, drop=1)))
    assert shown(grid_lines(grid, None))[1] == "a" * 300 + "  " + "b" * 300


def test_wide_characters_take_two_cells():
    assert cells("币安") == 4
    assert shortened("币安人生", 5) == "币安…"
    assert shown(grid_lines(Grid(columns=(column("X", "币安", "abc"), column("Y", "1", "2"))), 40))[
        1:
    ] == ["币安  1", "abc   2"]


def test_words_wrap_and_the_command_stays_in_one_piece():
    lines = wrapped(
        text("! "), "one two three four five six seven", 24, command="excache account check main"
    )
    assert shown(lines) == [
        "! one two three four",
        "  five six seven",
        "  excache account check main",
    ]


def test_parts_flow_and_are_never_broken():
    assert shown(flowed([text("aaaa"), text("bbbb"), (), text("cccc")], 11)) == [
        "aaaa   bbbb",
        "cccc",
    ]


def test_control_characters_never_reach_the_terminal():
    assert plain(text("a\x1b[31mb\nc")) == "a\\x1b[31mb c"


def test_the_foot_stands_in_its_columns_where_its_words_leave_room():
    foot = (text("2 more"), (("B", text("12")),))
    wide = Grid(columns=(column("A", "aaaaaa"), column("B", "1234", align="right")), feet=(foot,))
    assert shown(grid_lines(wide, None)) == ["A          B", "aaaaaa  1234", "2 more    12"]
    narrow = Grid(columns=(column("A", "a"), column("B", "1234", align="right")), feet=(foot,))
    assert shown(grid_lines(narrow, None))[-1] == "2 more   12"


def test_a_closing_row_omits_the_figures_of_dropped_columns():
    columns = (
        column("A", "aaaaaaaa"),
        column("B", "1234", align="right"),
        column("C", "5678", align="right", drop=1),
    )
    feet = ((text("all"), (("B", text("12")), ("C", text("34")))),)
    assert shown(grid_lines(Grid(columns=columns, feet=feet), 14))[-1] == "all         12"


def test_only_so_many_decimals_are_aligned_and_units_count_as_digits():
    numbers = [Number("1,234.5"), Number("0.0000107"), Number("64.0165M"), Number("-")]
    assert shown(aligned(numbers, 2)) == [
        " 1,234.5",
        "0.0000107",
        " 64.0165M",
        "        -",
    ]
    assert shown(aligned(numbers)) == [
        "1,234.5",
        "    0.0000107",
        "   64.0165M",
        "            -",
    ]
