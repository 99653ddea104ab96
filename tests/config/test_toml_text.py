import tomllib

import pytest
from hypothesis import given, strategies as st

from exchange_cache.config.toml_text import Scan
from exchange_cache.config.toml_values import to_toml, to_toml_key

TEXT = '''# [not.a.table]
a = 1
"quoted key" . 'b.c' = "[x]\\"# no"
multi = """
[also.not]
a = "x" \\""" ""\"""
lit = \'\'\'
# x
\'\'\' # tail
[t] # head
list = [ # c ]
  "one", [2, 3],
  { k = "}", "l" = 1 },
]
when = 1979-05-27 07:32:00
[ t . "sub" ]
inline = { a.b = 1, c = [ { d = 1 } ] }
[[many]]
x = 1
[[many]]
x = 2
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("a",), 2),
        (("quoted key",), 3),
        (("quoted key", "b.c"), 3),
        (("multi",), 4),
        (("lit",), 7),
        (("t",), 10),
        (("t", "list"), 11),
        (("t", "list", 0), 12),
        (("t", "list", 1, 1), 12),
        (("t", "list", 2, "l"), 13),
        (("t", "when"), 15),
        (("t", "sub"), 16),
        (("t", "sub", "inline", "a", "b"), 17),
        (("t", "sub", "inline", "c", 0, "d"), 17),
        (("t", "sub", "missing"), 16),
        (("many", 0, "x"), 19),
        (("many", 1), 20),
        (("many", 1, "x"), 21),
        (("nowhere",), 1),
    ],
)
def test_every_key_knows_its_line(key, line):
    tomllib.loads(TEXT)
    assert Scan(TEXT).line(key) == line
    assert Scan(TEXT.replace("\n", "\r\n")).line(key) == line


def test_statements_cover_whole_lines_in_order():
    scan = Scan(TEXT)
    assert [statement.path for statement in scan.statements] == [
        ("a",),
        ("quoted key", "b.c"),
        ("multi",),
        ("lit",),
        ("t",),
        ("t", "list"),
        ("t", "when"),
        ("t", "sub"),
        ("t", "sub", "inline"),
        ("many", 0),
        ("many", 0, "x"),
        ("many", 1),
        ("many", 1, "x"),
    ]
    for statement in scan.statements:
        assert statement.start == 0 or TEXT[statement.start - 1] == "\n"
        assert TEXT[statement.end - 1] == "\n"


keys = st.text(min_size=1, max_size=6)
leaves = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=12) | st.dates()
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(keys, trees, max_size=4))
def test_what_is_written_is_read_back_and_scanned_to_the_same_keys(tree):
    text = "".join(f"{to_toml_key(key)} = {to_toml(value)}\n" for key, value in tree.items())
    assert tomllib.loads(text) == tree
    assert [statement.path for statement in Scan(text).statements] == [(key,) for key in tree]
    assert (
        "".join(text[statement.start : statement.end] for statement in Scan(text).statements)
        == text
    )


def test_a_statement_knows_where_its_own_names_stand():
    text = '[a . "b c"]\nd = { e = 1 }\nf.g = 2\n[[h]]\n'
    found = [
        [text[start:end] for start, end in statement.parts] for statement in Scan(text).statements
    ]
    assert found == [["a", '"b c"'], ["d"], ["f", "g"], ["h"]]
