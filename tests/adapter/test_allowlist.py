"""The read allow-list: every exchange has one, and it follows the installed ccxt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exchange_cache.adapter import allowlist
from exchange_cache.adapter.allowlist import ExchangeSource, allowed_for
from exchange_cache.adapter.ccxt_class import ccxt_class


def test_every_exchange_of_ccxt_has_an_allow_list_without_known_writes() -> None:
    import ccxt

    lists = allowlist.read_allowlist()
    assert set(ccxt.exchanges) <= set(lists)
    everything = {f"{exchange} {item}" for exchange, items in lists.items() for item in items}
    assert not [item for item in everything if item.split(" ")[1] in {"PUT", "DELETE", "PATCH"}]
    for exchange, item in allowlist.NEVER:
        assert item not in lists[exchange]
    for write in (
        "kraken POST private AddOrder",
        "kraken POST private Withdraw",
        "binance POST private order",
        "bybit POST private v5/order/create",
        "deribit GET private buy",
        "deribit GET private withdraw",
        "hyperliquid POST private exchange",
        "binance POST sapi asset/transfer",
    ):
        assert write not in everything


@pytest.mark.parametrize(
    "exchange", ["binance", "bybit", "kraken", "okx", "coinbase", "kucoin", "deribit"]
)
def test_nothing_that_only_writing_methods_reach_is_allowed(exchange: str) -> None:
    source = ExchangeSource(ccxt_class(exchange))
    only_writes = source.reachable(source.writers()) - source.reachable(source.readers())
    assert only_writes, "the check must have something to check"
    assert not only_writes & allowed_for(exchange)


LISTS: dict[str, list[str]] = json.loads(allowlist.DERIVED_FILE.read_text("utf-8"))


@pytest.mark.sampled(20)
@pytest.mark.parametrize("exchange", sorted(LISTS))
def test_the_file_is_what_the_installed_ccxt_states(exchange: str) -> None:
    derived = allowlist.derive(exchange)
    changed = list(allowlist.differences({exchange: LISTS[exchange]}, {exchange: derived}))
    assert not changed, "review it: python -m exchange_cache.adapter.allowlist --write REASON"
    extras = allowed_for(exchange) - set(derived)
    assert extras <= set(ExchangeSource(ccxt_class(exchange)).endpoints.values()), (
        "an extra that ccxt does not define"
    )


def test_the_newest_review_is_of_the_file_and_every_review_has_a_reason() -> None:
    found = allowlist.reviews()
    assert found[-1]["sha256"] == allowlist.digest(LISTS), "changed without a review"
    assert all(len(one["reason"].split()) >= 5 for one in found)


def test_a_difference_is_written_with_its_review_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DERIVED_FILE", "REVIEWS_FILE"):
        copy = tmp_path / getattr(allowlist, name).name
        copy.write_bytes(getattr(allowlist, name).read_bytes())
        monkeypatch.setattr(allowlist, name, copy)
    changed = {**LISTS, "kraken": [*LISTS["kraken"][1:], "GET public New"]}
    monkeypatch.setattr(allowlist, "derive_all", lambda: changed)
    before = allowlist.DERIVED_FILE.read_bytes()
    assert allowlist.main([]) == 1
    assert allowlist.main(["--write"]) == 2
    assert allowlist.DERIVED_FILE.read_bytes() == before
    assert "+ kraken: GET public New" in capsys.readouterr().out
    assert allowlist.main(["--write", "a new list of public figures"]) == 0
    newest = allowlist.reviews()[-1]
    assert (newest["added"], newest["reason"]) == (
        ["kraken: GET public New"],
        "a new list of public figures",
    )
    assert newest["removed"] == [f"kraken: {LISTS['kraken'][0]}"]
    assert newest["sha256"] == allowlist.digest(changed)


def test_the_difference_report_names_what_came_and_went() -> None:
    lines = list(
        allowlist.differences({"kraken": ["GET public Time"]}, {"kraken": ["GET public Assets"]})
    )
    assert lines == ["+ kraken: GET public Assets", "- kraken: GET public Time"]
