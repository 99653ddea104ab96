"""How many accounts an hour holds, by calculation: from what a sync with nothing new uses, and from
the limits that the exchanges document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchmarks.charges import HOUR, Charge
from benchmarks.latency import ONE_MORE
from benchmarks.lines import figure
from benchmarks.results import Results

#: Where the exchanges document their limits.
SOURCES = {
    "binance": "https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits",
    "bybit": "https://bybit-exchange.github.io/docs/v5/rate-limit",
    "coinbase": "https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api",
    "kraken": "https://docs.kraken.com/api/docs/guides/spot-rest-ratelimits",
    "kucoin": "https://www.kucoin.com/docs-new/rate-limit",
    "okx": "https://www.okx.com/docs-v5/en/#overview-rate-limits",
}
CROWDS = (20, 200, 2_000)
PROCESSOR = "CPU: one core"


def tables(results: Results) -> str:
    """What an hour holds at each exchange, and what gives out first."""
    if not results.charges:
        return "Not measured."
    each = cpu_of_account(results)
    return "\n".join((*_exchanges(results.charges), "", *_crowds(results.charges, each)))


def cpu_of_account(results: Results) -> float | None:
    """CPU seconds of one more account in an hourly run."""
    line = results.line(ONE_MORE)
    return None if line is None else line.value


def _exchanges(charges: Iterable[Charge]) -> Iterator[str]:
    yield "| exchange | limit of the address that is used most | documented | an account's run uses | accounts an hour | an account's own tightest limit, its run |"  # noqa: E501
    yield "|---|---|---:|---:|---:|---:|"
    for exchange, source in SOURCES.items():
        own = [one for one in charges if one.exchange == exchange]
        shared = tightest(own, shared=True)
        alone = tightest(own, shared=False)
        cells = ["each account has its own", "", "", "not limited"]
        if shared is not None:
            cells = [
                f"`{shared.name}`",
                f"{figure(shared.an_hour)} an hour",
                figure(shared.used),
                figure(int(shared.accounts())),
            ]
        lasts = "" if alone is None else f"{figure(alone.used / alone.an_hour * HOUR)} s"
        yield f"| [{exchange}]({source}) | {' | '.join(cells)} | {lasts} |"


def tightest(charges: Iterable[Charge], *, shared: bool) -> Charge | None:
    """The limit of which a run uses the largest share."""
    found = [one for one in charges if one.shared is shared]
    return max(found, key=lambda one: one.used / one.an_hour, default=None)


def _crowds(charges: Iterable[Charge], cpu: float | None) -> Iterator[str]:
    yield "| accounts of one exchange | CPU of a run | share of an hour's limits, by exchange | what gives out first |"  # noqa: E501
    yield "|---:|---:|---|---|"
    for number in CROWDS:
        shares = dict(shares_of(charges, number))
        listed = ", ".join(f"{name} {_percent(share)}" for name, share in shares.items())
        took = "" if cpu is None else f"{figure(cpu * number)} s"
        yield f"| {number:,} | {took} | {listed} | {gives_out(shares, cpu, number)} |"


def shares_of(charges: Iterable[Charge], number: int) -> Iterator[tuple[str, float]]:
    """The part of an hour's tightest shared limit that so many accounts of an exchange use."""
    for exchange in SOURCES:
        found = tightest([one for one in charges if one.exchange == exchange], shared=True)
        if found is not None:
            yield exchange, number / found.accounts()


def gives_out(shares: dict[str, float], cpu: float | None, number: int) -> str:
    """What has no room for an hourly run any more, or comes next to it."""
    used = {f"the limit of {name}": share for name, share in shares.items()}
    if cpu is not None:
        used[PROCESSOR] = cpu * number / HOUR
    over = [name for name, share in sorted(used.items(), key=lambda one: -one[1]) if share > 1]
    if over:
        return ", ".join(over)
    name, share = max(used.items(), key=lambda one: one[1])
    return f"nothing; next is {name} ({_percent(share)})"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"
