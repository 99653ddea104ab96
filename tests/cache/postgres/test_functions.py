"""Every function that a statement of the cache calls is one of the server's, after translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import exchange_cache
from exchange_cache.cache.postgres.dialect import expression
from exchange_cache.cache.postgres.opening import open_server
from exchange_cache.cache.server import Server

pytestmark = pytest.mark.long

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
