"""What changed in the ledger before the newest states of cost: the codes of late rows, which
triggers note, and what takes more than one row to know, which is compared with what it was."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from exchange_cache.cache.database import CacheDatabase

ROW, CONTRACT, RATE = "row", "contract", "rate"


class Late(NamedTuple):
    """A code with a late row behind the position ``at_ms``; of a rate, its hour."""

    code: str
    at_ms: int
    why: str = ROW


class Link(NamedTuple):
    """What takes more than one row to know, the time (ms) of its event, and the codes that this
    moves (JSON); None: it changes how other rows are read."""

    text: str
    at_ms: int
    codes: str | None

    @property
    def moved(self) -> frozenset[str]:
        return frozenset() if self.codes is None else frozenset(json.loads(self.codes))


def link(text: str, at_ms: int, codes: Iterable[str]) -> Link:
    """A link whose event moves these codes."""
    return Link(text, at_ms, json.dumps(sorted(codes)))


class CostLate:
    """The tables ``cost_late`` and ``cost_links``."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    def all(self) -> frozenset[Late]:
        return frozenset(Late(*row) for row in self._rows("SELECT code, at_ms, why FROM cost_late"))

    def note(self, found: Iterable[Late]) -> None:
        self._database.run_all(
            "INSERT INTO cost_late VALUES (?, ?, ?) ON CONFLICT DO NOTHING", found
        )

    def forget(self, done: Iterable[Late]) -> None:
        self._database.run_all(
            "DELETE FROM cost_late WHERE code = ? AND at_ms = ? AND why = ?", done
        )

    def links(self) -> frozenset[Link]:
        found = self._rows("SELECT link, at_ms, codes FROM cost_links")
        return frozenset(Link(*row) for row in found)

    def change_links(self, gone: Collection[Link], new: Collection[Link]) -> None:
        self._database.run_all(
            "DELETE FROM cost_links WHERE link = ?", [(one.text,) for one in gone]
        )
        self._database.run_all(
            "INSERT INTO cost_links VALUES (?, ?, ?) ON CONFLICT (link)"
            " DO UPDATE SET at_ms = EXCLUDED.at_ms, codes = EXCLUDED.codes",
            new,
        )

    def with_codes(self, codes: Collection[str], start_ms: int, end_ms: int) -> list[Late]:
        """Every code of a row with one of these in a part of the history, and the position before
        the row."""
        marks = ", ".join("?" * len(codes))
        fees = " OR fees LIKE ?" * len(codes)
        at = "(SELECT coalesce(max(at_ms), 0) FROM cost_positions WHERE at_ms <= time_ms)"
        moved = f"base IN ({marks}) OR quote IN ({marks}) OR settle IN ({marks}){fees}"
        fills = (
            f"SELECT base, quote, settle, fees, {at} FROM exchange_fills"
            f" WHERE time_ms >= ? AND time_ms < ? AND ({moved})"
        )
        written = [f"%{json.dumps(code)}%" for code in codes]
        found = set()
        for base, quote, settle, paid, at_ms in self._rows(
            fills, start_ms, end_ms, *codes, *codes, *codes, *written
        ):
            own = (base, quote) if settle is None else (settle,)
            found |= {(code, at_ms) for code in (*own, *(fee[0] for fee in json.loads(paid)))}
        transfers = (
            f"SELECT asset, fee_asset, {at} FROM exchange_transfers WHERE time_ms >= ? AND"
            f" time_ms < ? AND (asset IN ({marks}) OR fee_asset IN ({marks}))"
        )
        for asset, fee_asset, at_ms in self._rows(transfers, start_ms, end_ms, *codes, *codes):
            found |= {(code, at_ms) for code in (asset, fee_asset) if code is not None}
        return [Late(code, at_ms) for code, at_ms in found]

    def settled_in(self, codes: Collection[str], since_ms: int) -> frozenset[str]:
        """What the contracts are settled in whose fills have a fee in one of these codes."""
        fees = " OR ".join(["fees LIKE ?"] * len(codes))
        query = (
            "SELECT DISTINCT settle FROM exchange_fills WHERE settle IS NOT NULL AND time_ms >= ?"
            f" AND ({fees})"
        )
        written = [f"%{json.dumps(code)}%" for code in codes]
        return frozenset(settle for (settle,) in self._rows(query, since_ms, *written))

    def fees_of_contracts(self, settles: Collection[str], since_ms: int) -> frozenset[str]:
        """What the fills of contracts are charged in that are settled in one of these codes."""
        query = (
            "SELECT DISTINCT json_extract(e.value, '$[0]') FROM exchange_fills AS f,"
            " json_each(f.fees) AS e WHERE f.time_ms >= ? AND f.settle IN"
            f" ({', '.join('?' * len(settles))})"
        )
        return frozenset(code for (code,) in self._rows(query, since_ms, *settles))

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._database.select(query, values)
