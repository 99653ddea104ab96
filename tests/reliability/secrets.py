"""Keys and secrets of an account, in any encoding, anywhere but in their own files.

After (and, in other processes, during) a command: the cache and its journal, backups, exports,
recordings, logs, what was printed, the command line and environment of every process that it
started, and requests to a monitoring host. Answers of the exchange may repeat the whole request.
"""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote, quote_plus

from exchange_cache.adapter.ccxt_adapter import CcxtAdapter
from tests.e2e.world import World
from tests.exchanges.stub import StubServer
from tests.reliability.disturbed import ALWAYS, Disturbance
from tests.reliability.frame import CRASH, SECRET, Case, Product, Verdict, cut
from tests.reliability.ground import EXCHANGES
from tests.reliability.small import Small, small
from tests.reliability.wires import WIRES

NAME = "secrets"
SAYS = (
    "keys and secrets in up to 14 encodings: in the cache, journals, backups, exports, recordings,"
    " logs, crash files, output, `/proc` of all processes, and requests to a monitoring host, also"
    " where the exchange repeats them; counted by form"
)
SHARE = 1
WORLDS = ("synced", "echo-200", "echo-400", "echo-401", "echo-500", "crash", "process")


@cache
def cases() -> Sequence[Case]:
    return Product(sorted(EXCHANGES), WORLDS, range(3))


def run(case: Case, folder: Path) -> Verdict:
    exchange, what, _ = case
    one = small(exchange)
    world = one.home(folder / "home", synced=True)
    secrets = secrets_of(world.home)
    with StubServer(lambda asked: "") as monitor:
        shown = [*_done(one, world, what, secrets, monitor)]
        shown += [f"{asked.path} {asked.params} {asked.headers}" for asked in monitor.asked]
    wrong = [*found(world.home, "\n".join(shown), secrets)]
    if what != "crash" and any("a bug in excache" in text for text in shown):
        wrong.append(f"{CRASH}: {cut(' '.join(shown))}")
    forms = {text for secret in secrets.values() for text in encodings(secret).values()}
    return Verdict(tried=len(forms), wrong=tuple(wrong))


def secrets_of(home: Path) -> dict[str, str]:
    """The credentials by their files."""
    found = {
        file.name: file.read_text().strip()
        for file in home.iterdir()
        if file.suffix in (".key", ".secret", ".password")
    }
    assert len(found) >= 2
    return found


def encodings(secret: str) -> dict[str, bytes]:
    """The forms that are looked for."""
    raw = secret.encode()
    forms = {
        "plain": raw,
        "lower": secret.lower().encode(),
        "reversed": raw[::-1],
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "url": quote(secret, safe="").encode(),
        "url+": quote_plus(secret).encode(),
        "utf-16": secret.encode("utf-16-le"),
        "json": json.dumps(secret)[1:-1].encode(),
        "repr": repr(secret)[1:-1].encode(),
        "lines": raw.replace(b"\n", b""),
    }
    for shift in range(3):  # wherever it begins within a longer text
        whole = base64.b64encode(b"x" * shift + raw)
        forms[f"base64-{shift}"] = whole[4 if shift else 0 : -4]
    return forms


def _done(
    one: Small, world: World, what: str, secrets: dict[str, str], monitor: StubServer
) -> Iterator[str]:
    """What the commands of a case print, and what their processes show."""
    ping = ("--ping", f"{monitor.url}/ping")
    if what == "process":
        yield from _watched(world, ("sync", *ping))
    elif what == "crash":
        words = " ".join([*secrets.values(), *map(quote, secrets.values())])
        with patch.object(CcxtAdapter, "balances", side_effect=RuntimeError(words)):
            yield _printed(world, "sync", *ping)
    elif what.startswith("echo"):
        one.simulator.disturbances = [Disturbance("*", WIRES[what], ALWAYS)]
        try:
            yield _printed(world, "sync", *ping)
            yield _printed(world, "account", "check")
        finally:
            one.calm()
    else:
        yield _printed(world, "sync", *ping)
    yield from _afterwards(one, world)


def _afterwards(one: Small, world: World) -> Iterator[str]:
    home = world.home
    yield _printed(world, "db", "backup", str(home / "backup.sqlite3"))
    yield _printed(world, "account", "record", one.exchange, "-o", str(home / "recording.json"))
    for words in ("status --json", "stats --format prometheus", "fills --csv", "account list"):
        yield _printed(world, *words.replace("--csv", "--format csv").split(" "))


def _printed(world: World, *words: str) -> str:
    done = world.run(*words)
    return f"{' '.join(words)}: {done.out}{done.err}"


def _watched(world: World, words: Sequence[str]) -> Iterator[str]:
    """Output, and the environment and command line of every process as long as it runs."""
    process = world.start(words)
    seen: set[str] = set()
    while process.poll() is None:
        seen.update(_shown_by(process.pid))
        time.sleep(0.02)
    out, err = process.communicate()
    return iter([*sorted(seen), out, err])


def _shown_by(pid: int) -> Iterator[str]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    for each in (str(pid), *listed.stdout.split()):
        for name in ("environ", "cmdline"):
            try:
                yield Path("/proc", each, name).read_bytes().decode("utf-8", "replace")
            except OSError:
                continue  # it has ended


def found(home: Path, shown: str, secrets: dict[str, str]) -> Iterator[str]:
    places = {"what was printed, sent or shown": shown.encode()}
    places |= {
        str(file.relative_to(home)): file.read_bytes()
        for file in home.rglob("*")
        if file.is_file() and file.name not in secrets
    }
    for name, secret in secrets.items():
        for form, text in encodings(secret).items():
            for place, body in places.items():
                if len(text) > 7 and text in body:
                    yield f"{SECRET}: {name} ({form}) in {place}"
