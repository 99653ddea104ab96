"""The entry point: runs a command and turns errors into a message on stderr and an exit code."""

from __future__ import annotations

import errno
import inspect
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from exchange_cache import __version__
from exchange_cache.cli.app import App
from exchange_cache.cli.options import colour_option
from exchange_cache.cli.streams import Noted, usable_streams
from exchange_cache.errors import ConfigError, ExcacheError
from exchange_cache.zones import shown_in

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: Heading -> its commands, each with ``module:attribute`` and its short help. What a newcomer needs
#: is first. A module is imported when its command runs.
TASKS: dict[str, dict[str, tuple[str, str]]] = {
    "Start here": {
        "account": ("account", "Add, check and remove accounts."),
        "sync": ("sync", "Bring the cache up to date."),
        "portfolio": ("portfolio", "Print the portfolio from the cache at once."),
    },
    "Look": {
        "balances": ("lists:balances", "List balances per account and wallet."),
        "positions": ("lists:positions", "List open derivative positions."),
        "orders": ("lists:orders", "List orders, newest first on a terminal."),
        "fills": ("lists:fills", "List executed trades, newest first on a terminal."),
        "transfers": ("lists:transfers", "List deposits, withdrawals and income."),
        "prices": ("lists:prices", "List cached prices."),
    },
    "Costs and results": {
        "explain": ("explain", "Show how an average entry price was derived."),
        "pnl": ("pnl", "Show profit and loss, and prove that it adds up."),
        "gains": ("gains", "Show gains lot by lot, and their totals by tax year."),
        "basis": ("basis", "State what units cost that no fill explains."),
        "assets": ("assets", "List renames, aliases and other facts of assets."),
    },
    "Other programs": {
        "import": ("imports", "Import statements downloaded from exchanges."),
        "export": ("export", "Write the ledger for other programs."),
    },
    "The past": {
        "history": ("history", "Show net worth over time."),
        "diff": ("diff", "Show why the value changed since a moment."),
    },
    "Care": {
        "status": ("status", "Show freshness, errors and coverage."),
        "reload": ("reload", "Refresh now and show what changed."),
        "cron": ("cron", "Manage the hourly sync in your crontab."),
        "stats": ("stats", "Show hit rate, response times and findings."),
        "db": ("db", "Maintain the cache."),
    },
    "Try and learn": {
        "demo": ("demo", "Try everything on simulated exchanges."),
        "help": ("help", "Show the help of a command."),
    },
}
COMMANDS = {name: found for group in TASKS.values() for name, found in group.items()}

#: Options of output that may stand before the command; those of its colours have a value.
FLAGS = ("--json", "--raw")
COLOUR = ("--color", "--colour")
#: Set by a shell that completes: what it asks for.
COMPLETING = "_EXCACHE_COMPLETE"
#: Errors of writing to a full disk or a closed terminal.
_OUTPUT_FAULTS = {errno.ENOSPC, errno.EIO, errno.EDQUOT}


class LazyGroup(click.Group):
    """Lists all commands without importing them; imports the requested one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _formats_behind(self, ctx, args))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        import importlib

        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        found = getattr(
            importlib.import_module(f"exchange_cache.cli.{module}"), attribute or "command"
        )
        assert isinstance(found, click.Command)
        _examples_last(found)
        _with_colour(found)
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        from click.shell_completion import CompletionItem

        own = (
            CompletionItem(name, help=text)
            for name, (_, text) in COMMANDS.items()
            if name.startswith(incomplete)
        )
        return [*own, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, COMMANDS))
        for heading, commands in TASKS.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [(f"{name:{widest}}", text) for name, (_, text) in commands.items()]
                )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(_no_command(args[0], COMMANDS), ctx) from error


def _formats_behind(group: click.Group, ctx: click.Context, args: list[str]) -> list[str]:
    """The arguments with the options of output behind the command that they belong to:
    ``excache --json fills``."""
    path: list[str] = []
    moved: list[str] = []
    rest = list(args)
    found: click.Command | None = group
    while rest and isinstance(found, click.Group):
        if rest[0] in FLAGS or rest[0].startswith("--format="):
            moved.append(rest.pop(0))
        elif rest[0] == "--format" and len(rest) > 1:
            moved += [rest.pop(0), rest.pop(0)]
        elif rest[0] in COLOUR and len(rest) > 1:
            path += [rest.pop(0), rest.pop(0)]
        elif rest[0].startswith("-"):
            break
        else:
            path.append(rest.pop(0))
            found = found.get_command(ctx, path[-1])
    return [*path, *moved, *rest]


def _with_colour(command: click.Command) -> None:
    """Give a command, and those below it, the option ``--color``."""
    if not any("--color" in option.opts for option in command.params):
        colour_option(command)
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _with_colour(each)


def _no_command(word: str, known: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(word, known, n=1)
    return f"there is no command {word!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def _examples_last(command: click.Command) -> None:
    """Move the examples of a help text to its end; click would print the options after them."""
    text, mark, examples = inspect.cleandoc(command.help or "").partition("\n\b\nExample")
    if mark and not command.epilog:
        command.help, command.epilog = text, f"\b\nExample{examples}"
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _examples_last(each)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@colour_option
@click.version_option(__version__, prog_name="excache")
def cli() -> None:
    """Keep a local, always-answering copy of your exchange accounts.

    excache syncs balances, positions, orders, fills, transfers and prices of all your accounts,
    read-only, into one local cache, and prints the portfolio from it at once.

    \b
    Try it without a key:     excache demo
    Start with your account:  excache account add main
                              excache sync
                              excache portfolio
    More of a command:        excache help sync
    """


def main(argv: list[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    usable_streams()
    app = App.from_environment()
    if COMPLETING in app.env:
        from exchange_cache.cli import completion  # noqa: F401 - makes itself known to click
    code = _run(app, argv)
    code = _flush(app) or code
    if app.interrupted:
        os._exit(code)  # requests in progress must not delay the exit
    sys.exit(code)


def _run(app: App, argv: list[str] | None) -> int:
    with shown_in(app.zone):
        return _answered(app, argv)


def _answered(app: App, argv: list[str] | None) -> int:
    stdout = sys.stdout
    app.words = tuple(sys.argv[1:] if argv is None else argv)
    try:
        result = _command(app, argv)
        if app.written() is not None:
            from exchange_cache.cli.preparing import prepare

            sys.stdout.flush()
            if not prepare(app):
                result = _command(app, argv)
                prepare(app)
        app.say_unlisted()
        return int(result) if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show(file=app.err)
        return error.exit_code
    except click.ClickException as error:
        _show_usage_error(app, error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        app.interrupted = True
        app.say(f"excache: interrupted; {app.if_interrupted}")
        return 130
    except BrokenPipeError:
        _silence_stdout()
        return 0
    except SystemExit as stop:
        if sys.stdout is not stdout:  # click replaces it if the reader of our output has exited
            sys.stdout = stdout
            _silence_stdout()
            return 0
        return stop.code if isinstance(stop.code, int) else 1
    except ExcacheError as error:
        show_error(app, error)
        app.say_unlisted()
        return error.exit_code
    except OSError as error:
        from exchange_cache.machine import FileFault

        fault = FileFault.of(error)
        if fault is not None:
            show_error(app, fault)
            return fault.exit_code
        if error.errno not in _OUTPUT_FAULTS or error.filename is not None:
            return _bug(app, error)
        app.say(f"excache: the output cannot be written ({error.strerror})")
        return 1
    except Exception as error:  # noqa: BLE001 - the last boundary: a bug is reported in one line, its traceback kept for a report
        return _bug(app, error)
    finally:
        app.close()


def _command(app: App, argv: list[str] | None) -> object:
    """Run the command; once more if stored rows that cannot be read stopped it."""
    app.out = answer = Noted(app.out)  # type: ignore[assignment]
    try:
        return cli.main(args=argv, prog_name="excache", standalone_mode=False, obj=app)
    except (click.ClickException, click.exceptions.Exit, click.Abort, OSError):
        raise
    except Exception as error:  # a stored value can be wrong in any way; any other error goes on
        from exchange_cache.cli.unreadable import again

        if not again(app, error, answered=answer.is_used):
            raise
    return cli.main(args=argv, prog_name="excache", standalone_mode=False, obj=app)


def _bug(app: App, error: Exception) -> int:
    from exchange_cache.cli.crash import report_bug

    report_bug(app, error)
    return 1


def show_error(app: App, error: ExcacheError) -> None:
    """Print an error and, on a line of its own, its hint on stderr."""
    faults = (
        error.faults if isinstance(error, ConfigError) and len(error.faults) > 1 else (str(error),)
    )
    for fault in faults:
        app.say(f"excache: {fault}")
    if error.hint:
        app.say(f"         {error.hint}")


def _show_usage_error(app: App, error: click.ClickException) -> None:
    """Print what is wrong with the command line, and its help command."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None and context.command.hidden and context.parent is not None:
        context = context.parent  # nobody typed the name of a hidden command
    where = context.command_path if context is not None else "excache"
    message = error.format_message().rstrip()
    if (
        context is not None
        and isinstance(context.command, click.Group)
        and message.startswith("No such command")
    ):
        message = _no_command(message.split("'")[1], context.command.commands or COMMANDS)
    if message[:2].istitle():  # click's own sentences
        message = message[0].lower() + message[1:]
    if ". Did you mean " in message or ". (Did you mean " in message:
        message = message.replace(". (Did you mean one of: ", "; did you mean ").replace(
            ". Did you mean ", "; did you mean "
        )
        message = message.removesuffix(")").removesuffix("?") + "?"
    app.say(f"{where}: {message.removesuffix('.')}")
    app.say(f"         {where} --help")


def _flush(app: App) -> int:
    """Write buffered output; 1 if it cannot be written."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
    except OSError as error:
        app.say(f"excache: the output cannot be written ({error.strerror})")
        _silence_stdout()
        return 1
    return 0


def _silence_stdout() -> None:
    """Ignore that the reader of our output has exited (``| head``), also when Python flushes at
    exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
