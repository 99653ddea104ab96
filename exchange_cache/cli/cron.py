"""``excache cron show | install | remove``: the hourly sync in the user's crontab."""

from __future__ import annotations

import getpass
import shlex
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.errors import ConfigError, UsageError
from exchange_cache.sync import schedule

if TYPE_CHECKING:
    from exchange_cache.config.accounts import AccountSettings


@click.group("cron")
def command() -> None:
    """Manage the hourly sync in your crontab.

    Only the block between the two marker lines of excache is changed.

    \b
    Example:
      excache cron show
    """


#: Variables that locate configuration and cache, which cron does not set.
PLACES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
JITTER = "3m"


def entry_for(app: App, ping: str | None = None) -> schedule.Entry:
    """The entry for this installation.

    It has an absolute program, the locations of this shell, a minute of its own and some jitter.
    """
    if app.env.get("EXCACHE_HOME"):
        env = {"EXCACHE_HOME": str(app.paths.config_dir)}
    else:
        env = {name: app.env[name] for name in PLACES if app.env.get(name)}
    words = [sys.executable, "-m", "exchange_cache", "sync", "--jitter", JITTER] + (
        ["--ping", ping] if ping else []
    )
    import socket

    minute = schedule.minute_of(
        f"{getpass.getuser()}@{socket.gethostname()}:{app.paths.config_dir}"
    )
    return schedule.Entry(minute=minute, command=tuple(words), env=env)


def pinged_in(block: tuple[str, ...]) -> str | None:
    """The watchdog's address in an installed block."""
    for line in block:
        try:
            words = shlex.split(line.replace("\\%", "%"), comments=True)
        except ValueError:
            continue
        if "--ping" in words[:-1]:
            return words[words.index("--ping") + 1]
    return None


@command.command("show")
@click.pass_obj
def show(app: App) -> None:
    """Print the entry, and whether it is installed.

    \b
    Example:
      excache cron show
    """
    try:
        installed = schedule.block_of(schedule.read_crontab())
    except ConfigError:
        for line in entry_for(app).lines():
            app.answer(line)
        raise
    entry = entry_for(app, pinged_in(installed))
    for line in entry.lines():
        app.answer(line)
    if not installed:
        app.say("Not installed. Install it: excache cron install")
    elif installed == entry.lines():
        app.say("Installed.")
    else:
        app.say("Another version is installed. Replace it: excache cron install")


@command.command("install")
@click.option(
    "--ping",
    metavar="URL",
    help="Call a watchdog at start (URL/start), success (URL) and failure (URL/fail).",
)
@click.option("--force", is_flag=True, help="Do not ask.")
@click.pass_obj
def install(app: App, ping: str | None, force: bool) -> None:
    """Add the hourly sync to your crontab.

    Shows the difference first. Cron mails what the sync prints: one line per problem, and nothing
    if there is none.

    \b
    Examples:
      excache cron install
      excache cron install --ping https://hc-ping.com/your-uuid
      excache cron install --force
    """
    from exchange_cache.cli.pinging import refuse_address

    if ping is not None:
        refuse_address(ping)
    for account in app.accounts():
        for name, variable in sorted(env_secrets(account)):
            app.say(
                f"excache: {account.name} reads its {name} from ${variable}, which cron does not"
                f" set: write a line {variable}=… above"
            )
            app.say(
                "         the block (crontab -e), or store it in a file: excache account add --help"
            )
    entry = entry_for(app, ping)
    _change(
        app,
        lambda crontab: schedule.with_block(crontab, entry),
        force,
        f"Installed. It runs every hour at minute {entry.minute}.",
    )


def env_secrets(account: AccountSettings) -> Iterator[tuple[str, str]]:
    """The credentials from environment variables, with the name of the variable."""
    from exchange_cache.config.sources import EnvSecret

    return (
        (name, source.name)
        for name, source in account.credentials.items()
        if isinstance(source, EnvSecret)
    )


@command.command("remove")
@click.option("--force", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(app: App, force: bool) -> None:
    """Remove the hourly sync from your crontab.

    \b
    Example:
      excache cron remove
    """
    _change(app, schedule.without_block, force, "Removed.")


def _change(app: App, edit: Callable[[str], str], force: bool, done: str) -> None:
    before = schedule.read_crontab()
    after = edit(before)
    if after == before:
        app.say("Nothing to change.")
        return
    app.say(schedule.difference(before, after).rstrip("\n"))
    if not force:
        if not sys.stdin.isatty():
            raise UsageError(
                "changing the crontab requires a confirmation",
                hint="add --force to run without a terminal",
            )
        if not click.confirm("Change your crontab like this?", err=True):
            app.say("Not changed.")
            return
    schedule.write_crontab(after)
    app.say(done)
