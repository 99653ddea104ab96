"""The simulated exchanges on a wire that can be disturbed: one kind of `wires` for one endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from exchange_cache.simulator.server import Simulator
from exchange_cache.simulator.wire import Request
from tests.exchanges.stub import StubServer
from tests.reliability.wires import Scene, Sent, Wire

if TYPE_CHECKING:
    from aiohttp import web

ALWAYS = 10**9


@dataclass
class Disturbance:
    """`wire` answers the requests for `path` (with `*` for ids), `times` times."""

    path: str
    wire: Wire
    times: int = ALWAYS
    met: int = 0

    def concerns(self, request: Request) -> bool:
        return self.met < self.times and fnmatchcase(request.path, self.path)


class Disturbed(Simulator):
    """`disturbances` are switched on and off between syncs; `stranger` is a host that no request
    may reach."""

    disturbances: Sequence[Disturbance] = ()
    other = b"{}"

    def start(self) -> None:
        self.stranger = StubServer(lambda asked: {})
        self.stranger.__enter__()
        super().start()

    async def _answer(self, incoming: web.BaseRequest) -> web.StreamResponse:
        from aiohttp import web

        body = await incoming.read()
        request = self._request(incoming, incoming.rel_url.raw_path, body)
        self.requests.pop()  # the simulator logs it again
        found = next((one for one in self.disturbances if one.concerns(request)), None)
        if found is None:
            answer = await super()._answer(incoming)
            is_whole = isinstance(answer, web.Response) and isinstance(answer.body, bytes)
            if is_whole and not self.disturbances:
                self.other = answer.body
            return answer
        found.met += 1
        await self._send(incoming, self._sent(found, request))
        return web.Response(status=500)

    def _sent(self, found: Disturbance, request: Request) -> Sent:
        truth = self.outcome(request)
        assert truth is not None and not isinstance(truth, str)
        date = formatdate(request.now_ms / 1000, usegmt=True)
        return found.wire.make(
            Scene(
                truth=truth,
                other=self.other,
                stranger=self.stranger.url,
                date=date,
                heard=f"{request.path}?{request.raw_query} {dict(request.headers)} {request.form}",
            )
        )

    async def _send(self, incoming: web.BaseRequest, sent: Sent) -> None:
        transport = incoming.transport
        if transport is None:
            return
        for piece in sent.pieces:
            transport.write(piece)  # type: ignore[attr-defined]
            await asyncio.sleep(sent.pause)
        await asyncio.sleep(sent.linger)
        transport.close()
