"""Fixtures of the simulator's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Venue
from tests.simulator.builders import still_venue


@pytest.fixture(scope="session")
def venue() -> Venue:
    """A default world; read only."""
    return still_venue()


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(still_venue(), limit_scale=1000) as running:
        yield running
