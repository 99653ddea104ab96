"""The vocabulary of archives: files that an exchange makes of an account's history on request.

An archive is a history of a policy that is not read page by page: a call orders a file of one
period, another asks whether it is made, and a link or a third call returns it. Between ordering
and collecting, hours may pass, so an order outlives the run (``sync.archives`` stores it). The
calls are on a list of their own (``archive_calls.json``); ``call`` and ``linked`` are the only ways
to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from exchange_cache.adapter.files import FileSlot, LinkHosts, fetched
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What one file covers; ``key`` names it for people and is unique within its archive."""

    key: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An order that the exchange accepted: its period, its id there, and when it was ordered."""

    period: Period
    order_id: str
    ordered_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveCall:
    """One signed request: a method of ccxt, its parameters, and the time that must pass before the
    next one, which replaces ccxt's (hours for a call that is counted by the day)."""

    method: str
    params: Mapping[str, object] = field(default_factory=dict)
    pace: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the exchange says of an order. ``ready`` with a ``link``, where files lie behind links;
    ``gone``: it failed, or is forgotten, and must be ordered again. Neither: it is being made."""

    ready: bool = False
    gone: bool = False
    link: str = ""
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAllowance:
    """How many orders an exchange accepts: ``most`` within ``per``, or within a calendar month
    (UTC) where ``per`` is None. ``shared``: who else uses it up."""

    most: int
    per: timedelta | None = None
    shared: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePolicy:
    """One kind of file that an exchange makes, and how it is ordered and collected.

    ``periods`` lists the periods that reach into a span and that one file each can cover by now,
    the newest first. ``ordered`` reads the id from the answer to ``order``; ``made`` reads the
    answer to ``ask``. The file comes from ``file``, or else from the link; ``drop`` deletes it at
    the exchange. ``begins_ms``: nothing before it is served.

    ``covers`` are the histories (data type and scope) whose time the file proves. ``by_request``:
    ordered only where the user set ``archives = true``, because each order uses up an allowance
    that the user shares. ``worth`` counts the rows of the period: the file is ordered only where
    there are at least ``least_rows``, since fewer are read faster page by page, and only where
    at least ``least_gap`` is missing.

    ``first_look`` after ordering, then every ``look_every``, the order is asked about; a run waits
    for it for ``wait``, where the file is faster than walking. ``again_after``: the exchange makes
    the same file again only after that time. ``right`` is what the key needs, as the exchange's
    page of keys names it.
    """

    name: str
    title: str
    begins_ms: int
    periods: Callable[[Span, int], tuple[Period, ...]]
    order: Callable[[Period], ArchiveCall]
    ordered: Callable[[Any, Period], str]
    ask: Callable[[Ticket], ArchiveCall]
    made: Callable[[Any, Ticket], Made]
    file: Callable[[Ticket], ArchiveCall] | None = None
    drop: Callable[[Ticket], ArchiveCall] | None = None
    hosts: LinkHosts | None = None
    covers: tuple[tuple[DataType, str], ...]
    by_request: bool = False
    allowance: OrderAllowance | None = None
    worth: Callable[[Period], ArchiveCall] | None = None
    rows_in: Callable[[Any], int] | None = None
    least_rows: int = 0
    least_gap: timedelta = timedelta(0)
    first_look: timedelta = timedelta(0)
    look_every: timedelta = timedelta(0)
    wait: timedelta = timedelta(0)
    again_after: timedelta = timedelta(0)
    right: str = ""
    source: str


def call(session: Any, request: ArchiveCall, doing: str) -> Any:
    """The answer to a call of an archive: what it says, or the bytes of a file. It is sent once: a
    repeated order may count twice."""
    client = session.client
    slot = FileSlot(request.pace / timedelta(milliseconds=1))

    def ask() -> Any:
        client.file_slot = slot
        try:
            answer = getattr(client, request.method)(dict(request.params))
        finally:
            client.file_slot = None
        return answer if slot.body is None else slot.body

    return session.once(doing, ask)


def linked(session: Any, link: str, hosts: LinkHosts) -> bytes:
    """The file at a link that the exchange stated."""
    client = session.client
    proxies = client.proxies_of(link)

    def fetch() -> bytes:
        return fetched(
            link,
            hosts=hosts,
            bases=client.bases,
            session=client.new_session,
            proxies=proxies,
            verify=bool(client.verify),
            timeout=client.timeout / 1000,
        )

    found: bytes = session.once("the file of an archive", fetch)
    return found
