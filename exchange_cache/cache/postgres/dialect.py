"""Translates the statements of the cache, written for SQLite, to PostgreSQL's words.

Only what the cache uses is translated: another form fails on the server, and the contract tests
run every statement. Flags are integers on both engines. Definitions of tables and triggers are in
``definitions``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

#: A quoted text or name, a comment, or what is rewritten between them.
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"\bIS\s+NOT\s+(?!NULL\b|TRUE\b|FALSE\b|DISTINCT\b)", "IS DISTINCT FROM "),
        (r"\bIS\s+(?!NOT\b|NULL\b|TRUE\b|FALSE\b|DISTINCT\b)", "IS NOT DISTINCT FROM "),
        (r"\bNOT\s+IN\s*\(\s*\)", "<> ALL (ARRAY[]::text[])"),
        (r"\bIN\s*\(\s*\)", "= ANY (ARRAY[]::text[])"),
        (r"\bAS\s+REAL\b", "AS DOUBLE PRECISION"),
        (r"\bAS\s+INTEGER\b", "AS NUMERIC"),  # ids of any length
        (r"\bINDEXED\s+BY\s+\w+", ""),
        (r"\bCROSS\s+JOIN(\s+\w+\s+AS\s+\w+\s+ON\b)", r"JOIN\1"),
        (r"(\bWHERE|\bAND|\()\s*\+(?=[a-z])", r"\1 "),
        (r"\bLIKE\s+\?(?!\s+ESCAPE\b)", "LIKE ? ESCAPE ''"),  # a backslash is a character
        (r"\bGLOB\s+\?", "~ ('^' || replace(CAST(? AS TEXT), '*', '.*') || '$')"),
        (r"\binstr\(", "strpos("),
        (r"(?<![\w.])rowid\b", "ctid"),
        (r"\.rowid\b", ".ctid"),
        (r"\buser\b", '"user"'),
    )
)
_NAMED = re.compile(r"(?<![:\w]):([a-z_]+)\b")
_ELEMENTS = re.compile(r"\bjson_each\(([\w.:?]+)\) AS (\w+)", re.IGNORECASE)
_FIRST = re.compile(r"\bjson_extract\(([\w.]+), '\$\[0\]'\)", re.IGNORECASE)
_PATH = re.compile(r"\bjson_extract\(([\w.]+), '\$\.(\w+)'\)", re.IGNORECASE)
_NOT_A_NUMBER = re.compile(r"([\w.]+) GLOB '\*\[\^0-9\.-\]\*'", re.IGNORECASE)
#: The only column of an order that may be NULL, which SQLite takes for the least.
_ORDER = re.compile(r"\bORDER BY .*?(?= LIMIT\b|$)", re.DOTALL)
_MAY_BE_NULL = re.compile(r"((?:\w+\.)?\bsequence\b)( DESC)?(?=,| LIMIT|$)")
_LESSER = re.compile(r"\b(min|max)\(", re.IGNORECASE)
_SCALAR = {"min": "LEAST", "max": "GREATEST"}


@lru_cache(maxsize=1000)
def statement(sql: str) -> str:
    """The statement for psycopg: ``?`` and ``:name`` become its placeholders."""
    return _outside(expression(sql).replace("%", "%%"), _placeholders)


def expression(sql: str) -> str:
    """SQL of any kind with the functions and comparisons of PostgreSQL."""
    sql = _PATH.sub(r"((\1)::jsonb ->> '\2')", sql)
    sql = _ORDER.sub(lambda found: _MAY_BE_NULL.sub(_nulls, found[0]), sql)
    sql = _FIRST.sub(r"((\1)::jsonb ->> 0)", sql)
    sql = _ELEMENTS.sub(r"jsonb_array_elements_text(CAST(\1 AS jsonb)) AS \2(value)", sql)
    sql = _NOT_A_NUMBER.sub(r"\1 ~ '[^0-9.-]'", sql)
    return _scalars(_outside(sql, _words))


def _nulls(found: re.Match[str]) -> str:
    return f"{found[1]} DESC NULLS LAST" if found[2] else f"{found[1]} NULLS FIRST"


def _words(text: str) -> str:
    for pattern, replacement in _WORDS:
        text = pattern.sub(replacement, text)
    return text


def _placeholders(text: str) -> str:
    return _NAMED.sub(r"%(\1)s", text.replace("?", "%s"))


def _outside(sql: str, change: Callable[[str], str]) -> str:
    """The statement with everything changed that is not quoted."""
    parts, end = [], 0
    for quoted in _QUOTED.finditer(sql):
        parts += [change(sql[end : quoted.start()]), quoted.group()]
        end = quoted.end()
    return "".join([*parts, change(sql[end:])])


def _scalars(sql: str) -> str:
    """``min`` and ``max`` of several values, which SQLite names like the aggregates."""
    for found in reversed(list(_LESSER.finditer(sql))):
        arguments = list(_arguments(sql, found.end()))
        if len(arguments) > 1:
            sql = f"{sql[: found.start()]}{_SCALAR[found[1].lower()]}({sql[found.end() :]}"
    return sql


def _arguments(sql: str, start: int) -> Iterator[str]:
    """The arguments of a call whose parenthesis was opened before ``start``."""
    depth, begin, position = 0, start, start
    while position < len(sql):
        quoted = _QUOTED.match(sql, position)
        if quoted is not None:
            position = quoted.end()
            continue
        letter = sql[position]
        if letter == ")" and not depth:
            yield sql[begin:position]
            return
        if letter == "," and not depth:
            yield sql[begin:position]
            begin = position + 1
        depth += (letter == "(") - (letter == ")")
        position += 1
