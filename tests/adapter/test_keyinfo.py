"""What a key may do."""

from __future__ import annotations

from typing import Any

from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.errors import PermissionMissing
from tests.exchanges.builders import NOW_MS, adapter_for
from tests.exchanges.stub import Answer, Asked


def test_check_reads_everything_once_and_states_what_the_key_may_do() -> None:
    def script(asked: Asked) -> Any:
        if asked.path.endswith("/time"):
            return {"serverTime": NOW_MS - 250}
        if "apiRestrictions" in asked.path:
            return {
                "ipRestrict": False,
                "enableReading": True,
                "enableWithdrawals": True,
                "enableSpotAndMarginTrading": False,
                "enableFutures": False,
            }
        if "myTrades" in asked.path:
            return Answer(
                {"code": -1002, "msg": "You are not authorized to execute this request."}, 401
            )
        if "exchangeInfo" in asked.path:
            return {"symbols": []}
        if "ticker" in asked.path:
            return []
        return (
            []
            if asked.path.rsplit("/", 1)[1]
            in {
                "openOrders",
                "positionRisk",
                "allOrders",
                "userTrades",
                "income",
                "hisrec",
                "history",
            }
            else (
                {
                    "balances": [],
                    "assets": [],
                    "userAssets": [],
                    "rows": [],
                    "total": 0,
                    "data": [],
                    "list": [],
                    "userAssetDribblets": [],
                }
            )
        )

    with adapter_for("binance", script, retry=RetryPolicy(attempts=1)) as (adapter, _stub):
        made = adapter.check()
    assert (made.can_trade, made.can_withdraw, made.ip_restricted, made.clock_offset_ms) == (
        False,
        True,
        False,
        250,
    )
    assert made.readable["balances spot"] == "ok"
    assert "not authorized" in made.readable["fills spot"]
    assert any("withdraw" in note for note in made.notes)
    assert PermissionMissing.exit_code == 77


def test_check_names_the_markets_that_nobody_knows() -> None:
    row = {"symbol": "QQ_DEFI", "side": "long", "price": 1, "size": 2}
    row["fillTime"] = "2024-01-01T00:00:00.000Z"

    def script(asked: Asked) -> Any:
        found = [row] if asked.path.endswith("openpositions") else []
        names = ("fills", "openOrders", "elements", "logs", "tickers")
        empty: dict[str, list[Any]] = {name: [] for name in names}
        return {"result": "success", "accounts": {}, **empty, "openPositions": found}

    with adapter_for("krakenfutures", script, retry=RetryPolicy(attempts=1)) as (adapter, _stub):
        made = adapter.check()
    assert made.readable["positions linear"] == "ok"
    assert made.unidentified == ("QQ_DEFI",)


def test_an_answer_that_states_nothing_is_not_ok_at_an_exchange_without_a_policy() -> None:
    with adapter_for("poloniex", lambda asked: {}, retry=RetryPolicy(attempts=1)) as (adapter, _):
        made = adapter.check()
    private = {what: said for what, said in made.readable.items() if not what.startswith("prices")}
    assert {"balances spot", "fills spot", "open orders spot", "transfers deposits"} <= set(private)
    assert "ok" not in private.values()
    assert private["fills spot"] == (
        "poloniex: the answer about fills spot is {}, which states nothing"
    )
