"""``excache cron show | install | remove``: the hourly sync in the user's crontab, always showing
the difference first."""

from __future__ import annotations

import getpass
import shlex
import socket
import sys
from collections.abc import Callable, Iterator

import click

from exchange_cache.cli.app import App
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.errors import ConfigError, UsageError
from exchange_cache.sync import schedule


@click.group("cron")
def command() -> None:
    """Manage the hourly sync in your crontab.

    Only the block between excache's own two marker lines is ever changed.
    """


#: What says where configuration and cache lie; cron's environment has none of it.
PLACES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
JITTER = "3m"


def entry_for(app: App, ping: str | None = None) -> schedule.Entry:
    """The entry for this installation: absolute program, the places this shell uses, an odd minute
    of its own and some jitter."""
    if app.env.get("EXCACHE_HOME"):
        env = {"EXCACHE_HOME": str(app.paths.config_dir)}
    else:
        env = {name: app.env[name] for name in PLACES if app.env.get(name)}
    words = [sys.executable, "-m", "exchange_cache", "sync", "--jitter", JITTER] + (
        ["--ping", ping] if ping else []
    )
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
    help="Call this address at start, success (URL) and failure (URL/fail), for a watchdog.",
)
@click.option("--force", is_flag=True, help="Do not ask.")
@click.pass_obj
def install(app: App, ping: str | None, force: bool) -> None:
    """Add the hourly sync to your crontab.

    Shows the difference first. Cron mails what the sync prints, which is one line per problem and
    nothing when all is well.

    \b
    Examples:
      excache cron install
      excache cron install --ping https://hc-ping.com/your-uuid
      excache cron install --force
    """
    from exchange_cache.cli.pinging import address_of

    if ping is not None and address_of(ping, "") is None:
        raise UsageError(
            f"{ping!r} is no address that a watchdog could have",
            hint="it begins with http:// or https://",
        )
    for account in app.accounts():
        for name, variable in sorted(env_secrets(account)):
            app.say(
                f"excache: {account.name} takes its {name} from ${variable}, which cron does not"
                f" have: write a line {variable}=… above"
            )
            app.say(
                "         the block (crontab -e), or keep it in a file: excache account add --help"
            )
    entry = entry_for(app, ping)
    _change(
        app,
        lambda crontab: schedule.with_block(crontab, entry),
        force,
        f"Installed. It runs every hour at minute {entry.minute}.",
    )


def env_secrets(account: AccountSettings) -> Iterator[tuple[str, str]]:
    """The credentials that come from environment variables, with the variable's name."""
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
            raise UsageError(
                "changing the crontab asks for a confirmation",
                hint="add --force where nobody can answer",
            )
        if not click.confirm("Change your crontab like this?", err=True):
            app.say("Nothing was changed.")
            return
    schedule.write_crontab(after)
    app.say(done)
