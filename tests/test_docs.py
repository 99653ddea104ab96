"""The pages for who changes the code name files that exist, and what is in them."""

from __future__ import annotations

import re
from configparser import ConfigParser

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


def test_every_package_that_is_required_is_explained_and_locked() -> None:
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg")
    extras = dict(settings["options.extras_require"]).values()
    lines = "\n".join((settings["options"]["install_requires"], *extras)).splitlines()
    required = {re.split(r"[<>=]", line)[0].strip() for line in lines if line.strip("# ")}
    required = {name for name in required if re.fullmatch(r"[\w-]+", name)}
    assert {"ccxt", "pytest", "openpyxl"} <= required
    page = (ROOT / "docs/dependencies.md").read_text("utf-8")
    assert {name for name in required if not re.search(rf"\b{re.escape(name)}\b", page)} == set()
    pins = (ROOT / "requirements.lock").read_text("utf-8").split("\n")
    locked = {line.split("==")[0].lower() for line in pins if "==" in line}
    assert {name.lower() for name in required} - locked == set()
    unhashed = [line for line in pins if "==" in line and not line.endswith("\\")]
    assert unhashed == []
