"""The tables and triggers of migrations 22 and 26: which codes late rows concern, so that no other
asset is derived again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exchange_cache.cache.cost_schema import FILL, GONE, LOAN, TRANSFER

#: Everything derived is derived again; ``why`` is one of ``row``, ``contract`` and ``rate``.
_TABLES = """
DROP TABLE cost_positions;
CREATE TABLE cost_positions (
  at_ms BIGINT NOT NULL PRIMARY KEY, kept INTEGER NOT NULL, events BIGINT NOT NULL,
  last_event TEXT, last_order BIGINT NOT NULL);
DROP TABLE cost_links;
CREATE TABLE cost_links (
  link TEXT NOT NULL PRIMARY KEY, at_ms BIGINT NOT NULL, codes TEXT) WITHOUT ROWID;
CREATE TABLE cost_late (
  code TEXT NOT NULL, at_ms BIGINT NOT NULL, why TEXT NOT NULL,
  PRIMARY KEY (code, at_ms, why)) WITHOUT ROWID;
DROP INDEX cost_lots_until;
CREATE INDEX cost_lots_ended ON cost_lots (book, method, until_ms) WHERE until_ms IS NOT NULL;
CREATE INDEX cost_lots_since ON cost_lots (since_ms);
DELETE FROM cost_progress
"""
#: The codes that the event of a row moves; what a contract realises depends on its fills before.
_OF_FILL = """
 SELECT {row}.base AS code, 'row' AS why WHERE {row}.settle IS NULL
 UNION SELECT {row}.quote, 'row' WHERE {row}.settle IS NULL
 UNION SELECT {row}.settle, 'contract' WHERE {row}.settle IS NOT NULL
 UNION SELECT json_extract(e.value, '$[0]'), 'row'
  FROM json_each(CASE WHEN json_valid({row}.fees) THEN {row}.fees ELSE '[]' END) AS e"""
_OF_TRANSFER = """
 SELECT {row}.asset AS code, 'row' AS why
 UNION SELECT {row}.fee_asset, 'row' WHERE {row}.fee_asset IS NOT NULL"""
_OF_ABSENCE = """
 SELECT f.base AS code, 'row' AS why FROM ({fill}) AS f WHERE f.settle IS NULL
 UNION SELECT f.quote, 'row' FROM ({fill}) AS f WHERE f.settle IS NULL
 UNION SELECT f.settle, 'contract' FROM ({fill}) AS f WHERE f.settle IS NOT NULL
 UNION SELECT json_extract(e.value, '$[0]'), 'row' FROM ({fill}) AS f, json_each(f.fees) AS e
 UNION SELECT t.asset, 'row' FROM ({transfer}) AS t
 UNION SELECT t.fee_asset, 'row' FROM ({transfer}) AS t WHERE t.fee_asset IS NOT NULL""".replace(
    "{fill}",
    "SELECT * FROM exchange_fills WHERE {row}.data_type = 'fills' AND account = {row}.account"
    " AND category = {row}.place AND symbol = {row}.symbol AND fill_id = {row}.row_id",
).replace(
    "{transfer}",
    "SELECT * FROM exchange_transfers WHERE {row}.data_type = 'transfers'"
    " AND account = {row}.account AND scope = {row}.place AND transfer_id = {row}.row_id",
)
#: The position before a time.
_BEFORE = "(SELECT coalesce(max(at_ms), 0) FROM cost_positions WHERE at_ms <= {time})"
_LOAN_GONE = "{row}.at_ms - 60000 * ({row}.data_type IN ('transfers'))"
#: A rate counts in its hour, which may end behind the next position.
_OF_RATE = " SELECT {row}.asset AS code, 'rate' AS why"


def statements() -> Iterator[str]:
    """The statements in order."""
    yield from (one for one in _TABLES.split(";") if one.strip())
    yield from _changes("exchange_fills", FILL.split(), "{row}.time_ms", _OF_FILL)
    yield from _changes("exchange_transfers", TRANSFER.split(), LOAN, _OF_TRANSFER)
    yield from _changes("ledger_absences", ["vanished_ms"], "{row}.at_ms", _OF_ABSENCE, only=GONE)
    yield from _trigger(
        "asset_rates_new",
        "BEFORE INSERT ON asset_rates",
        "NEW.value IS NOT (SELECT value FROM asset_rates AS r WHERE r.asset = NEW.asset"
        " AND r.quote = NEW.quote AND r.at_ms = NEW.at_ms)",
        "NEW.at_ms",
        _note("NEW", "{row}.at_ms", _OF_RATE),
    )
    yield from _trigger(
        "asset_rates_set",
        "AFTER UPDATE OF value ON asset_rates",
        "NEW.value IS NOT OLD.value",
        "NEW.at_ms",
        _note("NEW", "{row}.at_ms", _OF_RATE),
    )
    yield from _trigger(
        "asset_rates_gone",
        "AFTER DELETE ON asset_rates",
        "1",
        "OLD.at_ms",
        _note("OLD", "{row}.at_ms", _OF_RATE),
    )


def at_both_times() -> Iterator[str]:
    """Of rows whose event may happen before them, both times are noted: a position may be between
    them."""
    row = "{row}.time_ms"
    yield from _changes("exchange_transfers", TRANSFER.split(), LOAN, _OF_TRANSFER, also=row)
    gone = "{row}.at_ms"
    yield from _changes(
        "ledger_absences", ["vanished_ms"], _LOAN_GONE, _OF_ABSENCE, only=GONE, also=gone
    )


def _changes(
    table: str, columns: list[str], time: str, codes: str, only: str = "1", also: str = ""
) -> Iterator[str]:
    """Triggers for rows of a table that are added, changed and removed. ``also``: another time at
    which their codes are noted."""
    new, old = time.format(row="NEW"), time.format(row="OLD")
    at = [_BEFORE.format(time=one) for one in (time, also) if one]
    differs = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in columns)
    yield from _trigger(
        f"{table}_new",
        f"AFTER INSERT ON {table}",
        only.format(row="NEW"),
        new,
        _notes("NEW", at, codes),
    )
    yield from _trigger(
        f"{table}_set",
        f"AFTER UPDATE OF {', '.join(columns)} ON {table}",
        f"({differs})",
        f"min({new}, {old})",
        _notes("NEW", at, codes) + _notes("OLD", at, codes),
    )
    yield from _trigger(
        f"{table}_gone",
        f"AFTER DELETE ON {table}",
        only.format(row="OLD"),
        old,
        _notes("OLD", at, codes),
    )


def _notes(row: str, at: Iterable[str], codes: str) -> str:
    return "".join(_note(row, one, codes) for one in at)


def _note(row: str, at: str, codes: str) -> str:
    """Note the codes of a row at the position before it; each once, whatever conflict clause the
    statement has that fires the trigger."""
    at, codes = at.format(row=row), codes.format(row=row)
    return (
        f" INSERT INTO cost_late (code, at_ms, why) SELECT s.code, {at}, s.why FROM ({codes}) AS s"
        " WHERE s.code IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cost_late AS l"
        f" WHERE l.code = s.code AND l.at_ms = {at} AND l.why = s.why);"
    )


def _trigger(name: str, when: str, condition: str, time: str, notes: str) -> Iterator[str]:
    yield f"DROP TRIGGER cost_{name}"
    yield (
        f"CREATE TRIGGER cost_{name} {when}"
        f" WHEN {time} < (SELECT max(at_ms) FROM cost_positions) AND {condition}"
        f" BEGIN UPDATE cost_progress SET valid_ms = min(valid_ms, {time});{notes} END"
    )
