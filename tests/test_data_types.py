"""The words that every layer uses keep their values: they are keys of JSON and of the cache."""

from exchange_cache.data_types import ALARMS, DataType


def test_the_types_of_data_are_those_of_the_cache() -> None:
    assert [str(one) for one in DataType] == [
        "balances",
        "positions",
        "orders",
        "fills",
        "transfers",
        "prices",
    ]


def test_alarms_are_codes_of_findings_about_losses() -> None:
    assert {"account_emptied", "wallet_emptied", "outflow_unexplained"} == ALARMS
