import dataclasses
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.config.documentation import (
    accounts_table_markdown,
    default_toml,
    settings_table_markdown,
)
from exchange_cache.config.settings import (
    READERS,
    Settings,
    choose_accounts,
    load_settings,
    require_accounts,
    sqlite_file,
)
from exchange_cache.errors import ConfigError, UsageError
from exchange_cache.records import DataType

HOUR = timedelta(hours=1)
MAIN = '[accounts.main]\nexchange = "binance"\napi_key = { env = "K" }\n'


def faults(paths):
    """What load_settings complains about, without the file's name before each."""
    with pytest.raises(ConfigError) as caught:
        load_settings(paths)
    assert caught.value.exit_code == 78
    assert all(fault.startswith(f"{paths.config_file}") for fault in caught.value.faults)
    return [fault.removeprefix(str(paths.config_file)).lstrip() for fault in caught.value.faults]


def test_without_a_file_the_defaults_hold(paths):
    assert load_settings(paths) == Settings(
        reporting_asset="USDT",
        ttl=dict.fromkeys(DataType, HOUR),
        cache_url=f"sqlite:///{paths.data_dir}/cache.sqlite3",
        min_value=Decimal(0),
        cost_method="average",
        background_refresh=True,
        sweep_budget=100,
        request_timeout=timedelta(seconds=20),
        retries=3,
        history_start=None,
        ping_url=None,
        allow_plaintext_secrets=False,
        accounts=(),
    )
    assert not paths.config_dir.exists()


def test_every_setting_is_read(configure):
    settings = load_settings(
        configure("""
reporting_asset = "EUR"
ttl = "30m"
cache_url = "sqlite:////srv/excache.db"
min_value = 0.10
cost_method = "fifo"
background_refresh = false
sweep_budget = 7
request_timeout = "45s"
retries = 0
history_start = 2021-01-31
ping_url = "https://hc-ping.com/abc"
allow_plaintext_secrets = true
""")
    )
    assert settings == Settings(
        reporting_asset="EUR",
        ttl=dict.fromkeys(DataType, timedelta(minutes=30)),
        cache_url="sqlite:////srv/excache.db",
        min_value=Decimal("0.10"),
        cost_method="fifo",
        background_refresh=False,
        sweep_budget=7,
        request_timeout=timedelta(seconds=45),
        retries=0,
        history_start=date(2021, 1, 31),
        ping_url="https://hc-ping.com/abc",
        allow_plaintext_secrets=True,
    )


@pytest.mark.parametrize(
    "text", ['ttl.prices = "10m"\nttl.default = "2h"', '[ttl]\nprices = "10m"\ndefault = "2h"']
)
def test_ttl_differs_per_data_type(configure, text):
    ttl = load_settings(configure(text)).ttl
    assert ttl == dict.fromkeys(DataType, 2 * HOUR) | {DataType.PRICES: timedelta(minutes=10)}


def test_ttl_of_one_data_type_leaves_the_others_at_one_hour(configure):
    ttl = load_settings(configure('ttl.prices = "10m"')).ttl
    assert ttl[DataType.FILLS] == HOUR


def test_a_date_and_a_number_may_be_text(configure):
    settings = load_settings(configure('history_start = "2021-01-31"\nmin_value = "10"'))
    assert (settings.history_start, settings.min_value) == (date(2021, 1, 31), Decimal(10))


def test_a_sqlite_cache_lies_relative_to_the_configuration(configure, tmp_path):
    assert (
        load_settings(configure('cache_url = "sqlite:///sub/c.db"')).cache_url
        == f"sqlite:///{tmp_path}/home/sub/c.db"
    )
    assert (
        load_settings(configure('cache_url = "sqlite:////srv/c.db"')).cache_url
        == "sqlite:////srv/c.db"
    )
    assert (
        load_settings(configure('cache_url = "sqlite:///~/c.db"')).cache_url
        == f"sqlite:///{tmp_path}/c.db"
    )
    assert sqlite_file("sqlite:////srv/c d.db") == Path("/srv/c d.db")


def test_all_faults_are_reported_at_once_in_the_order_of_lines(configure):
    assert faults(
        configure("""# settings
reporting_aset = "USDT"
retries = true

[ttl]
prices = "soon"
price = "10m"

[accounts.main]
exchange = "Kraken"
api_secret = { env = "S" }
symbols = [
  "BTC/USDT",
  "BTC",
]
""")
    ) == [
        'line 2: unknown key "reporting_aset"; did you mean "reporting_asset"?',
        "line 3: retries must be a whole number from 0 to 10, not true",
        'line 6: ttl.prices must be a duration such as "90s", "10m", "1h" or "2d", not "soon"',
        'line 7: ttl.price is not a data type; did you mean "prices"?',
        (
            "line 10: accounts.main.exchange must be an exchange as ccxt names it, such as"
            ' "binance", not "Kraken"; did you mean "kraken"?'
        ),
        'line 11: unknown key "api_secret" in [accounts.main]; did you mean "secret"?',
        (
            'line 14: accounts.main.symbols must be symbols such as "BTC/USDT" or'
            ' "BTC/USDT:USDT", not "BTC"'
        ),
    ]


def test_several_faults_are_counted_and_a_single_one_is_the_message(configure):
    with pytest.raises(ConfigError) as caught:
        load_settings(configure("a = 1\nb = 2"))
    assert str(caught.value) == "the configuration has 2 faults"
    with pytest.raises(ConfigError) as caught:
        load_settings(paths := configure("retry = 1"))
    assert (
        str(caught.value)
        == f'{paths.config_file} line 1: unknown key "retry"; did you mean "retries"?'
    )


WRONG_VALUES = [
    ("reporting_asset = 1", "reporting_asset must be text in quotes, not a whole number"),
    ('reporting_asset = ""', "reporting_asset must not be empty"),
    (
        'reporting_asset = "usdt"',
        (
            'reporting_asset must be an asset in capital letters such as "USDT", not "usdt"; did'
            ' you mean "USDT"?'
        ),
    ),
    (
        'reporting_asset = "U$"',
        'reporting_asset must be an asset in capital letters such as "USDT", not "U$"',
    ),
    (
        "ttl = 3600",
        'ttl must be a duration such as "1h", or a table of data types, not a whole number',
    ),
    ('ttl = "1 hour"', 'ttl must be a duration such as "90s", "10m", "1h" or "2d", not "1 hour"'),
    ('ttl = "0s"', 'ttl must be longer than zero, not "0s"'),
    ('ttl = "99999d"', 'ttl must be at most 3650d, not "99999d"'),
    ("ttl.fills = 5", 'ttl.fills must be a duration such as "90s", "10m", "1h" or "2d", not 5'),
    (
        'ttl.xyz = "1h"',
        (
            "ttl.xyz is not a data type; there are balances, positions, orders, fills, transfers,"
            " prices, default"
        ),
    ),
    (
        'cache_url = "mysql://x"',
        (
            'cache_url must be "sqlite:///" followed by a file name, or "postgresql://" followed by'
            " a server and a database"
        ),
    ),
    (
        'cache_url = "sqlite:///:memory:"',
        (
            'cache_url must be "sqlite:///" followed by a file name, or "postgresql://" followed by'
            " a server and a database"
        ),
    ),
    ("cache_url = [1]", "cache_url must be text in quotes, not a list"),
    (
        'cache_url = "postgresql://me:hidden@db/x"',
        (
            "cache_url must not hold a password: write it into ~/.pgpass (mode 0600) or PGPASSWORD,"
            " and only the user, the server and the database here"
        ),
    ),
    (
        'cache_url = "postgresql://db/x?sslmode=require&password=hidden"',
        (
            "cache_url must not hold a password: write it into ~/.pgpass (mode 0600) or PGPASSWORD,"
            " and only the user, the server and the database here"
        ),
    ),
    (
        'cache_url = "postgresql://db/x?p%61ssword=hidden"',
        (
            "cache_url must not hold a password: write it into ~/.pgpass (mode 0600) or PGPASSWORD,"
            " and only the user, the server and the database here"
        ),
    ),
    (
        'cache_url = "postgresql://db/x?sslpassword=hidden"',
        (
            "cache_url must not hold a password: write it into ~/.pgpass (mode 0600) or PGPASSWORD,"
            " and only the user, the server and the database here"
        ),
    ),
    (
        'cache_url = "postgresql://me:hid?den@db/x"',
        (
            "cache_url must not hold a password: write it into ~/.pgpass (mode 0600) or PGPASSWORD,"
            " and only the user, the server and the database here"
        ),
    ),
    (
        'cache_url = "postgresql://me:hid/den@db/x"',
        (
            "cache_url must not hold a password: write it into ~/.pgpass (mode 0600) or PGPASSWORD,"
            " and only the user, the server and the database here"
        ),
    ),
    (
        'cache_url = "postgresql://:hidden@a,b/x"',
        (
            "cache_url must not hold a password: write it into ~/.pgpass (mode 0600) or PGPASSWORD,"
            " and only the user, the server and the database here"
        ),
    ),
    ("min_value = -1", "min_value must be a number from 0 upwards, not -1"),
    ("min_value = nan", "min_value must be a number from 0 upwards, not NaN"),
    ("min_value = true", "min_value must be a number from 0 upwards, not true"),
    ('min_value = "ten"', 'min_value must be a number from 0 upwards, not "ten"'),
    (
        'cost_method = "FIFO"',
        'cost_method must be one of average, fifo, lifo, hifo, not "FIFO"; did you mean "fifo"?',
    ),
    ("cost_method = 1", "cost_method must be one of average, fifo, lifo, hifo, not 1"),
    ('background_refresh = "yes"', 'background_refresh must be true or false, not "yes"'),
    ("sweep_budget = 1.5", "sweep_budget must be a whole number from 0 to 10000, not 1.5"),
    ('request_timeout = "1h"', 'request_timeout must be from "1s" to "10m", not "1h"'),
    ("retries = 11", "retries must be a whole number from 0 to 10, not 11"),
    (
        "history_start = 2021-01-31T00:00:00Z",
        "history_start must be a date such as 2021-01-31, not 2021-01-31T00:00:00+00:00",
    ),
    (
        'history_start = "31.1.2021"',
        'history_start must be a date such as 2021-01-31, not "31.1.2021"',
    ),
    (
        "history_start = 0201-01-31",
        "history_start must not be before 2009-01-03 (the first bitcoin), not 0201-01-31",
    ),
    (
        'ping_url = "hc-ping.com"',
        'ping_url must begin with "http://" or "https://", not "hc-ping.com"',
    ),
    ("accounts = 3", "accounts must be tables named [accounts.NAME], not a whole number"),
    ("[[accounts]]", "accounts must be tables named [accounts.NAME], not a list"),
]


@pytest.mark.parametrize(("text", "fault"), WRONG_VALUES)
def test_a_wrong_value_is_reported_by_line_and_key(configure, text, fault):
    assert faults(configure(f"# a comment\n\n{text}\n")) == [f"line 3: {fault}"]


def test_no_accounts_is_an_error_only_for_who_needs_them(paths):
    with pytest.raises(ConfigError) as caught:
        require_accounts(load_settings(paths))
    assert str(caught.value) == "no accounts configured"
    assert (
        caught.value.hint
        == "add one: excache account add main; or try the demo first: excache demo"
    )


def test_disabled_accounts_are_kept_but_not_used_unless_named(configure):
    settings = load_settings(configure(MAIN + "enabled = false\n" + MAIN.replace("main", "other")))
    assert [account.name for account in require_accounts(settings)] == ["other"]
    assert [account.name for account in choose_accounts(settings, [])] == ["other"]
    assert [account.name for account in choose_accounts(settings, ["other", "main"])] == [
        "main",
        "other",
    ]
    with pytest.raises(ConfigError) as caught:
        require_accounts(load_settings(configure(MAIN + "enabled = false\n")))
    assert str(caught.value) == "all accounts are disabled"
    assert caught.value.hint == "remove enabled = false from one of them in config.toml"


def test_an_unknown_account_is_a_usage_error_with_the_nearest_name(configure, paths):
    settings = load_settings(configure(MAIN))
    with pytest.raises(UsageError) as caught:
        choose_accounts(settings, ["mian"])
    assert str(caught.value) == 'there is no account "mian"; did you mean "main"?'
    with pytest.raises(UsageError) as caught:
        choose_accounts(settings, ["zzz"])
    assert str(caught.value) == 'there is no account "zzz"; there are main'


def test_history_starts_where_the_account_says_else_where_all_start(configure):
    text = (
        "history_start = 2020-01-01\n"
        + MAIN
        + "start = 2022-02-02\n"
        + MAIN.replace("main", "other")
    )
    settings = load_settings(configure(text))
    assert [settings.start_of(account) for account in settings.accounts] == [
        date(2022, 2, 2),
        date(2020, 1, 1),
    ]


def test_every_documented_default_is_what_an_empty_file_gives(configure):
    lines = [
        f"{item.name} = {text}"
        for item in dataclasses.fields(Settings)
        if item.metadata and (text := default_toml(item)) is not None
    ]
    assert len(lines) == 14
    assert load_settings(configure("\n".join(lines))) == load_settings(configure(""))


def test_every_key_is_documented():
    table = settings_table_markdown()
    assert [line.split("`")[1] for line in table.splitlines()[2:]] == list(READERS)
    assert (
        "| `retries` | whole number | `3` | How often a failed request that may succeed"
        " later is repeated. |" in table
    )
    assert all(line.count("|") - line.count("\\|") == 5 for line in table.splitlines())
    assert "| `wallet_address` | source |" in accounts_table_markdown()


def test_settings_load_without_subprocess_keyring_difflib_or_other_layers(configure):
    paths = configure('ttl.prices = "10m"\n' + MAIN)
    code = (
        "import sys; from exchange_cache.config.paths import find_paths; from"
        " exchange_cache.config.settings import"
        f" load_settings;load_settings(find_paths({{'EXCACHE_HOME': {str(paths.config_dir)!r},"
        " 'HOME': '/'}));print(*sorted(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "exchange_cache.config.settings" in loaded
    assert not loaded & {
        "subprocess",
        "keyring",
        "difflib",
        "click",
        "peewee",
        "ccxt",
        "rich",
        "exchange_cache.config.toml_text",
        "exchange_cache.config.secrets",
    }
    assert {name.split(".")[1] for name in loaded if name.startswith("exchange_cache.")} == {
        "config",
        "data_types",
        "kinds",
        "money",
        "records",
        "errors",
        "visible",
        "zones",
    }
