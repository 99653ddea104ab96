"""``rebuild.py KIND CACHE``: derives the cost of a whole ledger from nothing. KIND: ``open`` only
opens it, ``one`` and ``all`` keep nothing, ``stored`` stores the states of all methods."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.cost.basis import Method
from exchange_cache.sync.costs import ledger_of


def main(kind: str, cache: str) -> int:
    if kind == "stored":
        _forget(cache)
    app = App.from_environment()
    repository = ExchangeCacheRepository.open(Path(cache))
    ledger = ledger_of(repository, app.cost_settings())
    if kind == "stored":
        ledger.bring_up_to_date()
    elif kind != "open":
        methods = tuple(Method) if kind == "all" else (Method.AVERAGE,)
        ledger.played(methods, after_ms=0)
    repository.close()
    return 0


def _forget(cache: str) -> None:
    with closing(sqlite3.connect(cache)) as opened, opened:
        opened.execute("DELETE FROM cost_progress")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
