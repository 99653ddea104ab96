"""What all of Coinbase's calls share: keys and signatures, refusals of both generations, times,
money, cursors.

Documented at docs.cdp.coinbase.com: Advanced Trade (/api/v3/brokerage) and the older Coinbase App
interface (/v2). Two kinds of keys exist: CDP keys, whose PEM secret signs a short-lived JWT
(ES256), and legacy keys, whose secret signs by HMAC.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar, TypeVar
from urllib.parse import parse_qs

from exchange_cache.simulator.dialects.base import Dialect
from exchange_cache.simulator.venue import Account, Market
from exchange_cache.simulator.wire import ApiError, Request, Response

T = TypeVar("T")
Key = tuple[int, int]
_NAMESPACE = uuid.UUID("0b6dfd1c-6a3d-5b7a-9d3e-2d5a6f0c9e11")
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}
_TOKEN_SECONDS, _SKEW_SECONDS = 120, 30
FIAT = frozenset({"EUR", "USD", "GBP"})


class CoinbaseBase(Dialect):
    """Routing with path parameters, authentication and refusals; the endpoints live in the
    subclasses."""

    exchange: ClassVar[str] = "coinbase"
    PATTERNS: ClassVar[tuple[tuple[str, str], ...]] = ()

    def handle(self, request: Request) -> Response:
        """Exact routes first, then `PATTERNS`: "GET /v2/accounts/([^/]+)" hands its groups to the
        method."""
        line = f"{request.method} {request.path}"
        if line in self.ROUTES:
            return super().handle(request)
        for pattern, name in self.PATTERNS:
            match = re.fullmatch(pattern, line)
            if match:
                try:
                    answer = getattr(self, name)(request, *match.groups())
                except ApiError as refusal:
                    return refusal.response
                return answer if isinstance(answer, Response) else Response(body=answer)
        return self.not_found(request)

    def not_found(self, request: Request) -> Response:
        if request.path.startswith("/v2/"):
            return v2_refusal(404, "not_found", "Not found").response
        return Response(status=404, body=b"404 page not found\n", headers=_TEXT)

    def bad_request(self, message: str) -> Response:
        return refusal(400, "INVALID_ARGUMENT", message).response

    # -- who asks
    #   --------------------------------------------------------------------------------------------

    def signed(self, request: Request, *, any_permission: bool = False) -> Account:
        """The account whose key signed the request; refuses as the exchange does."""
        bearer = request.headers.get("authorization", "")
        account = (
            self._by_token(request, bearer[7:])
            if bearer.startswith("Bearer ")
            else self._by_hmac(request)
        )
        if account.expires_ms is not None and request.now_ms >= account.expires_ms:
            raise _unauthorized(request, "invalid api key")
        if account.ips and "127.0.0.1" not in account.ips:
            raise _unauthorized(request, "invalid api key")
        if not (account.can_read or any_permission):
            if request.path.startswith("/v2/"):
                raise v2_refusal(403, "invalid_scope", "Invalid scope")
            raise refusal(403, "PERMISSION_DENIED", "Missing required scopes")
        return account

    def _by_token(self, request: Request, token: str) -> Account:
        """A JWT whose key id is the key's name: signature, life time of two minutes, and the call
        it was made for."""
        try:
            head, claims, signature = token.split(".")
            header, payload = json.loads(_decoded(head)), json.loads(_decoded(claims))
            account = self.venue.account_by_key(self.exchange, str(header.get("kid", "")))
            begin, end = int(payload["nbf"]), int(payload["exp"])
            uri = str(payload.get("uri", ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _unauthorized(request, "invalid token") from None
        if account is None or header.get("alg") != "ES256" or payload.get("sub") != account.api_key:
            raise _unauthorized(request, "invalid token")
        now = request.now_ms // 1000
        if not (begin - _SKEW_SECONDS <= now < end <= begin + _TOKEN_SECONDS):
            raise _unauthorized(request, "expired token")
        # The real host follows the method directly; here it is the end of an address on 127.0.0.1.
        if not (
            uri.startswith(f"{request.method} ") and uri.endswith(f"{request.host}{request.path}")
        ):
            raise _unauthorized(request, "invalid token")
        if not _signed_by(account.secret, f"{head}.{claims}", signature):
            raise _unauthorized(request, "invalid token")
        return account

    def _by_hmac(self, request: Request) -> Account:
        """CB-ACCESS-*: HMAC-SHA256 over time, method, path (v2: with the query) and body."""
        key, sign, stamp = (
            request.headers.get(f"cb-access-{name}", "") for name in ("key", "sign", "timestamp")
        )
        account = self.venue.account_by_key(self.exchange, key)
        if account is None or account.secret.startswith("-----BEGIN"):
            raise _unauthorized(request, "invalid api key")
        if not stamp.isdigit() or abs(int(stamp) - request.now_ms // 1000) > _SKEW_SECONDS:
            raise _unauthorized(request, "request timestamp expired")
        query = (
            f"?{request.raw_query}" if request.raw_query and request.path.startswith("/v2/") else ""
        )
        origin = f"{stamp}{request.method}{request.path}{query}".encode() + request.body
        if not hmac.compare_digest(
            hmac.new(account.secret.encode(), origin, hashlib.sha256).hexdigest(), sign
        ):
            raise _unauthorized(request, "invalid signature")
        return account

    # -- parameters
    #   --------------------------------------------------------------------------------------------

    def product(self, product_id: str) -> Market:
        market = self.venue.market_by_id(self.exchange, product_id)
        if market is None:
            raise refusal(400, "INVALID_ARGUMENT", "ProductID is invalid")
        return market


def refusal(status: int, error: str, message: str) -> ApiError:
    """A refusal of Advanced Trade."""
    return ApiError(
        Response(status=status, body={"error": error, "error_details": message, "message": message})
    )


def v2_refusal(status: int, error_id: str, message: str) -> ApiError:
    """A refusal of the v2 interface."""
    return ApiError(
        Response(status=status, body={"errors": [{"id": error_id, "message": message}]})
    )


def _unauthorized(request: Request, why: str) -> ApiError:
    """v2 says why in JSON; Advanced Trade says one word, not as JSON."""
    if request.path.startswith("/v2/"):
        return v2_refusal(401, "authentication_error", why)
    return ApiError(text(401, "Unauthorized"))


def text(status: int, words: str) -> Response:
    return Response(status=status, body=f"{words}\n".encode(), headers=dict(_TEXT))


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _signed_by(pem: str, message: str, signature: str) -> bool:
    """True when `signature` (r and s, 32 bytes each) was made over `message` with this private
    key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key, raw = load_pem_private_key(pem.encode(), None), _decoded(signature)
    except (ValueError, binascii.Error):
        return False
    if not isinstance(key, ec.EllipticCurvePrivateKey) or len(raw) != 64:
        return False
    encoded = utils.encode_dss_signature(
        int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    )
    try:
        key.public_key().verify(encoded, message.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def claimed_key(request: Request) -> str:
    """The name of the key a request claims to be signed with, empty without one; nothing is
    verified."""
    bearer = request.headers.get("authorization", "")
    try:
        return str(json.loads(_decoded(bearer[7:].split(".")[0]))["kid"])
    except (ValueError, KeyError, TypeError):
        return request.headers.get("cb-access-key", "")


def several(request: Request, *names: str) -> list[str]:
    """The values of a parameter that may be repeated, under any of its names."""
    query = parse_qs(request.raw_query)
    heeded = (name for name in names if name not in request.ignored)
    return [value for name in heeded for value in query.get(name, [])]


def limit(request: Request, default: int, most: int) -> int:
    """`limit`, silently cut to the most a page may hold."""
    words = request.query.get("limit", "")
    if not words:
        return default
    if not words.isdigit() or int(words) < 1:
        raise refusal(400, "INVALID_ARGUMENT", "limit is invalid")
    return min(int(words), most)


def micros(request: Request, name: str) -> int | None:
    """An RFC 3339 time parameter in microseconds, None without one."""
    words = request.query.get(name)
    if not words:
        return None
    try:
        when = datetime.fromisoformat(words)
    except ValueError:
        raise refusal(400, "INVALID_ARGUMENT", f"{name} is invalid") from None
    when = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return round((when - datetime.fromtimestamp(0, UTC)).total_seconds() * 1_000_000)


def cursor_page(
    request: Request, rows: Sequence[T], key: Callable[[T], Key], size: int
) -> tuple[list[T], str]:
    """One page, newest first, and the cursor of the next one, empty after the last."""
    ordered = sorted(rows, key=key, reverse=True)
    cursor = request.query.get("cursor")
    if cursor:
        try:
            first, _, second = _decoded(cursor).decode().partition(":")
            after = (int(first), int(second))
        except ValueError:
            raise refusal(400, "INVALID_ARGUMENT", "cursor is invalid") from None
        ordered = [row for row in ordered if key(row) < after]
    page = ordered[:size]
    if len(ordered) <= size:
        return page, ""
    last = key(page[-1])
    return page, base64.urlsafe_b64encode(f"{last[0]}:{last[1]}".encode()).decode()


def iso(time_ms: int, *, digits: int = 6, below: int = 0) -> str:
    """RFC 3339 in UTC with a fraction; `below` are the digits under the millisecond. digits=0:
    whole seconds."""
    whole = datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}Z" if digits == 0 else f"{whole}.{time_ms % 1000:03d}{below:0{digits - 3}d}Z"


def made_uuid(name: str) -> str:
    """The UUID of something whose id at the venue is no UUID."""
    return str(uuid.uuid5(_NAMESPACE, name))


def plain(value: Decimal) -> str:
    """A number in plain notation without trailing zeros."""
    return f"{value.normalize() + 0:f}"
