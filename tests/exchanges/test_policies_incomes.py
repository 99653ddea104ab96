"""Incomes that no deposit list tells: rewards, yields, airdrops, interest and funding, asked for
and read as documented."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exchanges.builders import NOW_MS, adapter_for, stream
from tests.exchanges.scripted import DAY, END, START, TRANSFERS, Case, brief, run_stream

AT = NOW_MS - 3_600_000


        **more,
    }


    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.exchange}-{case.scopes[0]}")
def test_a_stream_asks_as_documented_and_its_rows_become_records(case: Case) -> None:
    run_stream(case, case.scopes[0])


