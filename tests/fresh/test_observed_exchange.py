"""An account of an exchange that nobody reviewed, from its first check to its average: HollaEx over
HTTP as it documents itself, through the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.clock import SetClock
from tests.e2e.world import World
from tests.exchanges.builders import NOW
from tests.exchanges.stub import Asked, StubServer
from tests.sync.served import Served, fills, hollaex

#: The parts of ``GET /v2/constants`` that ccxt reads (https://apidocs.hollaex.com/#constants).
CONSTANTS = {
    "coins": {
        name: {"id": number, "fullname": name, "symbol": name, "active": True, "min": 0.0001}
        for number, name in enumerate(("btc", "usdt"))
    },
    "pairs": {
        "btc-usdt": {
            "id": 1,
            "name": "btc-usdt",
            "pair_base": "btc",
            "pair_2": "usdt",
            "min_size": 0.0001,
            "max_size": 1000,
            "min_price": 1,
            "max_price": 100000,
            "increment_size": 0.0001,
            "increment_price": 0.01,
            "active": True,
        }
    },
}
TICKER = {"open": 450, "close": 450, "high": 450, "low": 450, "last": 450, "volume": 1}


def exchange(served: Served) -> Callable[[Asked], Any]:
    trades = hollaex(served)

    def answer(asked: Asked) -> Any:
        match asked.path.removeprefix("/v2/"):
            case "constants":
                return CONSTANTS
            case "tickers":
                return {"btc-usdt": {**TICKER, "time": NOW.isoformat(), "symbol": "btc-usdt"}}
            case "user/balance":
                held = len(served.fills) * 0.5
                return {
                    "user_id": 7,
                    "updated_at": "2025-06-01T00:00:00.000Z",
                    "btc_balance": held,
                    "btc_available": held,
                    "usdt_balance": 0,
                    "usdt_available": 0,
                }
            case "user/trades":
                return trades(asked)
            case _:
                return {"count": 0, "data": []}

    return answer


@contextmanager
def home_at(
    path: Path, script: Callable[[Asked], Any], exchange_id: str = "hollaex"
) -> Iterator[Any]:
    """A home folder with one account at a served exchange."""
    with StubServer(script) as stub:
        path.mkdir()
        for name in ("key", "secret"):
            (path / name).write_text("c2VjcmV0LXZhbHVl")
            (path / name).chmod(0o600)
        (path / "config.toml").write_text(
            'reporting_asset = "USDT"\nretries = 0\n[accounts.odd]\n'
            f'exchange = "{exchange_id}"\n'
            'api_key = { file = "key" }\nsecret = { file = "secret" }\n'
            f'[accounts.odd.ccxt]\nrateLimit = 1\nurls = {{ api = "{stub.url}" }}\n'
        )
        yield World(simulator=None, home=path, clock=SetClock(NOW))  # type: ignore[arg-type]


@pytest.fixture
def served() -> Served:
    return Served(fills(350), until=False, cap=20)


@pytest.fixture
def odd(tmp_path: Path, served: Served) -> Iterator[World]:
    with home_at(tmp_path / "home", exchange(served)) as home:
        yield home


def test_a_first_sync_stores_every_fill_and_says_what_coverage_rests_on(
    odd: World, served: Served
) -> None:
    done = odd.run("sync")
    assert (done.code, done.err) == (0, "")
    assert len(served.requests) <= 3 * 350 // 20 + 20
    rows = odd.run("fills", "--json").json()["rows"]
    assert len(rows) == 350
    document = odd.run("status", "--coverage", "--json").json()
    graded = {(row["data_type"], row["grade"]) for row in document["rows"]}
    assert graded == {("fills", "observed"), ("orders", "assumed"), ("transfers", "assumed")}
    (seen,) = [one for one in document["observations"] if one["data_type"] == "fills"]
    assert seen["statement"] == (
        "since and limit are honoured; until is ignored; pages of 20; oldest first; ids are missing"
    )
    assert "odd / fills" in (shown := odd.run("status", "--coverage").out)
    assert "spot; observed, not proven" in shown
    assert "deposits, withdrawals; assumed complete, not proven" in shown


def test_explain_says_that_coverage_is_not_proven(odd: World) -> None:
    odd.run("sync")
    assert "Coverage of odd fills: observed, not proven" in odd.run("explain", "BTC").out
    reconciliation = odd.run("explain", "BTC", "--json").json()["reconciliation"]
    assert reconciliation["coverage"] == [
        {"account": "odd", "data_type": "fills", "grade": "observed"},
        {"account": "odd", "data_type": "transfers", "grade": "assumed"},
    ]
    assert reconciliation["difference"] == "0"


def test_account_check_observes_and_a_sync_after_it_does_not_ask_again(
    odd: World, served: Served
) -> None:
    done = odd.run("account", "check", "--json")
    assert done.code == 0
    said = {row["check"]: row["observed"] for row in done.json()["rows"]}
    words = (
        "since and limit are honoured; until is ignored; pages of 20; oldest first; ids are missing"
    )
    assert said["fills spot"] == words
    assert said["balances spot"] is None
    assert f"odd: fills spot: {words}" in done.err
    asked = len(served.requests)
    odd.run("sync")
    assert served.requests[asked].params["start_date"].startswith("2017-01-01"), (
        "the walk begins at once"
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gateio", "odd: ccxt has renamed gateio"),
        ("bitmex", "no longer has bitmex: it was removed"),
        ("paradex", "odd: ccxt reads paradex only with a private key, and excache takes none"),
    ],
)
def test_an_exchange_that_cannot_be_read_is_answered_with_the_reason(
    tmp_path: Path, name: str, reason: str
) -> None:
    with home_at(tmp_path / "home", lambda asked: {}, name) as home:
        for words in (("account", "check"), ("sync",)):
            done = home.run(*words)
            assert done.code in {78, 1}
            assert reason in done.err
            assert "enabled = false" in done.err or 'write exchange = "gate"' in done.err
        added = home.process("account", "add", "other", "-e", name, stdin="k\ns\n")
        assert (added.code, "other: ccxt" in added.err) == (78, True)
