from __future__ import annotations

import pytest

from exchange_cache.cache.postgres.dialect import statement


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
