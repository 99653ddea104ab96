
from __future__ import annotations

from typing import Any

import pytest

from tests.exchanges.builders import NOW_MS
from tests.exchanges.scripted import END, FILLS, START, TRANSFERS, Case, each, run_stream

AT = NOW_MS - 5_000


    ),
)


def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)
