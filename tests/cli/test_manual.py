"""Every help text as a whole, and the manual page that is built from them."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from exchange_cache.cli.main import COMMANDS
from exchange_cache.cli.manual import helped, manual_page
from tests.golden import SWITCH, hold_golden

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "excache.1"
GOLDEN = Path(__file__).parent / "golden"
CONTEXTS = {context.command_path: context for context in helped()}


def name_of(path: str) -> str:
    return f"help_{path.replace(' ', '_')}"


@pytest.mark.parametrize("path", CONTEXTS)
def test_a_help_text_is_the_golden_one(path: str) -> None:
    lines = CONTEXTS[path].get_help().splitlines()
    hold_golden(GOLDEN, name_of(path), "\n".join(line.rstrip() for line in lines) + "\n")


def test_no_golden_help_is_left_of_a_command_that_is_gone() -> None:
    assert {file.stem for file in GOLDEN.glob("help_*.txt")} == {*map(name_of, CONTEXTS)}


def test_the_golden_manual_page_is_built_from_the_help_texts() -> None:
    if os.environ.get(SWITCH) == "write":
        PAGE.write_text(manual_page(), "utf-8")
    assert manual_page() == PAGE.read_text("utf-8"), "make golden"


def test_the_page_has_every_command_and_every_option() -> None:
    page = manual_page().replace(r"\-", "-")
    for context in helped():
        assert context.parent is None or f'.SS "{context.command_path} ' in page
        for param in context.command.params:
            hidden = isinstance(param, click.Option) and param.hidden
            assert hidden or all(word in page for word in param.opts if word.startswith("--"))
    assert all(f"excache {name} " in page for name in COMMANDS)


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_renders_the_page_without_a_warning() -> None:
    command = ["groff", "-man", "-Tutf8", "-ww", "-z", str(PAGE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_mandoc_finds_no_error_in_the_page() -> None:
    command = ["mandoc", "-Tlint", "-Werror", str(PAGE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_man_shows_what_the_help_says() -> None:
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "MANWIDTH": "100", "MANPAGER": "cat"}
    done = subprocess.run(
        ["man", "-l", str(PAGE)], env=env, capture_output=True, text=True, check=False
    )
    if "minimized" in done.stdout:
        pytest.skip("this system has no manual pages")
    shown = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stderr
    for text in ("--watch [SECONDS]", "--color, --colour [auto|always|never]"):
        assert text in shown


def test_setuptools_installs_the_page() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert setup["options.data_files"]["share/man/man1"].split() == ["docs/excache.1"]
