"""excache's own figures: hit rate, response times cached and live, API calls saved. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from exchange_cache.cache.metrics import Sums
from exchange_cache.cache.stored import Read
from exchange_cache.clock import to_ms
from exchange_cache.records import DataType
from exchange_cache.value.freshness import SyncStatus

#: The data that a portfolio view would fetch live.
VIEW = (DataType.BALANCES, DataType.POSITIONS, DataType.PRICES)
OUTCOMES = ("hit", "stale", "miss", "bypass")
#: Outcomes of reads that the cache answered.
ANSWERED = ("hit", "stale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counts of reads by outcome, and times in milliseconds; None if nothing was measured."""

    hits: int
    stale: int
    misses: int
    bypasses: int
    cached_p50_ms: float | None
    cached_p95_ms: float | None
    live_ms: int | None
    live_requests: int
    calls_saved: int
    findings: int

    @property
    def reads(self) -> int:
        return self.hits + self.stale + self.misses + self.bypasses

    @property
    def hit_rate(self) -> float | None:
        """The share of reads answered from the cache with everything fresh."""
        return self.hits / self.reads if self.reads else None

    @property
    def served_rate(self) -> float | None:
        """The share of reads answered from the cache, fresh or stale."""
        return (self.hits + self.stale) / self.reads if self.reads else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The cost of one portfolio view at the exchanges, as the last sync measured it."""

    milliseconds: int | None
    requests: int


def live_view(
    statuses: Iterable[SyncStatus], accounts: Collection[str], requests: Mapping[str, int]
) -> Live:
    """The live cost: accounts run side by side, so the time is that of the longest.

    ``requests`` is the number that each of the ``accounts`` needed; an account that is not in it
    counts one per part.
    """
    spent: dict[str, int] = {}
    parts: dict[str, int] = {}
    for status in statuses:
        if (
            status.data_type not in VIEW
            or status.duration_ms is None
            or status.account not in accounts
        ):
            continue
        if status.part == "":
            spent[status.account] = spent.get(status.account, 0) + status.duration_ms
        else:
            parts[status.account] = parts.get(status.account, 0) + 1
    return Live(
        milliseconds=max(spent.values(), default=None),
        requests=sum(requests.get(account, parts.get(account, 0)) for account in accounts),
    )


def statistics(reads: Sequence[Read], live: Live, findings: int) -> Statistics:
    """The figures of some reads."""
    counted = {name: sum(1 for read in reads if read.outcome == name) for name in OUTCOMES}
    cached = sorted(read.duration_us / 1000 for read in reads if read.outcome in ANSWERED)
    return Statistics(
        hits=counted["hit"],
        stale=counted["stale"],
        misses=counted["miss"],
        bypasses=counted["bypass"],
        cached_p50_ms=percentile(cached, 50),
        cached_p95_ms=percentile(cached, 95),
        live_ms=live.milliseconds,
        live_requests=live.requests,
        calls_saved=len(cached) * live.requests,
        findings=findings,
    )


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile of ascending numbers; None without any."""
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


# --- for machines ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Exposition:
    """Metric families in the Prometheus text format (prometheus.io, "Exposition formats")."""

    lines: list[str] = field(default_factory=list)

    def family(
        self, name: str, kind: str, text: str, samples: Iterable[tuple[str, Mapping[str, str], str]]
    ) -> None:
        """Add a family; without samples it is left out.

        ``samples``: suffix of the name, labels, value.
        """
        found = [f"{name}{suffix}{_labels(labels)} {value}" for suffix, labels, value in samples]
        if found:
            self.lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}", *found]

    def gauge(self, name: str, text: str, value: str) -> None:
        self.family(name, "gauge", text, [("", {}, value)])


def prometheus(found: Statistics, sums: Mapping[str, Sums], statuses: Iterable[SyncStatus]) -> str:
    """The text format for a node_exporter textfile collector.

    ``sums`` count since the cache was created, so counters never fall.
    """
    nothing = Sums()
    made = Exposition()
    made.family(
        "excache_reads_total",
        "counter",
        "Reads of the cache by outcome.",
        (("", {"outcome": name}, str(sums.get(name, nothing).count)) for name in OUTCOMES),
    )
    cached = [sums.get(name, nothing) for name in ANSWERED]
    quantiles = (("0.5", found.cached_p50_ms), ("0.95", found.cached_p95_ms))
    made.family(
        "excache_cached_read_seconds",
        "summary",
        "Response time of reads that the cache answered.",
        (
            *(
                ("", {"quantile": name}, f"{value / 1000:.6f}")
                for name, value in quantiles
                if value is not None
            ),
            ("_sum", {}, f"{sum(item.duration_us for item in cached) / 1_000_000:.6f}"),
            ("_count", {}, str(sum(item.count for item in cached))),
        ),
    )
    if found.live_ms is not None:
        text = "Time that the same data took at the exchanges when it was last fetched."
        made.gauge("excache_live_fetch_seconds", text, f"{found.live_ms / 1000:.3f}")
    text = "Requests that one live portfolio view needs."
    made.gauge("excache_live_requests", text, str(found.live_requests))
    text = "Requests saved by reads that the cache answered."
    made.gauge("excache_api_calls_saved", text, str(found.calls_saved))
    text = "Open findings about missing history or cost."
    made.gauge("excache_findings", text, str(found.findings))
    _add_freshness(made, statuses)
    return "\n".join(made.lines) + "\n"


def _add_freshness(made: Exposition, statuses: Iterable[SyncStatus]) -> None:
    whole = [status for status in statuses if status.part == "" and status.state != "not_offered"]
    made.family(
        "excache_last_success_timestamp_seconds",
        "gauge",
        "When data was last fetched completely.",
        (
            ("", _of(status), f"{to_ms(status.succeeded_at) / 1000:.3f}")
            for status in whole
            if status.succeeded_at is not None
        ),
    )
    made.family(
        "excache_sync_failures",
        "gauge",
        "Failures in a row since the last success.",
        (("", _of(status), str(status.failures)) for status in whole),
    )


def _of(status: SyncStatus) -> dict[str, str]:
    return {"account": status.account, "data_type": str(status.data_type)}


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    escaped = {
        name: value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        for name, value in labels.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}"
