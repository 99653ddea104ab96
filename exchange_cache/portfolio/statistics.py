"""The product's own figures: hit rate, response time from the cache beside the last live fetch, API calls saved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exchange_cache.cache.metrics import Read
from exchange_cache.domain.freshness import SyncStatus
from exchange_cache.domain.records import DataType

#: What a portfolio view would have to fetch live.
VIEW = (DataType.BALANCES, DataType.POSITIONS, DataType.PRICES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counts of reads by outcome, and times in milliseconds; None where nothing was measured yet."""

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
        """The share of reads answered from the cache at all."""
        return (self.hits + self.stale) / self.reads if self.reads else None


def statistics(reads: Sequence[Read], statuses: Iterable[SyncStatus], findings: int) -> Statistics:
    """The figures over some reads. Live time: what the slowest account's last fetch of a view's data took, as measured then."""
    counted = {name: sum(1 for read in reads if read.outcome == name) for name in ("hit", "stale", "miss", "bypass")}
    cached = sorted(read.duration_us / 1000 for read in reads if read.outcome in ("hit", "stale"))
    live: dict[str, int] = {}
    requests = 0
    for status in statuses:
        if status.data_type in VIEW and status.duration_ms is not None:
            if status.part == "":
                live[status.account] = live.get(status.account, 0) + status.duration_ms
            else:
                requests += 1
    return Statistics(
        hits=counted["hit"],
        stale=counted["stale"],
        misses=counted["miss"],
        bypasses=counted["bypass"],
        cached_p50_ms=percentile(cached, 50),
        cached_p95_ms=percentile(cached, 95),
        live_ms=max(live.values(), default=None),
        live_requests=requests,
        calls_saved=(counted["hit"] + counted["stale"]) * requests,
        findings=findings,
    )


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile of ascending numbers; None of none."""
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


def prometheus(found: Statistics) -> str:
    """The text format for a node_exporter textfile collector."""
    lines = [
        "# HELP excache_reads_total Reads of the cache by outcome.",
        "# TYPE excache_reads_total counter",
        *(
            f'excache_reads_total{{outcome="{name}"}} {number}'
            for name, number in (("hit", found.hits), ("stale", found.stale), ("miss", found.misses), ("bypass", found.bypasses))
        ),
        "# HELP excache_cached_read_seconds Response time of cached reads.",
        "# TYPE excache_cached_read_seconds summary",
    ]
    for quantile, value in (("0.5", found.cached_p50_ms), ("0.95", found.cached_p95_ms)):
        if value is not None:
            lines.append(f'excache_cached_read_seconds{{quantile="{quantile}"}} {value / 1000:.6f}')
    if found.live_ms is not None:
        lines += [
            "# HELP excache_live_fetch_seconds What the same data took at the exchanges when it was last fetched.",
            "# TYPE excache_live_fetch_seconds gauge",
            f"excache_live_fetch_seconds {found.live_ms / 1000:.3f}",
        ]
    lines += [
        "# HELP excache_api_calls_saved_total Requests that cached reads did not need.",
        "# TYPE excache_api_calls_saved_total counter",
        f"excache_api_calls_saved_total {found.calls_saved}",
        "# HELP excache_findings Open findings about missing history or cost.",
        "# TYPE excache_findings gauge",
        f"excache_findings {found.findings}",
    ]
    return "\n".join(lines) + "\n"
