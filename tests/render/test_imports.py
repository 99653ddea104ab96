"""What a format loads is part of how fast the portfolio prints."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_PROBE = """
import io, json, sys
from datetime import UTC, datetime
from decimal import Decimal
from exchange_cache.value.reading import (PortfolioReading, Totals)
from exchange_cache.render.output import write_portfolio
from exchange_cache.render.terminal import Terminal
now = datetime(2026, 1, 31, tzinfo=UTC)
none = Decimal(0)
totals = Totals(value=none, priced_value=none, stale_value=none, unpriced_assets=(), realised_pnl=None, unrealised_pnl=None,
                change_24h=None, change_24h_value=None)
reading = PortfolioReading(as_of=now, reporting_asset="USDT", totals=totals, holdings=(), positions=(), freshness=(), warnings=(),
                           accounts=(), oldest=None)
terminal = Terminal(width=80, colour=sys.argv[2] == "colour", unicode=True, is_tty=True)
write_portfolio(reading, io.StringIO(), form=sys.argv[1], terminal=terminal, now=now)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""  # noqa: E501


@pytest.mark.parametrize(
    ("form", "colour", "loaded"),
    [
        ("json", "plain", set()),
        ("csv", "plain", set()),
        ("table", "plain", set()),
        ("table", "colour", {"rich"}),
        ("plain", "plain", {"tabulate"}),
        ("markdown", "plain", {"tabulate"}),
    ],
)
def test_each_format_loads_only_what_it_prints_with(form, colour, loaded):
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, form, colour],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    heavy = {"rich", "tabulate", "ccxt", "peewee", "click", "aiohttp", "sqlite3", "asyncio"}
    assert heavy & set(json.loads(done.stdout)) == loaded
