"""Whether stored costs are those of all rows, without reading the rows."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from exchange_cache.clock import SetClock
from tests.builders import NOW, at, fill
from tests.cli.stored_home import StoredHome


def is_open(home: StoredHome, asset: str = "USDT") -> bool:
    with closing(home.repository()) as repository:
        return repository.costs_open(asset)


def test_costs_are_open_until_they_are_those_of_all_rows(tmp_path: Path) -> None:
    home = StoredHome(folder=tmp_path / "home", clock=SetClock(at=NOW))
    home.configure()
    assert not is_open(home), "nothing is stored"
    home.save(fill("1", time=at(5)))
    assert is_open(home)
    home.derive()
    assert not is_open(home)
    assert is_open(home, "EUR"), "costs in another asset were never derived"
    for newer in (fill("2", time=at(5)), fill("3", time=at(9)), fill("4", time=at(1))):
        home.save(newer)
        assert is_open(home), newer
        home.derive()
        assert not is_open(home), newer


def test_a_derivation_that_ended_before_its_answer_is_open(tmp_path: Path) -> None:
    home = StoredHome(folder=tmp_path / "home", clock=SetClock(at=NOW))
    home.configure()
    home.store(fill("1", time=at(5)))
    with closing(home.repository()) as repository:
        repository.progress.remember("", {"costs_open": "USDT"}, NOW)
    assert is_open(home)
    home.save(fill("2", time=at(6)))
    home.derive()
    assert not is_open(home)
