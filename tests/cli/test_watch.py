"""``portfolio --watch`` is for terminals."""

from __future__ import annotations

import pytest

from tests.e2e.world import World


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_pipe_is_refused(world: World, form: str) -> None:
    done = world.run("portfolio", "--watch", "--format", form)
    assert (done.code, done.out) == (2, "")
    assert "--watch requires a terminal and the table format" in done.err
