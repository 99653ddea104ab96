"""Options of output stand before or after the command, and ``help`` names one."""

from __future__ import annotations

import json
import re

import click
import pytest

from exchange_cache.cli.main import COMMANDS, cli
from tests.e2e.world import World


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("--json balances", "balances --json"),
        ("--format csv balances", "balances --format csv"),
        ("--format=csv --raw fills", "fills --format csv --raw"),
        ("--json account list", "account list --json"),
        ("account --json list", "account list --json"),
        ("--color never --json balances --asset EUR", "balances --json --asset EUR"),
    ],
)
def test_options_of_output_may_stand_before_the_command(
    template: World, words: str, same: str
) -> None:
    found, right = template.run(*words.split()), template.run(*same.split())
    assert (found.code, found.err, right.code) == (0, "", 0)
    undated = re.compile(r'"(as_of|age_seconds)": [^\n]+|\b\d+\b')
    assert undated.sub("", found.out) == undated.sub("", right.out)


def test_a_command_without_output_refuses_them(template: World) -> None:
    done = template.run("--json", "cron", "show")
    assert done.code == 2
    assert "no such option '--json'" in done.err


@pytest.mark.parametrize("words", ["portfolio --no-refresh", "balances", "status", "explain EUR"])
def test_colours_are_asked_for_before_or_after_any_command(template: World, words: str) -> None:
    for before, after in (("--color always", ""), ("", "--color ALWAYS"), ("", "--colour=always")):
        done = template.run(*before.split(), *words.split(), *after.split())
        assert done.code == 0
        assert "\x1b[" in done.out
    for env in ({"FORCE_COLOR": "1"}, {}):
        done = template.run(*words.split(), "--color", "never", env=env)
        assert "\x1b" not in done.out
    assert "\x1b" in template.run(*words.split(), "--color", "always", env={"NO_COLOR": "1"}).out
    assert "\x1b" not in template.run(*words.split(), "--color", "auto").out
    json.loads(template.run(*words.split(), "--color", "always", "--json").out)


def test_every_command_takes_colours() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        own = command.commands.values() if isinstance(command, click.Group) else ()
        for each in (command, *own):
            options = [option.opts for option in each.params if "--color" in option.opts]
            assert options == [["--color", "--colour"]], (name, each.name)


@pytest.mark.parametrize("words", ["portfolio", "account add", "account", "", "help", "db check"])
def test_help_shows_what_the_option_shows(
    template: World, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert template.run(*words.split(), "--help").code == 0
    shown = capsys.readouterr().out
    assert shown
    assert template.run("help", *words.split()).out == shown


def test_help_of_an_unknown_command_names_the_nearest(template: World) -> None:
    done = template.run("help", "portfolo")
    assert (done.code, done.out) == (2, "")
    assert 'did you mean "portfolio"?' in done.err
    done = template.run("help", "account", "ad")
    assert 'did you mean "add"?' in done.err
    assert template.run("help", "fills", "x").code == 2
