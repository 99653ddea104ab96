"""A small scripted exchange on 127.0.0.1: a function from a request to an answer, and the log of
what arrived."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; ``params`` holds query and form (or JSON) parameters together."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Answer:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Script = Callable[[Asked], Any]


class StubServer:
    """Serves ``script`` from a background thread; what it returns is sent as JSON (or as it is,
    when it is text, bytes or an Answer).

    ``clock``: the exchange's own, stated as the ``Date`` of answers; without one there is none.
    """

    def __init__(self, script: Script, *, clock: Callable[[], datetime] | None = None) -> None:
        self.script = script
        self.clock = clock
        self.asked: list[Asked] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65_536  # head and body in one packet: no delayed acknowledgement

            def answer(self) -> None:
                stub._answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> StubServer:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def to(self, path: str) -> list[Asked]:
        """The requests whose path contains ``path``, in order."""
        return [asked for asked in self.asked if path in asked.path]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        text = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        params |= (
            json.loads(text)
            if text.startswith("{")
            else dict(parse_qsl(text, keep_blank_values=True))
        )
        asked = Asked(
            handler.command,
            parts.path,
            params,
            {key.lower(): value for key, value in handler.headers.items()},
        )
        self.asked.append(asked)
        found = self.script(asked)
        answer = found if isinstance(found, Answer) else Answer(found)
        text = answer.body if isinstance(answer.body, str | bytes) else json.dumps(answer.body)
        data = text.encode() if isinstance(text, str) else text
        handler.send_response_only(answer.status)
        if self.clock is not None:
            handler.send_header("Date", format_datetime(self.clock(), usegmt=True))
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
