"""A server between excache and the simulated exchanges, which spoils answers on their way: real
HTTP on both sides, and neither of them knows of it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.e2e.world import World


@dataclass(frozen=True)
class Passing:
    """A request on its way; ``params`` holds query and form parameters together."""

    path: str
    params: dict[str, str]


#: What becomes of an answer: a request and the decoded body -> the body to send.
Spoil = Callable[[Passing, Any], Any]


class Spoiler:
    """Passes requests on to a port of this machine. ``spoil`` may be replaced at any time."""

    def __init__(self, port: int) -> None:
        self.spoil: Spoil = lambda passing, body: body
        self.passed: list[Passing] = []
        spoiler = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65_536

            def answer(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, body = _forwarded(port, self, sent)
                parts = urlsplit(self.path)
                form = sent.decode() if not sent.startswith(b"{") else ""
                params = dict(parse_qsl(parts.query) + parse_qsl(form))
                passing = Passing(parts.path, params)
                spoiler.passed.append(passing)
                data = json.dumps(spoiler.spoil(passing, json.loads(body))).encode()
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in {"content-length", "connection", "transfer-encoding"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def to(self, path: str) -> list[Passing]:
        """The requests so far whose path contains ``path``."""
        return [passing for passing in self.passed if path in passing.path]


def _forwarded(
    port: int, handler: BaseHTTPRequestHandler, sent: bytes
) -> tuple[int, list[tuple[str, str]], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {
        name: value
        for name, value in handler.headers.items()
        if name.lower() not in {"accept-encoding", "connection", "host"}
    }
    connection.request(handler.command, handler.path, sent or None, headers)
    response = connection.getresponse()
    try:
        return response.status, response.getheaders(), response.read()
    finally:
        connection.close()


@contextmanager
def spoiled(world: World) -> Iterator[Spoiler]:
    """The world's excache asks through a spoiler from now on."""
    spoiler = Spoiler(world.simulator.port)
    thread = threading.Thread(
        target=spoiler.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    config = world.home / "config.toml"
    before = config.read_text()
    place = f"127.0.0.1:{spoiler.server.server_address[1]}"
    config.write_text(before.replace(f"127.0.0.1:{world.simulator.port}", place))
    try:
        yield spoiler
    finally:
        config.write_text(before)
        spoiler.server.shutdown()
        spoiler.server.server_close()
