"""The pages for who changes the code name files that exist, and what is in them."""

from __future__ import annotations

import re

import pytest

from tests.test_house import ROOT

PAGES = ("CONTRIBUTING.md", "docs/architecture.md")
_PATH = re.compile(r"`((?:exchange_cache|tests|docs)/[\w/.]*[\w/])`")


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page: str) -> None:
    named = set(_PATH.findall((ROOT / page).read_text("utf-8")))
    places = {path for path in named if "NAME" not in path}
    assert len(places) > 10
    assert [path for path in sorted(places) if not (ROOT / path).exists()] == []


def test_every_layer_is_in_the_picture() -> None:
    picture = (ROOT / "docs/architecture.md").read_text("utf-8").split("```")[1]
    layers = {place.name for place in (ROOT / "exchange_cache").iterdir() if place.is_dir()}
    missing = {
        layer for layer in layers - {"exchange", "__pycache__"} if f"{layer}/" not in picture
    }
    assert missing == set()


def test_every_table_is_named() -> None:
    from exchange_cache.cache.schema import MODELS

    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    tables = {model._meta.table_name for model in MODELS}
    assert {name for name in tables if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("page", PAGES)
def test_the_readme_points_to_the_pages(page: str) -> None:
    assert f"]({page})" in (ROOT / "README.md").read_text("utf-8")
