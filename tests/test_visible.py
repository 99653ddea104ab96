"""What a terminal would obey is shown as its code, and JSON stays exact."""

from __future__ import annotations

import json
import sys

import pytest

from exchange_cache.visible import brief, json_safe, one_line, visible

OBEYED = [
    *range(0x20),
    *range(0x7F, 0xA0),
    0xAD,
    0x61C,
    0x200B,
    0x200E,
    0x202A,
    0x202E,
    0x2066,
    0x2069,
    0x2028,
    0xFEFF,
    0xD800,
    0xE0041,
]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("plain words, 1.5 € and 日本", "plain words, 1.5 € and 日本"),
        ("\x1b]0;x\x07", "\\x1b]0;x\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("a\u202eb\u2066", "a\\u202eb\\u2066"),
        ("\U000e0041", "\\U000e0041"),
        ("a\xa0b", "a\xa0b"),
        ("[red]x[/red]", "[red]x[/red]"),
    ],
)
def test_what_is_shown(words: str, shown: str) -> None:
    assert visible(words) == one_line(words) == shown


def test_line_breaks_become_a_space_on_one_line_and_may_be_kept() -> None:
    assert one_line("a\r\n\tb\u2028c") == "a b c"
    assert visible("a\nb\rc", keep="\n") == "a\nb\\x0dc"


@pytest.mark.parametrize("number", OBEYED)
def test_json_is_exact_and_holds_nothing_that_is_obeyed(number: int) -> None:
    words = f"a{chr(number)}b"
    dumped = json_safe(json.dumps({"x": words}, ensure_ascii=False, indent=2))
    assert json.loads(dumped) == {"x": words}
    assert chr(number) not in dumped.replace("\n", "") and dumped.isascii()
    assert chr(number) not in visible(words)


def test_every_control_and_format_character_is_shown_as_its_code() -> None:
    from unicodedata import category

    left = [
        f"{number:x}"
        for number in range(sys.maxunicode + 1)
        if category(chr(number)) in {"Cc", "Zl", "Zp", "Cs"}
    ]
    assert [
        number for number in left if visible(chr(int(number, 16))) == chr(int(number, 16))
    ] == []


def test_a_brief_text_is_cut_with_an_ellipsis() -> None:
    assert brief("x" * 300) == "x" * 300
    assert brief("x" * 10_000) == "x" * 299 + "…"
    assert len(brief("\x1b" * 10_000)) == 300
