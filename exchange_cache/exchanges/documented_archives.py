"""The archives of an exchange as lines of ``docs/policies.md``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from exchange_cache.adapter.archives import ArchivePolicy
from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.clock import from_ms

_HEAD = (
    "| archive | since | covers | ordered | orders | right | hosts of files | source |\n"
    "|---|---|---|---|---|---|---|---|"
)


def archive_lines(policy: ExchangePolicy) -> Iterator[str]:
    """A table of the files that an exchange makes on order; nothing where it makes none."""
    if not policy.archives:
        return
    yield _HEAD
    for archive in policy.archives:
        cells = (
            archive.title,
            f"{from_ms(archive.begins_ms):%Y-%m-%d}",
            ", ".join(f"{data_type} {scope}" for data_type, scope in archive.covers),
            _ordered(archive),
            _allowance(archive),
            archive.right,
            "the exchange itself" if archive.hosts is None else _hosts(archive),
            archive.source,
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _ordered(archive: ArchivePolicy) -> str:
    if archive.by_request:
        return "on request (`archives = true`, `sync --archives`)"
    if archive.least_rows:
        return f"where {archive.least_rows:,} rows or more are missing"
    return "by itself"


def _allowance(archive: ArchivePolicy) -> str:
    allowance = archive.allowance
    if allowance is None:
        return "any"
    window = "day" if allowance.per == timedelta(days=1) else "month"
    shared = f"; {allowance.shared}" if allowance.shared else ""
    return f"{allowance.most} a {window}{shared}"


def _hosts(archive: ArchivePolicy) -> str:
    assert archive.hosts is not None
    names = ", ".join(f"`{name}`" for name in sorted(archive.hosts.names))
    return f"{names} ({archive.hosts.source})"
