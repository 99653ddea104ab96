"""The README tells the truth: its commands exist with their options, its files exist, its exit
codes are those of the errors."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from exchange_cache import errors
from exchange_cache.cli.main import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def _commands() -> list[str]:
    found = [
        line.strip().removeprefix("$ ").removeprefix(".venv/bin/")
        for line in README.splitlines()
        if line.startswith("    ")
    ]
    lines = [line.split("  #")[0].strip() for line in found if line.startswith("excache ")]
    lines += re.findall(r"`(excache [a-z][^`]*)`", README)
    return sorted({line for line in lines if "…" not in line and "·" not in line})


@pytest.mark.parametrize("line", _commands())
def test_every_command_of_the_readme_exists_with_its_options(line: str) -> None:
    words = [word for word in shlex.split(line)[1:] if word not in {"NAME", "URL", "ASSET"}]
    command: click.Command = cli
    context = click.Context(cli, info_name="excache")
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
        context = click.Context(command, parent=context, info_name=command.name)
    dashed = {option for parameter in command.params for option in parameter.opts}
    for word in words:
        if word.startswith("--"):
            assert word in dashed, f"{line}: {command.name} has no option {word}"


def test_the_row_of_the_lists_names_the_options_of_each() -> None:
    lists = ("balances", "positions", "orders", "fills", "transfers", "prices")
    row = next(line for line in README.splitlines() if line.startswith("| `excache balances`"))
    parts = row.split(" | ")[1].split(";")
    assert "`--account` and `--asset`" in parts[0]
    said = {option: set(lists) for option in ("--account", "--asset")}
    for part in parts[1:]:
        names = {name for name in lists if f"`{name}`" in part}
        said |= dict.fromkeys(re.findall(r"--\w+", part), names)
    context = click.Context(cli, info_name="excache")
    for name in lists:
        command = cli.get_command(context, name)
        assert command is not None
        options = {option for parameter in command.params for option in parameter.opts}
        for option, names in said.items():
            assert (option in options) == (name in names), f"{name} {option}"


def test_every_linked_file_exists() -> None:
    for target in re.findall(r"\]\(((?!http|#)[^)]+)\)", README):
        assert (ROOT / target).exists(), target
    for name in ("crontab.example", "contrib/systemd", "LICENSE"):
        assert (ROOT / name).exists()


def test_every_exit_code_of_the_errors_is_documented() -> None:
    documented = {
        int(number)
        for number in re.findall(r"(?:·|codes:)\s*(\d+)\s", README[README.index("Exit codes:") :])
    }
    used = {
        error.exit_code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.ExcacheError)
    }
    assert used <= documented


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^    make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
