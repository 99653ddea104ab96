"""The manual page, built from the help texts (``make golden`` writes it)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from exchange_cache.cli.main import TASKS, cli

_HEAD = '.TH EXCACHE 1 "" "excache" "User Commands"'
#: What a help text begins lines with that keep their breaks.
_KEPT = "\b"


def helped(group: click.Group = cli) -> Iterator[click.Context]:
    """Every command, in the order of ``excache --help``, each after its group."""
    settings = group.context_settings
    top = click.Context(group, info_name="excache", terminal_width=80, **settings)
    yield top
    yield from _below(top)


def manual_page() -> str:
    """All help texts as one page for man(1)."""
    contexts = {context.command_path: context for context in helped()}
    top = contexts["excache"]
    first, rest = _paragraphs(top.command)[0], _paragraphs(top.command)[1:]
    lines = [
        _HEAD,
        ".SH NAME",
        rf"excache \- {_escaped(first[0].lower() + first[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        r".B excache",
        r".RI [ OPTIONS ] \~ COMMAND \~ [ ARGUMENTS ]",
        ".SH DESCRIPTION",
        *_text(rest),
        ".SH OPTIONS",
        *_options(top),
    ]
    for heading, commands in TASKS.items():
        lines.append(f'.SH "{heading.upper()}"')
        for name in commands:
            for path, context in contexts.items():
                if path == f"excache {name}" or path.startswith(f"excache {name} "):
                    lines += _section(context)
    return "\n".join(lines) + "\n"


def _below(context: click.Context) -> Iterator[click.Context]:
    group = context.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found = click.Context(command, info_name=name, parent=context, terminal_width=80)
        yield found
        if isinstance(command, click.Group):
            yield from _below(found)


def _section(context: click.Context) -> list[str]:
    usage = " ".join(context.command.collect_usage_pieces(context))
    return [
        f'.SS "{_escaped(context.command_path)} {_escaped(usage)}"',
        *_text(_paragraphs(context.command)),
        *_options(context),
        *_text((context.command.epilog or "").split("\n\n")),
    ]


def _paragraphs(command: click.Command) -> list[str]:
    return inspect.cleandoc(command.help or "").split("\n\n")


def _text(paragraphs: list[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        if not paragraph.strip():
            continue
        yield ".PP"
        if paragraph.startswith(_KEPT):
            kept = paragraph.removeprefix(_KEPT).strip("\n").splitlines()
            yield from (".nf", *map(_line, kept), ".fi")
        else:
            yield _line(" ".join(paragraph.split()))


def _options(context: click.Context) -> Iterator[str]:
    """The options of a command; those of every command stand at the beginning of the page."""
    for param in context.command.get_params(context):
        record = param.get_help_record(context)
        common = context.parent is not None and {"--help", "--color"} & set(param.opts)
        if record is not None and not common and isinstance(param, click.Option):
            yield from (".TP", rf"\fB{_escaped(record[0])}\fR", _line(record[1] or ""))


def _line(words: str) -> str:
    """A line of text: none begins with what roff takes for a request."""
    escaped = _escaped(words)
    return rf"\&{escaped}" if escaped[:1] in {".", "'"} else escaped


def _escaped(words: str) -> str:
    escaped = words.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")
    return "".join(sign if sign.isascii() else rf"\[u{ord(sign):04X}]" for sign in escaped)
