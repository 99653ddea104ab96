"""Who asks: the key, the clock and the signature of a request, checked as Binance documents
("Request Security").

The signature is HMAC-SHA256 over the query string followed by the body, exactly as received,
without the signature itself.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from exchange_cache.simulator.dialects.base import Dialect
from exchange_cache.simulator.dialects.binance.words import missing, number, refuse, text
from exchange_cache.simulator.venue import Account
from exchange_cache.simulator.wire import Request

_AHEAD_MS = 1000
_DEFAULT_WINDOW_MS = 5000
_MAX_WINDOW_MS = 60_000


class SignedDialect(Dialect):
    """Adds `keyed` and `signed` to the dialect."""

    def keyed(self, request: Request) -> Account:
        """The account whose key came along; enough for endpoints of type MARKET_DATA."""
        key = request.headers.get("x-mbx-apikey", "")
        if not re.fullmatch(r"[A-Za-z0-9]{16,128}", key):
            raise refuse(-2014, "API-key format invalid.", 401)
        account = self.venue.account_by_key(self.exchange, key)
        if account is None:
            raise refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        return account

    def signed(self, request: Request) -> Account:
        """The account of a properly signed request whose key may read."""
        account = self.keyed(request)
        self._check_time(request)
        signature = text(request, "signature")
        if signature is None:
            raise missing("signature")
        if not hmac.compare_digest(signature.lower(), _sign(account.secret, _payload(request))):
            raise refuse(-1022, "Signature for this request is not valid.")
        if not account.can_read:
            raise refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        return account

    def _check_time(self, request: Request) -> None:
        timestamp = number(request, "timestamp")
        if timestamp is None:
            raise missing("timestamp")
        window = _window(request)
        if timestamp >= request.now_ms + _AHEAD_MS:
            raise refuse(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if request.now_ms - timestamp > window:
            raise refuse(-1021, "Timestamp for this request is outside of the recvWindow.")


def _window(request: Request) -> float:
    value = text(request, "recvWindow")
    if value is None:
        return _DEFAULT_WINDOW_MS
    try:
        window = float(value)
    except ValueError:
        raise refuse(-1100, "Illegal characters found in parameter 'recvWindow'.") from None
    if window > _MAX_WINDOW_MS:
        raise refuse(-1131, "recvWindow must be less than 60000")
    return window


def _payload(request: Request) -> str:
    """Query string and body as received, the signature taken out."""
    return _unsigned(request.raw_query) + _unsigned(request.body.decode("utf-8", "replace"))


def _unsigned(raw: str) -> str:
    return "&".join(part for part in raw.split("&") if part and not part.startswith("signature="))


def _sign(secret: str, payload: str) -> str:
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
