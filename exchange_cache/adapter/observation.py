"""What was observed of how an exchange serves a history, and the walk that follows it: values.

Kept per account and history with its date, the version of ccxt and the policy that it was observed
under, since each of them may change what is true.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from typing import Any

from exchange_cache.adapter.paging_rules import ObservedPaging, TimeBounds
from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.ledger.coverage import Grade

HONOURED, IGNORED, REFUSED, UNKNOWN = "honoured", "ignored", "refused", "unknown"
REQUIRED = "required"
OLDEST, NEWEST = "oldest first", "newest first"
UNIQUE, REPEATED, MISSING = "unique", "repeated", "missing"

#: So many rows are asked for at once where ccxt names no limit.
USUAL_LIMIT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the answers to a handful of requests show.

    ``since``, ``until``, ``limit`` and ``symbol`` are honoured, ignored, refused (an error, or an
    empty answer where rows are) or unknown; a symbol may be required. ``order``: which rows a page
    has that cannot hold all. ``cap``: the rows of a page beside which others were seen; ``most``:
    those of the largest page; ``page``: the limit to ask with. ``window_ms``: the longest window
    that is answered (None: any); ``past``: whether one of that length is that ended long ago.
    ``wide``: whether start and end are answered together.
    """

    since: str = UNKNOWN
    until: str = UNKNOWN
    limit: str = UNKNOWN
    symbol: str = UNKNOWN
    order: str = UNKNOWN
    ids: str = UNKNOWN
    cap: int | None = None
    page: int | None = None
    most: int = 0
    window_ms: int | None = None
    past: bool | None = None
    wide: bool = False
    requests: int = 0

    @property
    def is_blank(self) -> bool:
        """Whether there was no row to observe anything on."""
        return self.most == 0

    @property
    def starts(self) -> bool:
        """Whether a request says where it begins. Where nothing was seen, that is tried."""
        if self.is_blank:
            return self.since != REFUSED
        refused = self.backward and self.window_ms is None and not self.wide
        return self.since == HONOURED and not refused  # together with an end

    @property
    def forward(self) -> bool:
        """Whether a later start leads to later rows."""
        return self.starts and self.order != NEWEST

    @property
    def backward(self) -> bool:
        """Whether an earlier end leads to earlier rows, and is needed for that."""
        return self.until == HONOURED and self.order != OLDEST

    @property
    def newest_only(self) -> bool:
        """Whether no request leads beyond the newest rows."""
        return not self.forward and not self.backward

    @property
    def grade(self) -> Grade:
        """Observed, where the walk reaches every row by what was seen of the exchange."""
        closes = (self.forward and self.order == OLDEST) or (
            self.backward and (self.forward or self.order == NEWEST)
        )
        whole = self.window_ms is None or self.past is True
        return Grade.OBSERVED if closes and whole and not self.is_blank else Grade.ASSUMED


def followed(stream: StreamPolicy, seen: Observation) -> StreamPolicy:
    """The stream, walked by what was observed of it: the start, the end and the limit are sent
    where they are honoured, and the pages follow each other as they can."""
    ends = seen.backward or (seen.window_ms is not None and seen.until not in {IGNORED, REFUSED})
    return replace(
        stream,
        needs_symbol=stream.needs_symbol or seen.symbol == REQUIRED,
        bounds=TimeBounds(
            start="since" if seen.starts else None,
            end="until" if ends else None,
        ),
        paging=ObservedPaging(
            forward=seen.forward,
            backward=seen.backward,
            order=seen.order,
            cap=seen.cap,
            asked=seen.page,
            ids=seen.ids,
        ),
        page_size=seen.page,
        limit_param="" if seen.page is None else stream.limit_param,
        window=timedelta(milliseconds=seen.window_ms) if seen.window_ms is not None else None,
        retention=_retention(stream, seen),
        newest_rows=(seen.cap or seen.page or USUAL_LIMIT) if seen.newest_only else None,
        grade=seen.grade,
    )


def _retention(stream: StreamPolicy, seen: Observation) -> timedelta | None:
    """What lies beyond the window that ends now is not served where no other window is."""
    if seen.window_ms is None or seen.is_blank or seen.past is not False:
        return stream.retention
    served = timedelta(milliseconds=seen.window_ms)
    return served if stream.retention is None else min(served, stream.retention)


# --- in words and in memory -----------------------------------------------------------------------


def in_words(seen: Observation) -> str:
    """What was observed, for people: one line."""
    if seen.symbol == REQUIRED:
        return "a symbol is required"
    if seen.is_blank:
        return "there is no row yet, so nothing could be observed"
    parts = []
    for verdict in (HONOURED, IGNORED, REFUSED):
        names = [name for name in ("since", "until", "limit", "symbol") if _is(seen, name, verdict)]
        if names:
            verb = "are" if len(names) > 1 else "is"
            parts.append(f"{_listed(names)} {verb} {verdict}")
    parts.append(f"pages of {seen.cap}" if seen.cap else f"no page of more than {seen.most} rows")
    if seen.order != UNKNOWN:
        parts.append(seen.order)
    if seen.window_ms is not None:
        parts.append(f"windows of {seen.window_ms / 86_400_000:g} days")
    parts.append(f"ids are {seen.ids}")
    if seen.newest_only:
        parts.append("only the newest rows are served")
    return "; ".join(parts)


def _is(seen: Observation, name: str, verdict: str) -> bool:
    return bool(getattr(seen, name) == verdict)


def _listed(names: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def policy_digest(stream: StreamPolicy) -> str:
    """What of a policy an observation depends on."""
    words = repr(
        (
            stream.method,
            sorted(stream.params.items()),
            stream.needs_symbol,
            stream.page_size,
            stream.window,
            stream.retention,
        )
    )
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def to_memory(seen: Observation) -> dict[str, object]:
    return asdict(seen)


def from_memory(found: Mapping[str, Any]) -> Observation:
    """A kept observation; ValueError where another version wrote it."""
    names = {item.name for item in fields(Observation)}
    if names - set(found):
        raise ValueError("an observation of another version")
    return Observation(**{name: found[name] for name in names})
