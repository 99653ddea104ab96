"""``answers.py RECORDING AHEAD_SECONDS LATENCY_MS``: serves recorded answers over HTTP, to any
number of accounts like the recorded ones. Prints its port; ``/_counts`` has what it served.

The key of an account begins with that of a recorded one: ``KEY-17``. A request is known by its path
and by its parameters, without times and signatures; if several were alike, their answers are served
in the order of the recording. Where an answer has the exchange's time, it has the present one.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
import time
from collections import Counter
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qsl

from aiohttp import web

#: The headers of a key.
KEYS = ("x-bapi-api-key", "api-key")
NOW_MS, NOW_S = b"@now_ms@", b"@now_s@"
_OF_THE_MOMENT = frozenset({"nonce", "timestamp", "signature", "recvWindow"})
_TIME = re.compile(r"\d{10,}(\.\d+)?")


def known_by(method: str, path: str, query: str, body: bytes) -> str:
    """What a request has in common with the same one of another account and another hour."""
    found = [*parse_qsl(query), *parse_qsl(body.decode("utf-8", "replace"))]
    kept = sorted(
        f"{name}={value}"
        for name, value in found
        if name not in _OF_THE_MOMENT and not _TIME.fullmatch(value)
    )
    return f"{method} {path} {'&'.join(kept)}"


class Answers:
    """The recording, and what was served of it."""

    def __init__(self, recording: Path, ahead: float, latency: float) -> None:
        kept = json.loads(recording.read_text(encoding="utf-8"))
        self._answers = {
            (who, what): [text.encode() for text in texts] for who, what, texts in kept
        }
        self._ahead, self._latency = ahead, latency
        self._served: Counter[tuple[str, str]] = Counter()
        self.missed: Counter[str] = Counter()
        self._open = 0
        self._most = 0

    async def answer(self, incoming: web.BaseRequest) -> web.Response:
        if incoming.path == "/_counts":
            return web.json_response(self._counts())
        body = await incoming.read()
        key = next((incoming.headers[one] for one in KEYS if one in incoming.headers), "")
        what = known_by(
            incoming.method, incoming.rel_url.raw_path, incoming.rel_url.raw_query_string, body
        )
        self._open += 1
        self._most = max(self._most, self._open)
        await asyncio.sleep(self._latency)
        self._open -= 1
        return self._found(key, what)

    def _found(self, key: str, what: str) -> web.Response:
        answers = self._answers.get((key.rpartition("-")[0], what))
        if answers is None:
            self.missed[what] += 1
            return web.json_response({"error": "not recorded"}, status=404)
        number = self._served[key, what]
        self._served[key, what] += 1
        now = time.time() + self._ahead
        text = answers[min(number, len(answers) - 1)]
        text = text.replace(NOW_MS, b"%d" % (now * 1000)).replace(NOW_S, b"%d" % now)
        headers = {"Content-Type": "application/json", "Date": formatdate(now, usegmt=True)}
        return web.Response(body=text, headers=headers)

    def _counts(self) -> dict[str, object]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "served": [[*key, times] for key, times in self._served.items()],
            "missed": self.missed,
            "most_at_once": self._most,
            "cpu": used.ru_utime + used.ru_stime,
        }


async def serve(recording: str, ahead: str, latency_ms: str) -> None:
    answers = Answers(Path(recording), float(ahead), float(latency_ms) / 1000)
    runner = web.ServerRunner(web.Server(answers.answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
