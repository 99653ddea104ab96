import logging
import os
import pickle
import sys
import traceback
from types import MappingProxyType

import pytest

from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.commands import CommandResult
from exchange_cache.config.secrets import resolve
from exchange_cache.config.settings import load_settings
from exchange_cache.config.sources import (
    CommandSecret,
    EnvSecret,
    FileSecret,
    Hidden,
    KeyringSecret,
    plain,
)
from exchange_cache.errors import ConfigError, SecretUnavailable

SECRET = "hunter2-Tr0ub4dor"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\nAwEHoUQD\n-----END EC PRIVATE KEY-----"


def account(**credentials):
    return AccountSettings(name="main", exchange="okx", credentials=MappingProxyType(credentials))


def refused(*args, **kwargs):
    with pytest.raises(SecretUnavailable) as caught:
        resolve(*args, **kwargs)
    return caught.value


def answering(text, status=0):
    def run(words, env, seconds):
        return CommandResult(status, Hidden(text))

    return run


@pytest.fixture
def secret_file(paths):
    def write(content, *, name="main.key", mode=0o600):
        paths.ensure_config_dir()
        file = paths.config_dir / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        file.chmod(mode)
        return file

    return write


def test_every_kind_of_source_gives_its_value_under_ccxts_name(paths, keyring, secret_file):
    secret_file(f"{SECRET}\n")
    keyring.put("main.password", Hidden("from keyring"))
    found = resolve(
        account(
            api_key=EnvSecret("K"),
            secret=FileSecret("main.key"),
            password=KeyringSecret(),
            uid=CommandSecret(("pass", "show")),
            wallet_address=plain("0xabc"),
            account_id=EnvSecret("A"),
        ),
        paths,
        {"K": "key", "A": "7"},
        run=answering("42\r\n"),
        keyring=keyring,
    )
    assert found.names == ("api_key", "secret", "password", "uid", "wallet_address", "account_id")
    assert found.reveal() == {
        "apiKey": "key",
        "secret": SECRET,
        "password": "from keyring",
        "uid": "42",
        "walletAddress": "0xabc",
        "accountId": "7",
    }


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM + "\n\n",
        PEM.replace("\n", "\\n"),
        PEM.replace("\n", "\r\n"),
        PEM.replace("\n", "\\n") + "\\n",
    ],
)
def test_a_pem_block_keeps_its_lines_however_it_was_written(paths, text):
    assert resolve(account(secret=EnvSecret("S")), paths, {"S": text}).reveal() == {"secret": PEM}


def test_backslash_n_outside_a_pem_block_is_kept(paths):
    assert resolve(account(secret=EnvSecret("S")), paths, {"S": "a\\nb"}).reveal() == {
        "secret": "a\\nb"
    }


def test_a_missing_variable_is_named(paths):
    error = refused(account(api_key=EnvSecret("BINANCE_KEY")), paths, {})
    assert str(error) == "main: api_key: the environment variable BINANCE_KEY is not set"
    assert (
        error.hint
        == "export BINANCE_KEY=… before starting excache; cron does not read your shell's profile,"
        " so set it in the crontab too"
    )
    assert (error.account, error.exit_code, error.code) == ("main", 78, "secret")


def test_every_missing_secret_is_reported_at_once(paths):
    error = refused(
        account(api_key=EnvSecret("A"), secret=FileSecret("no.key"), uid=plain("7")), paths, {}
    )
    file = paths.config_dir / "no.key"
    assert str(error) == "main: 2 secrets cannot be read: api_key, secret"
    assert error.faults == (
        (
            "main: api_key: the environment variable A is not set (export A=… before starting"
            " excache; cron does not read your shell's profile, so set it in the crontab too)"
        ),
        (
            f"main: secret: the file {file} does not exist ((umask 077; cat > {file}) reads it from"
            " the keyboard)"
        ),
    )


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ("hunter2\nline two", "has more than one line and is not a PEM block"),
        ("hun\x00ter2", "contains a zero byte, so it is not text"),
    ],
)
def test_a_value_of_the_wrong_shape_is_reported_but_not_shown(paths, value, what):
    error = refused(account(secret=EnvSecret("S")), paths, {"S": value})
    assert str(error) == f"main: secret: the value from the environment variable S {what}"
    assert error.hint == "give the value alone, on one line, or a whole PEM block"


def test_a_private_key_in_the_place_of_the_address_is_refused(paths):
    error = refused(account(wallet_address=EnvSecret("W")), paths, {"W": "ab" * 32})
    assert str(error).startswith(
        "main: wallet_address: the value from the environment variable W looks like a private key"
        " (64 hex"
    )


# --- files


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o700, 0o601])
def test_a_file_open_to_others_is_refused_with_the_command_that_fixes_it(paths, secret_file, mode):
    file = secret_file(SECRET, name="my key", mode=mode)
    error = refused(account(secret=FileSecret("my key")), paths, {})
    assert str(error) == f"main: secret: the file {file} has mode {mode:04o}, open to others"
    assert error.hint == f"chmod 600 '{file}'"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_read(paths, secret_file, mode):
    secret_file(SECRET, mode=mode)
    assert resolve(account(secret=FileSecret("main.key")), paths, {}).reveal() == {"secret": SECRET}


def test_absolute_and_home_relative_file_names_are_followed(paths, tmp_path, secret_file):
    file = secret_file(SECRET)
    assert resolve(account(secret=FileSecret(str(file))), paths, {}).reveal() == {"secret": SECRET}
    assert resolve(account(secret=FileSecret("~/home/main.key")), paths, {}).reveal() == {
        "secret": SECRET
    }


def test_a_link_is_judged_by_the_file_behind_it(paths, secret_file):
    secret_file(SECRET, mode=0o644)
    (paths.config_dir / "link").symlink_to("main.key")
    assert (
        refused(account(secret=FileSecret("link")), paths, {}).message
        == f"secret: the file {paths.config_dir}/link has mode 0644, open to others"
    )


def test_another_users_file_is_refused(paths, secret_file, monkeypatch):
    file = secret_file(SECRET)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    error = refused(account(secret=FileSecret("main.key")), paths, {})
    assert (error.message, error.hint) == (
        f"secret: the file {file} belongs to another user",
        f"sudo chown 4242 {file}",
    )


def test_what_is_no_regular_file_is_refused_without_waiting(paths):
    os.mkfifo(paths.ensure_config_dir() / "pipe", 0o600)
    assert (
        refused(account(secret=FileSecret("pipe")), paths, {}).message
        == f"secret: {paths.config_dir}/pipe is not a regular file"
    )
    assert (
        refused(account(secret=FileSecret(".")), paths, {}).message
        == f"secret: {paths.config_dir} is not a regular file"
    )


def test_files_that_cannot_be_secrets_are_refused(paths, secret_file):
    file = secret_file("x" * 70_000)
    assert (
        refused(account(secret=FileSecret("main.key")), paths, {}).message
        == f"secret: the file {file} is too long to be a secret"
    )
    secret_file(b"\xff\xfe")
    assert (
        refused(account(secret=FileSecret("main.key")), paths, {}).message
        == f"secret: the file {file} is not UTF-8 text"
    )


# --- commands


def test_a_command_runs_without_a_shell_and_with_the_given_environment(paths):
    code = "import os, sys; print(os.environ['X'] + sys.argv[1])"
    found = resolve(
        account(secret=CommandSecret((sys.executable, "-c", code, "$HOME;"))), paths, {"X": "v"}
    )
    assert found.reveal() == {"secret": "v$HOME;"}


def test_a_failing_command_keeps_its_stderr_and_its_arguments_to_itself(paths, capfd):
    code = f"import sys; print('{SECRET}'); print('{SECRET}', file=sys.stderr); sys.exit(3)"
    error = refused(account(secret=CommandSecret((sys.executable, "-c", code))), paths, {})
    assert str(error) == f"main: secret: the command {sys.executable} failed with status 3"
    assert error.hint == f"run the command in {paths.config_file} yourself to see why"
    assert capfd.readouterr() == ("", "")


def test_a_command_that_is_not_there_is_named(paths):
    error = refused(
        account(secret=CommandSecret(("no-such-program", SECRET))), paths, {"PATH": "/bin"}
    )
    assert (
        str(error)
        == "main: secret: the command no-such-program cannot be started: No such file or directory"
    )
    assert error.hint == "command -v no-such-program; cron has a shorter PATH"


def test_a_command_that_takes_too_long_is_reported(paths):
    error = refused(
        account(secret=CommandSecret(("pass", "show"))), paths, {}, run=answering("", status=None)
    )
    assert str(error) == "main: secret: the command pass did not end within 30 s"


def test_a_command_printing_too_much_or_no_text_is_refused(paths):
    error = refused(account(secret=CommandSecret(("yes",))), paths, os.environ)
    assert error.message == "secret: the command yes printed too much to be a secret"
    error = refused(account(secret=CommandSecret(("printf", "\\377"))), paths, os.environ)
    assert error.message == "secret: the command printf printed something that is not UTF-8 text"


def test_commands_of_a_file_that_others_may_write_are_not_run(configure, monkeypatch):
    paths = configure("", mode=0o620)
    error = refused(account(secret=CommandSecret(("pass",))), paths, {}, run=answering(SECRET))
    assert (
        error.message
        == f"secret: its command is not run, since others may write {paths.config_file}"
    )
    assert error.hint == f"chmod go-w {paths.config_file}"
    paths.config_file.chmod(0o644)
    assert resolve(
        account(secret=CommandSecret(("pass",))), paths, {}, run=answering(SECRET)
    ).reveal() == {"secret": SECRET}
    (
        os.chown(paths.config_file, 4242, -1)
        if os.geteuid() == 0
        else pytest.skip("only root can give a file away")
    )
    error = refused(account(secret=CommandSecret(("pass",))), paths, {}, run=answering(SECRET))
    assert (
        error.message
        == f"secret: its command is not run, since {paths.config_file} belongs to another user"
    )


# --- nothing leaks


def test_credentials_show_nothing_of_themselves(paths, caplog):
    found = resolve(account(secret=EnvSecret("S"), api_key=plain(SECRET)), paths, {"S": SECRET})
    assert repr(found) == "Credentials(main, secret=***, api_key=***)"
    logging.getLogger("excache").error("%s %r", found, found)
    shown = [
        str(found),
        f"{found}",
        repr([found]),
        repr(account(secret=plain(SECRET))),
        str(plain(SECRET)),
        f"{Hidden(SECRET)!s}",
        caplog.text,
    ]
    assert all(SECRET not in text for text in shown)
    for thing in (found, Hidden(SECRET)):
        with pytest.raises(TypeError):
            pickle.dumps(thing)


def test_redacting_takes_every_secret_out_of_a_text_but_not_the_address(paths):
    found = resolve(
        account(
            api_key=plain("abcd"),
            secret=plain("abcdefgh"),
            uid=plain("12"),
            wallet_address=plain("0xfeed"),
        ),
        paths,
        {},
    )
    assert (
        found.redact("key abcd sign abcdefgh id 12 of 0xfeed") == "key *** sign *** id 12 of 0xfeed"
    )


@pytest.mark.parametrize("which", range(5))
def test_no_traceback_of_a_faulty_configuration_shows_a_secret_even_with_its_variables(
    configure, which
):
    texts = [
        f'[accounts.m]\nexchange = "okx"\nsecret = "{SECRET}"\n',
        f'[accounts.m]\nexchange = "okx"\nprivate_key = "{SECRET}"\n',
        f'[accounts.m]\nexchange = "okx"\nsecret = "{SECRET}\n',
        f'[accounts.m]\nexchange = "okx"\nsecret = {SECRET}\n',
        (
            'allow_plaintext_secrets = true\nx = 1\n[accounts.m]\nexchange = "okx"\nsecret ='
            f' "{SECRET}"\n'
        ),
    ]
    paths = configure(texts[which], mode=0o644)
    with pytest.raises(ConfigError) as caught:
        load_settings(paths)
    assert SECRET not in everything_shown(caught.value)


def test_no_traceback_of_a_failing_resolve_shows_a_secret_even_with_its_variables(
    paths, secret_file, keyring
):
    secret_file(SECRET, mode=0o644)
    keyring.put("main.uid", Hidden(SECRET + "\nx"))
    error = refused(
        account(
            api_key=plain(SECRET),
            token=EnvSecret("S"),
            login=EnvSecret("missing"),
            secret=FileSecret("main.key"),
            uid=KeyringSecret(),
            password=CommandSecret(("sh", "-c", f"echo {'hunter2'}-Tr0ub4dor; exit 1")),
        ),
        paths,
        {"S": SECRET},
        keyring=keyring,
    )
    assert "4 secrets cannot be read: login, secret, uid, password" in error.message
    assert SECRET not in everything_shown(error, frames_from="exchange_cache")


def everything_shown(error, *, frames_from="exchange_cache"):
    """The error, its faults, and its traceback with the variables of every frame of the project."""
    reported = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [
        frame
        for frame in reported.stack
        if frames_from in frame.filename and "tests" not in frame.filename
    ]
    assert frames
    assert error.__context__ is None
    return (
        repr(error)
        + str(error.faults)
        + str(error.hint)
        + "".join(str(frame.locals) for frame in frames)
    )


def test_blanks_around_a_key_are_left_out_and_those_of_a_passphrase_kept(paths):
    found = resolve(
        account(api_key=EnvSecret("K"), secret=EnvSecret("S"), password=EnvSecret("P")),
        paths,
        {"K": "\ufeff key\t\n", "S": "two words", "P": " pass "},
    )
    assert found.reveal() == {"apiKey": "key", "secret": "two words", "password": " pass "}
    assert found.blanks == ("api_key",)
