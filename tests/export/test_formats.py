"""Every format is documented, and so is every account that is posted to."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

from exchange_cache.export import accounts
from exchange_cache.export.formats import EXPORTS
from exchange_cache.export.rows import COLUMNS
from tests.test_house import ROOT

PAGE = (ROOT / "docs/export.md").read_text("utf-8")


@pytest.mark.parametrize("name", EXPORTS)
def test_a_format_is_one_function_and_a_line_of_the_page(name: str) -> None:
    export = EXPORTS[name]
    module = importlib.import_module(f"exchange_cache.export.{export.module}")
    assert list(inspect.signature(getattr(module, export.function)).parameters) == ["head", "items"]
    assert not export.columns or getattr(module, export.columns)
    assert f"\n| `{name}` | " in PAGE


def test_every_account_is_on_the_page() -> None:
    own = (accounts.GAINS, accounts.UNKNOWN_COST, accounts.UNVALUED, accounts.UNKNOWN)
    known = {*own, accounts.CONVERSIONS, accounts.LEFT_OUT}
    known |= {*accounts._FLOWS.values(), *accounts._KINDS.values()}
    assert len(known) > 20
    assert {":".join(one) for one in known if ":".join(one) not in PAGE} == set()


def test_every_column_that_needs_words_is_on_the_page() -> None:
    plain = {"row", "time", "kind", "account", "asset", "symbol", "id", "price", "fees"}
    plain |= {"to_account", "tx_id", "flags", "note"}
    assert {one for one in COLUMNS if one not in plain and f"`{one}`" not in PAGE} == set()
    assert set(re.findall(r"^\| `(\w+)`", PAGE.split("## CSV and JSON")[1], re.M)) <= set(COLUMNS)
