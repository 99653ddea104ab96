"""How much of each history is stored, and what is missing before it: statements of ``status``."""

from __future__ import annotations

from collections.abc import Collection

from exchange_cache.cache.answering import Database
from exchange_cache.data_types import DataType
from exchange_cache.value.completeness import History


def histories(reads: Database, accounts: Collection[str]) -> list[History]:
    """What is stored of the histories of fills and transfers of accounts."""
    names = tuple(accounts)
    key = "account, data_type, scope, symbol"
    where = f"WHERE account IN ({_marks(names)}) AND data_type <> 'orders'"
    sql = f"SELECT {key}, start_ms, end_ms FROM exchange_coverage {where} ORDER BY start_ms"
    covered: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for *place, start_ms, end_ms in reads.select(sql, names):
        covered.setdefault(tuple(place), []).append((start_ms, end_ms))
    sql = f"SELECT {key}, state, history_start_ms FROM exchange_streams {where}"
    return [
        History(
            account=place[0],
            data_type=DataType(place[1]),
            scope=place[2],
            state=state,
            start_ms=start_ms or 0,
            covered=tuple(covered.get(tuple(place), ())),
        )
        for *place, state, start_ms in reads.select(sql, names)
    ]


def oversold(
    reads: Database, accounts: Collection[str], reporting_asset: str
) -> dict[str, tuple[str, ...]]:
    """By account, the assets of which more was sold than its stored history had added, by the
    costs in one reporting asset: those in another are of the time when it was set."""
    sql = (
        "SELECT DISTINCT account, asset FROM exchange_cost_basis"
        f" WHERE reporting_asset = ? AND account IN ({_marks(tuple(accounts))})"
        " AND json_extract(details, '$.oversold_quantity') <> '0' ORDER BY account, asset"
    )
    found: dict[str, tuple[str, ...]] = {}
    for account, asset in reads.select(sql, (reporting_asset, *accounts)):
        found[account] = (*found.get(account, ()), asset)
    return found


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join("?" * len(values))
