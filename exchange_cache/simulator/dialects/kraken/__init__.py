"""Kraken's REST interface, version 0, as docs.kraken.com/api documents it: routing, keys,
signatures, nonces, call counter.

Where an order asks for fees in the base (`oflags` fcib), Ledgers has the fee on the line of the
base, and TradesHistory states it in the quote, as it states all fees ("Get Trades History").

Every answer is {"error": [...], "result": ...} with status 200, errors too. Not simulated:
consolidation of taker fills in TradesHistory (`consolidate_taker`), margin trading (OpenPositions
is always empty), the IP limit of public calls.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.kraken.account import AccountCalls
from exchange_cache.simulator.dialects.kraken.exports import ExportCalls
from exchange_cache.simulator.dialects.kraken.funding import FundingCalls
from exchange_cache.simulator.dialects.kraken.public import PublicCalls
from exchange_cache.simulator.dialects.kraken.wording import refusal
from exchange_cache.simulator.venue import Account, Venue
from exchange_cache.simulator.wire import ApiError, DecayCounter, Request, Response

_PRIVATE = "/0/private/"
_HEAVY = frozenset({"Ledgers", "QueryLedgers", "TradesHistory", "QueryTrades"})
# An intermediate account: docs.kraken.com/api/docs/guides/spot-rest-ratelimits
_COUNTER_MAX, _COUNTER_DECAY = 20.0, 0.5


class Kraken(PublicCalls, AccountCalls, ExportCalls, FundingCalls):
    """Spot only."""

    exchange: ClassVar[str] = "kraken"
    ROUTES: ClassVar[dict[str, str]] = {
        **{
            f"{verb} /0/public/{name}": method
            for verb in ("GET", "POST")
            for name, method in PublicCalls.CALLS.items()
        },
        **{
            f"POST {_PRIVATE}{name}": method
            for calls in (
                AccountCalls.CALLS,
                ExportCalls.CALLS,
                ExportCalls.EXPORT_CALLS,
                FundingCalls.CALLS,
            )
            for name, method in calls.items()
        },
    }

    def __init__(self, venue: Venue, *, limit_scale: float = 1.0) -> None:
        super().__init__(venue, limit_scale=limit_scale)
        self._nonces: dict[str, int] = {}
        self._calls = DecayCounter(_COUNTER_MAX * limit_scale, _COUNTER_DECAY * limit_scale)

    def limit(self, request: Request) -> Response | None:
        """The call counter of the key: +2 for ledger and trade history, +1 for the rest of the
        private calls."""
        if not request.path.startswith(_PRIVATE):
            return None
        cost = 2.0 if request.path[len(_PRIVATE) :] in _HEAVY else 1.0
        if self._calls.charge(request.headers.get("api-key", ""), cost):
            return None
        return refusal("EAPI:Rate limit exceeded")

    def signed(self, request: Request) -> Account:
        """The account whose key, signature and nonce the request carries; refuses as the exchange
        does."""
        key = request.headers.get("api-key", "")
        account = self.venue.account_by_key(self.exchange, key)
        if account is None:
            raise ApiError(refusal("EAPI:Invalid key"))
        nonce = str(request.form.get("nonce", ""))
        if not hmac.compare_digest(
            _signature(request, nonce, account.secret), request.headers.get("api-sign", "")
        ):
            raise ApiError(refusal("EAPI:Invalid signature"))
        if not nonce.isdigit() or int(nonce) <= self._nonces.get(key, 0):
            raise ApiError(refusal("EAPI:Invalid nonce"))
        self._nonces[key] = int(nonce)
        if not account.can_read:
            raise ApiError(refusal("EGeneral:Permission denied"))
        return account

    def handle(self, request: Request) -> Response:
        """Wrap results in {"error": [], "result": ...}; a private call's parameters are in the
        body."""
        response = super().handle(request)
        if isinstance(response.body, bytes):  # a file
            return response
        wrapped: dict[str, Any] = {"error": [], "result": response.body}
        refused = isinstance(response.body, dict) and response.body.get("error")
        return response if refused or response.status != 200 else Response(body=wrapped)

    def not_found(self, request: Request) -> Response:
        return refusal("EGeneral:Unknown method")

    def bad_request(self, message: str) -> Response:
        return refusal("EGeneral:Invalid arguments")

    def forget_nonces(self) -> None:
        """As if every key were new: after a client whose clock was ahead, no other could ask."""
        self._nonces.clear()

    def fault(self, kind: str) -> Response | None:
        words = {"bad_key": "EAPI:Invalid key", "skew": "EAPI:Invalid nonce"}
        return refusal(words[kind]) if kind in words else None


def _signature(request: Request, nonce: str, secret: str) -> str:
    """HMAC-SHA512 over path + SHA256(nonce + body) with the decoded secret (docs: "Spot REST
    Authentication")."""
    digest = hashlib.sha256(nonce.encode() + request.body).digest()
    try:
        key = base64.b64decode(secret, validate=True)
    except binascii.Error:
        return ""
    return base64.b64encode(
        hmac.new(key, request.path.encode() + digest, hashlib.sha512).digest()
    ).decode()
