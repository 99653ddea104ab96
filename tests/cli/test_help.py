"""Help, version and suggestions: what a person meets first."""

from __future__ import annotations

import io
from collections.abc import Iterator

import click
import pytest

from exchange_cache import __version__
from exchange_cache.cli.app import App
from exchange_cache.cli.main import COMMANDS, _run, cli
from exchange_cache.clock import SystemClock


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield (*path, name), found
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))


ALL = dict(commands(cli))


def run(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = _run(
        App(env={"EXCACHE_HOME": "/nonexistent"}, clock=SystemClock(), out=out, err=err),
        list(words),
    )
    return code, out.getvalue(), err.getvalue()


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_help_begins_with_one_imperative_sentence_and_ends_with_examples(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words, "--help")[0] == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: excache {' '.join(words)} ")
    first = shown.split("\n\n")[1].strip().replace("\n  ", " ")
    assert first[0].isupper() and first.endswith(".") and len(first) <= 60, first
    assert not first.split()[0].endswith("s") or first.split()[0] in {"Pass"}, (
        f"not imperative: {first}"
    )
    if not isinstance(ALL[words], click.Group):
        last = shown.rstrip().split("\n\n")[-1].splitlines()
        assert last[0].strip() in {"Example:", "Examples:"}
        assert all(line.strip().startswith(f"excache {words[0]}") for line in last[1:])
    assert all(len(line) <= 100 for line in shown.splitlines())


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    for name, (_, short) in COMMANDS.items():
        assert (ALL[(name,)].help or "").strip().splitlines()[0] == short


def test_help_is_reached_by_h_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-h")[0] == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in COMMANDS)


def test_without_a_command_the_help_is_shown_and_it_is_a_usage_error() -> None:
    code, _, err = run()
    assert code == 2
    assert "Usage: excache" in err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version")[0] == 0
    assert capsys.readouterr().out == f"excache, version {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("porfolio",), "excache: there is no command 'porfolio'; did you mean 'portfolio'?"),
        (("xyzzy",), "excache: there is no command 'xyzzy'"),
        (("account", "lis"), "excache account: there is no command 'lis'; did you mean 'list'?"),
        (("cron", "instal"), "excache cron: there is no command 'instal'; did you mean 'install'?"),
        (
            ("fills", "--asse", "BTC"),
            "excache fills: no such option '--asse'; did you mean '--asset'",
        ),
        (
            ("fills", "--limit", "0"),
            "excache fills: invalid value for '--limit': '0' is not a whole number from 1 to",
        ),
        (("fills", "--since", "soon"), "excache fills: invalid value for '--since': 'soon'"),
        (("fills", "BTC"), "excache fills: got unexpected extra argument (BTC)"),
        (("orders", "--status", "filled"), "'filled' is not one of open, closed"),
        (("transfers", "--kind", "gift"), "'gift' is not one of deposit, withdrawal"),
        (
            ("portfolio", "--format", "xml"),
            "'xml' is not one of table, plain, markdown, csv, json",
        ),
        (("portfolio", "--min-value", "much"), "'much' is not a number"),
        (("portfolio", "--max-age", "long"), "invalid value for '--max-age'"),
        (("sync", "--only", "price"), "'price' is not one of balances"),
        (("explain",), "excache explain: missing argument 'ASSET'"),
        (("demo", "--port", "70000"), "excache demo: invalid value for '--port'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_command_line_is_exit_2_with_one_sentence_and_where_to_look(
    words: tuple[str, ...], said: str
) -> None:
    code, out, err = run(*words)
    assert code == 2
    assert out == ""
    first, where = err.splitlines()
    assert said in first
    assert where.strip().startswith("excache") and where.endswith("--help")
