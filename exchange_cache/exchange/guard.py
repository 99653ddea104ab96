"""The read-only guard: a subclass of a ccxt exchange through which nothing but allow-listed endpoints can be reached.

Every HTTP request of ccxt goes ``fetch2`` (which endpoint) -> ``sign`` -> ``fetch`` (the wire). The guard sits on both ends:
``fetch2`` refuses an endpoint that is not on the list before a signature exists, and ``fetch`` sends only what ``fetch2`` let
through a moment ago. It also refuses answers that are not JSON (a proxy's HTML page with status 200 would otherwise be parsed
as an empty account), and keeps the last answer, status and headers for paging and error translation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.errors import WriteRefused
from exchange_cache.exchange.allowlist import endpoint


def guarded_class(ccxt_class: type[Any], allowlist: frozenset[str]) -> type[Any]:
    """A read-only subclass of a synchronous ccxt exchange class; ``allowlist`` holds ``VERB section path`` texts."""
    from ccxt import BadResponse

    class Guarded(ccxt_class):  # type: ignore[misc]
        read_allowlist = allowlist
        last_response: Any = None
        last_status: int | None = None
        last_headers: Mapping[str, str] = {}
        last_endpoint: str | None = None
        _ticket: str | None = None

        def fetch2(self, path: Any, api: Any = "public", method: str = "GET", params: Any = {}, config: Any = {}) -> Any:  # noqa: B006
            name = endpoint(api, method, path)
            if name not in self.read_allowlist:
                raise WriteRefused(f"{self.id}: {name} is not a read that excache knows; nothing was sent")
            self.last_endpoint, self._ticket = name, method
            self.last_response, self.last_status, self.last_headers = None, None, {}
            try:
                return super().fetch2(path, api, method, params, config)
            finally:
                self._ticket = None

        def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
            ticket, self._ticket = self._ticket, None
            if ticket != method:
                raise WriteRefused(f"{self.id}: a {method} request came from outside the guard; nothing was sent")
            response = super().fetch(url, method, headers, body)
            if not isinstance(response, dict | list):
                raise BadResponse(f"{self.id} answered {self.last_status} with a body that is no JSON object ({type(response).__name__})")
            self.last_response = dict(response) if isinstance(response, dict) else response  # ccxt adds to its own
            return response

        def on_rest_response(self, code: Any, reason: Any, url: Any, method: Any, response_headers: Any, response_body: Any,
                             request_headers: Any, request_body: Any) -> Any:  # fmt: skip
            self.last_status, self.last_headers = code, response_headers
            return super().on_rest_response(code, reason, url, method, response_headers, response_body, request_headers, request_body)

    Guarded.__name__ = Guarded.__qualname__ = f"Guarded{ccxt_class.__name__.capitalize()}"
    return Guarded
