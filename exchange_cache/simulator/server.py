"""The HTTP side: one process on 127.0.0.1 that plays every exchange under
/<exchange>/<host>/<path>.

`Simulator` runs it in a background thread with its own event loop (tests), `serve_forever` in the
foreground (demo --serve). What it answers is `simulation`'s; `/_venue/...` controls it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from exchange_cache.simulator.control import control
from exchange_cache.simulator.simulation import Logged, Simulation
from exchange_cache.simulator.venue import Venue
from exchange_cache.simulator.wire import Request

if TYPE_CHECKING:
    from aiohttp import web

_SLOW_SECONDS = 120.0


class Simulator(Simulation):
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
        busy: int | None = None,
    ) -> None:
        super().__init__(
            venue or Venue(seed, fills=fills, accounts=accounts, clock=clock, busy=busy),
            limit_scale=limit_scale,
            latency_ms=latency_ms,
        )
        self.port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

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
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()  # the host of finished files
        self.files.address = f"http://127.0.0.1:{self._runner.addresses[1][1]}"

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
            response = control(self, incoming.method, path[len("/_venue/") :], body)
            return web.Response(
                status=response.status,
                body=response.payload(),
                headers={"Content-Type": "application/json"},
            )
        if path.startswith("/archive/"):
            heard = {name.lower(): value for name, value in incoming.headers.items()}
            filed = self.files.answer(path, heard, self.venue.now())
            return web.Response(status=filed.status, body=filed.payload(), headers=filed.headers)
        request = self._request(incoming, path, body)
        with self.flying(request.exchange):
            if self.latency:
                await asyncio.sleep(self.latency)
            outcome = self.outcome(request)
        if outcome is None or isinstance(outcome, str):
            if outcome == "timeout":
                await asyncio.sleep(_SLOW_SECONDS)
            if incoming.transport is not None:
                incoming.transport.close()
            return web.Response(status=500)
        date = formatdate(request.now_ms / 1000, usegmt=True)
        headers = {"Content-Type": "application/json", "Date": date, **outcome.headers}
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
            now_ms=self.now(exchange),
        )
        self.requests.append(Logged(exchange, request.method, request.path, request.params))
        return request


@contextmanager
def running_simulator(venue: Venue | None = None, **options: Any) -> Iterator[Simulator]:
    """A started `Simulator` (same arguments), stopped at the end."""
    simulator = Simulator(venue, **options)
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()
