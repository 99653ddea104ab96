"""The marker ``sampled``: the cases of a long proof that ``make test`` leaves to ``make test-all``.

The examples of hypothesis are the same in every sample."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.effort import PART, SAMPLE, examples, kept

#: Of the cases of each test in these folders make test runs one of so many, where nothing else is
#: marked: the first ones run whole commands, or open whole caches.
_ONE_IN = {
    **dict.fromkeys(("cache", "cli", "e2e", "export", "fresh", "recorded"), 4),
    **dict.fromkeys(("adapter", "exchanges", "portfolio", "simulator", "sync"), 2),
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "sampled(one_in, each=None): make test runs one of so many cases, of each value of the"
        " parameter `each`",
    )
    config.addinivalue_line(
        "markers", "reduced: make test runs a part of it, and make test-all the whole"
    )
    config.addinivalue_line("markers", "long: runs in make test-all alone")
    if SAMPLE:
        number = examples(100)
        settings.register_profile("sample", derandomize=True, deadline=None, max_examples=number)
        settings.load_profile("sample")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not PART:
        return
    left = _left_out(items)
    if not SAMPLE:
        left = {item for item in items if item not in left and not _is_reduced(item)}
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


def _is_reduced(item: pytest.Item) -> bool:
    """Whether a sample runs a part of the test itself."""
    return item.get_closest_marker("reduced") is not None or _has_examples(item)


def _has_examples(item: pytest.Item) -> bool:
    """Whether hypothesis makes the examples of a test."""
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))


def _left_out(items: list[pytest.Item]) -> set[pytest.Item]:
    proofs: dict[str, list[pytest.Item]] = {}
    for item in items:
        one_in = _ONE_IN.get(item.path.parent.name)
        if one_in and hasattr(item, "callspec") and item.get_closest_marker("sampled") is None:
            item.add_marker(pytest.mark.sampled(one_in))
        if item.get_closest_marker("sampled") is not None:
            proofs.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left = {item for item in items if item.get_closest_marker("long") is not None}
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
