"""Replays a recording: a server that answers as recorded, and a home whose account asks it.

A request is answered by the recorded one with the same verb, host and path whose parameters are
nearest: texts must be equal, as many names as possible the same, numbers (times of windows,
cursors) as near as possible. Each recorded
answer is used once, in its order; a public one again where none is left, since ccxt remembers some
of them for seconds. The clock stands at the time of the recorded requests, so that windows end
where they ended.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from exchange_cache.clock import from_ms
from exchange_cache.recording import exact_json
from exchange_cache.recording.disguise import Disguised
from exchange_cache.recording.document import Recording
from exchange_cache.simulator.home import simulated_urls
from tests.exchanges.stub import Answer, Asked, StubServer

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
#: Worthless credentials in forms that every exchange's signature accepts.
CREDENTIALS = {
    "apiKey": ("api_key", "key-of-nobody"),
    "secret": ("secret", "c2VjcmV0LW9mLW5vYm9keQ=="),
    "password": ("password", "password-of-nobody"),
    "uid": ("uid", "nobody"),
    "walletAddress": ("wallet_address", "0x" + "ab" * 20),
}


def secret_of(exchange: str, name: str, value: str) -> str:
    """The credential, in the form that an exchange with forms of its own expects."""
    if exchange == "coinbase" and name == "secret":
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat as Form,
        )

        key = ec.derive_private_key(1, ec.SECP256R1())
        return key.private_bytes(Encoding.PEM, Form.TraditionalOpenSSL, NoEncryption()).decode()
    return value


@dataclass
class ReplayClock:
    """Stands at the newest recorded request, but no two moments are the same."""

    at: datetime

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def monotonic(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def reach(self, at: datetime) -> None:
        self.at = max(self.at, at)


@dataclass
class Tape:
    """The script of the server. ``missing`` has the requests that no recorded answer fits: verb and
    address, with the parameters of the first."""

    recording: Recording
    clock: ReplayClock
    missing: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._turn = threading.Lock()
        self._left: dict[tuple[str, str], list[Disguised]] = defaultdict(list)
        self._used: dict[tuple[str, str], list[Disguised]] = defaultdict(list)
        for one in self.recording.trips:
            verb = one.trip.endpoint.split(" ")[0]
            self._left[verb, f"{one.trip.host}{one.trip.path}"].append(one)

    @property
    def unused(self) -> int:
        """The number of private answers that no request asked for."""
        return sum(one.private for trips in self._left.values() for one in trips)

    def __call__(self, asked: Asked) -> Answer:
        with self._turn:  # requests of one account arrive side by side
            return self._answer(asked)

    def _answer(self, asked: Asked) -> Answer:
        place = asked.path.removeprefix(f"/{self.recording.exchange}/")
        left, used = self._left[asked.method, place], self._used[asked.method, place]
        one = _nearest(left, asked) or _nearest([o for o in used if not o.private], asked)
        if one is None:
            self.missing.setdefault(f"{asked.method} {place}", asked.params)
            return Answer({"error": "the recording has no answer for this"}, status=400)
        if one in left:
            left.remove(one)
            used.append(one)
        self.clock.reach(from_ms(one.trip.at_ms))
        dated = {} if one.trip.date is None else {"Date": one.trip.date}
        body = "<html></html>" if one.answer is None else exact_json.dumps(one.answer)
        return Answer(body, one.trip.status or 503, dated)


def _nearest(trips: list[Disguised], asked: Asked) -> Disguised | None:
    """The first of the recorded requests whose parameters are nearest; None if none fits."""
    distances = [_distance(one, asked.params) for one in trips]
    fitting = [
        (len(set(asked.params) - set(trips[at].trip.params)), distance, at)
        for at, distance in enumerate(distances)
        if distance is not None
    ]
    return trips[min(fitting)[-1]] if fitting else None


def _distance(one: Disguised, asked: dict[str, Any]) -> float | None:
    """How far the numbers of a recorded request are from those asked; None: another request."""
    total = 0.0
    for name, value in one.trip.params.items():
        if name in one.trip.placeholders or isinstance(value, list | dict) or value is None:
            continue
        theirs, ours = _plain(asked.get(name)), _plain(value)
        if theirs == ours:
            continue
        figures = _figure(theirs), _figure(ours)
        if figures[0] is None or figures[1] is None:
            return None
        total += abs(figures[0] - figures[1])
    return total


def _figure(text: str) -> float | None:
    """A number, or a moment as milliseconds; None for any other text."""
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        return datetime.fromisoformat(text).timestamp() * 1000
    except ValueError:
        return None


def _plain(value: Any) -> str:
    return unquote(str(value).lower() if isinstance(value, bool) else str(value))


def write_home(home: Path, recording: Recording, url: str) -> None:
    """A config.toml with the recorded settings and one account at the server."""
    import ccxt

    home.mkdir(parents=True)
    needed = getattr(ccxt, recording.exchange)().requiredCredentials
    settings = recording.settings
    lines = [f'reporting_asset = "{settings["reporting_asset"]}"']
    lines += [f"sweep_budget = {settings['sweep_budget']}"]
    if settings["history_start"]:
        lines.append(f"history_start = {settings['history_start']}")
    lines += ["[accounts.recorded]", f'exchange = "{recording.exchange}"']
    for name, (ours, value) in CREDENTIALS.items():
        if needed.get(name):
            lines.append(f'{ours} = {{ file = "{ours}" }}')
            (home / ours).write_text(secret_of(recording.exchange, ours, value))
            (home / ours).chmod(0o600)
    for name in ("wallets", "symbols"):
        if settings[name]:
            lines.append(f"{name} = {exact_json.dumps(settings[name])}")
    lines += ["[accounts.recorded.ccxt]", "rateLimit = 0.1"]
    urls = simulated_urls(recording.exchange, int(url.rpartition(":")[2]))
    lines += _table("accounts.recorded.ccxt.urls.api", urls)
    (home / "config.toml").write_text("\n".join(lines) + "\n")


def _table(name: str, values: dict[str, Any]) -> Iterator[str]:
    yield f"[{name}]"
    yield from (f'"{key}" = "{value}"' for key, value in values.items() if isinstance(value, str))
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _table(f'{name}."{key}"', value)


@contextmanager
def replayed(recording: Recording, home: Path) -> Iterator[Tape]:
    """The server of a recording, and a home folder beside it whose account asks it."""
    tape = Tape(recording, ReplayClock(recording.at))
    with StubServer(tape) as stub:
        write_home(home, recording, stub.url)
        yield tape
