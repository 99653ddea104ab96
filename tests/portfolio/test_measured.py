"""The portfolio for Prometheus, read back by a parser of others."""

from __future__ import annotations

import importlib.util
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.portfolio.measured import measured
from exchange_cache.value.results import pnl_report
from tests.e2e.world import World
from tests.fresh.test_stats import check_exposition
from tests.render.builders import finding, holding, position, reading, verdict

D = Decimal


def samples(**changes: Any) -> dict[str, str]:
    own = reading(holding("BTC", "2", "100"), holding("NONE", "1", None), **changes)
    findings = changes.get("warnings", ())
    return check_exposition(measured(own, pnl_report(own, (), by="account"), findings))


def test_value_age_findings_and_distances() -> None:
    found = samples(
        accounts=("main", "quiet"),
        freshness=(verdict("main", age=timedelta(minutes=2)), verdict("quiet", age=None)),
        positions=(position(distance="0.125"), position(symbol="X/USDT:USDT", distance=None)),
        warnings=(finding("a", "x", account="main"), finding("b", "y")),
    )
    assert found['excache_portfolio_value{asset="USDT"}'] == "200"
    # 2 x 100, and 528 of each position, which no balance contains
    assert found['excache_account_value{account="main",asset="USDT"}'] == "1256"
    assert found['excache_data_age_seconds{account="main",data_type="balances"}'] == "120"
    assert not any('account="quiet",data_type' in name for name in found)
    assert found['excache_account_findings{account="main"}'] == "1"
    assert found['excache_account_findings{account="quiet"}'] == "0"
    assert found['excache_account_findings{account=""}'] == "1"
    place = 'account="main",symbol="BTC/USDT:USDT",side="long"'
    assert found[f"excache_liquidation_distance_ratio{{{place}}}"] == "0.125"
    assert sum(name.startswith("excache_liquidation") for name in found) == 1


def test_figures_are_those_of_the_portfolio(synced: World) -> None:
    found = check_exposition(synced.run("stats", "--format", "prometheus").out)
    shown = synced.run("portfolio", "--no-refresh", "--by", "account", "--json").json()
    value = found['excache_portfolio_value{asset="USDT"}']
    assert D(value) == pytest.approx(D(shown["totals"]["value"]), abs=D("1e-11"))
    for group in shown["groups"]:
        own = found[f'excache_account_value{{account="{group["name"]}",asset="USDT"}}']
        assert D(own) == pytest.approx(D(group["value"]), abs=D("1e-11"))
    rows = synced.run("pnl", "--by", "account", "--json").json()["rows"]
    own = {row["name"]: row["identity"] for row in rows if row["name"] in ("main", "kraken")}
    for name, identity in own.items():
        labels = f'{{account="{name}",asset="USDT"}}'
        for word in ("realised", "unrealised"):
            sample = D(found[f"excache_account_{word}_pnl{labels}"])
            assert sample == pytest.approx(D(identity[word]), abs=D("1e-9"))
    assert len(own) == 2


@pytest.mark.skipif(
    importlib.util.find_spec("prometheus_client") is None,
    reason="prometheus-client is not installed",
)
def test_the_parser_of_prometheus_reads_every_family(synced: World) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    text = synced.run("stats", "--format", "prometheus").out
    families = {one.name: one for one in text_string_to_metric_families(text)}
    assert {
        "excache_portfolio_value",
        "excache_account_value",
        "excache_account_realised_pnl",
        "excache_account_unrealised_pnl",
        "excache_data_age_seconds",
        "excache_account_findings",
        "excache_liquidation_distance_ratio",
        "excache_reads",
    } <= families.keys()
    distances = families["excache_liquidation_distance_ratio"].samples
    assert all(one.labels["symbol"] and one.value >= 0 for one in distances)
