"""Fetches an account's secrets from the sources in config.toml, for commands that connect to an
exchange.

A value is wrapped in Hidden as soon as it is read, and problems are returned as values until one
place raises: no message, repr or variable of a traceback ever contains a secret.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.commands import CommandResult, run_command
from exchange_cache.config.keyring_store import SERVICE, Keyring, SystemKeyring, entry_name
from exchange_cache.config.paths import Paths
from exchange_cache.config.private_files import Problem, read_private
from exchange_cache.config.sources import (
    CCXT_NAMES,
    PUBLIC,
    CommandSecret,
    EnvSecret,
    FileSecret,
    Hidden,
    KeyringSecret,
    PlainSecret,
    SecretSource,
    shape_problem,
    trimmed,
    without_blanks,
)
from exchange_cache.errors import SecretUnavailable

COMMAND_SECONDS = 30.0
#: Shorter values are not redacted: replacing them would blank out innocent text.
REDACTED_LENGTH = 4
#: The passphrase that a user chose: a blank may be part of it.
EXACT = "password"


class Credentials:
    """The secrets of one account, visible only to the caller of :meth:`reveal`."""

    __slots__ = ("_values", "account", "blanks")

    def __init__(
        self, account: str, values: Mapping[str, Hidden], blanks: Sequence[str] = ()
    ) -> None:
        self.account = account
        self._values = dict(values)
        #: The credentials around which blanks were left out.
        self.blanks = tuple(blanks)

    @property
    def names(self) -> tuple[str, ...]:
        """Which credentials exist, by their names in config.toml."""
        return tuple(self._values)

    def reveal(self) -> dict[str, str]:
        """The values under ccxt's names (apiKey, secret, …), for ccxt's constructor. Do not keep or
        print them."""
        return {CCXT_NAMES[name]: value.reveal() for name, value in self._values.items()}

    def redact(self, text: str) -> str:
        """``text`` with every secret (not the public address) replaced by ***, the longest
        first."""
        secrets = {value.reveal() for name, value in self._values.items() if name not in PUBLIC}
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= REDACTED_LENGTH:
                text = text.replace(secret, "***")
        return text

    def __repr__(self) -> str:
        return (
            f"Credentials({', '.join([self.account, *(f'{name}=***' for name in self._values)])})"
        )

    def __reduce__(self) -> str:
        raise TypeError("credentials cannot be pickled")


#: Runs a program (words, environment, seconds) without a shell; OSError if it cannot be started.
Run = Callable[[Sequence[str], Mapping[str, str], float], CommandResult]


def resolve(
    account: AccountSettings,
    paths: Paths,
    env: Mapping[str, str],
    *,
    run: Run = run_command,
    keyring: Keyring | None = None,
) -> Credentials:
    """All secrets of an account; SecretUnavailable names every unavailable one and its cure."""
    places = _Places(
        account=account.name, paths=paths, env=env, run=run, keyring=keyring or SystemKeyring()
    )
    del env  # keeps it out of tracebacks that show variables
    found: dict[str, Hidden] = {}
    blanks: list[str] = []
    problems: list[tuple[str, Problem]] = []
    for credential, source in account.credentials.items():
        value = _usable(credential, _fetch(credential, source, places), source)
        if isinstance(value, Problem):
            problems.append((credential, value))
            continue
        found[credential] = value
        if credential != EXACT:
            found[credential] = Hidden(without_blanks(value.reveal()))
            blanks += [credential] if found[credential] != value else []
    if problems:
        raise _unavailable(account.name, problems)
    return Credentials(account.name, found, blanks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Where to look; hidden, since the environment may contain secrets."""

    account: str
    paths: Paths
    env: Mapping[str, str]
    run: Run
    keyring: Keyring

    def __repr__(self) -> str:
        return f"_Places({self.account})"


def _unavailable(account: str, problems: Sequence[tuple[str, Problem]]) -> SecretUnavailable:
    """A single problem is the message and its cure the hint; of several, each is a fault with its
    cure."""
    [(credential, first), *others] = problems
    if not others:
        return SecretUnavailable(f"{credential}: {first.what}", account=account, hint=first.cure)
    names = ", ".join(name for name, _ in problems)
    faults = tuple(
        f"{account}: {name}: {problem.what} ({problem.cure})" for name, problem in problems
    )
    return SecretUnavailable(
        f"{len(problems)} secrets cannot be read: {names}",
        account=account,
        hint=first.cure,
        faults=faults,
    )


def _fetch(credential: str, source: SecretSource, places: _Places) -> Hidden | Problem:
    match source:
        case PlainSecret(value):
            return value
        case EnvSecret(name):
            return _from_env(name, places)
        case FileSecret(name):
            return read_private(places.paths.beside_config(name))
        case KeyringSecret():
            return _from_keyring(entry_name(places.account, credential), places)
        case CommandSecret(words):
            return _from_command(words, places)


def _from_env(name: str, places: _Places) -> Hidden | Problem:
    if name in places.env:
        return Hidden(places.env[name])
    return Problem(
        f"the environment variable {name} is not set",
        f"export {name}=… before starting excache; cron does not read your shell's profile, so set"
        " it in the crontab too",
    )


def _from_keyring(entry: str, places: _Places) -> Hidden | Problem:
    try:
        value = places.keyring.get(entry)
    except SecretUnavailable as exc:
        return Problem(exc.message, exc.hint or "")
    return (
        Problem(f"the keyring has no entry {entry}", f"keyring set {SERVICE} {entry}")
        if value is None
        else value
    )


def _from_command(words: tuple[str, ...], places: _Places) -> Hidden | Problem:
    exposed = _writable_by_others(places.paths)
    if exposed is not None:
        return exposed
    program = f"the command {words[0]}"
    cure = f"run the command in {places.paths.config_file} yourself to see why"
    try:
        result = places.run(words, places.env, COMMAND_SECONDS)
    except OSError as exc:
        return Problem(
            f"{program} cannot be started: {exc.strerror}",
            f"command -v {shlex.quote(words[0])}; cron has a shorter PATH",
        )
    if result.excess:
        return Problem(f"{program} printed too much to be a secret", cure)
    if result.status is None:
        return Problem(f"{program} did not end within {COMMAND_SECONDS:.0f} s", cure)
    if result.status != 0:
        return Problem(f"{program} failed with status {result.status}", cure)
    if result.output is None:
        return Problem(f"{program} printed something that is not UTF-8 text", cure)
    return result.output


def _writable_by_others(paths: Paths) -> Problem | None:
    """The problem if others than its owner or root may write config.toml, and so what runs here."""
    try:
        info = paths.config_file.stat()
    except OSError:
        return None
    if info.st_uid not in {os.geteuid(), 0}:
        return Problem(
            f"its command is not run, since {paths.config_file} belongs to another user",
            f"ls -l {paths.config_file}",
        )
    if info.st_mode & 0o022:
        return Problem(
            f"its command is not run, since others may write {paths.config_file}",
            f"chmod go-w {shlex.quote(str(paths.config_file))}",
        )
    return None


def _usable(credential: str, value: Hidden | Problem, source: SecretSource) -> Hidden | Problem:
    """The value without its final line end (a PEM block with real line ends), or the problem with
    its form."""
    if isinstance(value, Problem):
        return value
    text = Hidden(trimmed(value.reveal()))
    problem = shape_problem(credential, text.reveal())
    if problem is not None:
        return Problem(
            f"the value from the {source} {problem}",
            "give the value alone, on one line, or a whole PEM block",
        )
    return text
