"""The read-only guard: a subclass of a ccxt exchange that reaches allow-listed endpoints only.

Every HTTP request of ccxt passes ``fetch2`` (which endpoint) -> ``sign`` -> ``fetch`` (the wire).
The guard checks both ends. Before a signature exists, ``fetch2`` refuses an endpoint that is not on
the list and a placeholder that could lead elsewhere. ``fetch`` compares the signed request (verb,
host, path, form of the body) with the one that ``fetch2`` allowed. Redirects are not followed, so
the request ends where the guard compared it. The guard also refuses answers that are not JSON (ccxt
would parse a proxy's HTML page with status 200 as an empty account), and notes request and answer
in the ``Traffic`` of the call. A file of an archive is the one answer that is no JSON: it is
received as bytes where the caller expects one (``adapter.files``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from exchange_cache.adapter.address import Base, Ticket, fault_of, filled, redirect_target
from exchange_cache.adapter.allowlist import endpoint
from exchange_cache.adapter.environment import bundle_of, proxies_for, refuse_no_proxy
from exchange_cache.adapter.files import FileSlot
from exchange_cache.adapter.lane import Lane
from exchange_cache.adapter.traffic import Traffic
from exchange_cache.errors import AddressRefused, WriteRefused

NOTHING: Mapping[str, str] = MappingProxyType({})


def _no_file() -> None:
    return None


def direct_session(
    trust_env: bool,
    lane: Lane,
    env: Mapping[str, str] = NOTHING,
    slot: Callable[[], FileSlot | None] = _no_file,
) -> Any:
    """A requests session that never follows a redirect; it returns the 3xx answer itself. Proxies
    and certificates of ``env`` apply where the account's settings name none. The lane is free while
    the answer is waited for. ``slot`` returns where a file goes that this thread expects."""
    from requests import Session

    bundle = bundle_of(env)
    refuse_no_proxy(env)

    class DirectSession(Session):
        def get_redirect_target(self, resp: Any) -> None:
            return None

        def request(self, *args: Any, **named: Any) -> Any:
            expected = slot()
            with lane.released():
                if expected is None:
                    return super().request(*args, **named)
                return expected.taken(super().request(*args, **{**named, "stream": True}))

        def merge_environment_settings(
            self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
        ) -> Any:
            own = proxies or proxies_for(url, env)
            trusted = bundle if bundle is not None and verify in {True, None} else verify
            return super().merge_environment_settings(url, own, stream, trusted, cert)

    session = DirectSession()
    session.trust_env = trust_env
    return session


def guarded_class(
    ccxt_class: type[Any], allowlist: frozenset[str], env: Mapping[str, str] = NOTHING
) -> type[Any]:
    """A read-only subclass of a synchronous ccxt exchange class; ``allowlist`` holds ``VERB section
    path`` texts, ``env`` the environment.

    The caller sets ``bases`` when it configures the instance; before that nothing can be sent.
    """
    from ccxt import BadResponse

    class Guarded(ccxt_class):  # type: ignore[misc]  # the base is known at run time only
        session: Any = None
        bases: frozenset[Base] = frozenset()

        def __init__(self, config: Mapping[str, object]) -> None:
            self.lane = Lane()
            self._call = threading.local()  # what belongs to the call of one thread
            super().__init__(config)
            self.session.close()
            self.session = direct_session(
                self.requests_trust_env, self.lane, env, lambda: self.file_slot
            )

        @property
        def file_slot(self) -> FileSlot | None:
            """Where the file goes that the call of this thread expects."""
            found: FileSlot | None = getattr(self._call, "file_slot", None)
            return found

        @file_slot.setter
        def file_slot(self, slot: FileSlot | None) -> None:
            self._call.file_slot = slot

        @property
        def traffic(self) -> Traffic:
            if not hasattr(self._call, "traffic"):
                self._call.traffic = Traffic()
            found: Traffic = self._call.traffic
            return found

        @traffic.setter
        def traffic(self, traffic: Traffic) -> None:
            self._call.traffic = traffic

        def new_session(self) -> Any:
            """A session that knows nothing of the account but its way to the network."""
            return direct_session(self.requests_trust_env, self.lane, env)

        def proxies_of(self, url: str) -> dict[str, str] | None:
            """The proxies of the account's settings for an address that no call of ccxt leads
            to."""
            plain, secure, socks = self.check_proxy_settings(url, "GET", None, None)
            if socks:
                return {"http": socks, "https": socks}
            found = {"http": plain, "https": secure}
            return {name: proxy for name, proxy in found.items() if proxy} or self.proxies

        def fetch2(
            self,
            path: Any,
            api: Any = "public",
            method: str = "GET",
            params: Any = {},  # noqa: B006 - ccxt's own signature
            config: Any = {},  # noqa: B006
        ) -> Any:
            name = endpoint(api, method, path)
            if name not in allowlist:
                raise WriteRefused(
                    f"{self.id}: {name} is not a read that excache knows; nothing was sent"
                )
            try:
                address = filled(path, params)
            except ValueError as error:
                raise AddressRefused(
                    f"{self.id}: {name} could lead to another address with {error}; nothing was"
                    " sent"
                ) from None
            self._call.ticket = Ticket(method, address)
            self.traffic.begin(name, params)
            try:
                return super().fetch2(path, api, method, params, config)
            finally:
                self._call.ticket = None

        def fetch(
            self, url: str, method: str = "GET", headers: Any = None, body: Any = None
        ) -> Any:
            ticket: Ticket | None = getattr(self._call, "ticket", None)
            self._call.ticket = None
            if ticket is None:
                raise WriteRefused(
                    f"{self.id}: a {method} request bypassed the guard; nothing was sent"
                )
            fault = fault_of(self.id, ticket, self.bases, url, method, body)
            if fault is None and self.check_proxy_url_settings(url, method, headers, body):
                fault = "proxyUrl, which sends it to another host"
            if fault is not None:
                raise AddressRefused(
                    f"{self.id}: {self.traffic.endpoint} was signed for {fault}; nothing was sent"
                )
            response = super().fetch(url, method, headers, body)
            if not isinstance(response, dict | list):
                raise BadResponse(
                    f"{self.id} answered {self.traffic.status} with a body that is no JSON object"
                    f" ({type(response).__name__})"
                )
            ours = dict(response) if isinstance(response, dict) else response
            self.traffic.response = ours  # ccxt adds to its own
            return response

        def on_rest_response(
            self,
            code: Any,
            reason: Any,
            url: Any,
            method: Any,
            response_headers: Any,
            response_body: Any,
            request_headers: Any,
            request_body: Any,
        ) -> Any:
            self.traffic.status, self.traffic.headers = code, response_headers
            self.traffic.body = response_body
            if 300 <= code < 400:
                target = redirect_target(response_headers.get("Location"), url)
                raise BadResponse(
                    f"{self.id} answered {code}, a redirect to the host {target}, which is not"
                    " followed"
                )
            return super().on_rest_response(
                code,
                reason,
                url,
                method,
                response_headers,
                response_body,
                request_headers,
                request_body,
            )

    Guarded.__name__ = Guarded.__qualname__ = f"Guarded{ccxt_class.__name__.capitalize()}"
    return Guarded
