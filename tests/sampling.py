"""The marker ``sampled``: the cases of a long proof that ``make test`` leaves to ``make test-all``.

The examples of hypothesis are the same in every sample."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.effort import SAMPLE, examples, kept


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "sampled(one_in, each=None): make test runs one of so many cases, of each value of the"
        " parameter `each`",
    )
    if SAMPLE:
        number = examples(100)
        settings.register_profile("sample", derandomize=True, deadline=None, max_examples=number)
        settings.load_profile("sample")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not SAMPLE:
        return
    left = _left_out(items)
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


def _left_out(items: list[pytest.Item]) -> set[pytest.Item]:
    proofs: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sampled") is not None:
            proofs.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left: set[pytest.Item] = set()
    for cases in proofs.values():
        marker = cases[0].get_closest_marker("sampled")
        assert marker is not None
        keep = kept([_group(case, marker.kwargs.get("each")) for case in cases], *marker.args)
        left |= {case for case, stays in zip(cases, keep, strict=True) if not stays}
    return left


def _group(case: pytest.Item, each: str | None) -> str:
    if each is None:
        return ""
    assert isinstance(case, pytest.Function)
    return str(case.callspec.params[each])
