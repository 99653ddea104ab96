import os
import stat
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pytest

from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.editing import add_account, remove_account
from exchange_cache.config.secrets import resolve
from exchange_cache.config.settings import load_settings
from exchange_cache.config.sources import (
    NO_PRIVATE_KEY,
    CommandSecret,
    EnvSecret,
    FileSecret,
    Hidden,
    KeyringSecret,
    plain,
)
from exchange_cache.config.stored_secrets import Store
from exchange_cache.errors import ConfigError, DiskFull, SecretUnavailable, UsageError

SECRET = "hunter2-Tr0ub4dor"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----"
USERS_TEXT = """# my settings, do not touch
reporting_asset   =   "USDT"  # aligned

[accounts.old]      # the first one
exchange = "kraken"
api_key = { env = "KRAKEN_KEY" }
# trailing remark
"""


def exchanges():
    return ["binance", "kraken", "okx", "hyperliquid"]


def new(name="main", exchange="okx", credentials=None, **others):
    given_ones = (
        {"api_key": plain("the-key"), "secret": plain(SECRET)}
        if credentials is None
        else credentials
    )
    return AccountSettings(
        name=name, exchange=exchange, credentials=MappingProxyType(given_ones), **others
    )


def refused(kind, *args, **kwargs):
    with pytest.raises(kind) as caught:
        add_account(*args, exchange_ids=exchanges, **kwargs)
    assert SECRET not in str(caught.value)
    return caught.value


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_adding_loading_resolving_and_removing_leaves_the_original_bytes(configure):
    paths = configure(USERS_TEXT)
    before = tree(paths.config_dir)
    account = new(
        credentials={"api_key": plain("the-key"), "secret": plain(PEM), "uid": EnvSecret("U")},
        wallets=("spot",),
        symbols=("BTC/USDT",),
        ignore_assets=("SPAM",),
        start=date(2021, 1, 31),
        enabled=False,
        ccxt=MappingProxyType(
            {"sandbox": True, "options": {"defaultType": "swap", "x y": [1, 2.5]}}
        ),
    )
    stored = add_account(paths, account, exchange_ids=exchanges)
    loaded = load_settings(paths).accounts[1]
    assert loaded == stored
    assert (loaded.wallets, loaded.start, loaded.enabled, loaded.ccxt) == (
        account.wallets,
        account.start,
        False,
        account.ccxt,
    )
    assert resolve(loaded, paths, {"U": "7"}).reveal() == {
        "apiKey": "the-key",
        "secret": PEM,
        "uid": "7",
    }
    removed = remove_account(paths, "main")
    assert removed.deleted == (
        f"{paths.config_dir}/secrets/main.api_key",
        f"{paths.config_dir}/secrets/main.secret",
    )
    assert removed.kept == ()
    assert tree(paths.config_dir) == before


def test_the_block_that_is_appended(configure):
    paths = configure(USERS_TEXT)
    add_account(
        paths,
        new(wallets=("spot",), ccxt=MappingProxyType({"sandbox": True})),
        exchange_ids=exchanges,
    )
    assert (
        paths.config_file.read_text()
        == USERS_TEXT
        + """
[accounts.main]
exchange = "okx"
api_key = { file = "secrets/main.api_key" }
secret = { file = "secrets/main.secret" }
wallets = ["spot"]

[accounts.main.ccxt]
sandbox = true
"""
    )


def test_the_first_account_creates_a_private_file_in_a_private_folder(paths):
    old = os.umask(0)
    try:
        add_account(paths, new(), exchange_ids=exchanges)
    finally:
        os.umask(old)
    assert mode(paths.config_dir) == mode(paths.secrets_dir) == 0o700
    assert mode(paths.config_file) == mode(paths.secrets_dir / "main.secret") == 0o600
    assert sorted(path.name for path in paths.config_dir.iterdir()) == ["config.toml", "secrets"]
    assert SECRET not in paths.config_file.read_text()


def test_secret_files_are_private_from_their_first_instant(paths, monkeypatch):
    opened = []
    real = os.open

    def watch(path, flags, mode=0o777, **others):
        descriptor = real(path, flags, mode, **others)
        if flags & os.O_CREAT:
            opened.append(
                (
                    Path(path).name,
                    bool(flags & os.O_EXCL),
                    stat.S_IMODE(os.fstat(descriptor).st_mode),
                )
            )
        return descriptor

    def never(*_):
        raise AssertionError("chmod after the fact")

    monkeypatch.setattr(os, "open", watch)
    monkeypatch.setattr(os, "chmod", never)
    monkeypatch.setattr(os, "fchmod", never)
    old = os.umask(0)
    try:
        add_account(paths, new(), exchange_ids=exchanges)
    finally:
        os.umask(old)
    assert opened == [
        (".main.unfinished", True, 0o600),
        ("main.api_key", True, 0o600),
        ("main.secret", True, 0o600),
        (f".config.toml.{os.getpid()}.tmp", True, 0o600),
    ]


def test_references_are_written_as_they_are_and_nothing_is_stored(paths):
    account = new(
        credentials={
            "api_key": EnvSecret("K"),
            "secret": CommandSecret(("pass", "show", 'a "b"')),
            "password": FileSecret("~/x"),
        }
    )
    assert add_account(paths, account, exchange_ids=exchanges) == account
    assert load_settings(paths).accounts == (account,)
    assert not paths.secrets_dir.exists()


def test_a_public_address_is_written_in_the_clear(paths):
    account = new(exchange="hyperliquid", credentials={"wallet_address": plain("0x" + "ab" * 20)})
    add_account(paths, account, exchange_ids=exchanges)
    assert f'wallet_address = "0x{"ab" * 20}"' in paths.config_file.read_text()
    assert load_settings(paths).accounts == (account,)


def test_the_keyring_takes_secrets_and_gives_them_up_on_removal(configure, keyring):
    paths = configure(USERS_TEXT)
    stored = add_account(paths, new(), exchange_ids=exchanges, store=Store.KEYRING, keyring=keyring)
    assert stored.credentials == {"api_key": KeyringSecret(), "secret": KeyringSecret()}
    assert keyring.entries == {"main.api_key": Hidden("the-key"), "main.secret": Hidden(SECRET)}
    assert resolve(load_settings(paths).accounts[1], paths, {}, keyring=keyring).reveal() == {
        "apiKey": "the-key",
        "secret": SECRET,
    }
    assert remove_account(paths, "main", keyring=keyring).deleted == (
        "keyring entry main.api_key",
        "keyring entry main.secret",
    )
    assert keyring.entries == {}
    assert paths.config_file.read_text() == USERS_TEXT


# --- refusals


def test_a_taken_name_is_refused_whatever_its_case(configure):
    paths = configure(USERS_TEXT)
    error = refused(UsageError, paths, new(name="Old"))
    assert (str(error), error.hint) == (
        "there is already an account old",
        "choose another name, or first: excache account remove old",
    )
    assert tree(paths.config_dir) == {"config.toml": USERS_TEXT.encode()}


@pytest.mark.parametrize(
    ("account", "message"),
    [
        (
            new(name="my main"),
            (
                'the account name "my main" must be 1 to 32 letters, digits, - or _, beginning with'
                " a letter or digit"
            ),
        ),
        (
            new(name="../x"),
            (
                'the account name "../x" must be 1 to 32 letters, digits, - or _, beginning with a'
                " letter or digit"
            ),
        ),
        (new(exchange="binanse"), 'there is no exchange "binanse"; did you mean "binance"?'),
        (new(exchange="zzz"), 'there is no exchange "zzz"'),
        (new(credentials={}), "an account needs credentials, such as an api_key and a secret"),
        (
            new(credentials={"api_secret": plain(SECRET)}),
            'there is no credential "api_secret"; did you mean "secret"?',
        ),
        (new(credentials={"private_key": plain(SECRET)}), f"main: private_key {NO_PRIVATE_KEY}"),
        (new(credentials={"secret": plain("")}), "main: secret is empty"),
        (
            new(credentials={"secret": plain(f"{SECRET}\nx")}),
            "main: secret has more than one line and is not a PEM block",
        ),
        (
            new(credentials={"wallet_address": plain("ab" * 32)}),
            (
                "main: wallet_address looks like a private key (64 hexadecimal digits), which"
                f" {NO_PRIVATE_KEY}"
            ),
        ),
        (
            new(symbols=("BTC",)),
            'main: symbols must be symbols such as "BTC/USDT" or "BTC/USDT:USDT", not "BTC"',
        ),
        (
            new(ccxt=MappingProxyType({"secret": SECRET})),
            (
                "main: ccxt.secret is a credential: write secret in the account's own table, where"
                " its source is checked"
            ),
        ),
    ],
)
def test_what_cannot_be_an_account_is_refused_and_nothing_is_written(paths, account, message):
    assert str(refused(UsageError, paths, account)) == message
    assert not paths.config_dir.exists()


def test_a_faulty_file_is_not_added_to(configure):
    paths = configure("retry = 1\n")
    assert (
        str(refused(ConfigError, paths, new()))
        == f'{paths.config_file} line 1: unknown key "retry"; did you mean "retries"?'
    )
    paths = configure("retry = \n")
    assert str(refused(ConfigError, paths, new())).startswith(
        f"{paths.config_file} line 1, column 9: is not valid TOML"
    )
    assert tree(paths.config_dir) == {"config.toml": b"retry = \n"}


def test_accounts_in_one_inline_table_are_left_to_the_users_hand(configure):
    text = (
        'accounts = { a = { exchange = "okx", uid = { env = "U" } }, b = { exchange = "okx", uid ='
        ' { env = "U" } } }\n'
    )
    paths = configure(text)
    error = refused(ConfigError, paths, new())
    assert (
        str(error)
        == f"the account main cannot be added to {paths.config_file}: its accounts are written in"
        " an unusual way"
    )
    assert error.hint == f"edit it by hand: {paths.config_file}"
    with pytest.raises(ConfigError) as caught:
        remove_account(paths, "a")
    assert (
        str(caught.value)
        == f"the account a cannot be cut out of {paths.config_file}: its accounts are written in an"
        " unusual way"
    )
    assert tree(paths.config_dir) == {"config.toml": text.encode()}


def test_an_existing_secret_is_never_overwritten_and_the_others_are_taken_back(configure, keyring):
    paths = configure("")
    paths.secrets_dir.mkdir(mode=0o700)
    (paths.secrets_dir / "main.secret").write_text("older")
    error = refused(ConfigError, paths, new())
    assert (
        str(error) == f"main: {paths.secrets_dir}/main.secret already exists and is not overwritten"
    )
    assert error.hint == f"rm {paths.secrets_dir}/main.secret"
    assert tree(paths.config_dir) == {"config.toml": b"", "secrets/main.secret": b"older"}
    keyring.entries["main.secret"] = Hidden("older")
    error = refused(ConfigError, paths, new(), store=Store.KEYRING, keyring=keyring)
    assert (
        str(error) == "main: the keyring already has an entry main.secret, which is not overwritten"
    )
    assert error.hint == "keyring del excache main.secret"
    assert keyring.entries == {"main.secret": Hidden("older")}


def test_a_keyring_that_fails_half_way_leaves_nothing(configure, broken_keyring):
    paths = configure(USERS_TEXT)
    refused(SecretUnavailable, paths, new(), store=Store.KEYRING, keyring=broken_keyring)
    assert broken_keyring.entries == {}
    assert paths.config_file.read_text() == USERS_TEXT


def test_a_failing_write_leaves_the_old_file_and_no_secret(configure, monkeypatch):
    paths = configure(USERS_TEXT)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    monkeypatch.setattr("pathlib.Path.replace", full)
    error = refused(DiskFull, paths, new())
    assert str(error).startswith(f"no space left on device: {paths.config_file} cannot be written")
    assert error.exit_code == 75
    assert tree(paths.config_dir) == {"config.toml": USERS_TEXT.encode()}


def test_a_file_changed_meanwhile_is_not_overwritten(configure, keyring):
    paths = configure(USERS_TEXT)
    put = keyring.put

    def put_while_the_user_saves(entry, secret):
        put(entry, secret)
        paths.config_file.write_text("retries = 1\n")

    keyring.put = put_while_the_user_saves
    error = refused(ConfigError, paths, new(), store=Store.KEYRING, keyring=keyring)
    assert (str(error), error.hint) == (
        f"another program has changed {paths.config_file} meanwhile",
        "try again",
    )
    assert paths.config_file.read_text() == "retries = 1\n"
    assert keyring.entries == {}


def test_a_linked_configuration_stays_a_link(configure, tmp_path):
    paths = configure("")
    paths.config_file.unlink()
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles/excache.toml").write_text(USERS_TEXT)
    paths.config_file.symlink_to(tmp_path / "dotfiles/excache.toml")
    add_account(paths, new(), exchange_ids=exchanges)
    assert paths.config_file.is_symlink()
    assert (
        (tmp_path / "dotfiles/excache.toml")
        .read_text()
        .startswith(USERS_TEXT + "\n[accounts.main]\n")
    )


# --- removal


def test_removing_an_unknown_account_is_a_usage_error(configure):
    paths = configure(USERS_TEXT)
    with pytest.raises(UsageError) as caught:
        remove_account(paths, "odl")
    assert str(caught.value) == 'there is no account "odl"; did you mean "old"?'
    with pytest.raises(UsageError) as caught:
        remove_account(configure(""), "old")
    assert str(caught.value) == 'there is no account "old"'


def test_removal_cuts_exactly_the_accounts_tables(configure):
    paths = configure("""# head
retries = 1

# about main
[accounts.main]  # one
exchange = "okx"
# inside
symbols = [
  "BTC/USDT", # [accounts.main]
]
uid = { env = "U" }

# about other
[accounts.other]
exchange = "okx"
uid = { env = "U" }

[accounts.main.ccxt]
sandbox = true
options = { note = \"\"\"
[accounts.other]
\"\"\" }

# the end
[accounts.maine]
exchange = "okx"
uid = { env = "U" }
""")
    remove_account(paths, "main")
    assert (
        paths.config_file.read_text()
        == """# head
retries = 1

# about main

# about other
[accounts.other]
exchange = "okx"
uid = { env = "U" }

# the end
[accounts.maine]
exchange = "okx"
uid = { env = "U" }
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        'accounts.main.exchange = "okx"\naccounts.main.uid = { env = "U" }\nretries = 1\n',
        'retries = 1\n[accounts]\nmain = { exchange = "okx", uid = { env = "U" } }\n',
        'retries = 1\n[accounts]\nmain.exchange = "okx"\nmain.uid.env = "U"\n',
        'retries = 1\n["accounts" . \'main\']\nexchange = "okx"\nuid = { env = "U" }',
    ],
)
def test_removal_finds_the_account_however_it_is_written(configure, text):
    paths = configure(text)
    remove_account(paths, "main")
    settings = load_settings(paths)
    assert (settings.accounts, settings.retries) == ((), 1)


def test_an_account_is_removed_from_a_file_with_other_faults(configure):
    paths = configure('retry = 1\n[accounts.main]\nsecret = "in the clear"\n')
    remove_account(paths, "main")
    assert paths.config_file.read_text() == "retry = 1\n"


def test_secrets_that_excache_did_not_store_are_kept_and_reported(configure):
    paths = configure(
        '[accounts.main]\nexchange = "okx"\nsecret = { file = "mine.key" }\nuid = { file ='
        ' "secrets/other.uid" }\n'
    )
    paths.secrets_dir.mkdir()
    for name in ("mine.key", "secrets/other.uid"):
        (paths.config_dir / name).write_text("x")
    removed = remove_account(paths, "main")
    assert removed.deleted == ()
    assert removed.kept == (f"{paths.config_dir}/mine.key", f"{paths.config_dir}/secrets/other.uid")
    assert (paths.config_dir / "mine.key").exists()
