"""The exchange port over real ccxt: one account, read-only, one request per page, everything translated at this border.

Requests carry the exchange's own time parameters, never ccxt's ``since`` or ``paginate`` (they filter, cut and stop early).
One adapter belongs to one thread. ccxt is imported when an adapter is opened, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, TypeVar

from exchange_cache.clock import Clock, from_ms, to_ms
from exchange_cache.domain.coverage import Span
from exchange_cache.domain.money import to_decimal
from exchange_cache.domain.records import Balance, DataType, FillKind, Order, OrderStatus, Position, Price, TransferKind
from exchange_cache.errors import BadResponse, ExchangeFault
from exchange_cache.exchange import client as clients
from exchange_cache.exchange import faults, legs, paging, rows, translate, translate_moves, translate_wallets
from exchange_cache.exchange.keyinfo import check_account
from exchange_cache.exchange.markets import Market, by_id, by_symbol, category_of, market_info
from exchange_cache.exchange.policies import narrowed, policy_for
from exchange_cache.exchange.policy import CallPolicy, ExchangePolicy, IdPaging, StreamPolicy, WalletPolicy
from exchange_cache.exchange.port import AccountCheck, Candle, Cursor, LedgerRecord, MarketInfo, Page
from exchange_cache.exchange.retry import RetryPolicy, call
from exchange_cache.exchange.wallet_rows import WALLET_PARSERS

T = TypeVar("T")

#: Markets older than this are downloaded again, so that new listings appear.
MARKETS_TTL = timedelta(days=1)
#: A mirror (positions, open orders) that needs more pages than this has a cursor that never ends.
MIRROR_PAGES = 200
#: How many orders may follow an open one before a walk by id stops going back for it.
OPEN_ORDER_REACH = 5_000


def open_adapter(
    account_name: str,
    exchange_id: str,
    credentials: Mapping[str, str],
    ccxt_config: Mapping[str, object],
    wallets: tuple[str, ...] | None,
    clock: Clock,
    memory: Mapping[str, object] | None = None,
    *,
    random: Random | None = None,
    retry: RetryPolicy | None = None,
) -> CcxtAdapter:
    """An adapter for one account; makes no request. ConfigError for an unknown exchange, wallet or credential."""
    clients.ccxt_class(exchange_id, account_name)
    policy = narrowed(policy_for(exchange_id), wallets, account_name)
    client = clients.build_client(
        account=account_name,
        exchange_id=exchange_id,
        credentials=credentials,
        policy_config=policy.options,
        user_config=ccxt_config,
        clock=clock,
    )
    markets_at = clients.restore(client, memory)
    return CcxtAdapter(
        account=account_name,
        policy=policy,
        client=client,
        clock=clock,
        random=random or Random(),
        retry=retry or RetryPolicy(),
        secrets=tuple(str(value) for value in credentials.values()),
        markets_at=markets_at,
    )


class CcxtAdapter:
    """One account at one exchange, read through a guarded ccxt instance. See ExchangePort for the contract of each method."""

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
        self._client = client
        self._clock = clock
        self._random = random
        self._retry = retry
        self._secrets = secrets
        self._markets_at = markets_at
        self._infos: dict[str, MarketInfo] | None = None

    # --- markets, memory ---------------------------------------------------------------------------------

    def markets(self) -> Mapping[str, MarketInfo]:
        self._ready()
        if self._infos is None:
            listed = [market for market in self._client.markets.values() if not market.get("unlisted")]
            self._infos = {str(market["symbol"]): market_info(market) for market in listed if market.get("base") and market.get("quote")}
        return self._infos

    def memory(self) -> Mapping[str, object]:
        return clients.remember(self._client, self.policy.keep_options, self._markets_at)

    def close(self) -> None:
        session = getattr(self._client, "session", None)
        if session is not None:
            session.close()

    def _ready(self) -> None:
        """Markets are there: restored and young, else downloaded; old ones serve on when the download fails."""
        now_ms = to_ms(self._clock.now())
        have = bool(self._client.markets)
        if have and self._markets_at is not None and now_ms - self._markets_at < MARKETS_TTL.total_seconds() * 1000:
            return
        try:
            self._call("markets", lambda: self._client.load_markets(True))
        except ExchangeFault as error:
            if not have or not error.retryable:
                raise
        self._markets_at, self._infos = now_ms, None

    # --- mirrors -----------------------------------------------------------------------------------------

    def balances(self, wallet: WalletPolicy) -> tuple[Balance, ...]:
        self._ready()
        structure = self._call(f"balances of wallet {wallet.name}", lambda: self._wallet_structure(wallet))
        origin = self._origin(category="spot", scope=f"wallet {wallet.name}", wallet=wallet.name)
        return translate_wallets.balances(origin, structure, wallet, self.policy, self._known_assets())

    def _wallet_structure(self, wallet: WalletPolicy) -> Mapping[str, Any]:
        response = getattr(self._client, wallet.method)(dict(wallet.params))
        if wallet.must_have and paging.dig_or_none(self._client.last_response, wallet.must_have) is None:
            raise BadResponse(f"{self.policy.exchange} answered without {wallet.must_have!r}", account=self.account)
        structure: Mapping[str, Any] = response if wallet.parser is None else WALLET_PARSERS[wallet.parser](response, self._client)
        return structure

    def _known_assets(self) -> set[str]:
        bases = {str(market["base"]) for market in self._client.markets.values() if market.get("base")}
        return bases | set(self._client.currencies or ())

    def positions(self, call: CallPolicy) -> tuple[Position, ...]:
        origin = self._origin(category=call.category, scope=f"positions {call.category}", wallet=call.wallet)
        found = self._mirror(call, None, "parse_position", lambda: self._client.fetch_positions(None, dict(call.params)))
        made = (translate.position(origin, row, self._market_of(row, market, call.category)) for row, market in found)
        return tuple(position for position in made if position is not None)

    def open_orders(self, call: CallPolicy, symbol: str | None = None) -> tuple[Order, ...]:
        origin = self._origin(category=call.category, scope=f"open orders {call.category}")
        unified = lambda: self._client.fetch_open_orders(symbol, None, None, dict(call.params))  # noqa: E731
        found = self._mirror(call, symbol, "parse_order", unified)
        return tuple(translate.order(origin, row, self._market_of(row, market, call.category)) for row, market in found)

    def prices(self, call: CallPolicy) -> tuple[Price, ...]:
        self._ready()
        tickers = self._call(f"prices {call.category}", lambda: getattr(self._client, call.method)(None, dict(call.params)))
        found = []
        for ticker in tickers.values():
            market = self._client.markets.get(ticker.get("symbol"))
            origin = self._origin(category=category_of(market) if market else call.category, scope=f"prices {call.category}")
            price = translate_wallets.price(origin, ticker, market)
            if price is not None:
                found.append(price)
        if tickers and not found:
            raise BadResponse(f"{self.policy.exchange}: none of {len(tickers)} {call.category} tickers could be read", account=self.account)
        return tuple(found)

    def candles(self, symbol: str, since: datetime, limit: int, resolution: str = "1h") -> tuple[Candle, ...]:
        self._ready()
        market = by_symbol(self._client, self.policy, symbol, "spot")
        found = self._call(f"candles of {symbol}", lambda: self._client.fetch_ohlcv(str(market["symbol"]), resolution, to_ms(since), limit))
        seconds = int(self._client.parse_timeframe(resolution))
        return tuple(
            Candle(
                symbol=str(market["symbol"]),
                opened_at=from_ms(int(row[0])),
                resolution_s=seconds,
                open=to_decimal(str(row[1])),
                close=to_decimal(str(row[4])),
            )
            for row in found
            if row[1] is not None and row[4] is not None
        )

    def _mirror(
        self, policy: CallPolicy, symbol: str | None, parse: str, unified: Callable[[], Any]
    ) -> list[tuple[Mapping[str, Any], Market | None]]:
        """All rows of a mirror as ccxt structures with their markets, through as many pages as it has."""
        self._ready()
        doing = f"{parse.removeprefix('parse_')}s {policy.category}"
        if policy.method.startswith("fetch_"):
            found = self._call(doing, unified)
            if policy.rows != "*":
                self._nothing_lost(doing, len(found), len(self._rows(self._client.last_response, policy.rows)))
            return [(row, None) for row in found]
        parse = policy.parser or parse
        made: list[tuple[Mapping[str, Any], Market | None]] = []
        cursor: Mapping[str, Any] = {}
        for _ in range(MIRROR_PAGES):
            params = {**policy.params, **paging.page_params(policy.paging, cursor, _NO_BOUNDS)}
            if symbol is not None:
                params[policy.symbol_param] = by_symbol(self._client, self.policy, symbol, policy.category)["id"]
            response, page = self._call(doing, partial(self._mirror_page, policy, params))
            for row in page:
                made.append(self._once(doing, partial(self._parse_mirror, policy, parse, row)))
            following = paging.turn(policy.paging, cursor, page, response, policy.page_size).next
            if following is None:
                return made
            cursor = following
        raise BadResponse(f"{self.policy.exchange}: {doing} did not end after {MIRROR_PAGES} pages", account=self.account)

    def _mirror_page(self, policy: CallPolicy, params: Mapping[str, Any]) -> tuple[Any, list[Any]]:
        response = getattr(self._client, policy.method)(dict(params))
        return response, self._rows(response, policy.rows)

    def _parse_mirror(self, policy: CallPolicy, parse: str, row: Any) -> tuple[Mapping[str, Any], Market | None]:
        market = self._raw_market(row, policy.market_field, policy.category)
        return getattr(self._client, parse)(row, market), market

    # --- ledgers -----------------------------------------------------------------------------------------

    def page(self, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor) -> Page:
        self._ready()
        doing = " ".join(part for part in (stream.data_type.value, stream.scope, symbol) if part)
        market = by_symbol(self._client, self.policy, symbol, stream.category) if symbol is not None else None
        response, page, unified = self._call(doing, lambda: self._ask(stream, market, window, cursor))
        following = self._turn(stream, cursor, page, response)
        if unified is not None:
            if stream.rows != "*":
                self._nothing_lost(doing, len(unified), len(page))
            origin = self._stream_origin(stream)
            records = [self._record(origin, stream, row, self._market_of(row, market, stream.category)) for row in unified]
            return self._page(stream, cursor, page, records, following)
        return self._raw_page(stream, market, window, cursor, page, following, doing)

    def _ask(
        self, stream: StreamPolicy, market: Market | None, window: Span | None, cursor: Cursor
    ) -> tuple[Any, list[Any], list[Any] | None]:
        """The raw answer to one request, its rows, and ccxt's structures where a unified method made them."""
        params: dict[str, Any] = {
            **stream.params,
            **paging.window_params(stream.bounds, window),
            **paging.page_params(stream.paging, cursor, stream.bounds),
        }
        if stream.method.startswith("fetch_"):
            limit = stream.page_size if stream.limit_param is None else None
            if stream.limit_param and stream.page_size is not None:
                params[stream.limit_param] = stream.page_size
            since = params.pop("since", None)
            found = getattr(self._client, stream.method)(market["symbol"] if market is not None else None, since, limit, params)
            return self._client.last_response, self._rows(self._client.last_response, stream.rows), found
        if market is not None:
            params[stream.symbol_param] = market["id"]
        if stream.limit_param != "" and stream.page_size is not None:
            params[stream.limit_param or "limit"] = stream.page_size
        response = getattr(self._client, stream.method)(params)
        return response, self._rows(response, stream.rows), None

    def _turn(self, stream: StreamPolicy, cursor: Cursor, page: Sequence[Any], response: Any) -> paging.Turn:
        try:
            return paging.turn(stream.paging, cursor, page, response, stream.page_size)
        except paging.RowsMissing as error:
            raise BadResponse(f"{self.policy.exchange} {stream.scope}: {error}", account=self.account) from error

    def _raw_page(
        self,
        stream: StreamPolicy,
        market: Market | None,
        window: Span | None,
        cursor: Cursor,
        page: list[Any],
        following: paging.Turn,
        doing: str,
    ) -> Page:
        """Rows of an implicit endpoint, each translated by itself; a row without a record is a parser's decision."""
        desk = self._desk(stream)
        grouping = legs.GROUPINGS.get(stream.parser or "")
        if grouping is None:
            return self._page(stream, cursor, page, self._records(desk, market, page, doing), following)
        carried = cursor.get("carry")
        alone, together, carry = legs.split_legs(grouping, page, carried if isinstance(carried, list) else (), last=following.next is None)
        records = self._records(desk, market, alone, doing)
        records += self._once(doing, lambda: legs.join(grouping, together, desk, window))
        if following.next is not None and carry:
            following = replace(following, next={**following.next, "carry": carry})
        return self._page(stream, cursor, page, records, following)

    def _records(self, desk: rows.Desk, market: Market | None, page: Sequence[Any], doing: str) -> list[LedgerRecord]:
        parser = rows.PARSERS.get(desk.stream.parser or "")
        if parser is not None:
            return [record for row in page for record in self._once(doing, partial(parser, row, desk))]
        return [self._once(doing, partial(self._parse, desk, market, row)) for row in page]

    def _parse(self, desk: rows.Desk, market: Market | None, row: Any) -> LedgerRecord:
        """One raw row through ccxt's own parse method, then translated."""
        stream = desk.stream
        market = market or self._raw_market(row, stream.market_field, stream.category)
        name = stream.parser or _parse_method(stream)
        structure = getattr(self._client, name)(row, market) if _takes_market(stream) else getattr(self._client, name)(row)
        return self._record(desk.origin, stream, structure, self._market_of(structure, market, stream.category))

    def _record(self, origin: translate.Origin, stream: StreamPolicy, structure: Mapping[str, Any], market: Market | None) -> LedgerRecord:
        """One ccxt structure as the record that the stream is about."""
        if stream.data_type is DataType.ORDERS:
            return translate.order(origin, structure, _required(origin, market, structure))
        if stream.data_type is DataType.FILLS:
            if stream.fill_kind is FillKind.CONVERT:
                return translate_moves.conversion(origin, structure)
            return translate.fill(origin, structure, _required(origin, market, structure))
        if stream.transfer_kind is TransferKind.INTERNAL:
            return translate_moves.internal(origin, structure)
        kind = stream.transfer_kind or _transaction_kind(origin, structure)
        return translate_moves.transaction(origin, structure, kind)

    def _page(
        self, stream: StreamPolicy, cursor: Cursor, page: Sequence[Any], records: Sequence[LedgerRecord], following: paging.Turn
    ) -> Page:
        next_cursor, last_id = following.next, following.last_id
        if stream.data_type is DataType.ORDERS and isinstance(stream.paging, IdPaging) and stream.paging.whole_history:
            next_cursor, last_id = _hold_open_orders(cursor, records, next_cursor, last_id, stream.paging.step)
        return Page(
            records=tuple(records),
            next=next_cursor,
            row_count=len(page),
            too_full=following.too_full,
            last_id=last_id,
            symbols=self._named_symbols(stream, page),
        )

    def _named_symbols(self, stream: StreamPolicy, page: Sequence[Any]) -> tuple[str, ...]:
        """Symbols that the raw rows name, where the policy says in which field."""
        if not stream.market_field or stream.data_type is not DataType.TRANSFERS:
            return ()
        ids = {str(found) for row in page if (found := paging.dig_or_none(row, stream.market_field))}
        return tuple(sorted({str(by_id(self._client, self.policy, item, stream.category)["symbol"]) for item in ids}))

    # --- the key -----------------------------------------------------------------------------------------

    def check(self) -> AccountCheck:
        return check_account(self, self._client, self._clock, self._call)

    # --- shared ------------------------------------------------------------------------------------------

    def _call(self, doing: str, action: Callable[[], T]) -> T:
        """Run ccxt code: its exceptions become the project's, what may succeed later is asked again."""
        return call(
            lambda: self._once(doing, action),
            policy=self._retry,
            clock=self._clock,
            random=self._random,
            on_skew=lambda: self._once("the time", lambda: self._client.load_time_difference()),
        )

    def _once(self, doing: str, action: Callable[[], T]) -> T:
        try:
            return action()
        except Exception as error:
            raise faults.translate(
                error,
                account=self.account,
                exchange=self.policy.exchange,
                status=self._client.last_status,
                headers=self._client.last_headers,
                secrets=self._secrets,
                doing=doing,
                now=self._clock.now(),
            ) from error

    def _rows(self, response: Any, path: str) -> list[Any]:
        try:
            return paging.rows_of(response, path)
        except paging.RowsMissing as error:
            raise BadResponse(f"{self.policy.exchange}: {error}", account=self.account) from error

    def _nothing_lost(self, doing: str, made: int, raw: int) -> None:
        if made != raw:
            raise BadResponse(f"{self.policy.exchange}: {raw} rows came for {doing} but {made} could be read", account=self.account)

    def _raw_market(self, row: Any, field: str, category: str) -> Market | None:
        market_id = paging.dig_or_none(row, field) if field else None
        return None if not market_id else by_id(self._client, self.policy, str(market_id), category)

    def _market_of(self, structure: Mapping[str, Any], market: Market | None, category: str) -> Any:
        """The market that a ccxt structure belongs to; rows of no market (transfers) have None."""
        if market is not None:
            return market
        symbol = structure.get("symbol")
        return by_symbol(self._client, self.policy, str(symbol), category) if symbol else None

    def _origin(self, *, category: str, scope: str, wallet: str = "", fill_kind: FillKind = FillKind.TRADE) -> translate.Origin:
        return translate.Origin(
            account=self.account,
            exchange=self.policy.exchange,
            category=category,
            scope=scope,
            fetched_at=self._clock.now(),
            wallet=wallet,
            fill_kind=fill_kind,
        )

    def _stream_origin(self, stream: StreamPolicy) -> translate.Origin:
        return self._origin(category=stream.category, scope=stream.scope, fill_kind=stream.fill_kind)

    def _desk(self, stream: StreamPolicy) -> rows.Desk:
        def find(market_id: str, category: str) -> Market:
            return by_id(self._client, self.policy, market_id, category)

        return rows.Desk(origin=self._stream_origin(stream), stream=stream, client=self._client, market_by_id=find)


_NO_BOUNDS = StreamPolicy(data_type=DataType.ORDERS, scope="mirror", method="").bounds


def _parse_method(stream: StreamPolicy) -> str:
    """ccxt's parse method for the rows of a stream."""
    if stream.data_type is DataType.ORDERS:
        return "parse_order"
    if stream.data_type is DataType.FILLS:
        return "parse_conversion" if stream.fill_kind is FillKind.CONVERT else "parse_trade"
    return "parse_transfer" if stream.transfer_kind is TransferKind.INTERNAL else "parse_transaction"


def _takes_market(stream: StreamPolicy) -> bool:
    return stream.data_type is DataType.ORDERS or (stream.data_type is DataType.FILLS and stream.fill_kind is not FillKind.CONVERT)


def _required(origin: translate.Origin, market: Market | None, structure: Mapping[str, Any]) -> Market:
    if market is None:
        raise origin.bad("names no market", structure)
    return market


def _transaction_kind(origin: translate.Origin, structure: Mapping[str, Any]) -> TransferKind:
    word = str(structure.get("type"))
    if word not in {"deposit", "withdrawal"}:
        raise origin.bad(f"is neither deposit nor withdrawal: {word!r}", structure)
    return TransferKind(word)


def _hold_open_orders(
    cursor: Cursor, records: Sequence[LedgerRecord], next_cursor: dict[str, Any] | None, last_id: str | None, step: int
) -> tuple[dict[str, Any] | None, str | None]:
    """Let the next walk begin before the oldest order that is still open, so that what becomes of it is seen."""
    held, passed = cursor.get("hold"), int(str(cursor.get("passed", 0)))
    still_open = [int(r.order_id) for r in records if isinstance(r, Order) and r.status is OrderStatus.OPEN and r.order_id.isdigit()]
    if held is None and still_open:
        held, passed = str(min(still_open) - step), 0
    passed += len(records)
    if held is None or passed > OPEN_ORDER_REACH:
        return next_cursor, last_id
    carried = None if next_cursor is None else {**next_cursor, "hold": str(held), "passed": passed}
    return carried, str(held)
