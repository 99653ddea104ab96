"""``excache sync``: what is due, incrementally; silent for cron when all is well, with a display on a terminal."""

from __future__ import annotations

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import DATA_TYPES, account_option
from exchange_cache.domain.records import DataType


@click.command("sync")
@account_option
@click.option("--only", "only", multiple=True, type=DATA_TYPES, help="Only this data type (may be repeated).")
@click.option("--full", is_flag=True, help="Ask for the whole history again and repair what differs; nothing is deleted.")
@click.option("--if-stale", is_flag=True, help="Sync only what is older than its time-to-live.")
@click.option("--ping", metavar="URL", help="Tell a watchdog: URL/start, then URL or URL/fail (default: ping_url of config.toml).")
@click.option("--quiet", "-q", is_flag=True, help="No display, not even on a terminal.")
@click.pass_obj
def command(
    app: App, accounts: tuple[str, ...], only: tuple[str, ...], full: bool, if_stale: bool, ping: str | None, quiet: bool
) -> int:
    """Bring the cache up to date.

    Asks every account for what is new since the last time and fills what is missing of its history, page by page; a run that is
    interrupted goes on where it stopped. Silent when all is well and no terminal watches, so it can run from cron. When another
    run holds the lock, it leaves quietly with exit code 0.

    \b
    Examples:
      excache sync
      excache sync --account main --only balances --only prices
      excache sync --full
    """
    url = ping or app.settings.ping_url
    if url is None:
        return _sync(app, accounts, only, full, if_stale, quiet)
    from exchange_cache.cli.pinging import ping as tell

    problems = [tell(url, "/start")]
    try:
        code = _sync(app, accounts, only, full, if_stale, quiet)
    except BaseException:
        tell(url, "/fail")
        raise
    problems.append(tell(url, "" if code == 0 else "/fail"))
    for problem in dict.fromkeys(filter(None, problems)):
        app.say(f"excache: {problem}")
    return code


def _sync(app: App, accounts: tuple[str, ...], only: tuple[str, ...], full: bool, if_stale: bool, quiet: bool) -> int:
    from exchange_cache.cli.running import perform, synchronizer
    from exchange_cache.render.progress import SyncDisplay
    from exchange_cache.sync.account_run import RunOptions
    from exchange_cache.sync.events import unobserved
    from exchange_cache.sync.lock import busy

    chosen = app.accounts(accounts)
    wanted = frozenset(DataType(name) for name in only) or frozenset(DataType)
    terminal = app.error_terminal()
    watched = terminal.is_tty and not quiet
    app.repository()
    with app.lock() as lock:
        if not lock.try_acquire("sync"):
            if watched:
                app.say(f"excache: {busy(lock.holder()).message}; nothing to do here")
            return 0
        due = synchronizer(app, chosen, unobserved).due(dict(app.settings.ttl), wanted) if if_stale else None
        if due is not None and not due:
            if watched:
                app.say("excache: everything is fresh")
            return 0
        options = RunOptions(only=wanted, full=full, sweep_budget=app.settings.sweep_budget)
        names = tuple(account.name for account in chosen if due is None or account.name in due)
        if not watched:
            report = perform(app, "sync", chosen, options, only=due, observer=unobserved)
        else:
            with SyncDisplay(app.err, terminal, monotonic=app.clock.monotonic, accounts=names) as display:
                report = perform(app, "sync", chosen, options, only=due, observer=display.tell)
    for line in report.lines():
        app.say(f"excache: {line}")
    app.interrupted = report.exit_code == 130
    if app.interrupted:
        app.say("excache: interrupted; what was fetched until then is saved")
    return report.exit_code
