"""The file of a recording: read back as it was written, in a form that people can read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.adapter.wire import RoundTrip
from exchange_cache.recording.disguise import Disguised
from exchange_cache.recording.document import Recording, read


def recording() -> Recording:
    trip = RoundTrip(
        at_ms=1,
        endpoint="GET private fills",
        host="api.example.org",
        path="/fills",
        params={"limit": 100},
        status=200,
        date="Sun, 29 Nov 2026 01:07:33 GMT",
        body=None,
    )
    rows = [{"id": 1, "qty": Decimal("0.10")}, {"id": 2, "qty": Decimal("12345678.00000001")}]
    return Recording(
        exchange="kraken",
        policy="kraken",
        versions={"excache": "1", "ccxt": "2"},
        at=datetime(2026, 11, 29, tzinfo=UTC),
        settings={"wallets": None},
        replaced={"ids": 2},
        expected={"rows": {"fills": 2}},
        trips=(
            Disguised(trip=trip, answer=rows, private=True),
            Disguised(trip=trip, answer=None, private=False),
        ),
    )


@pytest.mark.parametrize("name", ["wire.json", "wire.json.gz"])
def test_a_file_is_read_as_it_was_written(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(recording().content(compressed=name.endswith(".gz")))
    assert read(file) == recording()


def test_the_header_is_first_and_every_private_row_has_its_own_lines() -> None:
    text = recording().text()
    assert list(json.loads(text))[:4] == ["format", "note", "exchange", "policy"]
    assert '    "qty": 12345678.00000001' in text.splitlines()


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "wire.json"
    file.write_text(recording().text().replace('"format": 1', '"format": 2'))
    with pytest.raises(ValueError, match=r"wire\.json: no recording of format 1"):
        read(file)
