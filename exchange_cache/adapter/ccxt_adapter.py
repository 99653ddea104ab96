"""The exchange port over real ccxt: one account, read-only, one request per page.

Records and errors of the project leave here, never ccxt's. Requests carry the exchange's own time
parameters, never ccxt's ``paginate`` (it stops early) and, for exchanges with a policy, never its
``since`` (it filters). Several threads may read at once (``adapter.lane``). ccxt is imported when
an adapter is opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from exchange_cache.adapter import (
    archives,
    client as clients,
    client_memory,
    histories,
    history_rows,
    market_data,
    mirrors,
    observed_histories,
    wallets,
)
from exchange_cache.adapter.archives import ArchiveCall
from exchange_cache.adapter.exchange_time import ClockOffset, offset_by_statement
from exchange_cache.adapter.files import LinkHosts
from exchange_cache.adapter.key_rights import KeyRights
from exchange_cache.adapter.keyinfo import check_account, key_rights
from exchange_cache.adapter.lane import Lane, LaneClock, in_lane
from exchange_cache.adapter.looks import Look, Question
from exchange_cache.adapter.markets import listed, market_info
from exchange_cache.adapter.policy import (
    CallPolicy,
    ExchangePolicy,
    ObservedPaging,
    StreamPolicy,
    WalletPolicy,
)
from exchange_cache.adapter.port import (
    AccountCheck,
    Candle,
    Cursor,
    LedgerRecord,
    MarketInfo,
    Page,
    WalletReading,
)
from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.shared import Shared
from exchange_cache.adapter.statement_desks import SessionDesks, SessionNames
from exchange_cache.adapter.wire import Tap
from exchange_cache.clock import Clock, CorrectedClock
from exchange_cache.errors import ExchangeFault, RateLimited
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import Balance, Order, Position, Price
from exchange_cache.unidentified import UnidentifiedRow


def open_adapter(
    account_name: str,
    policy: ExchangePolicy,
    credentials: Mapping[str, str],
    ccxt_config: Mapping[str, object],
    clock: Clock,
    memory: Mapping[str, object] | None = None,
    *,
    random: Random | None = None,
    retry: RetryPolicy | None = None,
    tap: Tap | None = None,
    env: Mapping[str, str] | None = None,
    shared: Shared | None = None,
) -> CcxtAdapter:
    """An adapter for one account at the exchange of a policy; sends no request. ConfigError for an
    unknown credential or setting. ``tap`` observes the wire; ``env`` may name proxies and
    certificates; ``shared`` is what the adapters of this process have in common."""
    client = clients.build_client(
        account=account_name,
        policy=policy,
        credentials=credentials,
        user_config=ccxt_config,
        clock=clock,
        tap=tap,
        env=env or {},
        shared=shared,
    )
    session = Session(
        account=account_name,
        policy=policy,
        client=client,
        clock=CorrectedClock(LaneClock(clock, client.lane), lambda: _ahead(client)),
        random=random or Random(),  # noqa: S311 - spreads waits; nothing secret
        retry=retry or RetryPolicy(),
        secrets=tuple(str(value) for value in credentials.values()),
        markets_at=client_memory.restore(client, memory),
        sought=client_memory.sought(memory),
    )
    return CcxtAdapter(session)


def _ahead(client: Any) -> timedelta:
    offset: ClockOffset | None = client.offset
    return timedelta(0) if offset is None else offset.ahead


class CcxtAdapter:
    """One account at one exchange, read through a guarded ccxt instance. ExchangePort documents
    each method."""

    def __init__(self, session: Session) -> None:
        self.account = session.account
        self.policy = session.policy
        self._session = session
        self._infos: dict[str, MarketInfo] | None = None
        self._infos_of_ms: int | None = None  # of which download they are
        self._refused: ExchangeFault | None = None

    @property
    def lane(self) -> Lane:
        found: Lane = self._session.client.lane
        return found

    @property
    def requests(self) -> int:
        return int(self._session.client.requests_sent)

    @property
    def clock_offset(self) -> ClockOffset | None:
        offset: ClockOffset | None = self._session.client.offset
        return offset

    @in_lane
    def measure_clock(self) -> None:
        """See ExchangePort."""
        client = self._session.client
        if client.offset is None and client.has.get("fetchTime"):
            sent = client.machine_ms()
            theirs = self._session.call("the time", client.fetch_time).value
            if theirs is not None:
                client.offset = offset_by_statement(int(theirs), sent, client.machine_ms())

    @in_lane
    def markets(self) -> Mapping[str, MarketInfo]:
        fresh = self._ready()
        downloaded_ms = self._session.markets.downloaded_ms
        if fresh or self._infos is None or self._infos_of_ms != downloaded_ms:
            self._infos_of_ms = downloaded_ms
            self._infos = {
                str(market["symbol"]): market_info(market)
                for market in listed(self._session.client)
                if market.get("base") and market.get("quote")
            }
        return self._infos

    def _ready(self) -> bool:
        """Make sure that there are markets. A market list that could not be had is requested once:
        the other parts of a run fail with the same reason, without a request."""
        if self._refused is not None:
            raise self._refused
        try:
            return self._session.ready()
        except RateLimited:
            raise  # a pause is observed elsewhere, and the list can be had after it
        except ExchangeFault as error:
            self._refused = error
            raise

    @in_lane
    def wallet(self, wallet: WalletPolicy) -> WalletReading:
        self._ready()
        return wallets.wallet(self._session, wallet)

    def balances(self, wallet: WalletPolicy) -> tuple[Balance, ...]:
        """The balances alone."""
        return self.wallet(wallet).balances

    @in_lane
    def positions(self, call: CallPolicy) -> tuple[Position | UnidentifiedRow, ...]:
        self._ready()
        return mirrors.positions(self._session, call)

    @in_lane
    def open_orders(
        self, call: CallPolicy, symbol: str | None = None
    ) -> tuple[Order | UnidentifiedRow, ...]:
        self._ready()
        return mirrors.open_orders(self._session, call, symbol)

    @in_lane
    def prices(self, call: CallPolicy) -> tuple[Price, ...]:
        self._ready()
        return market_data.prices(self._session, call)

    @in_lane
    def candles(
        self, symbol: str, since: datetime, limit: int, resolution: str = "1h"
    ) -> tuple[Candle, ...]:
        self._ready()
        return market_data.candles(self._session, symbol, since, limit, resolution)

    @in_lane
    def page(
        self, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
    ) -> Page:
        self._ready()
        observed = isinstance(stream.paging, ObservedPaging)
        read = observed_histories.page if observed else histories.page
        return read(self._session, stream, symbol, window, cursor)

    @in_lane
    def look(self, stream: StreamPolicy, symbol: str | None, question: Question) -> Look:
        self._ready()
        return observed_histories.look(self._session, stream, symbol, question)

    @in_lane
    def identify(
        self, stream: StreamPolicy, rows: Sequence[UnidentifiedRow]
    ) -> Mapping[str, tuple[LedgerRecord, ...] | None]:
        self._ready()
        observed = isinstance(stream.paging, ObservedPaging)
        read = observed_histories.records_again if observed else history_rows.records_again
        return history_rows.identify(self._session, stream, rows, read)

    def for_statements(self) -> tuple[SessionNames, SessionDesks]:
        """What readers of files need. Requests the market list where none is known, else
        nothing."""
        if not self._session.client.markets:
            self._ready()
        self._session.markets.take_as_current()
        return SessionNames(self._session), SessionDesks(self._session)

    @in_lane
    def archive_call(self, request: ArchiveCall, doing: str) -> Any:
        return archives.call(self._session, request, doing)

    @in_lane
    def archive_file(self, link: str, hosts: LinkHosts) -> bytes:
        return archives.linked(self._session, link, hosts)

    @in_lane
    def check(self) -> AccountCheck:
        return check_account(self, self._session)

    @in_lane
    def key_rights(self) -> KeyRights:
        return key_rights(self._session)

    @in_lane
    def memory(self) -> Mapping[str, object]:
        return self._session.memory()

    @in_lane
    def pace(self) -> Mapping[str, object]:
        return self._session.pace()

    def close(self) -> None:
        self._session.client.session.close()
