"""What every read of one account shares: the guarded ccxt instance, markets, retries, and the
translation of errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, TypeVar

from exchange_cache.adapter import client_memory, faults, paging, raw_rows
from exchange_cache.adapter.grammar import ANY
from exchange_cache.adapter.market_list import MarketList
from exchange_cache.adapter.markets import NO_ROW, Market, by_symbol, refuse_made_up
from exchange_cache.adapter.pace import is_private
from exchange_cache.adapter.policy import (
    WALLET_ADDRESS,
    CallPolicy,
    ExchangePolicy,
    RawRows,
    StreamPolicy,
)
from exchange_cache.adapter.redaction import without_secrets
from exchange_cache.adapter.retry import RetryPolicy, call
from exchange_cache.adapter.rows import Desk
from exchange_cache.adapter.traffic import Answer, Traffic, recorded
from exchange_cache.adapter.values import Origin
from exchange_cache.clock import Clock
from exchange_cache.errors import BadResponse, ExcacheError, RateLimited
from exchange_cache.records import FillKind

T = TypeVar("T")
U = TypeVar("U")


class Session:
    """One account's ccxt instance and the way to call it, for one thread at a time."""

    def __init__(
        self,
        *,
        account: str,
        policy: ExchangePolicy,
        client: Any,
        clock: Clock,
        random: Random,
        retry: RetryPolicy,
        secrets: tuple[str, ...],
        markets_at: int | None,
        sought: Mapping[str, int] | None = None,
    ) -> None:
        self.account = account
        self.policy = policy
        self.client = client
        self.clock = clock
        self._random = random
        self._retry = retry
        self._secrets = secrets
        self.markets = MarketList(
            client, policy, clock, self.call, self.once, markets_at, sought or {}
        )
        self._could: set[str] = set()  # reads that succeeded with this key

    # --- calling ----------------------------------------------------------------------------------

    def call(self, doing: str, request: Callable[[], T]) -> Answer[T]:
        """Run ccxt code that sends a request. Its exceptions become the project's; a request that
        may succeed later is repeated."""
        return self.read(doing, request, lambda answer: answer)

    def read(self, doing: str, request: Callable[[], T], made: Callable[[Answer[T]], U]) -> U:
        """Like :meth:`call`, but returns ``made(answer)``; where ``made`` fails, the request is
        repeated."""

        def of(traffic: Traffic) -> U:
            answer = _answer(request(), traffic)
            self._not_blank(doing, traffic)
            return made(answer)

        return call(
            lambda: self._once(doing, of, request),
            policy=self._retry,
            clock=self.clock,
            random=self._random,
            on_skew=lambda: self.once("the time", self.client.load_time_difference),
        )

    def once(self, doing: str, action: Callable[[], T]) -> T:
        """Run ccxt code once (mostly parsing); its exceptions become the project's."""
        return self._once(doing, lambda _traffic: action(), action)

    def _once(self, doing: str, action: Callable[[Traffic], T], request: Callable[[], object]) -> T:
        with recorded(self.client) as traffic:
            try:
                result = action(traffic)
            except Exception as error:
                missing = self._right_is_missing(error, doing, request)
                fault = self._translated(error, doing, traffic, right_missing=missing)
                if isinstance(fault, RateLimited) and fault is not error:
                    self.client.budget.hold(fault, traffic.endpoint, traffic.status)
                raise fault from error
        if is_private(traffic.endpoint):
            self._could.add(_read(doing))
        return result

    def _translated(
        self, error: Exception, doing: str, traffic: Traffic, *, right_missing: bool
    ) -> ExcacheError:
        return faults.translate(
            error,
            account=self.account,
            policy=self.policy,
            status=traffic.status,
            headers=traffic.headers,
            secrets=self._secrets,
            doing=doing,
            now=self.clock.now(),
            key_works=bool(self._could),
            could=_read(doing) in self._could,
            right_missing=right_missing,
        )

    def _right_is_missing(self, error: Exception, doing: str, action: Callable[[], object]) -> bool:
        """Whether an ambiguous code means a missing right: the key still works, and the request is
        refused again."""
        question = self.policy.key_question
        if question is None or not faults.is_ambiguous(error, self.policy):
            return False
        if not self._could or _read(doing) in self._could:
            return False
        if self._refusal(lambda: getattr(self.client, question.method)()) is not None:
            return False
        again = self._refusal(action)
        return again is not None and faults.is_ambiguous(again, self.policy)

    def _refusal(self, action: Callable[[], object]) -> Exception | None:
        with recorded(self.client):
            try:
                action()
            except Exception as error:  # noqa: BLE001 - ccxt's, classed like the first one
                return error
        return None

    def bad(self, what: str) -> BadResponse:
        return BadResponse(f"{self.policy.exchange}: {what}", account=self.account)

    def rows(self, response: Any, path: str, *, null_is_empty: bool = False) -> list[Any]:
        """The raw rows of an answer; BadResponse when they are not at the policy's path."""
        try:
            return paging.rows_of(response, path, null_is_empty=null_is_empty)
        except paging.RowsMissing as error:
            raise self.bad(str(error)) from error

    def turn(self, what: str, *page: Any) -> paging.Turn:
        """What follows a page (as for ``paging.turn``); BadResponse where it contradicts the
        exchange's own words."""
        try:
            return paging.turn(*page)
        except paging.RowsMissing as error:
            raise self.bad(f"{what}: {error}") from error

    def raw(self, response: Any, rule: RawRows) -> list[Any]:
        """The raw rows of an answer, checked against a rule; BadResponse names what is missing."""
        try:
            return raw_rows.raw_rows(response, rule)
        except paging.RowsMissing as error:
            raise self.bad(str(error)) from error

    def text_of(self, row: Any) -> str:
        """A raw row as JSON, without the account's secrets."""
        text = json.dumps(row, default=str, separators=(",", ":"), ensure_ascii=False)
        return without_secrets(text, self._secrets)

    def not_hollow(self, doing: str, response: Any) -> None:
        """BadResponse for an answer of unknown shape without a list of rows."""
        if raw_rows.hollow(response):
            raise self.bad(f"the answer about {doing} has no rows where they should be")

    def _not_blank(self, doing: str, traffic: Traffic) -> None:
        """Raise BadResponse for ``{}`` where nobody reviewed what an answer must have: it states
        nothing, not even that there is nothing."""
        if self.policy.generic and is_private(traffic.endpoint) and traffic.response == {}:
            raise self.bad(f"the answer about {doing} is {{}}, which states nothing")

    def nothing_lost(self, doing: str, made: int, raw: int) -> None:
        """BadResponse where a unified method of ccxt silently dropped rows."""
        if made != raw:
            raise self.bad(f"{raw} rows were received for {doing} but {made} could be read")

    # --- markets and memory -----------------------------------------------------------------------

    def ready(self) -> bool:
        """Make sure that there are markets; True when they were just downloaded."""
        return self.markets.ready()

    def memory(self) -> Mapping[str, object]:
        keep = self.policy.keep_options
        state = client_memory.remember(self.client, keep, self.markets.downloaded_ms)
        return {**state, client_memory.SOUGHT: self.markets.sought()}

    def pace(self) -> Mapping[str, object]:
        return client_memory.remember_pace(self.client)

    def market(self, symbol: str, category: str) -> Market:
        """The market of a symbol or of a raw id, listed or not."""
        if "/" not in symbol and symbol not in self.client.markets:
            return self.market_by_id(symbol, category)
        return by_symbol(self.client, self.policy, symbol, category)

    def raw_market(self, row: Any, of: StreamPolicy | CallPolicy) -> Market | None:
        """The market that a raw row names; None where the policy states no field for it."""
        market_id = paging.dig_or_none(row, of.market_field) if of.market_field else None
        if not market_id:
            return None
        return self.market_by_id(str(market_id), ANY if of.mixed else of.category, row)

    def market_by_id(self, market_id: str, category: str, row: Any = NO_ROW) -> Market:
        """The market of an id, listed or not; MarketUnidentified where nothing says what it is."""
        stated = row if isinstance(row, Mapping) else NO_ROW
        return self.markets.find(market_id, category, stated)

    def market_of(
        self, structure: Mapping[str, Any], market: Market | None, of: StreamPolicy | CallPolicy
    ) -> Any:
        """The market that a ccxt structure belongs to; structures of no market (transfers) have
        None. Its symbol is ccxt's reading of an id: where the row's own id is known, that decides,
        and an unlisted symbol is believed only against a quote that the exchange lists."""
        symbol = structure.get("symbol")
        if market is not None or not symbol:
            return market
        named = self.raw_market(structure.get("info"), of)
        if named is not None:
            return named
        refuse_made_up(self.client, str(symbol), of.category)
        return self.market(str(symbol), of.category)

    def origin(
        self, *, category: str, scope: str, wallet: str = "", fill_kind: FillKind = FillKind.TRADE
    ) -> Origin:
        return Origin(
            account=self.account,
            exchange=self.policy.exchange,
            category=category,
            scope=scope,
            fetched_at=self.clock.now(),
            wallet=wallet,
            fill_kind=fill_kind,
            contract_amounts=self.policy.contract_amounts,
        )

    def origin_of(self, stream: StreamPolicy) -> Origin:
        return self.origin(category=stream.category, scope=stream.scope, fill_kind=stream.fill_kind)

    def desk(self, stream: StreamPolicy) -> Desk:
        """The desk for the row parsers of a stream."""

        def find(market_id: str, category: str, row: Any = NO_ROW) -> Market:
            return self.market_by_id(market_id, ANY if stream.mixed else category, row)

        return Desk(
            origin=self.origin_of(stream), stream=stream, client=self.client, market_by_id=find
        )

    def filled(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a policy, with the account's own wallet address in its place."""
        return {
            key: self.client.walletAddress if value == WALLET_ADDRESS else value
            for key, value in params.items()
        }


def _answer(value: T, traffic: Traffic) -> Answer[T]:
    return Answer(value, traffic.response, traffic.stated)


def _read(doing: str) -> str:
    """What is read, without the symbol: one right covers all symbols."""
    return " ".join(word for word in doing.split(" ") if "/" not in word)
