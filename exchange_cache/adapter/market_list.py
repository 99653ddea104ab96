"""The exchange's market list: downloaded once a day, and once more in a run where a row names an id
that it does not contain.

A market may be listed for less than a day, or listed on request only because it expired. Both are
asked before the grammar of ids decides. An id that is sought in vain is not sought again that day.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from exchange_cache.adapter import paging
from exchange_cache.adapter.former import FormerMarkets
from exchange_cache.adapter.grammar import ANY
from exchange_cache.adapter.markets import (
    NO_ROW,
    Market,
    add_all,
    add_former,
    add_unlisted,
    by_id,
    keep_former,
    listed,
    listed_by_id,
    market_info,
)
from exchange_cache.adapter.policy import ExchangePolicy, TimeBounds
from exchange_cache.adapter.shared import MarketTables
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import Banned, ExchangeFault

#: Markets older than this are downloaded again, so that new listings appear.
TTL_MS = int(timedelta(days=1).total_seconds() * 1000)
#: A list of former markets is read no further than this.
MAX_PAGES = 20


class MarketList:
    """The markets of one ccxt instance; ``call`` and ``once`` are the session's."""

    def __init__(
        self,
        client: Any,
        policy: ExchangePolicy,
        clock: Clock,
        call: Callable[[str, Callable[[], Any]], Any],
        once: Callable[[str, Callable[[], Any]], Any],
        downloaded_ms: int | None,
        sought: Mapping[str, int],
    ) -> None:
        self._client = client
        self._policy = policy
        self._clock = clock
        self._call = call
        self._once = once
        self._sought = dict(sought)
        self._seeking = threading.Lock()  # one thread seeks: the others take what it found
        self._tried = False  # downloading failed: the next process tries again, this one does not
        self._again = False  # whether this run has the list of this moment
        self._former_asked: set[int] = set()
        self._tables: MarketTables | None = None  # the download in use, of this process
        self.downloaded_ms = downloaded_ms

    def ready(self) -> bool:
        """Make sure that there are markets; True when they were just downloaded. While a download
        fails, old ones stay in use."""
        if self._is_served():
            return False
        with self._client.lane.turn(self._seeking):
            return not self._is_served() and self._replaced()

    def _is_served(self) -> bool:
        """Whether there are markets, of this day or because no newer ones can be had."""
        young = self.downloaded_ms is not None and self._now() - self.downloaded_ms < TTL_MS
        return bool(self._client.markets) and (young or self._tried)

    def _replaced(self) -> bool:
        have = bool(self._client.markets)
        try:
            self._call("markets", self._download)
        except ExchangeFault as error:
            if not have or not error.retryable:
                raise
            self._tried = self._again = True
            return False
        self._again = True
        return True

    def find(self, market_id: str, category: str, row: Mapping[str, Any] = NO_ROW) -> Market:
        """The market of an id; where the list does not contain it, it is sought further first."""
        known = listed_by_id(self._client, market_id, category) is not None
        if not known:
            with self._client.lane.turn(self._seeking):
                self._seek(market_id, category)
        found = by_id(self._client, self._policy, market_id, category, row)
        if not known:
            self._keep_size(found)
        return found

    def _keep_size(self, found: Market) -> None:
        """Remember one option of every pair: where the list contains none, it states for the next
        run what a contract of this pair is."""
        former = self._client.former
        sized = found.get("option") and found.get("contractSize") is not None
        if sized and not any(_same_options(found, other) for other in former.values()):
            former[str(found["symbol"])] = {**found, "info": {}}

    def take_as_current(self) -> None:
        """Take the list for that of this moment: nothing is sought further in this run."""
        self._again = True
        self._former_asked = set(range(len(self._policy.former)))

    def sought(self) -> dict[str, int]:
        """The ids that were sought today, and when."""
        return {name: at for name, at in self._sought.items() if self._is_today(at)}

    # --- seeking further --------------------------------------------------------------------------

    def _seek(self, market_id: str, category: str) -> None:
        name = f"{category} {market_id}"
        if self._is_today(self._sought.get(name)):
            return
        refreshed = self._refresh()
        asked = self._ask_former(category)
        found = listed_by_id(self._client, market_id, category)
        if found is not None and found.get("active") is False:
            keep_former(self._client, found)
        if refreshed and asked:
            self._sought[name] = self._now()

    def _refresh(self) -> bool:
        """Download the list once more in this run; whether it is that of now. What was downloaded
        before stays in use where the exchange does not answer, and the row waits."""
        if self._again:
            return not self._tried
        self._again = True
        try:
            self._once("markets", partial(self._download, again=True))
        except Banned:
            raise
        except ExchangeFault:
            self._tried = True
            return False
        return True

    def _download(self, *, again: bool = False) -> None:
        """Download the markets, which are kept for a day, or take those that another account of
        this run has downloaded; those that left the list are remembered."""
        client = self._client
        were_listed = listed(client)
        with client.lane.turn(client.downloads.turn):
            found: MarketTables | None = client.downloads.newest
            if found is None or found is self._tables or not found.is_of(self._clock):
                begun = self._clock.monotonic(), self._now()
                self._load(were_listed, again=again)
                found = MarketTables.of(client, *begun, self._policy.keep_options)
                client.downloads.newest = found
            else:
                found.give(client)
        self._tables, self.downloaded_ms = found, found.at_ms
        client.unlisted, client.among = {}, {}
        keep_former(client, *were_listed)
        add_former(client)

    def _load(self, were_listed: list[Market], *, again: bool) -> None:
        """Download the markets; unreadable ones do not replace those of before.

        A list that is fetched ``again`` within its day, and has lost half of its markets, is not
        believed: no exchange delists so many at once."""
        client, currencies = self._client, self._client.currencies
        unlisted = dict(client.unlisted)
        client.load_markets(True)
        try:
            for market in client.markets.values():
                market_info(market)
            kept = sum(str(market["symbol"]) in client.markets for market in were_listed)
            if again and 2 * kept < len(were_listed):
                raise ValueError(f"the market list has lost {len(were_listed) - kept} markets")
        except (ValueError, KeyError, TypeError):
            client.markets = None
            if were_listed:
                client.set_markets(were_listed, currencies)
                add_all(client, unlisted)
            raise

    def _ask_former(self, category: str) -> bool:
        """Ask the lists of former markets of a category, each once a run; whether all answered."""
        answered = True
        for place, one in enumerate(self._policy.former):
            if place in self._former_asked or category not in {ANY, one.category}:
                continue
            self._former_asked.add(place)
            try:
                self._read(one)
            except Banned:
                raise
            except ExchangeFault:
                answered = False
        return answered

    def _read(self, one: FormerMarkets) -> None:
        cursor: Mapping[str, Any] = {}
        for _ in range(MAX_PAGES):
            params = {**one.params, **paging.page_params(one.paging, cursor, TimeBounds())}
            response = self._once("markets", partial(getattr(self._client, one.method), params))
            rows = self._once("markets", partial(paging.rows_of, response, one.rows))
            code = self._client.safe_currency_code
            read = [self._once("markets", partial(one.read, row, code)) for row in rows]
            for market_id, identity in (found for found in read if found is not None):
                add_unlisted(self._client, self._policy, market_id, identity)
            turn = paging.turn(one.paging, cursor, rows, response, None)
            if turn.next is None:
                return
            cursor = turn.next

    # --- time -------------------------------------------------------------------------------------

    def _now(self) -> int:
        return to_ms(self._clock.now())

    def _is_today(self, at_ms: int | None) -> bool:
        return at_ms is not None and 0 <= self._now() - at_ms < TTL_MS


def _same_options(one: Market, other: Market) -> bool:
    names = ("option", "base", "quote", "settle")
    return all(one.get(name) == other.get(name) for name in names)
