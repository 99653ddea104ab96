"""Who asks OKX: the four headers, their checks in order, and the instruments a parameter may name
(docs-v5, "REST Authentication")."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import ClassVar

from exchange_cache.simulator.dialects.base import Dialect
from exchange_cache.simulator.dialects.okx.wording import deny, inst_type, refuse
from exchange_cache.simulator.venue import Account, Market
from exchange_cache.simulator.wire import Request, Response

_HERE = "127.0.0.1"
_LATE_MS = 30_000
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
_HEADERS = (
    ("ok-access-key", "50103"),
    ("ok-access-passphrase", "50104"),
    ("ok-access-sign", "50106"),
    ("ok-access-timestamp", "50107"),
)


class OkxAccess(Dialect):
    """Authentication and look-ups shared by all endpoints."""

    exchange: ClassVar[str] = "okx"

    def bad_request(self, message: str) -> Response:
        return Response(status=400, body={"code": "51000", "data": [], "msg": message})

    def not_found(self, request: Request) -> Response:
        """A known path with another method is 405; anything else an invalid URI."""
        if any(route.endswith(f" {request.path}") for route in self.ROUTES):
            return Response(
                status=405, body={"code": "50115", "data": [], "msg": "Invalid request method."}
            )
        text = "Invalid URI"
        body = {
            "code": "404",
            "data": {},
            "detailMsg": "",
            "error_code": "404",
            "error_message": text,
            "msg": text,
        }
        return Response(status=404, body=body)

    def _signed(self, request: Request) -> Account:
        """The account whose key signed the request; ApiError in OKX's words otherwise."""
        headers = request.headers
        for name, code in _HEADERS:
            if not headers.get(name):
                raise deny(code, f'Request header "{name.upper()}" can\'t be empty.')
        stamp = headers["ok-access-timestamp"]
        self._check_time(request, stamp)
        account = self._account(headers["ok-access-key"], request.now_ms)
        if headers.get("x-simulated-trading") == "1":
            raise deny("50101", "APIKey does not match current environment.")
        if account.ips and _HERE not in account.ips:
            raise deny(
                "50110",
                f"Your IP {_HERE} is not included in your API key's {account.api_key} IP"
                " whitelist.",
            )
        path = request.path + (f"?{request.raw_query}" if request.raw_query else "")
        origin = f"{stamp}{request.method}{path}{request.body.decode('utf-8', 'replace')}"
        digest = hmac.new(account.secret.encode(), origin.encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(base64.b64encode(digest).decode(), headers["ok-access-sign"]):
            raise deny("50113", "Invalid Sign")
        if headers["ok-access-passphrase"] != account.password:
            raise deny("50105", 'Request header "OK-ACCESS-PASSPHRASE" incorrect.')
        if not account.can_read:
            raise deny("50120", "This API key doesn't have permission to use this function")
        return account

    def _account(self, key: str, now_ms: int) -> Account:
        if not _KEY.fullmatch(key):
            raise deny("50111", "Invalid OK-ACCESS-KEY")
        account = self.venue.account_by_key(self.exchange, key)
        if account is None or (account.expires_ms is not None and now_ms >= account.expires_ms):
            raise deny("50119", "API key doesn't exist")
        return account

    def _check_time(self, request: Request, stamp: str) -> None:
        if not _TIME.fullmatch(stamp):
            raise deny("50112", "Invalid OK-ACCESS-TIMESTAMP")
        try:
            said = datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone(UTC)
        except ValueError:
            raise deny("50112", "Invalid OK-ACCESS-TIMESTAMP") from None
        if abs(int(said.timestamp() * 1000) - request.now_ms) > _LATE_MS:
            raise deny("50102", "Timestamp request expired")

    def _market(self, inst_id: str) -> Market | None:
        """The instrument of an id, delisted ones included."""
        return next((m for m in self.venue.markets(self.exchange) if m.id == inst_id), None)

    def _listed(self, request: Request, name: str = "instId") -> Market:
        """The listed instrument a required parameter names."""
        inst_id = request.query.get(name, "")
        if not inst_id:
            raise refuse("50014", f"Parameter {name} can not be empty.")
        market = self._market(inst_id)
        if market is None or not market.trades_at(request.now_ms):
            raise refuse(
                "51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist.", 200
            )
        return market

    def _usd(self, asset: str, now_ms: int) -> float:
        return self.venue.state.prices.usd(asset, now_ms)

    @staticmethod
    def _is(market: Market, asked: str) -> bool:
        """Whether a market is of the asked instrument type; no type asks for all."""
        return not asked or inst_type(market) == asked
