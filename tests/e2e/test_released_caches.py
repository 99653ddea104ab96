"""A cache that the version before made is opened, and every command prints from it what that
version printed."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.clock import SetClock
from tests.cache.fixtures import RELEASED
from tests.cache.fixtures.faulty_world import HISTORY_START, faulty_world
from tests.e2e.world import World

pytestmark = pytest.mark.sqlite  # no released version had a cache on a server


@pytest.fixture(scope="module", params=RELEASED, ids=lambda path: path.name.split(".")[0])
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, dict[str, Any]]]:
    kept = json.loads(gzip.decompress(request.param.read_bytes()))
    with faulty_world() as (simulator, _clock):
        clock = SetClock(datetime.fromisoformat(kept["at"]))
        world = World.create(simulator, _home(tmp_path_factory, request.param), clock)
        config = world.home / "config.toml"
        config.write_text(f"history_start = {HISTORY_START}\n{config.read_text()}")
        cache = world.home / "cache.sqlite3"
        with closing(sqlite3.connect(cache)) as connection:
            connection.executescript(kept["dump"])
        cache.chmod(0o600)
        yield world, kept["printed"]


def _home(factory: pytest.TempPathFactory, fixture: Path) -> Path:
    return factory.mktemp("released") / fixture.name.split(".")[0] / "home"


#: Keys of texts, which may be worded better.
SENTENCES = {"message", "note", "unknown_reasons", "likely_causes", "causes", "inputs_sha256"}
#: What is missing of costs is not claimed until the first sync of the new version has derived them;
#: that is said instead. The user's own start is named since 0.7.0.
OPEN = {"unknown_cost", "costs_open", "own_start"}


#: Words of rows that have another name today.
RENAMED = {"kind": {"other": "unclassified"}}
#: The first version reckoned otherwise what is sold at an account beyond what its history added.
RECKONED_OTHERWISE = {("explain BTC", "released_0_1_0")}


def _is_open(item: Any) -> bool:
    """Whether an earlier version did not print this: an open cost, or net worth before the first
    recorded one, which is reconstructed since 0.7.0."""
    if not isinstance(item, dict):
        return False
    return item.get("code") in OPEN or item.get("source") == "reconstructed"


def test_every_command_prints_what_the_version_before_printed(
    opened: tuple[World, dict[str, Any]],
) -> None:
    world, printed = opened
    assert len(printed) > 5
    for words, before in printed.items():
        now = world.run(*words.split(), "--json").json()
        if words == "fills":
            now, before = _by_key(now), _by_key(before)
        if (words, world.home.parent.name) not in RECKONED_OTHERWISE:
            assert _facts(now, before) == _facts(before, before), words


def _by_key(fills: dict[str, Any]) -> dict[str, Any]:
    """Fills in one order: those of one millisecond are listed as their exchange had them."""
    keys = ("time", "account", "symbol", "fill_id")
    return {**fills, "rows": sorted(fills["rows"], key=lambda row: [row[key] for key in keys])}


def _facts(document: Any, known: Any) -> Any:
    """A document without its sentences, which may be worded better, and without keys that are newer
    than ``known``."""
    if isinstance(document, dict) and isinstance(known, dict):
        keys = known.keys() - SENTENCES
        return {
            key: RENAMED.get(key, {}).get(str(value)) or _facts(value, known[key])
            for key, value in document.items()
            if key in keys
        }
    if isinstance(document, list):
        document = [one for one in document if not _is_open(one)]
        known = [one for one in known if not _is_open(one)] if isinstance(known, list) else known
    if isinstance(document, list) and isinstance(known, list) and len(document) == len(known):
        return [_facts(one, other) for one, other in zip(document, known, strict=True)]
    return document
