"""Texts of an exchange that no text may hold are stored with a mark in their place, the same in a
file and on a server, and fail no sync."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from exchange_cache.simulator.wire import Request, Response
from tests.e2e.world import World

pytestmark = pytest.mark.long

ODD, STORED = "a\0b", "a\ufffdb"


def test_nul_fails_no_sync(make_world: Callable[..., World]) -> None:
    world = make_world(accounts={"kraken": "kraken"}, fills=100)
    kraken = world.simulator.dialects["kraken"]
    honest = kraken.handle

    def handle(request: Request) -> Response:
        response = honest(request)
        if request.path.endswith("Ledgers"):
            for row in response.body["result"]["ledger"].values():
                row["refid"] = f"{ODD}{row['refid']}"
        if request.path.endswith("OpenOrders"):
            return Response(body={"error": [f"EGeneral:Internal error:{ODD}"]})
        return response

    kraken.handle = handle  # type: ignore[method-assign]
    done = world.run("sync")
    assert done.code == 1
    found = [tx for (tx,) in world.query("SELECT tx_id FROM exchange_transfers")]
    assert any((tx or "").startswith(STORED) for tx in found)
    errors = [error for (error,) in world.query("SELECT error FROM exchange_sync_status")]
    assert any("Internal error:a" in (error or "") for error in errors)
    kraken.handle = honest  # type: ignore[method-assign]
    assert world.run("sync").code == 0
