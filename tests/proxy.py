"""Stands between a client and a server of the tests and acts when a write commits: before the
server hears of it, or before the client does."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SOCKET = ".s.PGSQL.5432"
_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
_WRITES = b"/write'"


class Proxy:
    """Counts the commits of writes over all connections; at the ``number``-th it calls ``act`` and
    cuts them all. ``heard``: the server has committed, and only its answer is missing."""

    def __init__(
        self, folder: Path, server: Path, number: int, act: Callable[[], None], *, heard: bool
    ) -> None:
        self.folder = folder
        self._acted = threading.Event()
        self._server, self._left, self._act, self._heard = server, number, act, heard
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._silent: socket.socket | None = None
        self._answered = threading.Event()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / _SOCKET))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def acted(self) -> bool:
        """Whether it came to that commit; it may still be at it when the client ends."""
        return self._acted.wait(60 if self._left <= 0 else 0)

    def close(self) -> None:
        self._listening.close()
        self._cut()

    def _cut(self) -> None:
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(str(self._server / _SOCKET))
                except OSError:
                    client.close()
                    continue
                self._open += [client, server]
                for pass_on in (self._to_server, self._to_client):
                    threading.Thread(target=pass_on, args=(client, server), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        writes = False
        with suppress(OSError):
            while data := client.recv(65536):
                writes = writes or _WRITES in data
                if data.endswith(_COMMIT) and writes:
                    writes = False
                    if self._is_the_one():
                        self._at_commit(data, server)
                        break
                server.sendall(data)
        for one in (client, server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _is_the_one(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left == 0

    def _at_commit(self, data: bytes, server: socket.socket) -> None:
        if self._heard:
            self._silent = server
            server.sendall(data)
            self._answered.wait(10)
        self._act()
        self._cut()
        self._acted.set()

    def _to_client(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if server is self._silent:
                    self._answered.set()
                else:
                    client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(
    server: Path, number: int, act: Callable[[], None] = lambda: None, *, heard: bool = False
) -> Iterator[Proxy]:
    """A proxy on a socket of its own."""
    with tempfile.TemporaryDirectory(prefix="excache-px-") as folder:
        proxy = Proxy(Path(folder), server, number, act, heard=heard)
        try:
            yield proxy
        finally:
            proxy.close()
