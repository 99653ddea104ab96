"""Every place of every documented answer, with each value that leaves nothing of it: the engine
says so, or makes as many records, none with a text that is Python's word for nothing."""

from __future__ import annotations

import pytest

from exchange_cache.errors import ExcacheError, RateLimited
from tests.exchanges import cases, nothing_there


@pytest.mark.sampled(40)
@pytest.mark.parametrize("name", cases.documented())
def test_nothing_is_lost_or_invented_in_silence(name: str) -> None:
    wrong = []
    for path, old in nothing_there.places(name):
        for value in nothing_there.GONE:
            if not nothing_there.fits(path, old, value):
                continue
            try:
                wrong.append(nothing_there.wrong(name, path, old, value))
            except RateLimited:
                nothing_there.adapter.cache_clear()  # it would wait
            except ExcacheError:
                pass  # in words
    assert [found for found in wrong if found] == []
