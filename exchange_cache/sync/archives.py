"""Fetches the archives of one account: orders what is missing, asks about what was ordered, and
hands finished files to their reader.

Each step is stored before the next, so hours and kills may pass between them. An order is noted
before it is sent, because it counts at the exchange even where the answer is lost. A fault
concerns its file alone: it is stored with it, reported once, and tried again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from exchange_cache.adapter.archives import ArchivePolicy, Made, Period, Ticket
from exchange_cache.adapter.files import ForeignHost, LinkExpired
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.archive_reading import ArchiveState, StoredArchive
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import (
    BadResponse,
    ExcacheError,
    ExchangeFault,
    ExchangeUnavailable,
    Interrupted,
    PermissionMissing,
    RateLimited,
    RequestRefused,
)
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.sync import archive_plan as plan
from exchange_cache.sync.archive_cover import cover, is_per_symbol
from exchange_cache.sync.archive_files import ArchiveFile, Receive
from exchange_cache.sync.report import sentence


class ArchiveRun:
    """The archives of one account in one run. ``requested`` None: those that cost the user nothing;
    True: also those that use up an allowance of the user's."""

    def __init__(
        self,
        port: ExchangePort,
        repository: ExchangeCacheRepository,
        clock: Clock,
        receive: Receive,
        *,
        requested: bool | None,
        start_ms: int | None,
        stop: Callable[[], bool],
    ) -> None:
        self._port = port
        self._account = port.account
        self._repository = repository
        self._archives = repository.archives
        self._clock = clock
        self._receive = receive
        self._requested = requested
        self._start_ms = start_ms
        self._stop = stop
        self._notes: list[str] = []
        self.new_rows = 0

    def run(self) -> tuple[str, ...]:
        """Go on with every archive; returns what to report."""
        for archive in self._port.policy.archives:
            if self._requested is False:
                break
            try:
                self._go_on(archive)
            except RateLimited:
                break  # the histories observe the pause; what is due stays due
        return tuple(self._notes)

    def _go_on(self, archive: ArchivePolicy) -> None:
        for order in self._stored(archive):
            if order.state in {ArchiveState.FETCHED, ArchiveState.UNREADABLE}:
                self._read(archive, order)
        self._cover_new_symbols(archive)
        periods = self._periods(archive)
        may_order = self._requested or not archive.by_request
        ordered = self._order(archive, periods) if may_order else False
        self._note_plan(archive, periods)
        self._look(archive)
        if ordered and archive.wait:
            self._wait(archive)

    def _cover_new_symbols(self, archive: ArchivePolicy) -> None:
        """Note what files cover of symbols that were found since they were read."""
        policy, ledger = self._port.policy, self._repository.ledger
        if not is_per_symbol(policy, archive):
            return
        read = [one for one in self._stored(archive) if one.state is ArchiveState.READ]
        spans = Ranges.union_of(Span(one.start_ms, one.end_ms) for one in read)
        if spans:
            cover(ledger, policy, self._account, archive, spans)

    # --- ordering ---------------------------------------------------------------------------------

    def _periods(self, archive: ArchivePolicy) -> tuple[Period, ...]:
        """What its files can add to what is stored."""
        now_ms = self._now_ms()
        gaps = plan.missing(
            archive,
            self._port.policy.streams,
            self._repository.ledger.states(self._account),
            now_ms,
            self._start_ms,
            self._repository.imports.coverage(self._account),
        )
        return plan.periods_of(archive, gaps, now_ms)

    def _note_plan(self, archive: ArchivePolicy, periods: Sequence[Period]) -> None:
        known = {order.period for order in self._stored(archive)}
        missing = sum(period.key not in known for period in periods)
        if not known and not missing:
            return
        found = plan.planned(
            archive, self._account, missing, self._now_ms(), requested=bool(self._requested)
        )
        self._archives.note_plan(found)

    def _order(self, archive: ArchivePolicy, periods: Sequence[Period]) -> bool:
        """Order what is missing, as far as the allowance reaches; whether anything was ordered."""
        now_ms = self._now_ms()
        stored = {order.period: order for order in self._stored(archive)}
        ordered = False
        for period in plan.to_order(archive, periods, stored, now_ms, self._left(archive)):
            self._check_stop()
            if not self._order_one(archive, period, stored.get(period.key)):
                break
            ordered = True
        return ordered

    def _left(self, archive: ArchivePolicy) -> int | None:
        """How many orders the allowance leaves; None: there is none."""
        if archive.allowance is None:
            return None
        since_ms = plan.window_ms(archive.allowance, self._now_ms())
        return archive.allowance.most - self._archives.sent(self._account, archive.name, since_ms)

    def _order_one(
        self, archive: ArchivePolicy, period: Period, known: StoredArchive | None
    ) -> bool:
        """Order one file; whether to go on with the next."""
        order = self._blank(archive, period)
        try:
            if archive.worth is not None and not self._is_worth_it(archive, period, order):
                return False
            order = replace(order, ordered_ms=self._now_ms())
            self._archives.send(order)
            answer = self._port.archive_call(archive.order(period), f"order {archive.title}")
            order_id = archive.ordered(answer, period)
            if not order_id:
                raise BadResponse(
                    f"{self._port.policy.exchange}: the answer to an order names no file",
                    account=self._account,
                )
        except ExchangeFault as error:
            if not isinstance(error, ExchangeUnavailable):
                self._archives.take_back(order)
            if isinstance(error, RateLimited):
                raise
            self._failed(archive, order, error, known)
            return isinstance(error, RequestRefused)  # of this period
        done = replace(
            order, state=ArchiveState.ORDERED, order_id=order_id, ordered_ms=self._now_ms()
        )
        self._archives.save(done)
        return True

    def _is_worth_it(self, archive: ArchivePolicy, period: Period, order: StoredArchive) -> bool:
        """Whether a file is faster than its pages; the answer is kept for a day."""
        assert archive.worth is not None and archive.rows_in is not None
        counted = self._port.archive_call(archive.worth(period), f"the number of {archive.title}")
        rows = archive.rows_in(counted)
        if rows >= archive.least_rows:
            return True
        self._archives.save(
            replace(order, state=ArchiveState.SHORT, looked_ms=self._now_ms(), rows=rows)
        )
        return False

    def _blank(self, archive: ArchivePolicy, period: Period) -> StoredArchive:
        return StoredArchive(
            account=self._account,
            archive=archive.name,
            period=period.key,
            start_ms=period.span.start_ms,
            end_ms=period.span.end_ms,
            state=ArchiveState.SENT,
        )

    # --- collecting -------------------------------------------------------------------------------

    def _wait(self, archive: ArchivePolicy) -> None:
        """Collect a file that is made within seconds in the run that ordered it."""
        ends, pause = self._clock.monotonic() + archive.wait.total_seconds(), 1.0
        while any(one.state is ArchiveState.ORDERED for one in self._stored(archive)):
            if self._clock.monotonic() + pause > ends:
                return  # a later run collects it
            self._check_stop()
            self._clock.sleep(pause)
            self._look(archive)
            pause *= 2

    def _look(self, archive: ArchivePolicy) -> None:
        """Ask about orders, and collect those that are made."""
        for order in plan.to_look(archive, self._stored(archive), self._now_ms()):
            self._check_stop()
            try:
                self._look_at(archive, order)
            except RateLimited:
                raise
            except ExchangeFault as error:
                self._failed(archive, order, error, order, keep=True)

    def _look_at(self, archive: ArchivePolicy, order: StoredArchive) -> None:
        ticket = _ticket(order)
        answer = self._port.archive_call(archive.ask(ticket), f"whether {archive.title} are made")
        made = archive.made(answer, ticket)
        looked = replace(order, looked_ms=self._now_ms(), expires_ms=made.expires_ms, error=None)
        if made.gone:
            lost = f"{self._port.policy.exchange} could not make the file, or no longer has it"
            self._archives.save(replace(looked, state=ArchiveState.FAILED, error=lost))
        elif not made.ready:
            self._archives.save(replace(looked, state=ArchiveState.ORDERED))
        else:
            self._archives.save(looked)
            self._fetch(archive, looked, made)

    def _fetch(self, archive: ArchivePolicy, order: StoredArchive, made: Made) -> None:
        ticket = _ticket(order)
        if archive.file is not None:
            body = self._port.archive_call(archive.file(ticket), f"a file of {archive.title}")
        else:
            assert archive.hosts is not None
            body = self._port.archive_file(made.link, archive.hosts)
        if not isinstance(body, bytes):
            raise BadResponse(
                f"{self._port.policy.exchange}: the answer is no file", account=self._account
            )
        fetched = replace(order, state=ArchiveState.FETCHED, error=None)
        self._archives.save(fetched, body)
        read = self._read(archive, fetched)
        if archive.drop is not None and read.state is ArchiveState.READ:
            self._drop(archive, read)

    def _drop(self, archive: ArchivePolicy, order: StoredArchive) -> None:
        """Delete a file at the exchange that is read here; where that fails, it expires there."""
        assert archive.drop is not None
        try:
            self._port.archive_call(archive.drop(_ticket(order)), f"the removal of {archive.title}")
        except ExchangeFault as error:
            self._archives.save(replace(order, error=f"not removed: {error.message}"))

    # --- reading ----------------------------------------------------------------------------------

    def _read(self, archive: ArchivePolicy, order: StoredArchive) -> StoredArchive:
        """Hand a fetched file to its reader; one that cannot be read stays for a later version.
        Returns where the order is then."""
        body = self._archives.body(order)
        assert body is not None
        file = ArchiveFile(
            account=self._account,
            archive=archive,
            period=order.period,
            span=plan.covered_by(archive, order),
            body=body,
        )
        try:
            received = self._receive(self._port, file)
        except ExchangeFault as error:  # what the reader needs of the exchange cannot be had now
            order = replace(order, error=sentence(error))
            self._archives.save(order, body)
            return order
        except ExcacheError as error:
            if (order.state, order.error) != (ArchiveState.UNREADABLE, error.message):
                self._note(f"{file.name}: {error.message}")
            order = replace(order, state=ArchiveState.UNREADABLE, error=error.message)
            self._archives.save(order, body)
            return order
        self.new_rows += received.new_rows
        order = replace(
            order,
            state=ArchiveState.READ,
            read_ms=self._now_ms(),
            rows=received.rows,
            new_rows=received.new_rows,
            start_ms=received.span.start_ms,
            end_ms=received.span.end_ms,
            error=None,
        )
        self._archives.save(order)
        return order

    # --- faults -----------------------------------------------------------------------------------

    def _failed(
        self,
        archive: ArchivePolicy,
        order: StoredArchive,
        error: ExchangeFault,
        known: StoredArchive | None,
        *,
        keep: bool = False,
    ) -> None:
        """Store why a file could not be had; report it the first time. ``keep``: the order
        stands, and is asked about again."""
        order = replace(order, looked_ms=self._now_ms(), error=sentence(error))
        if isinstance(error, PermissionMissing):
            text = (
                f"the key has no right to order {archive.title}; give it {archive.right!r} at"
                f" {self._port.policy.title}, or set archives = false for this account"
            )
            order = replace(order, state=ArchiveState.REFUSED, error=text)
        elif isinstance(error, ForeignHost):
            order = replace(order, state=ArchiveState.FOREIGN)
        elif not keep:
            order = replace(order, state=ArchiveState.FAILED)
        elif isinstance(error, LinkExpired):
            order = replace(order, state=ArchiveState.ORDERED)
        self._archives.save(order)
        if known is None or (known.state, known.error) != (order.state, order.error):
            self._note(f"{archive.title} {order.period}: {order.error}")

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.append(text)

    def _check_stop(self) -> None:
        if self._stop():
            raise Interrupted("stopped", account=self._account)

    def _stored(self, archive: ArchivePolicy) -> Iterable[StoredArchive]:
        orders = self._archives.orders([self._account])
        return [order for order in orders if order.archive == archive.name]

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())


def _ticket(order: StoredArchive) -> Ticket:
    span = Span(order.start_ms, order.end_ms)
    return Ticket(
        period=Period(key=order.period, span=span),
        order_id=order.order_id,
        ordered_ms=order.ordered_ms or 0,
    )
