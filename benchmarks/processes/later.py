"""``later.py SECONDS COMMAND…``: a command of excache on a clock that is so much ahead."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from exchange_cache.cli.app import App
from exchange_cache.cli.main import _run


@dataclass(frozen=True)
class LaterClock:
    """The system's clock, moved; waits are real."""

    ahead: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def main(seconds: str, *words: str) -> int:
    clock = LaterClock(timedelta(seconds=int(seconds)))
    app = App(env=dict(os.environ), clock=clock, out=sys.stdout, err=sys.stderr)
    return _run(app, list(words))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
