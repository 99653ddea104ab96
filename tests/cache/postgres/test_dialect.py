from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import exchange_cache
from exchange_cache.cache.postgres.dialect import expression, statement
from exchange_cache.cache.postgres.opening import open_server
from exchange_cache.cache.server import Server


@pytest.mark.parametrize(
    ("sqlite", "postgres"),
    [
        ("SELECT a FROM t WHERE b = ? AND c = '?'", "SELECT a FROM t WHERE b = %s AND c = '?'"),
        ("SELECT a FROM t WHERE b = :name", "SELECT a FROM t WHERE b = %(name)s"),
        ("SELECT a LIKE '%x'", "SELECT a LIKE '%%x'"),
        ("a LIKE ? OR b LIKE ?", "a LIKE %s ESCAPE '' OR b LIKE %s ESCAPE ''"),
        ("a LIKE ? ESCAPE '!'", "a LIKE %s ESCAPE '!'"),
        ("NEW.a IS NOT OLD.a", "NEW.a IS DISTINCT FROM OLD.a"),
        ("a IS ?", "a IS NOT DISTINCT FROM %s"),
        ("a IS NULL OR b IS NOT NULL", "a IS NULL OR b IS NOT NULL"),
        ("SELECT 'IS NOT x'", "SELECT 'IS NOT x'"),
        ("SELECT min(a, max(b, 'c, d')), min(e)", "SELECT LEAST(a, GREATEST(b, 'c, d')), min(e)"),
        ("a IN ()", "a = ANY (ARRAY[]::text[])"),
        ("a NOT IN ()", "a <> ALL (ARRAY[]::text[])"),
        ("CAST(a AS REAL)", "CAST(a AS DOUBLE PRECISION)"),
        ("WHERE +a = ? AND +b > 1", "WHERE a = %s AND b > 1"),
        ("FROM t AS f INDEXED BY t_a WHERE a", "FROM t AS f  WHERE a"),
        ("SELECT t.rowid, rowid FROM t", "SELECT t.ctid, ctid FROM t"),
        ("SELECT user, \"user\", 'user'", 'SELECT "user", "user", \'user\''),
        ("json_extract(state, '$.settle')", "((state)::jsonb ->> 'settle')"),
        (
            "json_extract(e.value, '$[0]') FROM json_each(f.fees) AS e",
            "((e.value)::jsonb ->> 0) FROM jsonb_array_elements_text(CAST(f.fees AS jsonb))"
            " AS e(value)",
        ),
        ("ORDER BY f.sequence, b", "ORDER BY f.sequence NULLS FIRST, b"),
        ("ORDER BY a, sequence DESC LIMIT ?", "ORDER BY a, sequence DESC NULLS LAST LIMIT %s"),
        (
            "SELECT * FROM (SELECT a FROM t ORDER BY sequence LIMIT ?) AS t, sequence, b",
            "SELECT * FROM (SELECT a FROM t ORDER BY sequence NULLS FIRST LIMIT %s) AS t,"
            " sequence, b",
        ),
        ("SELECT sequence FROM t ORDER BY a", "SELECT sequence FROM t ORDER BY a"),
        ("a GLOB '*[^0-9.-]*'", "a ~ '[^0-9.-]'"),
        ("instr(f.fees, ?) > 0", "strpos(f.fees, %s) > 0"),
    ],
)
def test_words_of_sqlite_become_those_of_postgresql(sqlite: str, postgres: str) -> None:
    assert statement(sqlite) == postgres


ROOT = Path(exchange_cache.__file__).parent
_CALL = re.compile(r"(?<!AS )\b([a-z_][a-z0-9_]*)\(", re.IGNORECASE)
_SQL = re.compile(r"\b(SELECT|UPDATE|INSERT|DELETE|WHERE|AND|OR|IN|CASE)\b")
#: Words of the language before a parenthesis, and what only the SQLite side says.
_WORDS = frozenset(
    {"all", "and", "any", "as", "array", "by", "cast", "coalesce", "exists", "from", "greatest"}
    | {"in", "into", "key", "least", "not", "on", "or", "over", "select", "using", "values"}
)
_OF_SQLITE = frozenset({"quick_check", "integrity_check", "printf", "strftime", "json_valid"})


def texts(path: Path) -> Iterator[str]:
    """The texts of a module with SQL, f-strings by their parts."""
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _SQL.search(node.value)
            and "\n    " not in node.value  # a docstring
        ):
            yield node.value


def calls() -> dict[str, set[str]]:
    """What is called, by the modules."""
    found: dict[str, set[str]] = {}
    for path in ROOT.glob("cache/*.py"):
        for text in texts(path):
            for name in _CALL.findall(expression(text)):
                found.setdefault(name.lower(), set()).add(path.name)
        for name in re.findall(r"\bfn\.([A-Za-z_]+)", path.read_text()):
            (translated,) = _CALL.findall(expression(f"{name}(a, b)"))
            found.setdefault(translated.lower(), set()).add(path.name)
    return found


@pytest.mark.long
def test_the_server_has_every_function(server: Server) -> None:
    called = calls()
    assert {"strpos", "count", "length", "max"} <= called.keys(), "the search finds some"
    database = open_server(server)
    assert database is not None
    known = {str(name) for (name,) in database.select("SELECT proname FROM pg_proc", ())}
    database.close()
    tables = {path.stem for path in ROOT.glob("cache/*.py")}
    unknown = called.keys() - known - _WORDS - _OF_SQLITE - tables
    assert {name: called[name] for name in unknown} == {}
