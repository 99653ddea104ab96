"""Unknown words are refused with the nearest right one, in every option of every command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
import pytest

from exchange_cache.cli.main import COMMANDS, cli
from exchange_cache.cli.meant import _nearest
from exchange_cache.clock import SetClock
from tests.builders import NOW, balance
from tests.cli.stored_home import StoredHome
from tests.e2e.world import World

NEAR = 'did you mean "'
FUTURE = "is in the future"
NUMBER = "is not a number"
WHOLE = "is not a whole number"

#: Option or argument -> a wrong word for it, and what the refusal says. A command that means
#: another thing by the same name has a line of its own.
WRONG: dict[str, tuple[tuple[str, str], ...]] = {
    "--account": (("krakn", 'did you mean "kraken"?'), ("", "no account")),
    "--asset": (("ETHH", 'no asset "ETHH"'), ("ETHH", 'did you mean "ETH')),
    "--symbol": (("ETH/EURR", 'did you mean "ETH/EUR"?'), ("ETH", NEAR), ("", "no symbol")),
    "--quote": (("EURR", 'did you mean "EUR"?'), ("NOSUCHASSET", 'no asset "NOSUCHASSET"')),
    "--since": (
        ("2099-01-01", FUTURE),
        ("31.12.2025", "is not a time"),
        ("99999999999d", "is too long ago"),
        ("0001-01-01T00:00+12:00", "is too long ago"),
    ),
    "--until": (("2099-01-01", FUTURE), ("yesteday", "is not a time")),
    "--at": (("2099-01-01", FUTURE), ("yesteday", "is not a time")),
    "--period": (("2099-01-01", FUTURE), ("yaer", 'did you mean "year"?')),
    "--max-age": (("5x", "must be a duration"), ("99999d", "at most")),
    "--jitter": (("5x", "must be a duration"), ("3000d", "at most 1d")),
    "--lock-wait": (("5x", "must be a duration"), ("3000d", "at most 1d")),
    "--watch": (("5x", "must be a duration"), ("3000d", "at most 1d")),
    "--min-value": (
        ("-5", "must not be negative"),
        ("nan", NUMBER),
        ("Infinity", NUMBER),
        ("1e400", "is too large"),
        ("1e-400", "is too small"),
        ("1,5", NUMBER),
    ),
    "--quantity": (("-5", "must be more than zero"), ("nan", NUMBER), ("1e400", "is too large")),
    "--price": (("-5", "must not be negative"), ("nan", NUMBER), ("1e400", "is too large")),
    "--limit": (("0", WHOLE), ("9" * 30, WHOLE)),
    "--ping": (("notaurl", "http://"),),
    "--format": (("jsn", 'did you mean "json"?'),),
    "--by": (("acount", 'did you mean "account"?'),),
    "--every": (("moth", 'did you mean "month"?'),),
    "--sort": (("valeu", 'did you mean "value"?'),),
    "--cost-method": (("fifi", 'did you mean "fifo"?'),),
    "--year": (("20x", WHOLE), ("1900", "from 1970 to 9000")),
    "--long-after": (("5x", "is not a time such as 1y"), ("99999y", "is not a time such as 1y")),
    "--year-begins": (("13-01", "is not a day of every year"), ("02-29", "such as 04-06")),
    "--to": (("ftp://x", '"postgresql://"'), ("nowhere", '"sqlite:///"')),
    "--cache-url": (("ftp://x", '"postgresql://"'), ("postgresql://u:p@h/x", "a password")),
    "--only": (("price", 'did you mean "prices"?'),),
    "--status": (("opened", 'did you mean "open"?'),),
    "--kind": (("deposits", 'did you mean "deposit"?'),),
    "--store": (("keyrng", 'did you mean "keyring"?'),),
    "--exchange": (("krakn", 'did you mean "kraken"?'), ("binanse", 'did you mean "binance"?')),
    "--wallet": (("spott", 'did you mean "spot"?'),),
    "--env": (("api_kee=K", 'did you mean "api_key"?'),),
    "--accept": (("nosuchfinding", "no finding"),),
    "asset": (("ETHH", 'did you mean "ETH'), ("NOPE", 'no asset "NOPE"')),
    "assets": (("ETHH", 'did you mean "ETH'), ("NOPE", 'no asset "NOPE"')),
    "words": (("portfolo", 'did you mean "portfolio"?'),),
    "--color": (("nevr", 'did you mean "never"?'),),
    "names": (("krakn", 'did you mean "kraken"?'),),
    "old": (("krakn", 'did you mean "kraken"?'),),
    "account add name": (("a b", "name"), ("kraken", "there is already an account")),
    "account record name": (("krakn", 'did you mean "kraken"?'),),
    "account remove name": (("krakn", 'did you mean "kraken"?'),),
    "account rename new": (("a b", "name"),),
    "account add --symbol": (("BTCUSDT", "symbols such as"),),
    "status --until": (("2020-01-01", "is in the past"), ("5x", "must be a duration")),
    "status --asset": (("ETHH", "no finding"),),
    "number": (("0", WHOLE), ("9" * 30, WHOLE), ("7", "no stated cost 7")),
    "form": (("beancont", 'did you mean "beancount"?'), ("json", 'did you mean "jsonl"?')),
    "--method": (("fifi", 'did you mean "fifo"?'),),
    "import undo number": (("0", WHOLE), ("9" * 30, WHOLE), ("7", "no imported file 7")),
    "--zone": (("Europe/Berln", "is no zone such as"), ("UTC+99", "is no zone such as")),
    "--accounts": (("bybit", "is no EXCHANGE=NUMBER"), ("bybt=2", "is no EXCHANGE=NUMBER")),
    "--fills": (("5", WHOLE), ("9" * 30, WHOLE)),
    "--latency": (("-1", WHOLE), ("9" * 30, WHOLE)),
    "--port": (("99999", WHOLE),),
    "--seed": (("x", WHOLE),),
}
#: Any text, any file.
ANY = {"--reason", "--note", "--output", "--home", "target", "paths"}
#: What else a command needs.
BESIDE = {
    "diff": ("--since", "7d"),
    "basis set": (
        *("ETH", "--quantity", "1", "--price", "1"),
        *("--at", "2026-01-31", "--account", "kraken"),
    ),
    "account add": ("new", "--exchange", "kraken"),
    "account remove": ("--force",),
    "account record": ("--output", "nowhere/file.json"),
    "account rename": ("kraken", "other"),
    "explain": ("ETH",),
    "export": ("csv",),
    "import files": ("nowhere.csv",),
    "status --asset": ("--accept", "unknown_cost"),
    "status --until": ("--accept", "unknown_cost"),
}


def options() -> Iterator[tuple[str, click.Parameter]]:
    """Every option that takes a word, and every argument, of every command."""
    context = click.Context(cli)
    for name in COMMANDS:
        found = cli.get_command(context, name)
        assert found is not None
        inner = found.commands if isinstance(found, click.Group) else {"": found}
        for below, command in inner.items():
            for parameter in command.params:
                if not getattr(parameter, "is_flag", False) and parameter.opts != ["--json"]:
                    yield f"{name} {below}".strip(), parameter


def cases() -> Iterator[tuple[str, str, str, str]]:
    for command, parameter in options():
        name = parameter.opts[0]
        if name in ANY and f"{command} {name}" not in WRONG:
            continue
        for word, refusal in WRONG[f"{command} {name}" if f"{command} {name}" in WRONG else name]:
            yield command, name, word, refusal


@pytest.mark.sampled(4, each="command")
@pytest.mark.parametrize(("command", "name", "word", "refusal"), list(cases()))
def test_a_wrong_word_is_refused(
    world: World, command: str, name: str, word: str, refusal: str
) -> None:
    if name.startswith("-"):
        words = [*BESIDE.get(command, ()), *BESIDE.get(f"{command} {name}", ()), name, word]
    elif name == "new":
        words = ["kraken", word]
    elif name == "old":
        words = [word, "other"]
    else:
        words = [word, *(one for one in BESIDE.get(command, ()) if one not in ("ETH", "new"))]
    done = world.run(*command.split(), *words)
    assert (done.code, done.out) == (2, ""), done
    assert refusal in done.err
    assert "Traceback" not in done.err
    assert "a bug in excache" not in done.err


MEANT = [
    ("fills --asset eth", "fills --asset ETH"),
    ("balances --asset eur", "balances --asset EUR"),
    ("transfers --asset eur --kind DEPOSIT", "transfers --asset EUR --kind deposit"),
    ("fills --symbol eth/eur", "fills --symbol ETH/EUR"),
    ("fills --symbol ETHEUR", "fills --symbol ETH/EUR"),
    ("orders --symbol eth-eur --status CLOSED", "orders --symbol ETH/EUR --status closed"),
    ("prices --symbol ethEUR", "prices --symbol ETH/EUR"),
    ("fills --account Kraken", "fills --account kraken"),
    ("portfolio --no-refresh --account KRAKEN", "portfolio --no-refresh --account kraken"),
    ("portfolio --no-refresh --quote eur", "portfolio --no-refresh --quote EUR"),
    ("portfolio --no-refresh --by Account", "portfolio --no-refresh --by account"),
    ("explain eth --cost-method FIFO", "explain ETH --cost-method fifo"),
    ("status --account Kraken", "status --account kraken"),
    ("pnl --period All", "pnl --period all"),
]


@pytest.mark.parametrize(("words", "same"), MEANT)
def test_case_and_signs_do_not_matter(template: World, words: str, same: str) -> None:
    found, right = template.run(*words.split(), "--json"), template.run(*same.split(), "--json")
    assert (found.code, found.err, right.code, right.err) == (0, "", 0, "")
    one, other = found.json(), right.json()
    assert one.get("rows", one.get("holdings"))
    assert _undated(one) == _undated(other)


def _undated(document: object) -> object:
    """Without ages, which differ between two runs."""
    if isinstance(document, dict):
        return {
            key: _undated(value)
            for key, value in document.items()
            if key not in {"as_of", "age_seconds"}
        }
    return [_undated(one) for one in document] if isinstance(document, list) else document


@pytest.mark.parametrize("command", ["orders", "fills", "transfers", "history", "diff"])
def test_a_range_that_ends_before_it_begins_is_refused(world: World, command: str) -> None:
    done = world.run(command, "--since", "2026-03-01", "--until", "2026-02-01")
    assert (done.code, done.out) == (2, "")
    assert "--since must be before --until" in done.err


def test_until_may_be_the_end_of_today(world: World) -> None:
    tomorrow = world.clock.now().date() + timedelta(days=1)
    assert world.run("fills", "--until", str(tomorrow)).code == 0


def test_a_symbol_without_signs_is_the_market_of_its_letters_and_others_are_named(
    synced: World,
) -> None:
    done = synced.run("fills", "--symbol", "BTCUSDT", "--json")
    assert done.code == 0
    assert {row["symbol"] for row in done.json()["rows"]} == {"BTC/USDT"}
    read = "excache: BTCUSDT is read as BTC/USDT; there is also BTC/USDT:USDT"
    assert done.err.startswith(read)
    assert synced.run("fills", "--symbol", "btc/usdt").err == ""


def test_nothing_is_cached_names_the_failure_of_the_first_sync(fresh: World) -> None:
    fresh.simulator.fault("kraken", "", 1000, "bad_key")
    assert fresh.run("sync").code == 77
    for words in ("balances", "fills", "pnl", "explain ETH", "diff --since 7d", "portfolio"):
        done = fresh.run(*words.split(), *(["--no-refresh"] if words == "portfolio" else []))
        assert (done.code, done.out) == (66, "")
        assert "nothing is cached yet" in done.err
        assert "kraken refused the key" in done.err


def test_nothing_is_cached_of_an_account_names_it(world: World) -> None:
    config = world.home / "config.toml"
    config.write_text(
        config.read_text()
        + '[accounts.new]\nexchange = "kraken"\napi_key = { env = "A" }\nsecret = { env = "B" }\n'
    )
    done = world.run("portfolio", "--no-refresh", "--account", "new")
    assert (done.code, done.out) == (66, "")
    assert "nothing is cached yet of new" in done.err


def test_history_of_a_time_without_snapshots_does_not_say_that_there_are_none(world: World) -> None:
    done = world.run("history", "--until", "2001-01-01")
    assert (done.code, done.out) == (66, "")
    assert "no snapshot between these times; they are stored from 20" in done.err


def test_a_portfolio_that_nothing_prices_has_no_total(tmp_path: Path) -> None:
    home = StoredHome(tmp_path / "home", SetClock(at=NOW))
    home.configure()
    home.store(balance("5", "XYZ"), balance("7", "ABC", account="other"))
    done = home.run("portfolio", "--no-refresh")
    assert (done.code, done.err) == (0, "")
    assert "Portfolio   unknown: nothing has a price in USDT" in done.out
    assert " 0.00" not in done.out
    assert "XYZ" in done.out and "ABC" in done.out


def test_a_known_asset_without_rows_is_an_empty_list(template: World) -> None:
    bases = {row["base"] for row in template.run("prices", "--all", "--json").json()["rows"]}
    held = {row["asset"] for row in template.run("transfers", "--json").json()["rows"]}
    asset = min(bases - held)
    done = template.run("transfers", "--asset", asset)
    assert (done.code, done.err) == (0, "")
    assert "No transfers." in done.out


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("BTCUSTD", "BTC/USDT"),
        ("btc/ustd", "BTC/USDT"),
        ("BCT-USD", "BTC/USD"),
        ("ETHUSDTT", "ETH/USDT"),
        ("ETH/USDT:USD", "ETH/USDT"),
        ("XXXXXXXX", None),
    ],
)
def test_the_nearest_symbol_is_that_of_the_nearest_letters(word: str, meant: str | None) -> None:
    known = ["BTC/USD", "BTC/USDT", "BTC/USDT:USDT", "ETH/USDT", "ETH/BTC"]
    assert _nearest(word, known) == meant
