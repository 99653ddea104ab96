"""The HTTP side: one process on 127.0.0.1 that plays every exchange under
/<exchange>/<host>/<path>.

`Simulator` runs it in a background thread with its own event loop (tests), `serve_forever` in the
foreground (demo --serve). Latency, faults, stopped exchanges and the request log are applied here,
for all dialects alike. `/_venue/...` controls it.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from exchange_cache.simulator.dialects import make_dialects
from exchange_cache.simulator.faults import SPOILING, Faults, plain_fault
from exchange_cache.simulator.venue import Venue
from exchange_cache.simulator.wire import Request, Response

if TYPE_CHECKING:
    from aiohttp import web

_SLOW_SECONDS = 120.0


class Logged(NamedTuple):
    """One request in the log."""

    exchange: str
    method: str
    path: str
    params: dict[str, Any]


class Simulator:
    """The simulated exchanges as one server. Give a venue, or what `Venue` takes."""

    def __init__(
        self,
        venue: Venue | None = None,
        *,
        seed: int = 1,
        fills: int = 3200,
        port: int = 0,
        latency_ms: float = 0,
        limit_scale: float = 100.0,
        accounts: Mapping[str, str] | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self.venue = venue or Venue(seed, fills=fills, accounts=accounts, clock=clock)
        self.dialects = make_dialects(self.venue, limit_scale=limit_scale)
        self.faults = Faults()
        self.requests: deque[Logged] = deque(maxlen=50_000)
        self.port = port
        self._latency = latency_ms / 1000
        self._stopped: dict[str, str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # -- control
    #   --------------------------------------------------------------------------------------------

    def set_latency(self, milliseconds: float) -> None:
        self._latency = milliseconds / 1000

    def stop_exchange(self, exchange: str, how: str = "close") -> None:
        """Until `start_exchange`: how="close" drops every connection, "503" answers so."""
        self._stopped[exchange] = how

    def start_exchange(self, exchange: str) -> None:
        self._stopped.pop(exchange, None)

    def fault(
        self,
        exchange: str,
        path: str,
        times: int,
        kind: str,
        *,
        after: int = 0,
        signed: bool = False,
    ) -> None:
        """The next `times` requests whose path contains `path` meet a fault (see faults.KINDS),
        `after` so many that go well.

        `signed`: only those that carry a key. A key that is refused from the 31st private request
        on: after=30, signed=True.
        """
        self.faults.add(exchange, path, times, kind, after=after, signed=signed)

    def calls(self, exchange: str | None = None, path: str = "") -> list[Logged]:
        """Logged requests of an exchange whose path contains `path`."""
        return [r for r in list(self.requests) if exchange in (None, r.exchange) and path in r.path]

    # -- running
    #   --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Serve from a background thread; returns when the port is open."""
        ready = threading.Event()
        failure: list[OSError] = []

        def run() -> None:
            loop = self._loop = asyncio.new_event_loop()
            try:
                loop.run_until_complete(self._open())
            except OSError as error:
                failure.append(error)
                ready.set()
                return
            ready.set()
            loop.run_forever()
            loop.run_until_complete(self._close())
            loop.close()

        self._thread = threading.Thread(target=run, name="simulator", daemon=True)
        self._thread.start()
        ready.wait()
        if failure:
            raise failure[0]

    def stop(self) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=10)
            self._thread = None

    def serve_forever(self, on_ready: Callable[[Simulator], None] | None = None) -> None:
        """Serve in the foreground until interrupted."""

        async def main() -> None:
            await self._open()
            if on_ready is not None:
                on_ready(self)
            try:
                await asyncio.Event().wait()
            finally:
                await self._close()

        asyncio.run(main())

    async def _open(self) -> None:
        from aiohttp import web

        self._runner = web.ServerRunner(
            web.Server(self._answer, access_log=None), shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    # -- answering
    #   --------------------------------------------------------------------------------------------

    async def _answer(self, incoming: web.BaseRequest) -> web.StreamResponse:
        from aiohttp import web

        body = await incoming.read()
        path = incoming.rel_url.raw_path
        if path.startswith("/_venue/"):
            from exchange_cache.simulator.control import control

            response = control(self, incoming.method, path[len("/_venue/") :], body)
            return web.Response(
                status=response.status,
                body=response.payload(),
                headers={"Content-Type": "application/json"},
            )
        request = self._request(incoming, path, body)
        if self._latency:
            await asyncio.sleep(self._latency)
        outcome = self._outcome(request)
        if outcome is None or isinstance(outcome, str):
            if outcome == "timeout":
                await asyncio.sleep(_SLOW_SECONDS)
            if incoming.transport is not None:
                incoming.transport.close()
            return web.Response(status=500)
        headers = {"Content-Type": "application/json", **outcome.headers}
        return web.Response(status=outcome.status, body=outcome.payload(), headers=headers)

    def _request(self, incoming: web.BaseRequest, path: str, body: bytes) -> Request:
        exchange, _, rest = path[1:].partition("/")
        host, _, tail = rest.partition("/")
        request = Request(
            exchange=exchange,
            host=host,
            method=incoming.method,
            path=f"/{tail}",
            raw_query=incoming.rel_url.raw_query_string,
            headers={k.lower(): v for k, v in incoming.headers.items()},
            body=body,
            now_ms=self.venue.now(),
        )
        self.requests.append(Logged(exchange, request.method, request.path, request.params))
        return request

    def _outcome(self, request: Request) -> Response | str | None:
        """A response; "timeout" to keep silent; None to drop the connection."""
        dialect = self.dialects.get(request.exchange)
        if dialect is None:
            return Response(
                status=404, body={"error": f"no exchange {request.exchange!r} is simulated"}
            )
        stopped = self._stopped.get(request.exchange)
        if stopped is not None:
            return (dialect.fault("503") or plain_fault("503")) if stopped == "503" else None
        kind = self.faults.take(request)
        if kind in ("timeout", "reset"):
            return "timeout" if kind == "timeout" else None
        if kind is not None and kind not in SPOILING:
            return dialect.fault(kind) or plain_fault(kind)
        with self.venue.lock:
            response = dialect.limit(request) or dialect.handle(request)
            dialect.finish(request, response)
        return self.faults.spoil(kind, request, response)


@contextmanager
def running_simulator(venue: Venue | None = None, **options: Any) -> Iterator[Simulator]:
    """A started `Simulator` (same arguments), stopped at the end."""
    simulator = Simulator(venue, **options)
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()
