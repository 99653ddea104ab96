"""Files of the past are ordered, waited for over runs, fetched and read; each fault concerns its
file alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from exchange_cache.adapter.archives import (
    ArchiveCall,
    ArchivePolicy,
    Made,
    OrderAllowance,
    Period,
    Ticket,
)
from exchange_cache.adapter.files import ForeignHost, LinkExpired, LinkHosts
from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.archive_reading import ArchiveState, StoredArchive
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import (
    ExchangeUnavailable,
    Interrupted,
    PermissionMissing,
    RateLimited,
    StatementRefused,
)
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.archive_files import ArchiveFile, Received
from exchange_cache.sync.archives import ArchiveRun
from tests.builders import NOW
from tests.sync.fake_port import FakeExchange, Killed, policy, stream

MONTHS = tuple(datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3, 4, 5))
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def months(span: Span, now_ms: int) -> tuple[Period, ...]:
    """Calendar months from January to April 2026."""
    found = []
    for start, end in pairwise(MONTHS):
        if to_ms(start) < span.end_ms and to_ms(end) > span.start_ms and to_ms(end) <= now_ms:
            found.append(Period(key=f"{start:%Y-%m}", span=Span(to_ms(start), to_ms(end))))
    return tuple(reversed(found))


def called(word: str, period: str) -> ArchiveCall:
    return ArchiveCall(method=word, params={"of": period})


def archive(**more: Any) -> ArchivePolicy:
    defaults: dict[str, Any] = {
        "name": "bills",
        "title": "bills by month",
        "begins_ms": to_ms(MONTHS[0]),
        "periods": months,
        "order": lambda period: called("order", period.key),
        "ordered": lambda answer, period: str(answer or ""),
        "ask": lambda ticket: called("ask", ticket.period.key),
        "made": lambda answer, ticket: answer,
        "hosts": LinkHosts(names=frozenset({"files.example"}), source="a test"),
        "covers": ((DataType.FILLS, "spot"),),
        "right": "Read bills",
        "source": "a test",
    }
    return ArchivePolicy(**{**defaults, **more})


@dataclass
class Maker:
    """An exchange that makes files of ``ready_after``, and what it was asked."""

    clock: SetClock
    ready_after: timedelta = 2 * HOUR
    ordered: dict[str, datetime] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fail: dict[str, BaseException] = field(default_factory=dict)

    def __call__(self, request: ArchiveCall | str) -> Any:
        if isinstance(request, str):
            self.asked.append(f"fetch {request}")
            self._fail("fetch")
            return f"rows of {request}".encode()
        word, period = request.method, str(request.params["of"])
        self.asked.append(f"{word} {period}")
        self._fail(word)
        if word == "order":
            self.ordered[period] = self.clock.now()
            self._fail("answer")
            return f"id of {period}"
        if self.clock.now() - self.ordered[period] < self.ready_after:
            return Made()
        return Made(ready=True, link=f"https://files.example/{period}", expires_ms=1)

    def _fail(self, word: str) -> None:
        if word in self.fail:
            raise self.fail[word]


@dataclass
class Shelf:
    """Keeps the files that it receives, and covers what they say."""

    repository: ExchangeCacheRepository
    files: list[tuple[str, bytes]] = field(default_factory=list)
    refuse: str = ""

    def __call__(self, port: ExchangePort, file: ArchiveFile) -> Received:
        if self.refuse:
            raise StatementRefused(self.refuse, file=file.name)
        self.files.append((file.period, file.body))
        state = self.repository.ledger.state(key())
        covered = state.covered.plus(Ranges((file.span,)))
        self.repository.ledger.save_state(StreamState(key=key(), covered=covered))
        return Received(rows=3, new_rows=2, span=file.span)


def key() -> StreamKey:
    return StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


@dataclass
class Desk:
    """An account with an archive, at an exchange that makes its files."""

    repository: ExchangeCacheRepository
    clock: SetClock
    maker: Maker
    shelf: Shelf
    policy: ArchivePolicy
    history: StreamPolicy

    def run(self, requested: bool | None = None) -> tuple[str, ...]:
        port = FakeExchange(
            policy(self.history, archives=(self.policy,)), clock=self.clock, archive=self.maker
        )
        run = ArchiveRun(
            port,
            self.repository,
            self.clock,
            self.shelf,
            requested=requested,
            start_ms=None,
            stop=lambda: False,
        )
        return run.run()

    def states(self) -> dict[str, ArchiveState]:
        return {one.period: one.state for one in self.orders()}

    def orders(self) -> tuple[StoredArchive, ...]:
        return self.repository.archives.orders(["main"])


@pytest.fixture
def desk(repository: ExchangeCacheRepository) -> Desk:
    clock = SetClock(datetime(2026, 7, 15, tzinfo=UTC))
    return Desk(
        repository=repository,
        clock=clock,
        maker=Maker(clock),
        shelf=Shelf(repository),
        policy=archive(),
        history=stream(retention=90 * DAY, history_start_ms=to_ms(MONTHS[0])),
    )


def test_files_are_ordered_in_one_run_and_collected_in_a_later_one(desk: Desk) -> None:
    desk.run()
    assert desk.states() == {
        "2026-02": "ordered",
        "2026-03": "ordered",
        "2026-04": "ordered",
    }  # three in a run, the newest first
    desk.clock.at += HOUR
    desk.run()
    assert desk.shelf.files == []
    desk.clock.at += HOUR
    desk.run()
    assert sorted(name for name, _ in desk.shelf.files) == ["2026-02", "2026-03", "2026-04"]
    assert desk.shelf.files[0][1].startswith(b"rows of https://files.example/")
    desk.clock.at += 2 * HOUR
    desk.run()
    assert set(desk.states().values()) == {ArchiveState.READ}
    assert len(desk.states()) == 4
    before = len(desk.maker.asked)
    desk.clock.at += DAY
    desk.run()
    assert len(desk.maker.asked) == before, "everything is here: nothing is asked"


def test_only_what_is_missing_is_ordered(desk: Desk) -> None:
    whole = Ranges.of((to_ms(MONTHS[1]), to_ms(desk.clock.now())))
    desk.repository.ledger.save_state(StreamState(key=key(), covered=whole))
    desk.run()
    assert list(desk.states()) == ["2026-01"]


def test_a_history_that_the_account_does_not_have_has_no_files(desk: Desk) -> None:
    desk.repository.ledger.save_state(StreamState(key=key(), state="not_offered"))
    desk.run()
    assert desk.maker.asked == []


@pytest.mark.parametrize("step", ["order", "answer", "ask", "fetch"])
def test_a_kill_at_any_step_loses_no_file_and_orders_none_twice_without_need(
    desk: Desk, step: str
) -> None:
    desk.maker.ready_after = timedelta(0)
    desk.maker.fail = {step: Killed()}
    with pytest.raises(Killed):
        desk.run()
    desk.maker.fail = {}
    for _ in range(4):
        desk.clock.at += HOUR
        desk.run()
    assert sorted(name for name, _ in desk.shelf.files) == [
        "2026-01",
        "2026-02",
        "2026-03",
        "2026-04",
    ]
    orders = [one for one in desk.maker.asked if one.startswith("order")]
    assert len(orders) == (5 if step in {"order", "answer"} else 4)
    month_ago = to_ms(desk.clock.now() - 30 * DAY)
    assert desk.repository.archives.sent("main", "bills", month_ago) == len(orders)


def test_a_kill_before_reading_reads_the_stored_file_without_fetching_it_again(
    desk: Desk,
) -> None:
    desk.maker.ready_after = timedelta(0)
    original = desk.shelf
    desk.shelf = _Dies(desk.repository)
    with pytest.raises(Killed):
        desk.run()
    desk.shelf = original
    fetched = [one for one in desk.maker.asked if one.startswith("fetch")]
    desk.run()
    again = [one for one in desk.maker.asked if one == fetched[0]]
    assert len(again) == 1
    assert desk.shelf.files[0][1].startswith(b"rows of ")


class _Dies(Shelf):
    def __call__(self, port: ExchangePort, file: ArchiveFile) -> Received:
        raise Killed


def test_an_expired_link_is_asked_for_anew(desk: Desk) -> None:
    desk.maker.ready_after = timedelta(0)
    desk.maker.fail = {"fetch": LinkExpired("the link expired")}
    notes = desk.run()
    assert set(desk.states().values()) == {ArchiveState.ORDERED}
    assert len(notes) == 3
    desk.maker.fail = {}
    assert desk.run() == ()
    assert len(desk.shelf.files) == 4
    assert len([one for one in desk.maker.asked if one.startswith("order")]) == 4


def test_an_unknown_host_is_named_once_and_the_order_stands(desk: Desk) -> None:
    desk.maker.ready_after = timedelta(0)
    desk.maker.fail = {"fetch": ForeignHost("the link leads to the host evil.example")}
    notes = desk.run()
    assert notes[0].startswith("bills by month 2026-")
    assert "evil.example" in notes[0]
    assert desk.states()["2026-04"] == "foreign"
    desk.clock.at += HOUR
    before = len(desk.maker.asked)
    assert all("2026-01" in note for note in desk.run())
    assert not [one for one in desk.maker.asked[before:] if "2026-04" in one]
    desk.clock.at += DAY
    assert desk.run() == ()  # it was said


def test_a_missing_right_is_said_once_with_the_cure_and_tried_again_a_day_later(
    desk: Desk,
) -> None:
    desk.maker.fail = {"order": PermissionMissing("permission denied")}
    (note,) = desk.run()
    assert "'Read bills'" in note
    assert "archives = false" in note
    desk.clock.at += HOUR
    desk.maker.asked.clear()
    desk.clock.at += DAY
    assert desk.run() == ()
    desk.maker.fail = {}
    desk.clock.at += DAY
    desk.run()
    assert "ordered" in desk.states().values()


def test_a_file_that_shares_an_allowance_is_ordered_on_request_only(desk: Desk) -> None:
    desk.policy = archive(by_request=True, allowance=OrderAllowance(most=2))
    desk.run()
    assert desk.maker.asked == []
    desk.run(requested=True)
    assert list(desk.states()) == ["2026-04", "2026-03"]  # two a month
    desk.clock.at += 2 * HOUR
    desk.run()  # what was ordered is collected without being asked for
    assert len(desk.shelf.files) == 2
    desk.clock.at = datetime(2026, 7, 31, 23, tzinfo=UTC)
    desk.run(requested=True)
    assert len(desk.states()) == 2
    desk.clock.at = datetime(2026, 8, 1, tzinfo=UTC)
    desk.run(requested=True)
    assert len(desk.states()) == 4


def test_an_allowance_of_a_day_counts_the_last_24_hours(desk: Desk) -> None:
    desk.policy = archive(allowance=OrderAllowance(most=1, per=DAY))
    desk.run()
    desk.clock.at += 23 * HOUR
    desk.run()
    assert len(desk.states()) == 1
    desk.clock.at += 2 * HOUR
    desk.run()
    assert len(desk.states()) == 2


def test_archives_that_are_switched_off_are_not_even_asked_about(desk: Desk) -> None:
    desk.run()
    before = len(desk.maker.asked)
    desk.clock.at += DAY
    desk.run(requested=False)
    assert len(desk.maker.asked) == before


def test_a_file_that_cannot_be_read_stays_for_a_later_version(desk: Desk) -> None:
    desk.maker.ready_after = timedelta(0)
    desk.shelf.refuse = "has the new column newCol"
    notes = desk.run()
    assert notes[0].endswith("has the new column newCol")
    assert desk.states()["2026-04"] == "unreadable"
    assert all("2026-01" in note for note in desk.run())  # the others were said
    desk.shelf.refuse = ""
    desk.run()
    assert len(desk.shelf.files) == 4
    assert len([one for one in desk.maker.asked if one.startswith("fetch")]) == 4


def test_a_file_that_cannot_be_made_is_ordered_again_a_day_later(desk: Desk) -> None:
    desk.policy = archive(made=lambda answer, ticket: Made(gone=True))
    desk.run()
    assert set(desk.states().values()) == {ArchiveState.FAILED}
    orders = [one for one in desk.maker.asked if one.startswith("order")]
    desk.clock.at += 2 * DAY
    desk.run()
    assert len([one for one in desk.maker.asked if one.startswith("order")]) > len(orders)


def test_a_refusal_for_speed_ends_the_archives_of_this_run(desk: Desk) -> None:
    desk.maker.fail = {"order": RateLimited("slow down")}
    desk.run()
    assert [one for one in desk.maker.asked if one.startswith("order")] == ["order 2026-04"]


def test_an_exchange_that_is_down_costs_one_request(desk: Desk) -> None:
    desk.maker.fail = {"order": ExchangeUnavailable("down")}
    desk.run()
    assert len(desk.maker.asked) == 1


def test_a_short_history_is_walked_and_not_exported(desk: Desk) -> None:
    desk.policy = archive(
        worth=lambda period: called("count", period.key),
        rows_in=lambda answer: 999,
        least_rows=1000,
    )
    desk.maker.ordered["2026-04"] = NOW
    desk.run()
    assert desk.maker.asked == ["count 2026-04"]
    assert desk.states() == {"2026-04": "short"}


def test_a_file_that_takes_seconds_is_collected_in_the_same_run(desk: Desk) -> None:
    removed = []

    def drop(ticket: Ticket) -> ArchiveCall:
        removed.append(ticket.order_id)
        return called("ask", ticket.period.key)

    desk.maker.ready_after = timedelta(seconds=15)
    desk.policy = archive(wait=timedelta(seconds=30), drop=drop)
    desk.run()
    assert len(desk.shelf.files) == 3
    assert len(removed) == 3  # only what excache itself ordered, once it is read


def test_a_run_that_is_stopped_ends_between_two_calls(desk: Desk) -> None:
    port = FakeExchange(
        policy(desk.history, archives=(desk.policy,)), clock=desk.clock, archive=desk.maker
    )
    run = ArchiveRun(
        port,
        desk.repository,
        desk.clock,
        desk.shelf,
        requested=None,
        start_ms=None,
        stop=lambda: len(desk.maker.asked) > 0,
    )
    with pytest.raises(Interrupted):
        run.run()
    assert len(desk.maker.asked) == 1
