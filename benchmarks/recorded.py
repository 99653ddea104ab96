"""An hour of a few accounts, recorded at the simulated exchanges, and a cache on a server in the
state before it: what any number of accounts like them is made of."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.ground import Ground, process, world
from benchmarks.processes.answers import KEYS, NOW_MS, NOW_S, known_by
from exchange_cache.simulator.server import Simulator
from exchange_cache.simulator.wire import Request, Response
from exchange_cache.sync.identity import fingerprint
from tests.postgres import Cluster, name_of

HOUR = 3700
#: The recorded accounts: their exchanges, and what those trade that are busy.
RECORDED = {"quiet0": "kraken", "quiet1": "bybit", "busy0": "kraken", "busy1": "bybit"}
TRADED = {"busy0": "BTC/EUR", "busy1": "BTC/USDT"}
DAYS = 7
#: What is kept of all accounts in one value, by their names: which repairs are done.
_KEPT = ("repairs_of_figures", "repairs_of_markets", "repairs_of_words")
#: Syncs before the recorded one: the second finishes what a first one leaves.
BEFORE = 3


@dataclass(frozen=True, slots=True)
class Recorded:
    """``answers``: of the hour, for ``processes/answers.py``. ``before``: the database of the hour
    before, to be copied. ``home``: that of the recorded accounts. ``began``: when the hour began.
    ``requests``: of each account. ``port``: that of the exchanges in config.toml."""

    answers: Path
    before: str
    home: Path
    began: datetime
    requests: dict[str, dict[str, int]]
    port: int
    url: str


@contextmanager
def recorded(cluster: Cluster, folder: Path) -> Iterator[Recorded]:
    shift = [0]
    since = f"{datetime.now(UTC) - timedelta(days=DAYS):%Y-%m-%d}"
    settings = f'cache_url = "{cluster.create()}"\nhistory_start = {since}\nsweep_budget = 0\n'
    with world(
        settings,
        accounts=RECORDED,
        fills=80,
        clock=lambda: time.time_ns() // 1_000_000 + shift[0] * 1000,
    ) as ground:
        url = settings.split('"')[1]
        for _ in range(BEFORE):
            _trade(ground)
            ground.timed(process("later", str(shift[0]), "sync"))
            shift[0] += HOUR
        before = cluster.copy(url)
        _trade(ground)
        began = datetime.now(UTC) + timedelta(seconds=shift[0])
        with _noted(ground.simulator) as noted:
            ground.timed(process("later", str(shift[0]), "sync"))
        answers = folder / "answers.json"
        answers.write_text(json.dumps([[*key, texts] for key, texts in noted.items()]))
        yield Recorded(
            answers=answers,
            before=before,
            home=ground.home,
            began=began,
            requests=_by_account(ground.simulator, noted),
            port=ground.simulator.port,
            url=url,
        )


def _by_account(
    simulator: Simulator, noted: dict[tuple[str, str], list[str]]
) -> dict[str, dict[str, int]]:
    """How often each account sent each request."""
    owners = {one.api_key: one.name for one in simulator.venue.accounts()}
    found: dict[str, dict[str, int]] = {name: {} for name in RECORDED}
    for (key, what), texts in noted.items():
        if key in owners:
            found[owners[key]][what] = len(texts)
    return found


def _trade(ground: Ground) -> None:
    for name, symbol in TRADED.items():
        ground.simulator.venue.trade(name, symbol, "buy", Decimal("0.001"))


@contextmanager
def _noted(simulator: Simulator) -> Iterator[dict[tuple[str, str], list[str]]]:
    """All answers meanwhile, by who asked for what."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    plain = simulator.outcome

    def noting(request: Request) -> Response | str | None:
        outcome = plain(request)
        assert isinstance(outcome, Response) and outcome.status == 200, outcome
        key = next((request.headers[one] for one in KEYS if one in request.headers), "")
        path = f"/{request.exchange}/{request.host}{request.path}"
        what = known_by(request.method, path, request.raw_query, request.body)
        found[key, what].append(_timeless(outcome.payload(), request.now_ms))
        return outcome

    # The server looks the method up for each request.
    simulator.outcome = noting  # type: ignore[method-assign]
    try:
        yield found
    finally:
        del simulator.outcome  # type: ignore[method-assign]


def _timeless(text: bytes, now_ms: int) -> str:
    now = (str(now_ms).encode(), NOW_MS), (str(now_ms // 1000).encode(), NOW_S)
    for moment, mark in now:
        text = text.replace(moment, mark)
    return text.decode()


def accounts(number: int) -> dict[str, str]:
    """So many accounts, each with the recorded one that it is like: every tenth is busy."""
    return {
        f"account{one:04}": f"{'busy' if one % 20 in {0, 11} else 'quiet'}{one % 2}"
        for one in range(number)
    }


def homes_of(recording: Recorded, names: dict[str, str], folder: Path, number: int) -> list[Path]:
    """The homes of so many workers, each with an address of its own: one config.toml and one key
    for each account."""
    text = (recording.home / "config.toml").read_text(encoding="utf-8")
    head, *parts = re.split(r"(?m)^(?=\[accounts\.\w+\]$)", text)
    sections = {part.split("]")[0].rpartition(".")[2]: part for part in parts}
    found = []
    for one in range(number):
        home = folder / f"worker{one}"
        home.mkdir(mode=0o700)
        own = [sections[like].replace(like, name) for name, like in names.items()]
        address = f'address = "worker{one}"\n'
        (home / "config.toml").write_text("\n".join([address + head, *own]), encoding="utf-8")
        for name, like in names.items():
            for file in recording.home.glob(f"{like}.*"):
                secret = file.read_text(encoding="utf-8").strip()
                secret += f"-{name}" if file.suffix == ".key" else ""
                place = home / file.name.replace(like, name)
                place.write_text(secret, encoding="utf-8")
                place.chmod(0o600)
        found.append(home)
    return found


def cloned(cluster: Cluster, recording: Recorded, names: dict[str, str]) -> str:
    """A database in which each of these accounts has the rows of the recorded one it is like, as if
    it had been synced so often."""
    url = cluster.copy(recording.before)
    database = name_of(url)
    values = ", ".join(f"('{name}', '{like}')" for name, like in names.items())
    cluster.execute(f"CREATE TABLE crowd AS VALUES {values}", database)
    for table, columns in _tables(cluster, database).items():
        kept = ", ".join(columns)
        own = ", ".join("crowd.column1" if one == "account" else f"t.{one}" for one in columns)
        cluster.execute(
            f"INSERT INTO {table} ({kept}) SELECT {own} FROM {table} t"
            " JOIN crowd ON t.account = crowd.column2",
            database,
        )
        old = ", ".join(f"'{one}'" for one in RECORDED)
        cluster.execute(f"DELETE FROM {table} WHERE account IN ({old})", database)
    cluster.execute("DROP TABLE crowd", database)
    _distinguish(cluster, database, recording, names)
    cluster.execute("VACUUM ANALYZE", database)
    return url


def _distinguish(
    cluster: Cluster, database: str, recording: Recorded, names: dict[str, str]
) -> None:
    """Give each account the mark of its own key, and a user of its own; none needs a repair."""
    (salt,) = (
        bytes.fromhex(json.loads(str(value)))
        for (value,) in cluster.execute(
            "SELECT value FROM exchange_memory WHERE account = '' AND key = 'identity_salt'",
            database,
        )
    )
    keys = {
        like: (recording.home / f"{like}.key").read_text(encoding="utf-8").strip()
        for like in RECORDED
    }

    def mark(like: str, key: str) -> str:
        return fingerprint(salt, RECORDED[like], "api_key", key)

    marks = ", ".join(
        f"('{name}', '{mark(like, keys[like])}', '{mark(like, f'{keys[like]}-{name}')}')"
        for name, like in names.items()
    )
    cluster.execute(
        "UPDATE exchange_memory m SET value = replace(m.value, v.old, v.new)"
        f" FROM (VALUES {marks}) v (name, old, new)"
        " WHERE m.account = v.name AND position(v.old in m.value) > 0",
        database,
    )
    for key in _KEPT:
        ((text,),) = cluster.execute(
            f"SELECT value FROM exchange_memory WHERE account = '' AND key = '{key}'", database
        )
        known = json.loads(str(text))
        more = (
            [*known, *names]
            if isinstance(known, list)
            else {**known, **{name: known[like] for name, like in names.items()}}
        )
        value = json.dumps(more, separators=(",", ":"), sort_keys=True)
        cluster.execute(
            f"UPDATE exchange_memory SET value = '{value}' WHERE account = '' AND key = '{key}'",
            database,
        )
    cluster.execute(
        "UPDATE exchange_memory SET value = jsonb_set(value::jsonb, '{user}',"
        " to_jsonb(substr(md5(account), 1, 16)))::text"
        " WHERE key = 'exchange_user' AND value::jsonb->>'user' IS NOT NULL",
        database,
    )


def _tables(cluster: Cluster, database: str) -> dict[str, Sequence[str]]:
    """The tables whose rows belong to accounts, with their columns; what is computed of them is
    computed anew."""
    found = cluster.execute(
        "SELECT c.table_name, array_agg(quote_ident(c.column_name))"
        " FROM information_schema.columns c"
        " JOIN information_schema.tables t USING (table_schema, table_name)"
        " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
        " AND coalesce(c.column_default, '') NOT LIKE 'nextval%' AND c.is_identity = 'NO'"
        " GROUP BY 1",
        database,
    )
    return {
        str(table): columns  # type: ignore[misc]
        for table, columns in found
        if "account" in columns and not str(table).startswith("cost_")  # type: ignore[operator]
    }
