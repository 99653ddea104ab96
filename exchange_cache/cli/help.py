"""``excache help COMMAND``: the help of a command, as ``--help`` prints it."""

from __future__ import annotations

from typing import Any

import click

from exchange_cache.config.faults import meant


def _commands(ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:
    from exchange_cache.cli.completion import commands_matching

    return commands_matching(ctx, param, incomplete)


@click.command("help")
@click.argument("words", nargs=-1, metavar="[COMMAND]...", shell_complete=_commands)
@click.pass_context
def command(context: click.Context, words: tuple[str, ...]) -> None:
    """Show the help of a command.

    \b
    Examples:
      excache help portfolio
      excache help account add
    """
    found = context.parent
    assert found is not None
    for word in words:
        group = found.command
        known = group.list_commands(found) if isinstance(group, click.Group) else []
        name = meant(word, known, f"command below {found.command_path}")
        assert isinstance(group, click.Group)
        below = group.get_command(found, name)
        assert below is not None
        found = click.Context(below, info_name=name, parent=found, obj=context.obj)
    context.obj.answer(found.get_help())
