"""What every Bybit v5 endpoint shares: the envelope, refusals, signatures, time windows, limits and
cursors.

Documented at bybit-exchange.github.io/docs/v5 (guide, error, rate-limit). Every refusal is HTTP 200
with a retCode; numbers are strings; what is absent is an empty string.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, ClassVar, TypeVar
from urllib.parse import unquote

from exchange_cache.simulator.dialects.base import Dialect
from exchange_cache.simulator.venue import INVERSE, LINEAR, SPOT, Account, Market
from exchange_cache.simulator.wire import ApiError, Request, Response

T = TypeVar("T")
SECOND_MS = 1000
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
HISTORY_MS = 730 * DAY_MS
OPTION = "option"
CATEGORIES = (SPOT, LINEAR, INVERSE, OPTION)
WALLET_TYPES = {"unified": "UNIFIED", "funding": "FUND"}
FIAT = frozenset({"EUR", "USD", "GBP"})
_HERE = "127.0.0.1"
_NAMESPACE = uuid.UUID("6ba7b814-9dad-11d1-80b4-00c04fd430c8")


class BybitBase(Dialect):
    """Envelope, authentication and parameters; the endpoints live in the subclasses."""

    exchange: ClassVar[str] = "bybit"

    # -- answers
    #   --------------------------------------------------------------------------------------------

    def _ok(self, request: Request, result: Any, message: str = "OK") -> dict[str, Any]:
        return envelope(request.now_ms, 0, message, result)

    def _refuse(self, request: Request, code: int, message: str) -> ApiError:
        return ApiError(Response(body=envelope(request.now_ms, code, message)))

    def bad_request(self, message: str) -> Response:
        return Response(body=envelope(self.venue.now(), 10001, message))

    # -- who asks
    #   --------------------------------------------------------------------------------------------

    def _signed(self, request: Request, *, any_permission: bool = False) -> Account:
        """The account whose key signed the request; ApiError in Bybit's words otherwise."""
        headers = request.headers
        stamp, key, sign = (
            headers.get(f"x-bapi-{name}", "") for name in ("timestamp", "api-key", "sign")
        )
        if not (stamp and key and sign):
            text = f"empty value: apiTimestamp[{stamp}] apiKey[{key}] apiSignature[{sign}]"
            raise self._refuse(request, 10001, text)
        account = self.venue.account_by_key(self.exchange, key)
        if account is None:
            raise self._refuse(request, 10003, "API key is invalid.")
        if account.expires_ms is not None and request.now_ms >= account.expires_ms:
            raise self._refuse(request, 33004, "Your api key has expired.")
        if account.ips and _HERE not in account.ips:
            raise self._refuse(
                request, 10010, "Unmatched IP, please check your API key's bound IP addresses."
            )
        window = headers.get("x-bapi-recv-window", "5000")
        self._check_time(request, stamp, window)
        origin = f"{stamp}{key}{headers.get('x-bapi-recv-window', '')}"
        origin += (
            request.raw_query
            if request.method == "GET"
            else request.body.decode("utf-8", "replace")
        )
        expected = hmac.new(account.secret.encode(), origin.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, sign.lower()):
            raise self._refuse(request, 10004, f"error sign! origin_string[{origin}]")
        if not (account.can_read or any_permission):
            raise self._refuse(
                request, 10005, "Permission denied, please check your API key permissions."
            )
        return account

    def _check_time(self, request: Request, stamp: str, window: str) -> None:
        """server_time - recv_window <= timestamp < server_time + 1000."""
        if stamp.isdigit() and window.isdigit():
            late = request.now_ms - int(stamp)
            if -SECOND_MS < late <= int(window):
                return
        text = "invalid request, please check your server timestamp or recv_window param. "
        text += f"req_timestamp[{stamp}],server_timestamp[{request.now_ms}],recv_window[{window}]"
        raise self._refuse(request, 10002, text)

    # -- parameters
    #   --------------------------------------------------------------------------------------------

    def _category(
        self, request: Request, default: str = "", allowed: Sequence[str] = CATEGORIES
    ) -> str:
        category = request.query.get("category") or default
        if category not in allowed:
            raise self._refuse(request, 10001, "params error: Category is invalid")
        return category

    def _market(self, request: Request, category: str) -> Market | None:
        """The market of the `symbol` parameter, None without one."""
        symbol = request.query.get("symbol")
        if not symbol:
            return None
        market = (
            None if category == OPTION else self.venue.market_by_id(self.exchange, symbol, category)
        )
        if market is None:
            raise self._refuse(
                request,
                10001,
                "Not supported symbols" if category == SPOT else "params error: symbol invalid",
            )
        return market

    def _integer(self, request: Request, name: str) -> int | None:
        text = request.query.get(name)
        if not text:
            return None
        if not text.lstrip("-").isdigit():
            raise self._refuse(request, 10001, f"params error: {name} invalid")
        return int(text)

    def _limit(self, request: Request, default: int, most: int) -> int:
        """`limit`, silently cut to the most a page may hold."""
        limit = self._integer(request, "limit")
        if limit is None:
            return default
        if limit < 1:
            raise self._refuse(request, 10001, "params error: limit invalid")
        return min(limit, most)

    def _window(
        self,
        request: Request,
        span_ms: int,
        default_ms: int | None = None,
        *,
        forgets: bool = False,
    ) -> tuple[int, int]:
        """startTime and endTime by Bybit's rules: one given = `default_ms` (else `span_ms`) to its
        other side.

        `forgets`: what lies more than two years back is refused.
        """
        start, end = self._integer(request, "startTime"), self._integer(request, "endTime")
        default = span_ms if default_ms is None else default_ms
        if start is None and end is None:
            return request.now_ms - default, request.now_ms
        if start is None:
            assert end is not None
            start = end - default
        elif end is None:
            end = start + default
        if end < start:
            raise self._refuse(request, 10001, "params error: startTime must be less than endTime")
        if end - start > span_ms:
            days = span_ms // DAY_MS
            raise self._refuse(
                request,
                10001,
                f"The time range between startTime and endTime cannot exceed {days} days",
            )
        if forgets and start < request.now_ms - HISTORY_MS:
            message = (
                "Can't query order earlier than 2 years, please check your params: startTime or"
                " endTime!"
            )
            raise self._refuse(request, 10001, message)
        return start, end

    def _cursor_pairs(self, request: Request) -> tuple[str, int] | None:
        """The last pair of a "a:1,b:2" cursor, None without a cursor."""
        text = unquote(request.query.get("cursor", ""))
        if not text:
            return None
        name, _, number = text.rpartition(",")[2].partition(":")
        if not (name and number.isdigit()):
            raise self._refuse(request, 10001, "params error: cursor invalid")
        return name, int(number)

    def _asset_page(
        self, request: Request, rows: list[T], seq: Callable[[T], int], default: int
    ) -> tuple[list[T], str]:
        """A page of asset records, highest id first, and the cursor, which is empty only on an
        empty page."""
        rows = sorted(rows, key=seq, reverse=True)
        cursor = request.query.get("cursor")
        if cursor:
            try:
                lowest = int(json.loads(base64.b64decode(unquote(cursor)))["minID"])
            except (ValueError, KeyError, TypeError):
                raise self._refuse(request, 10001, "params error: cursor invalid") from None
            rows = [row for row in rows if seq(row) < lowest]
        page = rows[: self._limit(request, default, 50)]
        if not page:
            return page, ""
        ids = {"minID": seq(page[-1]), "maxID": seq(page[0])}
        return page, base64.b64encode(json.dumps(ids, separators=(",", ":")).encode()).decode()


def envelope(now_ms: int, code: int, message: str, result: Any = None) -> dict[str, Any]:
    return {
        "retCode": code,
        "retMsg": message,
        "result": {} if result is None else result,
        "retExtInfo": {},
        "time": now_ms,
    }


def pair_cursor(first: tuple[object, int], last: tuple[object, int]) -> str:
    """ "a:1,b:2" with its colons and commas already escaped, as Bybit hands it out."""
    return f"{first[0]}%3A{first[1]}%2C{last[0]}%3A{last[1]}"


def num(value: Decimal | int | None) -> str:
    """A number in plain notation, an empty string for nothing."""
    return "" if value is None else f"{Decimal(value):f}"


def tidy(value: Decimal, places: str = "1e-8") -> str:
    """A computed number, rounded, without trailing zeros."""
    return f"{value.quantize(Decimal(places)).normalize() + 0:f}"


def made_uuid(name: str) -> str:
    """The UUID that stands for a record whose own id is a number."""
    return str(uuid.uuid5(_NAMESPACE, name))
