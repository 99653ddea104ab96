"""How many requests a sync sends: the first one of the demo's exchanges, and one with nothing
new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from benchmarks.charges import Charge, charges_of
from benchmarks.ground import Bench, Ground, world
from benchmarks.lines import Line, measured
from exchange_cache.simulator.venue.core import ALL_ACCOUNTS, SECOND_ACCOUNT

#: What is asked in every run: what is held, and what it is worth.
MIRRORS = ("balances", "positions", "prices")
BEYOND = 8


def run(bench: Bench) -> Iterator[Line | Charge]:
    accounts = {**ALL_ACCOUNTS, **SECOND_ACCOUNT}
    options = {"accounts": accounts, **bench.world}
    with world(**options) as ground:
        took, sent = ground.counted("sync")
        rows = _rows(ground)
        for exchange, number in sorted(sent.items()):
            yield measured("first sync", f"first sync, {exchange}", "requests", [number])
        yield measured(
            "first sync",
            f"first sync of six exchanges ({rows:,} rows)",
            "requests",
            [sent.total()],
            (took,),
            at_most=5000,
            requests=sent.total(),
        )
        ground.counted("sync")
        yield from _nothing_new(ground, Counter(accounts.values()))


def _rows(ground: Ground) -> int:
    tables = ("exchange_fills", "exchange_orders", "exchange_transfers")
    return sum(ground.query(f"SELECT count(*) FROM {name}")[0][0] for name in tables)


def _nothing_new(ground: Ground, accounts: Counter[str]) -> Iterator[Line | Charge]:
    only = [word for name in MIRRORS for word in ("--only", name)]
    _, mirrors = ground.counted("sync", *only)
    with charges_of(ground.simulator) as charges:
        took, sent = ground.counted("sync")
    symbols = {
        one.exchange: _symbols(ground, one.name) for one in ground.simulator.venue.accounts()
    }
    for exchange, number in sorted(sent.items()):
        each, own = number / accounts[exchange], mirrors[exchange] / accounts[exchange]
        yield measured(
            "nothing new",
            f"nothing new, {exchange}: an account ({symbols[exchange]} symbols traded)",
            "requests",
            [each],
            at_most=own + BEYOND,
            requests=each,
        )
    yield measured(
        "nothing new",
        f"nothing new, {accounts.total()} accounts of six exchanges",
        "s CPU",
        [took.cpu],
        (took,),
        requests=sent.total(),
    )
    yield from charges


def _symbols(ground: Ground, account: str) -> int:
    text = "SELECT count(DISTINCT symbol) FROM exchange_fills WHERE account = ?"
    return int(ground.query(text, account)[0][0])
