"""``excache demo``: simulated exchanges on 127.0.0.1, a first sync and the portfolio."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import MOST, Whole
from exchange_cache.errors import UsageError

if TYPE_CHECKING:
    from exchange_cache.simulator.server import Simulator


def _exchanges(ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:
    from exchange_cache.cli.completion import beginning
    from exchange_cache.simulator.venue.core import ALL_ACCOUNTS

    return beginning((f"{name}=" for name in ALL_ACCOUNTS.values()), incomplete)


@click.command("demo")
@click.option(
    "--serve",
    is_flag=True,
    help="Keep the simulated exchanges running until Ctrl-C, for use from other terminals.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Six exchanges instead of three: OKX, Coinbase and KuCoin too.",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory of its configuration and cache (default: temporary).",
)
@click.option(
    "--port",
    type=Whole(0, 65535),
    default=0,
    help="Port on 127.0.0.1 (default: any free one).",
)
@click.option(
    "--seed",
    type=Whole(0, MOST),
    default=1,
    show_default=True,
    help="Each seed creates a different history.",
)
@click.option(
    "--fills",
    type=Whole(100, 1_000_000),
    default=3200,
    show_default=True,
    help="Approximate number of fills; from 1,000 on, one symbol of each exchange has 1,000 more.",
)
@click.option(
    "--latency",
    type=Whole(0, 60_000),
    default=0,
    help="Delay of each answer in milliseconds.",
)
@click.option(
    "--accounts",
    "many",
    metavar="EXCHANGE=NUMBER",
    shell_complete=_exchanges,
    help="So many accounts of one of the exchanges, such as bybit=20.",
)
@click.option(
    "--cache-url",
    metavar="URL",
    help="An empty PostgreSQL database for its cache (default: a file).",
)
@click.pass_obj
def command(
    app: App,
    serve: bool,
    everything: bool,
    home: Path | None,
    port: int,
    seed: int,
    fills: int,
    latency: int,
    many: str | None,
    cache_url: str | None,
) -> int:
    """Try everything on simulated exchanges.

    Starts simulated exchanges that speak the wire protocols of the real ones, syncs their accounts
    through the real client library into a separate cache, and prints the portfolio. Needs no key
    and no network, and changes none of your files.

    \b
    Examples:
      excache demo
      excache demo --serve
      excache demo --serve --latency 100 --accounts bybit=20
    """
    try:
        from exchange_cache.simulator.server import Simulator
        from exchange_cache.simulator.venue.core import (
            ALL_ACCOUNTS,
            DEFAULT_ACCOUNTS,
            SECOND_ACCOUNT,
        )
    except ImportError as error:
        raise UsageError(
            f"the demo needs a package that is not installed ({error.name})",
            hint="pip install 'excache[demo]'",
        ) from error

    if cache_url is not None:
        _refuse_filled(app, cache_url)
    accounts = {**(ALL_ACCOUNTS if everything else DEFAULT_ACCOUNTS), **SECOND_ACCOUNT}
    accounts |= _many(many, set(accounts.values()))
    simulator = Simulator(seed=seed, fills=fills, port=port, latency_ms=latency, accounts=accounts)
    if home is None:
        with tempfile.TemporaryDirectory(
            prefix="excache-demo-", ignore_cleanup_errors=True
        ) as folder:
            return _run(app, simulator, Path(folder), serve, cache_url, kept=False)
    return _run(app, simulator, home.absolute(), serve, cache_url, kept=True)


def _refuse_filled(app: App, url: str) -> None:
    """UsageError for a place that has a cache, whose accounts would not be those of the demo."""
    from exchange_cache.cache.opening import open_database
    from exchange_cache.cli.cache_file import place_of
    from exchange_cache.config.faults import Wrong
    from exchange_cache.config.values import cache_url

    try:
        place = place_of(cache_url(url), app.paths)
    except Wrong as error:
        raise UsageError(f"--cache-url {error}", hint="excache demo --help") from error
    found = open_database(place, create=False)
    if found is not None:
        found.close()
        raise UsageError(f"{place} holds a cache already", hint="name an empty database")


def _many(option: str | None, exchanges: set[str]) -> dict[str, str]:
    """The further accounts that ``EXCHANGE=NUMBER`` asks for, beside the first."""
    if option is None:
        return {}
    exchange, _, number = option.partition("=")
    if exchange not in exchanges or not number.isdigit() or not 1 <= int(number) <= 100:
        raise UsageError(
            f"--accounts {option} is no EXCHANGE=NUMBER",
            hint=f"one of {', '.join(sorted(exchanges))}, and a number up to 100",
        )
    return {f"{exchange}{place:02}": exchange for place in range(2, int(number) + 1)}


def _run(
    app: App, simulator: object, home: Path, serve: bool, cache_url: str | None, *, kept: bool
) -> int:
    """``kept``: the home outlives the demo."""
    from exchange_cache.simulator.home import write_home
    from exchange_cache.simulator.server import Simulator

    assert isinstance(simulator, Simulator)
    try:
        simulator.start()
    except OSError as error:
        message = (
            f"the simulated exchanges cannot listen on port {simulator.port} ({error.strerror})"
        )
        raise UsageError(message, hint="omit --port") from error
    try:
        write_home(home, simulator.port, simulator.venue, cache_url=cache_url)
        demo_app = app.elsewhere(env={**app.env, "EXCACHE_HOME": str(home)})
        if serve:
            return _serve(app, simulator, home)
        return _show(app, demo_app, home if kept else None)
    finally:
        simulator.stop()


def _serve(app: App, simulator: Simulator, home: Path) -> int:
    import threading

    from exchange_cache.simulator.downloads import write_downloads

    write_downloads(home / "files", simulator.venue)
    try:
        app.answer(f"export EXCACHE_HOME={home}")
        app.out.flush()
        app.say(
            "The simulated exchanges are running. In another terminal, paste the line above, then:"
            " excache sync; excache portfolio"
        )
        app.say(
            f"What users can download from the exchanges is in {home / 'files'}, a folder for each"
            " account: excache import reads it."
        )
        app.say("Ctrl-C stops them.")
        threading.Event().wait()
    except KeyboardInterrupt:
        app.say("")
    return 0


def _past(home: Path | None) -> str:
    """The line that leads to what the exchanges no longer serve."""
    what = "What no call serves any more, and what brings it"
    if home is None:
        return f"{what}: excache demo --serve, then excache status --missing"
    return f"{what}: EXCACHE_HOME={home} excache status --missing"


def _show(app: App, demo_app: App, home: Path | None) -> int:
    from exchange_cache.cli.preparing import prepare
    from exchange_cache.cli.running import perform_shown
    from exchange_cache.cli.view import View, print_portfolio
    from exchange_cache.sync.account_run import RunOptions

    accounts = demo_app.accounts()
    listed = ", ".join(f"{account.name} ({account.exchange})" for account in accounts)
    app.say(f"Simulated exchanges are up: {listed}. First sync of about three years of history …")
    with demo_app.lock() as lock:
        lock.acquire("demo", wait_seconds=5)
        report = perform_shown(demo_app, "demo", accounts, RunOptions(sweep_budget=10_000))
    for line in report.lines():
        app.say(f"excache: {line}")
    app.say(
        f"Synced {report.new_rows:,} rows with {report.requests:,} requests in {report.seconds:.1f}"
        " s. The portfolio, from the cache:"
    )
    app.say("")
    print_portfolio(demo_app, View())
    app.out.flush()
    app.say("")
    app.say(_past(home))
    prepare(demo_app)
    demo_app.close()
    app.interrupted = demo_app.interrupted
    return report.exit_code
