from datetime import date

import pytest

from exchange_cache.config.settings import load_settings
from exchange_cache.config.sources import (
    NO_PRIVATE_KEY,
    CommandSecret,
    EnvSecret,
    FileSecret,
    KeyringSecret,
    plain,
)
from exchange_cache.errors import ConfigError

HEAD = '[accounts.main]\nexchange = "okx"\n'
PRIVATE_HEX = "0x" + "ab" * 32
ADDRESS = "0x" + "ab" * 20


def account(paths):
    [found] = load_settings(paths).accounts
    return found


def faults(paths):
    with pytest.raises(ConfigError) as caught:
        load_settings(paths)
    return [fault.removeprefix(f"{paths.config_file} ") for fault in caught.value.faults]


def test_an_account_is_read_with_all_its_keys(configure):
    found = account(
        configure("""
[accounts.My-main_2]
exchange = "okx"
api_key = { env = "OKX_KEY" }
secret = { keyring = true }
password = { command = "pass show 'my okx'" }
uid = { command = ["cat", "a b"] }
token = { file = "main.key" }
wallets = ["spot", "swap", "spot"]
symbols = ["BTC/USDT", "BTC/USDT:USDT"]
ignore_assets = ["SPAM"]
start = 2022-01-01
enabled = false

[accounts.My-main_2.ccxt]
httpsProxy = "http://127.0.0.1:3128"
rateLimit = 0.5
options = { defaultType = "swap", factors = [1, 2.5] }
""")
    )
    assert (found.name, found.exchange, found.enabled, found.start) == (
        "My-main_2",
        "okx",
        False,
        date(2022, 1, 1),
    )
    assert found.credentials == {
        "api_key": EnvSecret("OKX_KEY"),
        "secret": KeyringSecret(),
        "password": CommandSecret(("pass", "show", "my okx")),
        "uid": CommandSecret(("cat", "a b")),
        "token": FileSecret("main.key"),
    }
    assert (found.wallets, found.symbols, found.ignore_assets) == (
        ("spot", "swap"),
        ("BTC/USDT", "BTC/USDT:USDT"),
        ("SPAM",),
    )
    assert found.ccxt == {
        "httpsProxy": "http://127.0.0.1:3128",
        "rateLimit": 0.5,
        "options": {"defaultType": "swap", "factors": [1, 2.5]},
    }
    assert type(found.ccxt["rateLimit"]) is float


def test_what_is_left_out_has_its_default(configure):
    found = account(configure(HEAD + 'api_key = { env = "K" }'))
    assert (
        found.wallets,
        found.symbols,
        found.ignore_assets,
        found.start,
        found.enabled,
        found.ccxt,
    ) == (None, (), (), None, True, {})


def test_accounts_keep_their_order(configure):
    text = "".join(
        f'[accounts.{name}]\nexchange = "okx"\napi_key = {{ env = "K" }}\n'
        for name in ("z", "a", "m")
    )
    assert [found.name for found in load_settings(configure(text)).accounts] == ["z", "a", "m"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            'api_key = { evn = "K" }',
            'accounts.main.api_key names an unknown kind of source; did you mean "env"?',
        ),
        (
            'api_key = { x = "K" }',
            (
                "accounts.main.api_key names an unknown kind of source; there are env,"
                " keyring, command, file"
            ),
        ),
        (
            "api_key = 12345",
            (
                'accounts.main.api_key must say where the value comes from, such as { env = "NAME"'
                " }, not a whole number"
            ),
        ),
        (
            'api_key = { env = "A", file = "b" }',
            "accounts.main.api_key must name exactly one of env, keyring, command, file, not 2",
        ),
        (
            "api_key = {}",
            "accounts.main.api_key must name exactly one of env, keyring, command, file, not 0",
        ),
        (
            'api_key = { env = "hunter-2" }',
            (
                "accounts.main.api_key needs the name of an environment variable, such as { env ="
                ' "BINANCE_KEY" }, not the value'
            ),
        ),
        (
            "api_key = { keyring = false }",
            "accounts.main.api_key must be written { keyring = true }",
        ),
        (
            'api_key = { command = "" }',
            (
                'accounts.main.api_key needs a program and its arguments, such as { command = "pass'
                ' show exchange/main" }'
            ),
        ),
        (
            "api_key = { command = [1] }",
            (
                'accounts.main.api_key needs a program and its arguments, such as { command = "pass'
                ' show exchange/main" }'
            ),
        ),
        (
            'api_key = { command = "pass \'x" }',
            "accounts.main.api_key has a command with an unclosed quotation mark",
        ),
        (
            "api_key = { file = 1 }",
            'accounts.main.api_key needs the name of a file, such as { file = "main.key" }',
        ),
        ('api_key = ""', "accounts.main.api_key is empty"),
        (
            'api_key = "hunter2"',
            (
                "accounts.main.api_key is a secret in the clear; move it to a file of mode 0600 and"
                ' write { file = "…" }, or use { env = "…" }, { keyring = true } or { command = "…"'
                " } (allow_plaintext_secrets = true permits it)"
            ),
        ),
        (
            f'wallet_address = "{PRIVATE_HEX}"',
            (
                "accounts.main.wallet_address looks like a private key (64 hexadecimal digits),"
                f" which {NO_PRIVATE_KEY}"
            ),
        ),
        (
            "wallets = []\ntoken = { keyring = true }",
            "accounts.main.wallets names no wallet; omit it to read every wallet",
        ),
        (
            'wallets = "spot"\ntoken = { keyring = true }',
            'accounts.main.wallets must be a list in brackets, not "spot"',
        ),
        (
            'wallets = ["Spot"]\ntoken = { keyring = true }',
            'accounts.main.wallets must be wallets such as "spot" or "swap", not "Spot"',
        ),
        (
            "ignore_assets = [1]\ntoken = { keyring = true }",
            'accounts.main.ignore_assets must be assets such as "BTC", not 1',
        ),
        (
            "ccxt = 1\ntoken = { keyring = true }",
            "accounts.main.ccxt must be a table, not a whole number",
        ),
        (
            'ccxt.secret = "hunter2"\ntoken = { keyring = true }',
            (
                "accounts.main.ccxt.secret is a credential: write secret in the account's own"
                " table, where its source is checked"
            ),
        ),
        (
            'ccxt.apiKey = "hunter2"\ntoken = { keyring = true }',
            (
                "accounts.main.ccxt.apiKey is a credential: write api_key in the account's own"
                " table, where its source is checked"
            ),
        ),
        (
            'ccxt.options = { clientSecret = "hunter2" }\ntoken = { keyring = true }',
            (
                "accounts.main.ccxt.options.clientSecret looks like a secret, which does not belong"
                " in the options of ccxt"
            ),
        ),
        (
            "ccxt.verbose = true\ntoken = { keyring = true }",
            "accounts.main.ccxt.verbose is refused: it would print keys and signatures",
        ),
    ],
)
def test_a_wrong_account_key_is_reported_without_its_value(configure, text, fault):
    assert faults(configure(HEAD + text)) == [f"line 3: {fault}"]
    assert "hunter" not in fault


@pytest.mark.parametrize("key", ["private_key", "privateKey", "mnemonic", "seed_phrase"])
@pytest.mark.parametrize("exchange", ["hyperliquid", "binance"])
def test_a_private_key_is_never_accepted(configure, key, exchange):
    text = (
        f'allow_plaintext_secrets = true\n[accounts.hl]\nexchange = "{exchange}"\nwallet_address ='
        f' "{ADDRESS}"\n{key} = "{PRIVATE_HEX}"'
    )
    assert faults(configure(text)) == [
        f"line 5: accounts.hl.{key} is never accepted: a private key signs orders, approvals and"
        " withdrawals, so it cannot be read-only; remove it, and give wallet_address (hyperliquid)"
        " or a read-only api_key and secret instead"
    ]
    [fault] = faults(
        configure(
            f'[accounts.hl]\nexchange = "{exchange}"\nwallet_address = "{ADDRESS}"\nccxt.options ='
            f' {{ {key} = "x" }}'
        )
    )
    assert fault == f"line 4: accounts.hl.ccxt.options.{key} {NO_PRIVATE_KEY}"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("apiKey", "api_key"),
        ("api_secret", "secret"),
        ("passphrase", "password"),
        ("walletAddress", "wallet_address"),
        ("walets", "wallets"),
    ],
)
def test_the_nearest_right_key_is_offered(configure, wrong, right):
    assert faults(configure(f'{HEAD}uid = {{ env = "U" }}\n{wrong} = {{ env = "K" }}')) == [
        f'line 4: unknown key "{wrong}" in [accounts.main]; did you mean "{right}"?'
    ]


def test_an_account_needs_an_exchange_and_credentials(configure):
    assert faults(configure("\n[accounts.main]\n")) == [
        'line 2: accounts.main has no exchange; add a line such as exchange = "binance"',
        'line 2: accounts.main has no credentials; add lines such as api_key = { env = "NAME" }',
    ]


@pytest.mark.parametrize(
    ("name", "key"), [("my main", '"my main"'), ("-x", "-x"), ("ü", '"ü"'), ("x" * 33, "x" * 33)]
)
def test_an_account_name_is_short_and_plain(configure, name, key):
    assert faults(configure(f'[accounts.{key}]\nexchange = "okx"\nuid = {{ env = "U" }}')) == [
        f'line 1: the account name "{name}" must be 1 to 32 letters, digits, - or _, beginning with'
        " a letter or digit"
    ]


def test_an_account_must_be_a_table(configure):
    assert faults(configure("accounts.main = 1")) == [
        "line 1: accounts.main must be a table, not a whole number"
    ]


def test_a_public_address_may_stand_in_the_clear(configure):
    found = account(
        configure(
            f'[accounts.hl]\nexchange = "hyperliquid"\nwallet_address = "{ADDRESS}"', mode=0o644
        )
    )
    assert found.credentials == {"wallet_address": plain(ADDRESS)}


def test_plaintext_secrets_need_permission_and_a_private_file(configure):
    text = f'allow_plaintext_secrets = true\n{HEAD}secret = "hunter2"'
    assert account(configure(text)).credentials == {"secret": plain("hunter2")}
    paths = configure(text, mode=0o644)
    assert faults(paths) == [
        f"holds secrets but has mode 0644, open to others; run: chmod 600 {paths.config_file}"
    ]


def test_plaintext_secrets_are_refused_in_another_users_file(configure, monkeypatch):
    paths = configure(f'allow_plaintext_secrets = true\n{HEAD}secret = "hunter2"')
    monkeypatch.setattr("os.geteuid", lambda: 4242)
    assert faults(paths) == ["holds secrets but belongs to another user"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('asset_names = "NEIRO"', 'must be a table such as { NEIRO = "NEIRO-2" }'),
        ("asset_names = { NEIRO = 2 }", 'must be assets such as "BTC", not 2'),
    ],
)
def test_names_of_codes_are_a_table_of_assets(configure, text, words):
    with pytest.raises(ConfigError) as caught:
        load_settings(configure(f'[accounts.main]\nexchange = "okx"\n{text}'))
    assert words in "\n".join((caught.value.message, *caught.value.faults))
