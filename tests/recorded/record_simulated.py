"""Makes the recordings of the simulated exchanges again:

    .venv/bin/python -m tests.recorded.record_simulated [EXCHANGE …]

Needed where a change of the code requests other windows or endpoints on purpose.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from exchange_cache.simulator.server import running_simulator
from tests.e2e.world import World

#: Fills per exchange: their past prices fill most of a file.
FILLS = {"binance": 100, "bybit": 300, "coinbase": 300, "kraken": 300, "kucoin": 300, "okx": 300}
HERE = Path(__file__).parent


def main(exchanges: tuple[str, ...]) -> None:
    for exchange in exchanges:
        with (
            running_simulator(
                seed=1, limit_scale=1000, fills=FILLS[exchange], accounts={exchange: exchange}
            ) as simulator,
            TemporaryDirectory() as folder,
        ):
            world = World.create(simulator, Path(folder) / "home", history_days=30)
            file = HERE / f"{exchange}_simulated.json.gz"
            done = world.run("account", "record", exchange, "-o", str(file), "--force")
            file.chmod(0o644)
            print(done.out or done.err)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or tuple(FILLS))
