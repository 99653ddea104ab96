"""What every read of one account shares: the guarded ccxt instance, markets, retries, and the
translation of errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

from exchange_cache.adapter import client_memory, faults, paging, raw_rows
from exchange_cache.adapter.markets import ANY, Market, by_id, by_symbol, market_info
from exchange_cache.adapter.policy import (
    WALLET_ADDRESS,
    CallPolicy,
    ExchangePolicy,
    RawRows,
    StreamPolicy,
)
from exchange_cache.adapter.retry import RetryPolicy, call
from exchange_cache.adapter.rows import Desk
from exchange_cache.adapter.traffic import Answer, Traffic, recorded
from exchange_cache.adapter.values import Origin
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import BadResponse, ExcacheError, ExchangeFault
from exchange_cache.records import FillKind

T = TypeVar("T")
U = TypeVar("U")

#: Markets older than this are downloaded again, so that new listings appear.
MARKETS_TTL = timedelta(days=1)


class Session:
    """One account's ccxt instance and the way to call it. Belongs to one thread."""

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
    ) -> None:
        self.account = account
        self.policy = policy
        self.client = client
        self.clock = clock
        self._random = random
        self._retry = retry
        self._secrets = secrets
        self._markets_at = markets_at
        self._markets_tried = False
        self._could: set[str] = set()  # reads that succeeded with this key

    # --- calling ----------------------------------------------------------------------------------

    def call(self, doing: str, request: Callable[[], T]) -> Answer[T]:
        """Run ccxt code that sends a request. Its exceptions become the project's; a request that
        may succeed later is repeated."""
        return self.read(doing, request, lambda answer: answer)

    def read(self, doing: str, request: Callable[[], T], made: Callable[[Answer[T]], U]) -> U:
        """Like :meth:`call`, but returns ``made(answer)``; where ``made`` fails, the request is
        repeated."""
        return call(
            lambda: self._once(doing, lambda traffic: made(_answer(request(), traffic)), request),
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
                raise self._translated(error, doing, traffic, right_missing=missing) from error
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

    def not_hollow(self, doing: str, response: Any) -> None:
        """BadResponse for an answer of unknown shape without a list of rows."""
        if raw_rows.hollow(response):
            raise self.bad(f"the answer about {doing} has no rows where they should be")

    def nothing_lost(self, doing: str, made: int, raw: int) -> None:
        """BadResponse where a unified method of ccxt silently dropped rows."""
        if made != raw:
            raise self.bad(f"{raw} rows were received for {doing} but {made} could be read")

    # --- markets and memory -----------------------------------------------------------------------

    def ready(self) -> bool:
        """Make sure that there are markets; True when they were just downloaded. While a download
        fails, old ones stay in use."""
        now_ms = to_ms(self.clock.now())
        have = bool(self.client.markets)
        young = (
            self._markets_at is not None
            and now_ms - self._markets_at < MARKETS_TTL.total_seconds() * 1000
        )
        if have and (young or self._markets_tried):
            return False
        try:
            self.call("markets", self._download_markets)
        except ExchangeFault as error:
            if not have or not error.retryable:
                raise
            self._markets_tried = True  # the next process tries again, this one does not
            return False
        self._markets_at = now_ms
        return True

    def _download_markets(self) -> None:
        """Download the markets, which are kept for a day; unreadable ones do not replace those of
        before."""
        markets, currencies = self.client.markets, self.client.currencies
        self.client.load_markets(True)
        try:
            for market in self.client.markets.values():
                market_info(market)
        except (ValueError, KeyError, TypeError):
            self.client.markets = None
            if markets:
                self.client.set_markets(list(markets.values()), currencies)
            raise

    def memory(self) -> Mapping[str, object]:
        return client_memory.remember(self.client, self.policy.keep_options, self._markets_at)

    def pace(self) -> Mapping[str, object]:
        return client_memory.remember_pace(self.client)

    def market(self, symbol: str, category: str) -> Market:
        """The market of a symbol, listed or not."""
        return by_symbol(self.client, self.policy, symbol, category)

    def raw_market(self, row: Any, of: StreamPolicy | CallPolicy) -> Market | None:
        """The market that a raw row names; None where the policy states no field for it."""
        market_id = paging.dig_or_none(row, of.market_field) if of.market_field else None
        return (
            None
            if not market_id
            else self.market_by_id(str(market_id), ANY if of.mixed else of.category)
        )

    def market_by_id(self, market_id: str, category: str) -> Market:
        return by_id(self.client, self.policy, market_id, category)

    def market_of(self, structure: Mapping[str, Any], market: Market | None, category: str) -> Any:
        """The market of a ccxt structure; None for structures without one (transfers)."""
        if market is not None:
            return market
        symbol = structure.get("symbol")
        return self.market(str(symbol), category) if symbol else None

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

        def find(market_id: str, category: str) -> Market:
            return self.market_by_id(market_id, ANY if stream.mixed else category)

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


def is_private(endpoint: str | None) -> bool:
    """Whether an endpoint (``VERB section path``) needs the key."""
    return endpoint is not None and "public" not in endpoint.split(" ")[1].lower()


def _read(doing: str) -> str:
    """What is read, without the symbol: one right covers all symbols."""
    return " ".join(word for word in doing.split(" ") if "/" not in word)
