"""Texts lose keys, signatures and signed queries, and keep their ordinary words."""

from __future__ import annotations

import pytest

from exchange_cache.adapter.faults import translate
from exchange_cache.adapter.redaction import redact
from exchange_cache.exchanges import policy_for


@pytest.mark.parametrize(
    "text",
    [
        "binance GET https://api.binance.com/api/v3/account?timestamp=1&signature=deadbeef",
        "Max retries exceeded with url: /api/v3/account?timestamp=1&signature=deadbeef (Caused by",
        "headers {'X-MBX-APIKEY': 'AKIAEXAMPLEKEY01'} secret=hunter2hunter2",
        "hunter2hunter2 and hunter%2F2+x",
        '{"apiKey":"AKIAEXAMPLEKEY01","sign":"deadbeef"}',
    ],
)
def test_redaction(text: str) -> None:
    made = redact(text, ("AKIAEXAMPLEKEY01", "hunter2hunter2", "hunter/2 x"))
    for leak in ("deadbeef", "AKIAEXAMPLEKEY01", "hunter2hunter2", "hunter%2F2"):
        assert leak not in made


def test_redaction_leaves_ordinary_words_alone() -> None:
    assert (
        redact("Invalid API-key, IP, or permissions for action. (-2015)", ("AKIAEXAMPLEKEY01",))
        == "Invalid API-key, IP, or permissions for action. (-2015)"
    )


def test_secrets_in_the_chain_of_exceptions_are_scrubbed_too() -> None:
    inner, outer = (
        ValueError("bad key AKIAEXAMPLEKEY01"),
        RuntimeError("while using AKIAEXAMPLEKEY01"),
    )
    outer.__cause__ = inner
    translate(outer, account="main", policy=policy_for("kraken"), secrets=("AKIAEXAMPLEKEY01",))
    assert "AKIA" not in str(inner) + str(outer)
