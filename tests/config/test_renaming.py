"""Renaming an account in config.toml: its tables, its secrets, and nothing else."""

from __future__ import annotations

import tomllib

import pytest

from exchange_cache.config import renaming
from exchange_cache.config.renaming import renamed_account
from exchange_cache.errors import ConfigError, UsageError

TEXT = """# my settings
reporting_asset   =   "USDT"  # aligned

[accounts.main]      # the first one
exchange = "kraken"
# the key
api_key = { file = "secrets/main.api_key" }
secret = { file = 'secrets/main.secret' } # mine

[accounts."main".ccxt]
timeout = 9000

[accounts.other]
exchange = "binance"
api_key = { env = "main" }
secret = { file = "keys/main.secret" }
"""
AFTER = (
    TEXT.replace("[accounts.main]", "[accounts.kraken]")
    .replace('[accounts."main".ccxt]', "[accounts.kraken.ccxt]")
    .replace("secrets/main.", "secrets/kraken.")
)


def with_secrets(configure, text=TEXT):
    paths = configure(text)
    paths.secrets_dir.mkdir(mode=0o700)
    for name in ("api_key", "secret"):
        file = paths.secrets_dir / f"main.{name}"
        file.touch(0o600)
        file.write_text(f"the {name}\n")
    return paths


def secrets(paths):
    return {file.name: file.read_text().strip() for file in paths.secrets_dir.iterdir()}


def test_the_name_changes_and_every_other_byte_stays(configure):
    paths = with_secrets(configure)
    with renamed_account(paths, "main", "kraken"):
        pass
    assert paths.config_file.read_text() == AFTER
    assert secrets(paths) == {"kraken.api_key": "the api_key", "kraken.secret": "the secret"}
    assert (paths.secrets_dir / "kraken.secret").stat().st_mode & 0o777 == 0o600


def test_an_error_in_the_block_restores_everything(configure):
    paths = with_secrets(configure)
    before = secrets(paths)
    with pytest.raises(RuntimeError), renamed_account(paths, "main", "kraken"):
        assert paths.config_file.read_text() == AFTER
        raise RuntimeError
    assert paths.config_file.read_text() == TEXT
    assert secrets(paths) == before


@pytest.mark.parametrize(
    "text",
    [
        '[accounts]\nmain.exchange = "kraken"\nmain.api_key = { env = "K" }\n',
        '[accounts]\nmain = { exchange = "kraken", api_key = { env = "K" } } # one line\n',
        'accounts.main.exchange = "kraken"\naccounts . main . api_key = { env = "K" }\n',
    ],
)
def test_every_usual_way_to_write_an_account_is_renamed(configure, text):
    paths = configure(text)
    with renamed_account(paths, "main", "new"):
        pass
    after = tomllib.loads(paths.config_file.read_text())
    assert after == {"accounts": {"new": tomllib.loads(text)["accounts"]["main"]}}


def test_an_unusual_way_is_refused_and_nothing_changes(configure):
    text = 'accounts = { main = { exchange = "kraken", api_key = { env = "K" } } }\n'
    paths = configure(text)
    with pytest.raises(ConfigError, match="unusual way"), renamed_account(paths, "main", "new"):
        pass
    assert paths.config_file.read_text() == text


def test_entries_of_the_keyring_move(configure, keyring):
    paths = configure(
        '[accounts.main]\nexchange = "kraken"\nsecret = { keyring = true }\n'
        'api_key = { env = "K" }\n'
    )
    keyring.entries["main.secret"] = "hidden"
    with renamed_account(paths, "main", "new", keyring=keyring):
        assert keyring.entries == {"main.secret": "hidden", "new.secret": "hidden"}
    assert keyring.entries == {"new.secret": "hidden"}


def test_a_secret_that_cannot_be_read_is_named_and_nothing_changes(configure):
    paths = with_secrets(configure)
    (paths.secrets_dir / "main.secret").unlink()
    with pytest.raises(ConfigError, match="secret: "), renamed_account(paths, "main", "new"):
        pass
    assert paths.config_file.read_text() == TEXT
    assert secrets(paths) == {"main.api_key": "the api_key"}


def test_no_secret_is_overwritten(configure):
    paths = with_secrets(configure)
    (paths.secrets_dir / "new.secret").write_text("of another account")
    with pytest.raises(ConfigError, match="not overwritten"), renamed_account(paths, "main", "new"):
        pass
    assert sorted(secrets(paths)) == ["main.api_key", "main.secret", "new.secret"]


def test_a_change_by_another_program_is_kept(configure, monkeypatch):
    paths = with_secrets(configure)
    copy = renaming.copy_secrets

    def meanwhile(*args):
        paths.config_file.write_text(TEXT + "# edited\n")
        return copy(*args)

    monkeypatch.setattr(renaming, "copy_secrets", meanwhile)
    with pytest.raises(ConfigError, match="meanwhile"), renamed_account(paths, "main", "new"):
        pass
    assert paths.config_file.read_text() == TEXT + "# edited\n"
    assert sorted(secrets(paths)) == ["main.api_key", "main.secret"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mian", "new", 'no account "mian"; did you mean "main"'),
        ("main", "other", "already an account other"),
        ("main", "OTHER", "already an account other"),
        ("main", "main", "already an account main"),
        ("main", "a/b", 'the account name "a/b"'),
    ],
)
def test_names_that_cannot_be_are_refused(configure, old, new, words):
    paths = with_secrets(configure)
    with pytest.raises(UsageError) as caught, renamed_account(paths, old, new):
        pass
    assert words in str(caught.value)
    assert paths.config_file.read_text() == TEXT
