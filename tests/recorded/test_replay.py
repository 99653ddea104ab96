"""Every recording in this folder fills the cache as it did when it was made.

Add one: put the file here (see CONTRIBUTING.md); the header states what the sync must store. All
requests of the sync must be in the recording, except those that ``expected.unrecorded`` names:
later versions read more than the one that recorded. All recorded private requests must be sent.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.record import stored
from exchange_cache.recording.document import read
from tests.e2e.world import World
from tests.recorded.replay import replayed

RECORDINGS = sorted(
    path for path in Path(__file__).parent.iterdir() if path.name.endswith((".json", ".json.gz"))
)


def test_there_are_recordings() -> None:
    exchanges = Counter(read(path).exchange for path in RECORDINGS)
    assert {"binance", "bybit", "coinbase", "kraken", "kucoin", "okx"} <= set(exchanges)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_a_recording_fills_the_cache_as_it_did_when_it_was_made(path: Path, tmp_path: Path) -> None:
    recording = read(path)
    expected = dict(recording.expected)
    unrecorded = expected.pop("unrecorded", [])
    with replayed(recording, tmp_path / "home") as tape:
        world = World(simulator=None, home=tmp_path / "home", clock=tape.clock)  # type: ignore[arg-type]
        done = world.run("sync")
        assert sorted(tape.missing) == unrecorded, tape.missing
        assert "a bug in excache" not in done.err
        repository = ExchangeCacheRepository.open(world.home / "cache.sqlite3")
        assert stored(repository, "recorded") == expected
        repository.close()
        assert tape.unused == 0
