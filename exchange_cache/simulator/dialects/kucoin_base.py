"""What all of KuCoin's calls share: the envelope, refusals, signatures, windows, pages.

Documented at kucoin.com/docs-new (introduction, authentication, errors, rate limit). Every answer
is {"code": "200000", "data": ...}; refusals carry another code and a status of their own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, ClassVar, TypeVar
from urllib.parse import unquote

from exchange_cache.simulator.dialects.base import Dialect
from exchange_cache.simulator.venue import Account, Market
from exchange_cache.simulator.wire import ApiError, Request, Response

T = TypeVar("T")
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
FUTURES_HOST = "api-futures.kucoin.com"
_SKEW_MS = 5000
_STATUS = {"400002": 400, "400007": 403, "404000": 404, "429000": 429, "500000": 500}


class KucoinBase(Dialect):
    """Routing by host, authentication and parameters; the endpoints live in the subclasses."""

    exchange: ClassVar[str] = "kucoin"
    FUTURES_ROUTES: ClassVar[dict[str, str]] = {}
    PATTERNS: ClassVar[tuple[tuple[str, str], ...]] = ()

    def handle(self, request: Request) -> Response:
        """Routes of the host asked; then, on the spot host, `PATTERNS`, whose groups go to the
        method."""
        line = f"{request.method} {request.path}"
        futures = request.host == FUTURES_HOST
        name, groups = (self.FUTURES_ROUTES if futures else self.ROUTES).get(line), list[str]()
        for pattern, method in () if name or futures else self.PATTERNS:
            match = re.fullmatch(pattern, line)
            if match:
                name, groups = method, list(match.groups())
        if name is None:
            return self.not_found(request)
        try:
            return Response(body={"code": "200000", "data": getattr(self, name)(request, *groups)})
        except ApiError as refused:
            return refused.response

    def not_found(self, request: Request) -> Response:
        return refusal("404000", "URL Not Found").response

    def bad_request(self, message: str) -> Response:
        return refusal("400100", message).response

    # -- who asks
    #   --------------------------------------------------------------------------------------------

    def signed(self, request: Request, *, any_permission: bool = False) -> Account:
        """The account whose key signed the request; refuses as the exchange does."""
        names = ("key", "sign", "timestamp", "passphrase")
        key, sign, stamp, phrase = (request.headers.get(f"kc-api-{name}", "") for name in names)
        if not (key and sign and stamp and phrase):
            raise refusal(
                "400001",
                "Please check the header of your request for KC-API-KEY, KC-API-SIGN, "
                "KC-API-TIMESTAMP, KC-API-PASSPHRASE",
            )
        if not stamp.isdigit() or abs(int(stamp) - request.now_ms) > _SKEW_MS:
            raise refusal("400002", "Invalid KC-API-TIMESTAMP")
        account = self.venue.account_by_key(self.exchange, key)
        if account is None or (
            account.expires_ms is not None and request.now_ms >= account.expires_ms
        ):
            raise refusal("400003", "KC-API-KEY not exists")
        # Keys of version 2 and 3 send their passphrase encrypted, as the version header says.
        encrypted = request.headers.get("kc-api-key-version") in ("2", "3")
        if not encrypted or not hmac.compare_digest(
            phrase, _hmac(account.secret, account.password or "")
        ):
            raise refusal("400004", "Invalid KC-API-PASSPHRASE")
        query = f"?{request.raw_query}" if request.raw_query else ""
        paths = {request.path + query, request.path + unquote(query)}
        body = request.body.decode("utf-8", "replace")
        if sign not in {
            _hmac(account.secret, f"{stamp}{request.method}{path}{body}") for path in paths
        }:
            raise refusal("400005", "Invalid KC-API-SIGN")
        if account.ips and "127.0.0.1" not in account.ips:
            raise refusal("400006", "The requested ip address is not in the api whitelist")
        if not (account.can_read or any_permission):
            raise refusal("400007", "Access denied --> Require more permission.")
        return account

    # -- parameters
    #   --------------------------------------------------------------------------------------------

    def market(
        self, request: Request, kind: str | None = None, *, needed: bool = False
    ) -> Market | None:
        """The market of the `symbol` parameter, delisted ones too."""
        symbol = request.query.get("symbol")
        if not symbol:
            if needed:
                raise refusal("400100", "symbol may not be null or blank")
            return None
        return self.market_of_id(symbol, kind)

    def market_of_id(self, symbol: str, kind: str | None = None) -> Market:
        """A spot market, or any contract when `kind` is None."""
        for market in self.venue.markets(self.exchange):
            if market.id == symbol and (market.kind == kind if kind else market.settle is not None):
                return market
        raise refusal("900001", "symbol not exists")

    def window(self, request: Request, span_ms: int, lone_ms: int | None = None) -> tuple[int, int]:
        """startAt and endAt, at most `span_ms` apart; one alone reaches `lone_ms` (default the
        span) to its other side."""
        lone = span_ms if lone_ms is None else lone_ms
        start, end = integer(request, "startAt"), integer(request, "endAt")
        if start is None and end is None:
            return request.now_ms - span_ms, request.now_ms
        if start is None:
            assert end is not None
            start = end - lone
        elif end is None:
            end = start + lone
        if end < start:
            raise refusal("400100", "startAt should be before endAt")
        if end - start > span_ms:
            hours = span_ms // 3_600_000
            raise refusal(
                "400100", f"The time range between startAt and endAt cannot exceed {hours} hours"
            )
        return start, end


def refusal(code: str, message: str) -> ApiError:
    """A refusal in KuCoin's envelope; the HTTP status follows from the code."""
    status = _STATUS.get(code, 401 if code.startswith("40000") else 400)
    return ApiError(Response(status=status, body={"code": code, "msg": message}))


def integer(request: Request, name: str) -> int | None:
    words = request.query.get(name)
    if not words:
        return None
    if not words.isdigit():
        raise refusal("400100", f"{name} is invalid")
    return int(words)


def paged(
    request: Request,
    rows: Sequence[T],
    worded: Callable[[T], Any],
    *,
    default: int = 50,
    most: int = 500,
) -> Any:
    """A numbered page; `rows` come newest first."""
    size = integer(request, "pageSize") or default
    if size > most:
        raise refusal("400100", f"pageSize should not greater than {most}")
    number = integer(request, "currentPage") or 1
    return {
        "currentPage": number,
        "pageSize": size,
        "totalNum": len(rows),
        "totalPage": -(-len(rows) // size),
        "items": [worded(row) for row in rows[(number - 1) * size : number * size]],
    }


def after_last(
    request: Request,
    rows: Sequence[T],
    number: Callable[[T], int],
    *,
    default: int = 20,
    most: int = 100,
) -> list[T]:
    """The rows with a number below `lastId`, highest first, at most `limit`."""
    limit = min(integer(request, "limit") or default, most)
    last = integer(request, "lastId")
    ordered = sorted(rows, key=number, reverse=True)
    return [row for row in ordered if not last or number(row) < last][:limit]


def _hmac(secret: str, message: str) -> str:
    return base64.b64encode(
        hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()
    ).decode()


def num(value: Decimal) -> str:
    """A number in plain notation without trailing zeros."""
    return f"{value.normalize() + 0:f}"


def xbt(code: str) -> str:
    """An asset as futures call it."""
    return "XBT" if code == "BTC" else code
