"""The file of a recording: a header and the round trips, as JSON that people can read.

``FORMAT`` grows with every change that old readers would misread. A file whose name ends in
``.gz`` is compressed.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from exchange_cache import __version__
from exchange_cache.adapter.wire import RoundTrip
from exchange_cache.recording import exact_json
from exchange_cache.recording.disguise import Disguised

FORMAT = 1
NOTE = (
    "The requests of one sync of one account, and their answers. Keys, signatures and headers are"
    " not in it. Ids, addresses, names and notes are replaced, the same original always by the same"
    " text; amounts are multiplied by one secret factor. Prices, rates and times are unchanged, and"
    " so are answers to public requests. Read the file before you send it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording. ``expected`` counts what the cache held after the sync; ``settings`` are those
    that decide which requests a sync sends."""

    exchange: str
    policy: str
    versions: Mapping[str, str]
    at: datetime
    settings: Mapping[str, Any]
    replaced: Mapping[str, int]
    expected: Mapping[str, Any]
    trips: tuple[Disguised, ...]

    def text(self) -> str:
        """The header, then every round trip; private rows have lines of their own."""
        header = {
            "format": FORMAT,
            "note": NOTE,
            "exchange": self.exchange,
            "policy": self.policy,
            "versions": self.versions,
            "at": self.at.isoformat(),
            "settings": self.settings,
            "replaced": self.replaced,
            "expected": self.expected,
        }
        head = exact_json.dumps(header, indent=1).removesuffix("\n}")
        trips = ",\n".join(_trip_text(one) for one in self.trips)
        return f'{head},\n "requests": [\n{trips}\n ]\n}}\n'

    def content(self, *, compressed: bool) -> bytes:
        data = self.text().encode()
        return gzip.compress(data, mtime=0) if compressed else data


def _trip_text(one: Disguised) -> str:
    trip = one.trip
    request = {
        "at": trip.at_ms,
        "endpoint": trip.endpoint,
        "host": trip.host,
        "path": trip.path,
        "params": trip.params,
        "status": trip.status,
        "date": trip.date,
        "private": one.private,
    }
    answer = exact_json.dumps(one.answer, indent=1 if one.private else None, level=2)
    return f'  {exact_json.dumps(request)[:-1]},\n  "answer": {answer}}}'


def versions() -> dict[str, str]:
    """The versions that a recording depends on."""
    import ccxt

    return {"excache": __version__, "ccxt": str(ccxt.__version__)}


def read(path: Path) -> Recording:
    """The recording in a file; ValueError where it is none of this format."""
    data = path.read_bytes()
    document = exact_json.loads((gzip.decompress(data) if path.suffix == ".gz" else data).decode())
    if document.get("format") != FORMAT:
        raise ValueError(f"{path.name}: no recording of format {FORMAT}")
    return Recording(
        exchange=document["exchange"],
        policy=document["policy"],
        versions=document["versions"],
        at=datetime.fromisoformat(document["at"]),
        settings=document["settings"],
        replaced=document["replaced"],
        expected=document["expected"],
        trips=tuple(_trips(document["requests"])),
    )


def _trips(rows: Iterable[Mapping[str, Any]]) -> Iterable[Disguised]:
    for row in rows:
        trip = RoundTrip(
            at_ms=row["at"],
            endpoint=row["endpoint"],
            host=row["host"],
            path=row["path"],
            params=row["params"],
            status=row["status"],
            date=row["date"],
            body=None,
        )
        yield Disguised(trip=trip, answer=row["answer"], private=row["private"])
