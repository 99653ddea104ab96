"""``imports.py FILE TIMES``: imports a file of trades into a copy of the cache of EXCACHE_HOME,
and stores the same trades as a sync does, in turn: the rows of the exchange's API, parsed by its
policy and stored page by page, without the network. Prints the CPU seconds of the import, of the
sync, and of the storing in it. Averages are derived by neither.

A short import before them opens the exchange's market list.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from exchange_cache.adapter.history_rows import Ask, records_of
from exchange_cache.adapter.statement_desks import SessionDesks
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.cli.app import App
from exchange_cache.cli.importing import Importer, on_a_copy
from exchange_cache.records import DataType
from exchange_cache.statements.opening import sources

PAGE = 500
Answer = list[dict[str, Any]]


def main(file: str, times: str) -> int:
    importer = Importer(App.from_environment())
    found = []
    account = _warmed(importer, Path(file))
    answer = _answer(Path(file))
    (_, desks) = importer._opened[account]
    assert isinstance(desks, SessionDesks)
    for _ in range(int(times)):
        took, _, stored = _imported(importer, Path(file))
        parsed, saved, fills = _synced(desks, answer)
        if not stored == fills == len(answer):
            raise SystemExit(f"{stored} of {len(answer)} imported, {fills} synced")
        found.append([took, parsed + saved, saved])
    print(json.dumps({"rows": len(answer), "rounds": found}))
    return 0


def _imported(importer: Importer, file: Path) -> tuple[float, str, int]:
    """The CPU seconds of the import, its account, and how many fills the ledger has of it."""
    with on_a_copy(importer.app) as app:
        copied = Importer(app, _opened=importer._opened)
        began = time.process_time()
        (source,) = sources(file)
        known = copied.recognised(source)
        outcome = copied.store(known, copied.account_of(known))
        took = time.process_time() - began
        return took, outcome.file.account, app.repository().imports.in_ledger(outcome.file.id)


def _warmed(importer: Importer, file: Path) -> str:
    """The account of the file, after an import of its first rows."""
    with tempfile.TemporaryDirectory(prefix="excache-few-") as folder:
        few = Path(folder) / "few.csv"
        with file.open(encoding="utf-8") as stream:
            few.write_text("".join(islice(stream, 20)), encoding="utf-8")
        return _imported(importer, few)[1]


def _answer(file: Path) -> Answer:
    """The rows of the file, oldest first, as the exchange's API serves them."""
    with file.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    if "txid" in rows[0]:
        return [{**row, "id": row["txid"], "time": _seconds(row["time"])} for row in rows]
    return [_of_binance(number, row) for number, row in enumerate(reversed(rows))]


def _of_binance(number: int, row: dict[str, str]) -> dict[str, Any]:
    return {
        "symbol": row["Pair"],
        "id": number,
        "orderId": number,
        "price": row["Price"],
        "qty": row["Executed"].removesuffix("BTC"),
        "quoteQty": row["Amount"].removesuffix("USDT"),
        "commission": row["Fee"].removesuffix("BTC"),
        "commissionAsset": "BTC",
        "time": int(float(_seconds(row["Date(UTC)"])) * 1000),
        "isBuyer": row["Side"] == "BUY",
        "isMaker": False,
        "isBestMatch": True,
    }


def _seconds(text: str) -> str:
    moment = datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    return f"{int(moment.timestamp())}{text[19:]}"


def _synced(desks: SessionDesks, answer: Answer) -> tuple[float, float, int]:
    """The CPU seconds of parsing and of storing, and how many fills were stored."""
    session, desk = desks._session, desks(DataType.FILLS, "spot")
    market = session.market("BTC/USDT", "spot") if desk.stream.needs_symbol else None
    ask = Ask(stream=desk.stream, market=market, window=None, cursor={}, doing="fills")
    with tempfile.TemporaryDirectory(prefix="excache-store-") as folder:
        repository = ExchangeCacheRepository.open(Path(folder) / "cache.sqlite3")
        key = StreamKey(account=desk.origin.account, data_type=DataType.FILLS, scope="spot")
        state, now = repository.ledger.state(key), datetime.now(UTC)
        parsed = saved = 0.0
        for start in range(0, len(answer), PAGE):
            began = time.process_time()
            fills = records_of(session, ask, desk, answer[start : start + PAGE])
            parsed += time.process_time() - began
            began = time.process_time()
            repository.ledger.save_page(state, fills, now)
            saved += time.process_time() - began
        number = repository.ledger.count(DataType.FILLS)
        repository.close()
    return parsed, saved, number


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
