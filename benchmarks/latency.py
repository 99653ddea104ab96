"""How well a sync hides the latency of the exchanges: of one account, and of many side by side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.charges import HOUR, charges_of
from benchmarks.ground import Bench, world
from benchmarks.lines import Line, measured
from benchmarks.timing import Took

LATENCY_MS = 100
#: So long a history is fetched: what the latency costs does not depend on it, the time does.
DAYS = 7
#: Where many accounts are synced; the first sync of most exchanges sends as many requests.
TOGETHER = "bybit"
#: Exchanges whose pace lets a first sync end within a minute.
EXCHANGES = ("binance", "bybit", "okx")
ONE_MORE = "one account more in a sync with nothing new"


def first_sync(bench: Bench) -> Iterator[Line]:
    """The first sync of each exchange at its own pace, with and without latency, in turn."""
    for exchange in EXCHANGES:
        times = min(2, bench.rounds)
        rounds = [(_first(exchange, 0), _first(exchange, LATENCY_MS)) for _ in range(times)]
        floors = [max(near[0].wall, near[2]) for near, _ in rounds]
        far = [one for _, one in rounds]
        yield measured(
            "latency",
            f"first sync of {DAYS} days, {exchange}: at {LATENCY_MS} ms latency / at the pace of"
            " the exchange alone",
            "x",
            [one[0].wall / floor for one, floor in zip(far, floors, strict=True)],
            tuple(one[0] for one in far),
            at_most=1.2,
            requests=far[-1][1],
        )


def _first(exchange: str, latency: float) -> tuple[Took, int, float]:
    """A first sync: what it took, its requests, and the seconds for which the documented limits
    make it last."""
    accounts = {"main": exchange}
    with world(_short(), pace=None, latency=latency, accounts=accounts, fills=300) as ground:
        with charges_of(ground.simulator) as charges:
            took, sent = ground.counted("sync")
        limits = max(one.used / one.an_hour * HOUR for one in charges)
        return took, sent.total(), limits


def side_by_side(bench: Bench) -> Iterator[Line]:
    """The first sync of many accounts of one exchange: one after another, which is all their waits
    and the CPU of the run, beside the run itself. The exchange sets no pace."""
    rounds = [_together(bench.accounts) for _ in range(min(2, bench.rounds))]
    series = tuple(took for took, _ in rounds)
    serial = [sent * LATENCY_MS / 1000 + took.cpu for took, sent in rounds]
    yield measured(
        "accounts",
        f"first sync of {bench.accounts} {TOGETHER} accounts at {LATENCY_MS} ms: one after another"
        " / side by side",
        "x",
        [alone / took.wall for alone, took in zip(serial, series, strict=True)],
        series,
        at_least=5,
        requests=rounds[-1][1],
    )
    yield from _of_one(bench)


def _together(accounts: int) -> tuple[Took, int]:
    names = _accounts(accounts, TOGETHER)
    with world(_short(), latency=LATENCY_MS, accounts=names, fills=20 * accounts) as ground:
        took, sent = ground.counted("sync")
        return took, sent.total()


def _short() -> str:
    """Settings for a short history of the symbols that the account names."""
    since = f"{datetime.now(UTC) - timedelta(days=DAYS):%Y-%m-%d}"
    return f"history_start = {since}\nsweep_budget = 0\n"


def _accounts(number: int, exchange: str = "kraken") -> dict[str, str]:
    return {f"account{index:02}": exchange for index in range(number)}


def _of_one(bench: Bench) -> Iterator[Line]:
    """What one more account costs a sync with nothing new in CPU."""
    number = bench.accounts
    with (
        bench.ledger(120, "1 account", accounts=_accounts(1)) as one,
        bench.ledger(120, f"{number} accounts", accounts=_accounts(number)) as many,
    ):
        rounds = [(one.counted("sync")[0], many.counted("sync")[0]) for _ in range(bench.few)]
    each = [(more.cpu - less.cpu) / max(1, number - 1) for less, more in rounds]
    series = tuple(more for _, more in rounds)
    yield measured("accounts", ONE_MORE, "s CPU", each, series)
