from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository


@pytest.fixture
def cache_file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "cache.sqlite3"


@pytest.fixture
def repository(cache_file: Path) -> Iterator[ExchangeCacheRepository]:
    opened = ExchangeCacheRepository.open(cache_file)
    yield opened
    opened.close()
