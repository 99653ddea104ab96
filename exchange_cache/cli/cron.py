"""``excache cron show | install | remove``: the hourly sync in the user's crontab, always showing the difference first."""

from __future__ import annotations

import getpass
import socket
import sys
from collections.abc import Callable

import click

from exchange_cache.cli.app import App
from exchange_cache.errors import UsageError
from exchange_cache.sync import schedule


@click.group("cron")
def command() -> None:
    """Manage the hourly sync in your crontab.

    Only the block between excache's own two marker lines is ever changed.
    """


def entry_for(app: App, ping: str | None = None) -> schedule.Entry:
    """The entry for this installation: absolute program, this EXCACHE_HOME (when one is set), an odd minute of its own."""
    env = {"EXCACHE_HOME": str(app.paths.config_dir)} if app.env.get("EXCACHE_HOME") else {}
    words = [sys.executable, "-m", "exchange_cache", "sync"] + (["--ping", ping] if ping else [])
    minute = schedule.minute_of(f"{getpass.getuser()}@{socket.gethostname()}:{app.paths.config_dir}")
    return schedule.Entry(minute=minute, command=tuple(words), env=env)


@command.command("show")
@click.pass_obj
def show(app: App) -> None:
    """Print the entry, and whether it is installed.

    \b
    Example:
      excache cron show
    """
    entry = entry_for(app)
    for line in entry.lines():
        click.echo(line, file=app.out)
    installed = schedule.block_of(schedule.read_crontab())
    if not installed:
        app.say("Not installed. Install it: excache cron install")
    elif installed == entry.lines():
        app.say("Installed.")
    else:
        app.say("Another version is installed. Replace it: excache cron install")


@command.command("install")
@click.option("--ping", metavar="URL", help="Call this address at start, success (URL) and failure (URL/fail), for a watchdog.")
@click.option("--force", is_flag=True, help="Do not ask.")
@click.pass_obj
def install(app: App, ping: str | None, force: bool) -> None:
    """Add the hourly sync to your crontab.

    \b
    Examples:
      excache cron install
      excache cron install --force
    """
    app.accounts()
    entry = entry_for(app, ping)
    _change(app, lambda crontab: schedule.with_block(crontab, entry), force, f"Installed. It runs every hour at minute {entry.minute}.")


@command.command("remove")
@click.option("--force", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(app: App, force: bool) -> None:
    """Take the hourly sync out of your crontab.

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
            raise UsageError("changing the crontab asks for a confirmation", hint="add --force where nobody can answer")
        click.confirm("Change your crontab like this?", abort=True, err=True)
    schedule.write_crontab(after)
    app.say(done)
