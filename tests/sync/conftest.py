from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from tests.builders import NOW


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    opened = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)
