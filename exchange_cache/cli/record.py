"""``excache account record``: the wire of one sync as a file that a user can send.

The sync runs through the real adapter into a cache in a temporary folder. The user's cache is read
for the pauses of the exchange, and its lock is held: a sync with the same key must not run beside.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import completed
from exchange_cache.errors import DiskFull, ExcacheError, Interrupted, NothingCached, UsageError

if TYPE_CHECKING:
    from exchange_cache.adapter.wire import RoundTrip
    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.config.accounts import AccountSettings
    from exchange_cache.recording.document import Recording
    from exchange_cache.sync.report import SyncReport

#: The tables whose rows a replay must find again.
COUNTED = ("balances", "positions", "prices", "orders", "fills", "transfers")
LOCK_WAIT_SECONDS = 60


@click.command("record")
@click.argument("name", shell_complete=completed("configured accounts"))
@click.option(
    "--output",
    "-o",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; compressed if its name ends in .gz.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.pass_obj
def command(app: App, name: str, output: Path, force: bool) -> int:
    """Record what an exchange answers, to send as a test case.

    Syncs the account once into a temporary cache, and writes every request with its answer. Keys
    and signatures are not recorded. Ids, addresses, names and notes are replaced by others of the
    same shape, and all amounts are multiplied by one secret factor. Prices and times stay true:
    they are what a test needs. Read the file before you send it.

    \b
    Examples:
      excache account record kraken -o kraken.json
      excache account record kraken -o kraken.json.gz --force
    """
    (account,) = app.accounts([name])
    _refuse(output, force)
    trips: list[RoundTrip] = []
    with app.lock() as lock, tempfile.TemporaryDirectory(prefix="excache-record-") as folder:
        lock.acquire("account record", wait_seconds=LOCK_WAIT_SECONDS)
        own = _own_app(app, account, Path(folder), trips)
        try:
            report = _sync(own, app.cached(), account)
            if report.exit_code == Interrupted.exit_code:
                app.interrupted = True
                app.say("excache: interrupted; no file was written")
                return report.exit_code
            expected = stored(own.repository(), account.name)
        finally:
            own.close()
    for line in report.lines():
        app.say(f"excache: {line}")
    if not trips:
        raise NothingCached("no request was sent, so there is nothing to record", account=name)
    recording = _recording(app, account, trips, expected)
    _refuse_secrets(recording.text(), app.secrets)
    content = recording.content(compressed=output.suffix == ".gz")
    _write(output, content, force)
    _summary(app, output, recording, len(content))
    return report.exit_code


def _refuse(output: Path, force: bool) -> None:
    """UsageError before any request for a file that cannot be written after the last."""
    if not output.absolute().parent.is_dir():
        raise UsageError(
            f"the folder {output.absolute().parent} does not exist", hint="name another file"
        )
    if output.exists() and not force:
        raise UsageError(f"{output} exists", hint="name another file, or replace it with --force")


def _own_app(app: App, account: AccountSettings, folder: Path, trips: list[RoundTrip]) -> App:
    """The commands' dependencies with one account, a cache of their own and a tap."""
    cache = f"sqlite:///{folder / 'cache.sqlite3'}"
    settings = replace(app.settings, accounts=(account,), cache_url=cache)
    return app.elsewhere(settings=settings, tap=trips.append)


def _sync(own: App, users: ExchangeCacheRepository | None, account: AccountSettings) -> SyncReport:
    from exchange_cache.cli.ports import address_of
    from exchange_cache.cli.running import perform_shown
    from exchange_cache.sync.account_run import RunOptions
    from exchange_cache.sync.pause import carry

    if users is not None:
        progress = own.repository().progress
        carry(users.progress, progress, account.name, own.now(), address_of(users, own.settings))
    options = RunOptions(sweep_budget=own.settings.sweep_budget, archives=False)
    return perform_shown(own, "account record", (account,), options)


def stored(repository: ExchangeCacheRepository, account: str) -> dict[str, dict[str, int]]:
    """What a sync stored: rows by data type, parts by state, findings by code."""
    rows = repository.table_counts()
    statuses = repository.progress.statuses([account])
    found = repository.derived.findings([account])
    return {
        "rows": {name: rows[f"exchange_{name}"] for name in COUNTED},
        "parts": dict(sorted(Counter(status.state for status in statuses).items())),
        "findings": dict(sorted(Counter(item.finding.code for item in found).items())),
    }


def _recording(
    app: App,
    account: AccountSettings,
    trips: list[RoundTrip],
    expected: dict[str, dict[str, int]],
) -> Recording:
    from random import SystemRandom

    from exchange_cache.clock import from_ms, to_ms
    from exchange_cache.exchanges import MODULES
    from exchange_cache.recording.disguise import Disguise
    from exchange_cache.recording.document import Recording, versions
    from exchange_cache.recording.vocabulary import words_of

    settings = app.settings
    start = settings.start_of(account)
    disguise = Disguise(
        random=SystemRandom(),
        words=words_of(account.exchange),
        secrets=app.secrets,
        now_ms=to_ms(app.now()),
    )
    made = disguise.all(trips)
    tally = disguise.tally
    return Recording(
        exchange=account.exchange,
        policy=MODULES.get(account.exchange, "generic"),
        versions=versions(),
        at=from_ms(trips[0].at_ms),
        settings={
            "reporting_asset": settings.reporting_asset,
            "sweep_budget": settings.sweep_budget,
            "history_start": None if start is None else start.isoformat(),
            "wallets": None if account.wallets is None else list(account.wallets),
            "symbols": list(account.symbols),
        },
        replaced={"ids": tally.ids, "texts": tally.texts, "amounts": tally.amounts},
        expected=expected,
        trips=made,
    )


def _refuse_secrets(text: str, secrets: Collection[str]) -> None:
    """The last check: no file with a secret is written, whatever answer repeated it."""
    from exchange_cache.recording.disguise import LONG_SECRET

    if any(secret in text for secret in secrets if len(secret) >= LONG_SECRET):
        raise ExcacheError(
            "a public answer of the exchange contains one of your secrets; no file was written",
            hint="report it, without the secret",
        )


def _write(output: Path, content: bytes, force: bool) -> None:
    """Create the file for its owner alone."""
    try:
        if force:
            output.unlink(missing_ok=True)
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
    except OSError as error:
        wrong = UsageError(
            f"{output} cannot be written ({error.strerror})", hint="name another file"
        )
        raise DiskFull.named(error, output) or wrong from error


def _summary(app: App, output: Path, recording: Recording, size: int) -> None:
    private = sum(1 for one in recording.trips if one.private)
    rows = recording.expected["rows"]
    replaced = recording.replaced
    unzip = "zless" if output.suffix == ".gz" else "less"
    app.answer(
        f"Wrote {output} ({size:,} bytes).\n"
        f"  Requests   {len(recording.trips):,}, of which {private:,} with your key\n"
        f"  Rows       {', '.join(f'{count:,} {name}' for name, count in rows.items() if count)}\n"
        f"  Replaced   {replaced['ids']:,} ids and addresses, {replaced['texts']:,} names and other"
        f" texts,\n             {replaced['amounts']:,} amounts (multiplied by one secret factor)\n"
        "  Left out   keys, signatures, headers\n"
        "  Unchanged  prices, rates, times, markets: whoever knows one of your amounts can\n"
        "             compute the others, and a trade can be recognised by price and time\n"
        f"Read it before you send it:   {unzip} {output}\n"
        "Then attach it to a report to the project's maintainers, with what excache\n"
        "shows and what the exchange shows."
    )
